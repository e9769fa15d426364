"""Where attention should look: known for every batch, because the generator knows what each cell shows.

Two kinds of places in a conversation have something to look at:

- a word that names what cells show ("dog", "red", "NEWS"), or the address of a picture ("00:20", "row 2, column 3",
  "picture 2"): from there to those cells. A thing that no cell shows is looked for at the begin tokens instead;
- the token before a word or address of a reply, which has to predict it: to the same cells.

The names of cells are those of the bank (app/domain/world/draw/cell-names.ts).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import torch
from torch import Tensor

from longlens_training.sizes import TowerSizes
from longlens_training.streams import Episodes, TextTokens

#: More are chosen from by lot: the cost is queries times tokens.
MOST_QUERIES = 320
#: Positions of a picture (sizes.TowerSizes.tokens_per_image).
CELLS = TowerSizes().tokens_per_image
#: Classes of each of the three parts of an address; seconds need the most.
ADDRESS_CLASSES = 60
NO_PART = -100


@dataclasses.dataclass(frozen=True)
class Sights:
    """m places and what is to be seen from each. Both masks leave out other sequences and what comes later."""

    #: [m] int64 positions in the batch
    queries: Tensor
    #: [m, T] bool: may be looked at
    visible: Tensor
    #: [m, T] bool: should be looked at, at least one in each row
    targets: Tensor


@dataclasses.dataclass(frozen=True)
class Address:
    """Where a picture stands: label 00:20 -> (0, 0, 20), tile -> (row, column, none), picture of a set -> (none, none, 2)."""

    parts: tuple[int, int, int]
    #: Positions of the picture's cells, and of its label where it has one.
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class Finds:
    """What is known at places of a batch: cells know their picture's address, words what was found by looking."""

    #: [c] int64 positions in the batch
    positions: Tensor
    #: [c, 3] int64: parts of an address, NO_PART for none
    parts: Tensor


@dataclasses.dataclass(frozen=True)
class BatchSights:
    """Everything to look at in a batch, and what is found there."""

    lookups: Sights
    pointers: Sights
    #: Cells of pictures that have an address.
    cells: Finds
    #: Words that cells show, with the address of the first such cell.
    words: Finds
    #: [c, k] int64, -1 padding: all names of the cell that a word has found; none where there are several.
    word_names: Tensor


@dataclasses.dataclass
class Looking:
    """A list of Sights in the making."""

    queries: list[Tensor] = dataclasses.field(default_factory=list)
    targets: list[Tensor] = dataclasses.field(default_factory=list)

    def add(self, queries: Tensor, targets: Tensor) -> None:
        """queries: [m], targets: [m, T]."""
        self.queries.append(queries)
        self.targets.append(targets)

    def sights(self, starts: Tensor) -> Sights:
        """Rows without a target are left out. starts: [T], where each token's sequence begins."""
        queries, targets = torch.cat(self.queries), torch.cat(self.targets)
        kept = sample(targets.any(-1).nonzero()[:, 0])
        return Sights(queries[kept], visible_from(queries[kept], starts), targets[kept])


def visible_from(queries: Tensor, starts: Tensor) -> Tensor:
    """[m, T] bool: positions of the same sequence up to the query's own."""
    positions = torch.arange(len(starts))
    return (positions >= starts[queries][:, None]) & (positions <= queries[:, None])


class Cells:
    """The cells of a batch and what they show. names: [p, C, k]; starts: [T], where each token's sequence begins."""

    def __init__(self, tokens: Tensor, names: Tensor, starts: Tensor) -> None:
        self.positions = (tokens == -1).nonzero()[:, 0]
        self.names = names.flatten(0, 1)  # [C p, k]
        self._starts = starts

    def that_show(self, words: Tensor, queries: Tensor) -> Tensor:
        """[m, C p] bool: cells before each query [m], in its sequence, that have the name [m]."""
        hit = (self.names[None] == words[:, None, None]).any(-1)
        return hit & (self.positions >= self._starts[queries][:, None]) & (self.positions < queries[:, None])

    def among_all(self, hit: Tensor) -> Tensor:
        """[m, C p] of cells -> [m, T] of positions."""
        mask = torch.zeros(len(hit), len(self._starts), dtype=torch.bool)
        mask[:, self.positions] = hit
        return mask

    def found(self, words: Tensor, hit: Tensor, parts: Tensor) -> tuple[Finds, Tensor]:
        """What words [m] find in the cells [m, C p] that show them -> finds, names. parts: [T, 3]."""
        seen = hit.any(-1)
        words, hit = words[seen], hit[seen]
        first = hit.int().argmax(-1) if len(hit) > 0 else torch.zeros(0, dtype=torch.int64)
        names = self.names[first].long().masked_fill((hit.sum(-1) > 1)[:, None], -1)
        return Finds(words, parts[self.positions[first]]), names


