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

from longlens_training.streams import Episodes, TextTokens

#: More are chosen from by lot: the cost is queries times tokens.
MOST_QUERIES = 320
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
    #: [c, k] int64: names, -1 padding
    names: Tensor


@dataclasses.dataclass(frozen=True)
class BatchSights:
    """Everything to look at in a batch, and what is found there."""

    lookups: Sights
    pointers: Sights
    #: Cells of pictures that have an address; without names.
    cells: Finds
    #: Words that cells show: all names of the cell where there is one, the address of the first where there are several.
    words: Finds


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
        tokens, total = batch.tokens, len(batch.tokens)
        starts = torch.repeat_interleave(
            torch.tensor([0, *batch.lengths[:-1]]).cumsum(0), torch.tensor(batch.lengths)
        )  # [T]: where each token's sequence begins
        cells = (tokens == -1).nonzero()[:, 0]
        cell_names = names.flatten(0, 1)  # [25 p, k]
        own = self._name_of[tokens.clamp(min=0)].masked_fill(tokens == -1, -1)
        wanted = torch.zeros(total, dtype=torch.bool)
        wanted[batch.wanted] = True

        queries: list[Tensor] = []
        targets: list[Tensor] = []
        pointer_queries: list[Tensor] = []
        pointer_targets: list[Tensor] = []

        def shown(positions: Tensor, ids: Tensor) -> Tensor:
            """[m, 25 p] bool: cells before `positions` in the same sequence that have the names `ids`."""
            hit = (cell_names[None] == ids[:, None, None]).any(-1)
            return hit & (cells >= starts[positions][:, None]) & (cells < positions[:, None])

        def among_all(hit: Tensor) -> Tensor:
            """[m, 25 p] -> [m, T]."""
            mask = torch.zeros(len(hit), total, dtype=torch.bool)
            mask[:, cells] = hit
            return mask

        mentions = sample((own >= 0).nonzero()[:, 0])
        hit = shown(mentions, own[mentions])
        absent = self._is_thing[tokens[mentions]] & ~hit.any(-1)
        positions = torch.arange(total)
        begins = (tokens == self._tokens.begin)[None] & (positions >= starts[mentions][:, None]) & (positions <= mentions[:, None])
        queries.append(mentions)
        targets.append(among_all(hit) | begins & absent[:, None])

        digit_ids = torch.tensor(self._tokens.digits)
        read_out = torch.zeros(total, dtype=torch.bool)
        for task, start, end in batch.spans:
            if task in self._reading:
                read_out[start:end] = True
        is_digit = torch.isin(tokens, digit_ids) & read_out & wanted

        parts = torch.full((total, 3), NO_PART, dtype=torch.int64)
        addressed_digits: list[int] = []
        first = 0
        for length in batch.lengths:
            sequence = tokens[first : first + length].tolist()
            addresses = list(self.addresses(sequence))
            by_parts: dict[tuple[int, int, int], list[Address]] = {}
            for address in addresses:
                by_parts.setdefault(address.parts, []).append(address)
                parts[first + address.end - 25 : first + address.end] = torch.tensor(address.parts)
            if addresses:
                for mention_parts, digits in self.mentions(sequence):
                    places = [place for place in by_parts.get(mention_parts, []) if place.end <= digits[0]]
                    addressed_digits += [first + digit for digit in digits]
                    if not places:
                        continue
                    row = torch.zeros(1, total, dtype=torch.bool)
                    for place in places:
                        row[0, first + place.start : first + place.end] = True
                    queries.append(torch.tensor([first + digits[-1]]))
                    targets.append(row)
                    for digit in digits:
                        if wanted[first + digit]:
                            pointer_queries.append(torch.tensor([first + digit - 1]))
                            pointer_targets.append(row)
            first += length
        is_digit[addressed_digits] = False

        predicted = own.masked_fill(~wanted, -1)
        predicted[is_digit] = tokens[is_digit].to(torch.int16)
        named = sample((predicted >= 0).nonzero()[:, 0])
        pointer_queries.append(named - 1)
        pointer_targets.append(among_all(shown(named - 1, predicted[named])))
        addressed = sample((parts != NO_PART).any(-1).nonzero()[:, 0])
        return BatchSights(
            lookups=sights(queries, targets, starts),
            pointers=sights(pointer_queries, pointer_targets, starts),
            cells=Finds(addressed, parts[addressed], torch.full((len(addressed), 1), -1)),
            words=self._found(mentions, hit, cells, cell_names, parts),
        )

    def _found(self, mentions: Tensor, hit: Tensor, cells: Tensor, cell_names: Tensor, parts: Tensor) -> Finds:
        """What words find: mentions [m] with the cells [m, 25 p] that show them; parts: [T, 3]."""
        seen = hit.any(-1)
        mentions, hit = mentions[seen], hit[seen]
        first = hit.int().argmax(-1) if len(hit) > 0 else torch.zeros(0, dtype=torch.int64)
        names = cell_names[first].long().masked_fill((hit.sum(-1) > 1)[:, None], -1)
        return Finds(mentions, parts[cells[first]], names)

    def addresses(self, sequence: list[int]) -> Iterator[Address]:
        """The pictures of one sequence that have an address. Cells are -1, 25 for each picture."""
        special = self._tokens
        pictures = [at for at in range(1, len(sequence)) if sequence[at] == -1 and sequence[at - 1] != -1]
        row, column, plain = 0, 0, []
        for start in pictures:
            end = start + 25
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
                yield Address((NO_PART, NO_PART, number), start, start + 25)

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


def sights(queries: list[Tensor], targets: list[Tensor], starts: Tensor) -> Sights:
    """Rows without a target are left out. starts: [T], where each token's sequence begins."""
    positions = torch.arange(len(starts))
    chosen, wanted = torch.cat(queries), torch.cat(targets)
    has_target = wanted.any(-1).nonzero()[:, 0]
    has_target = sample(has_target)
    chosen, wanted = chosen[has_target], wanted[has_target]
    visible = (positions >= starts[chosen][:, None]) & (positions <= chosen[:, None])
    return Sights(chosen, visible, wanted)


def sample(values: Tensor) -> Tensor:
    """All of [n] values, or MOST_QUERIES of them by lot."""
    if len(values) <= MOST_QUERIES:
        return values
    return values[torch.randperm(len(values))[:MOST_QUERIES].sort().values]
