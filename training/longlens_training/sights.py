"""Where attention should look, and what is to be known where: the generator knows it for every batch.

Three kinds of places in a conversation have something to look at:

- a word that names what cells show ("dog", "red", "NEWS"), or the address of a picture ("00:20", "row 2, column 3",
  "picture 2"): from there to those cells. A thing that no cell shows is looked for at the begin tokens instead;
- the token before a word or address of a reply, which has to predict it: to the cells that show it in the picture which
  is talked about, that is whose address was mentioned last, else in the first picture that shows it;
- a cell with a thing or caption that was shown before: to the cells that showed it; the last cell of a frame from which
  something went: to the cells of the frame before that showed it.
"""

from __future__ import annotations

import bisect
import dataclasses

import torch
from torch import Tensor

from longlens_training.frame_changes import Kinds, Pictures, departures
from longlens_training.picture_addresses import CELLS, NO_PART, Address, AddressReader, Parts
from longlens_training.picture_cells import Cells, Finds
from longlens_training.streams import Episodes, TextTokens

#: More are chosen from by lot: the cost is queries times tokens.
MOST_QUERIES = 320


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
class BatchSights:
    """Everything to look at in a batch, and what is to be known there. First and last are about the pictures that show it."""

    everywhere: Sights
    first: Sights
    last: Sights
    pointers: Sights
    #: From cells to those of earlier pictures that show the same.
    repeats: Sights
    #: From the last cell of a frame to those of the frame before with what has gone since.
    departures: Sights
    #: Cells of pictures that have an address: its three parts.
    cells: Finds
    #: Cells with a thing or caption: whether no picture before shows it, whether the picture before does not (0, 1), how
    #: often it has come so far.
    appearances: Finds
    #: Cells with text: the how manyeth of the line, then its digits in order, NO_DIGIT behind the last.
    captions: Finds
    #: Words that cells show: parts of the address of the first picture, and of the last.
    first_addresses: Finds
    last_addresses: Finds
    #: Words that one cell of the first picture shows: its row and column.
    places: Finds
    #: [c, k] int64, -1 padding: all names of that cell, at the positions of `places`.
    names: Tensor
    #: Words that one cell of the last picture shows: its row and column.
    last_places: Finds
    #: Last cells of frames: what came since the frame before, and what went.
    came: Kinds
    went: Kinds
    #: Last cells of frames: whether a shot begins, and the how manyeth it is.
    shots: Finds
    #: Last digits of mentioned addresses: what their picture shows.
    contents: Kinds


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


@dataclasses.dataclass(frozen=True)
class Mention:
    """An address in a text of a batch."""

    #: Positions of its digits.
    digits: list[int]
    #: Pictures before it that have the address.
    pictures: list[Address]


class Addresses:
    """All addresses of a batch, their positions counted in the batch."""

    def __init__(self, batch: Episodes, reader: AddressReader) -> None:
        #: [T, 3]: the address of the picture that each cell belongs to.
        self.parts = torch.full((len(batch.tokens), 3), NO_PART, dtype=torch.int64)
        self.mentions: list[Mention] = []
        first = 0
        for length in batch.lengths:
            sequence = batch.tokens[first : first + length].tolist()
            pictures: dict[Parts, list[Address]] = {}
            for address in reader.pictures(sequence):
                start, end = first + address.start, first + address.end
                pictures.setdefault(address.parts, []).append(Address(address.parts, start, end))
                self.parts[end - CELLS : end] = torch.tensor(address.parts)
            for named, digits in reader.mentions(sequence) if pictures else ():
                before = [picture for picture in pictures.get(named, []) if picture.end <= first + digits[0]]
                self.mentions.append(Mention([first + digit for digit in digits], before))
            first += length

    def digits(self) -> Tensor:
        """[T] bool: digits of addresses in texts."""
        of_addresses = torch.zeros(len(self.parts), dtype=torch.bool)
        of_addresses[[digit for mention in self.mentions for digit in mention.digits]] = True
        return of_addresses

    def talked_about(self, batch: Episodes) -> Tensor:
        """[T] int64: last cell of the picture whose address a turn mentioned last, from there to its end; -1 for none."""
        about = torch.full((len(self.parts),), -1, dtype=torch.int64)
        ends = [end for _, _, end in batch.spans]
        for mention in self.mentions:
            turn = bisect.bisect_right(ends, mention.digits[-1])
            if turn < len(ends) and len(mention.pictures) > 0:
                about[mention.digits[-1] + 1 : ends[turn]] = mention.pictures[0].end - 1
        return about