class SightFinder:
    """Finds what there is to look at. tokens: of the stream; reading: numbers of the tasks whose replies read digits out."""

    def __init__(self, tokens: TextTokens, reading: set[int]) -> None:
        self._tokens, self._reading = tokens, reading
        self._name_of = torch.full((tokens.vocabulary,), -1, dtype=torch.int16)
        self._is_thing = torch.zeros(tokens.vocabulary, dtype=torch.bool)
        for form, name, is_thing in tokens.name_forms:
            self._name_of[form] = name
            self._is_thing[form] = bool(is_thing)
        self._digits = {token: value for value, token in enumerate(tokens.digits)}
        self._seconds = {token: value for value, token in enumerate(tokens.seconds)}

    def find(self, batch: Episodes, names: Tensor) -> BatchSights:
        """names: [p, C, k] int16 of the batch's pictures, -1 padding."""
        tokens = batch.tokens
        lengths = torch.tensor(batch.lengths)
        starts = torch.repeat_interleave(lengths.cumsum(0) - lengths, lengths)  # [T]: where each token's sequence begins
        wanted = torch.zeros(len(tokens), dtype=torch.bool)
        wanted[batch.wanted] = True
        own = self._name_of[tokens.clamp(min=0)].masked_fill(tokens == -1, -1)
        cells = Cells(tokens, names, starts)
        lookups, pointers = Looking(), Looking()

        mentions = sample((own >= 0).nonzero()[:, 0])
        hit = cells.that_show(own[mentions], mentions)
        absent = self._is_thing[tokens[mentions]] & ~hit.any(-1)
        begins = (tokens == self._tokens.begin)[None] & visible_from(mentions, starts)
        lookups.add(mentions, cells.among_all(hit) | begins & absent[:, None])

        parts, of_addresses = self._look_for_addresses(batch, wanted, lookups, pointers)
        predicted = own.masked_fill(~wanted, -1)
        read_out = self._digits_read_out(batch) & wanted & ~of_addresses
        predicted[read_out] = tokens[read_out].to(torch.int16)
        named = sample((predicted >= 0).nonzero()[:, 0])
        pointers.add(named - 1, cells.among_all(cells.that_show(predicted[named], named - 1)))

        addressed = sample((parts != NO_PART).any(-1).nonzero()[:, 0])
        words, word_names = cells.found(mentions, hit, parts)
        return BatchSights(
            lookups.sights(starts), pointers.sights(starts), Finds(addressed, parts[addressed]), words, word_names
        )

    def _digits_read_out(self, batch: Episodes) -> Tensor:
        """[T] bool: digits of replies that read text out."""
        reading = torch.zeros(len(batch.tokens), dtype=torch.bool)
        for task, start, end in batch.spans:
            if task in self._reading:
                reading[start:end] = True
        return reading & torch.isin(batch.tokens, torch.tensor(self._tokens.digits))

    def _look_for_addresses(
        self, batch: Episodes, wanted: Tensor, lookups: Looking, pointers: Looking
    ) -> tuple[Tensor, Tensor]:
        """Adds what addresses in texts look at -> parts of the address at each cell [T, 3], digits of addresses [T] bool."""
        total = len(batch.tokens)
        parts = torch.full((total, 3), NO_PART, dtype=torch.int64)
        of_addresses = torch.zeros(total, dtype=torch.bool)
        first = 0
        for length in batch.lengths:
            sequence = batch.tokens[first : first + length].tolist()
            pictures: dict[tuple[int, int, int], list[Address]] = {}
            for address in self.addresses(sequence):
                pictures.setdefault(address.parts, []).append(address)
                parts[first + address.end - CELLS : first + address.end] = torch.tensor(address.parts)
            for named, digits in self.mentions(sequence) if pictures else ():
                of_addresses[[first + digit for digit in digits]] = True
                row = torch.zeros(1, total, dtype=torch.bool)
                for picture in pictures.get(named, []):
                    if picture.end <= digits[0]:
                        row[0, first + picture.start : first + picture.end] = True
                lookups.add(torch.tensor([first + digits[-1]]), row)
                for digit in digits:
                    if wanted[first + digit]:
                        pointers.add(torch.tensor([first + digit - 1]), row)
            first += length
        return parts, of_addresses

    def addresses(self, sequence: list[int]) -> Iterator[Address]:
        """The pictures of one sequence that have an address. Cells are -1."""
        special = self._tokens
        pictures = [at for at in range(1, len(sequence)) if sequence[at] == -1 and sequence[at - 1] != -1]
        row, column, plain = 0, 0, []
        for start in pictures:
            end = start + CELLS
            label = sequence[max(0, start - 4) : start - 1]
            following = sequence[end : end + 2]
            if len(label) == 3 and label[0] in self._digits and label[1] in self._digits and label[2] in self._seconds:
                time = (self._digits[label[0]], self._digits[label[1]], self._seconds[label[2]])
                yield Address(time, start - 4, end)
            elif following[:1] == [special.newline]:
                row, column = 1, 0
            elif row > 0:
                column += 1
                yield Address((row, column, NO_PART), start, end)
                if following[1:] == [special.newline]:
                    row, column = row + 1, 0
                elif following[1:] == [special.picture_end]:
                    row = 0
            else:
                plain.append(start)
        if len(plain) > 1:
            for number, start in enumerate(plain, 1):
                yield Address((NO_PART, NO_PART, number), start, start + CELLS)

    def mentions(self, sequence: list[int]) -> Iterator[tuple[tuple[int, int, int], list[int]]]:
        """Addresses in the text of one sequence, with the positions of their digits."""
        special, digits, seconds = self._tokens, self._digits, self._seconds
        for at in range(len(sequence) - 2):
            token, after = sequence[at], sequence[at + 2]
            if token in digits and sequence[at + 1] in digits and after in seconds:
                if sequence[at + 3 : at + 4] != [special.picture_begin]:
                    yield (digits[token], digits[sequence[at + 1]], seconds[after]), [at, at + 1, at + 2]
            elif token in special.row and after in digits:
                column = sequence[at + 6 : at + 7]
                if column and column[0] in digits and sequence[at + 4] in special.column:
                    yield (digits[after], digits[column[0]], NO_PART), [at + 2, at + 6]
            elif token in special.picture and after in digits:
                yield (NO_PART, NO_PART, digits[after]), [at + 2]


def sample(values: Tensor) -> Tensor:
    """All of [n] values, or MOST_QUERIES of them by lot."""
    if len(values) <= MOST_QUERIES:
        return values
    return values[torch.randperm(len(values))[:MOST_QUERIES].sort().values]