@dataclasses.dataclass(frozen=True)
class TaskNumbers:
    """Tasks that are looked at in a way of their own."""

    #: whose replies read digits out
    reading: set[int]
    #: which are about the first or the last frame of a video
    ends: set[int]


class SightFinder:
    """Finds what there is to look at. tokens: of the stream; clip_frames: of its bank, which stand before all others."""

    def __init__(self, tokens: TextTokens, tasks: TaskNumbers, clip_frames: int) -> None:
        self._tokens, self._tasks, self._clip_frames = tokens, tasks, clip_frames
        self._addresses = AddressReader(tokens)
        self._name_of = torch.full((tokens.vocabulary,), -1, dtype=torch.int16)
        self._is_thing = torch.zeros(tokens.vocabulary, dtype=torch.bool)
        self._is_name = torch.zeros(tokens.vocabulary, dtype=torch.bool)
        kinds = kinds_of(tokens)
        self._n_kinds = len(kinds)
        self._kind_of = torch.full((tokens.vocabulary,), -1, dtype=torch.int64)
        self._kind_of[kinds] = torch.arange(len(kinds))
        for form, name, is_thing in tokens.name_forms:
            self._name_of[form] = name
            self._is_thing[form] = bool(is_thing)
            self._is_name[name] = True
        self._is_caption_word = torch.zeros(tokens.vocabulary, dtype=torch.bool)
        self._is_caption_word[tokens.caption_words] = True
        self._digit_of = torch.full((tokens.vocabulary,), -1, dtype=torch.int64)
        self._digit_of[tokens.digits] = torch.arange(len(tokens.digits))

    def find(self, batch: Episodes, names: Tensor) -> BatchSights:
        """names: [p, C, k] int16 of the batch's pictures, -1 padding."""
        tokens = batch.tokens
        lengths = torch.tensor(batch.lengths)
        starts = torch.repeat_interleave(lengths.cumsum(0) - lengths, lengths)  # [T]: where each token's sequence begins
        wanted = torch.zeros(len(tokens), dtype=torch.bool)
        wanted[batch.wanted] = True
        own = self._name_of[tokens.clamp(min=0)].masked_fill(tokens == -1, -1)
        addresses = Addresses(batch, self._addresses)
        cells = Cells(tokens, names, starts, addresses.parts)
        pictures = Pictures.of(cells, addresses.parts, batch.pictures, self._kind_of, self._n_kinds)

        mentions = sample((own >= 0).nonzero()[:, 0])
        hit = cells.that_show(own[mentions], mentions)
        first, last = cells.of_one_picture(hit), cells.of_one_picture(hit, last=True)
        absent = self._is_thing[tokens[mentions]] & ~hit.any(-1)
        begins = (tokens == self._tokens.begin)[None] & visible_from(mentions, starts) & absent[:, None]
        lookups = []
        for seen in (hit, first, last):
            looking = Looking()
            looking.add(mentions, cells.among_all(seen) | begins)
            look_at_pictures(looking, addresses)
            lookups.append(looking.sights(starts))

        shown = cells.with_names(self._is_name)
        repeats, repeated = Looking(), sample(shown)
        repeats.add(cells.positions[repeated], cells.among_all(cells.repeats(repeated)))
        gone = Looking()
        ends, targets = departures(pictures, cells)
        kept = sample(torch.arange(len(ends)))
        gone.add(ends[kept], cells.among_all(targets[kept]))
        places, place_names = cells.places(mentions, first)
        addressed = sample((addresses.parts != NO_PART).any(-1).nonzero()[:, 0])
        return BatchSights(
            *lookups,
            self._pointers(batch, own, wanted, addresses, cells, pictures).sights(starts),
            repeats.sights(starts),
            gone.sights(starts),
            Finds(addressed, addresses.parts[addressed]),
            cells.appearances(shown),
            cells.captions(self._is_caption_word, self._digit_of),
            cells.addresses(mentions, first, addresses.parts),
            cells.addresses(mentions, last, addresses.parts),
            places,
            place_names,
            cells.places(mentions, last)[0],
            *pictures.changes(),
            pictures.shots(self._clip_frames),
            contents_of(addresses, pictures),
        )

    def _pointers(self, batch: Episodes, own: Tensor, wanted: Tensor, addresses: Addresses, cells: Cells,
                  pictures: Pictures) -> Looking:
        """own: [T], what each token names; wanted: [T] bool, tokens to predict."""
        pointers = Looking()
        for mention in addresses.mentions:
            target = pictures_mask(mention, len(own))
            for digit in mention.digits:
                if wanted[digit]:
                    pointers.add(torch.tensor([digit - 1]), target)
        predicted = own.masked_fill(~wanted, -1)
        read_out = self._digits_read_out(batch) & wanted & ~addresses.digits()
        predicted[read_out] = batch.tokens[read_out].to(torch.int16)
        named = sample((predicted >= 0).nonzero()[:, 0])
        hit = cells.that_show(predicted[named], named - 1)
        about = addresses.talked_about(batch)
        self._point_at_ends(about, batch, own, pictures)
        pointers.add(named - 1, cells.among_all(cells.talked_about(hit, about[named])))
        return pointers

    def _point_at_ends(self, about: Tensor, batch: Episodes, own: Tensor, pictures: Pictures) -> None:
        """Replies about the first or last frame are about that one of both which shows all they name. about: [T], changed."""
        ends = torch.tensor(batch.lengths).cumsum(0).tolist()
        for task, start, end in batch.spans:
            if task not in self._tasks.ends:
                continue
            sequence = bisect.bisect_right(ends, start)
            first = ends[sequence] - batch.lengths[sequence]
            inside = (pictures.is_frame & (pictures.ends >= first) & (pictures.ends < start)).nonzero()[:, 0]
            kinds = self._kind_of[own[start:end].long().clamp(min=0)].masked_fill(own[start:end] < 0, -1)
            kinds = kinds[kinds >= 0]
            if len(inside) == 0 or len(kinds) == 0:
                continue
            at_first, at_last = (bool(pictures.shown[at, kinds].all()) for at in (inside[0], inside[-1]))
            if at_first != at_last:
                about[start:end] = pictures.ends[inside[0] if at_first else inside[-1]]

    def _digits_read_out(self, batch: Episodes) -> Tensor:
        """[T] bool: digits of replies that read text out."""
        reading = torch.zeros(len(batch.tokens), dtype=torch.bool)
        for task, start, end in batch.spans:
            if task in self._tasks.reading:
                reading[start:end] = True
        return reading & torch.isin(batch.tokens, torch.tensor(self._tokens.digits))


def kinds_of(tokens: TextTokens) -> list[int]:
    """The names of things that may be absent, in order."""
    return sorted({name for _, name, is_thing in tokens.name_forms if is_thing})


def contents_of(addresses: Addresses, pictures: Pictures) -> Kinds:
    """Of each mentioned address that some picture has: what its first picture shows, at its last digit."""
    found = [mention for mention in addresses.mentions if len(mention.pictures) > 0]
    numbers = [pictures.of_cell(mention.pictures[0].end - 1) for mention in found]
    return Kinds(torch.tensor([mention.digits[-1] for mention in found], dtype=torch.int64), pictures.shown[numbers])


def look_at_pictures(looking: Looking, addresses: Addresses) -> None:
    """From the last digit of each mentioned address to its picture, with its label."""
    for mention in addresses.mentions:
        looking.add(torch.tensor([mention.digits[-1]]), pictures_mask(mention, len(addresses.parts)))


def pictures_mask(mention: Mention, total: int) -> Tensor:
    """[1, T] bool: the pictures of a mention with their labels."""
    mask = torch.zeros(1, total, dtype=torch.bool)
    for picture in mention.pictures:
        mask[0, picture.start : picture.end] = True
    return mask


def sample(values: Tensor) -> Tensor:
    """All of [n] values, or MOST_QUERIES of them by lot."""
    if len(values) <= MOST_QUERIES:
        return values
    return values[torch.randperm(len(values))[:MOST_QUERIES].sort().values]
