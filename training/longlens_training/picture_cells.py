"""The cells of a batch: what each shows, where it is, and what can be known of it.

The names of cells are those of the bank (app/domain/world/draw/cell-names.ts).
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from longlens_training.picture_addresses import CELLS, NO_PART

#: Digits of a cell that are asked for, the class behind the last, and classes of what is known of a cell with text.
MOST_DIGITS = 4
NO_DIGIT = 10
CAPTION_CLASSES = 11
#: How often something came is counted up to here; classes of what is known of a cell that shows something.
MOST_TIMES = 6
APPEARANCE_CLASSES = MOST_TIMES + 1
#: Rows and columns of cells in a picture.
CELLS_ACROSS = int(CELLS**0.5)


@dataclasses.dataclass(frozen=True)
class Finds:
    """Numbers that are to be known at places of a batch."""

    #: [c] int64 positions in the batch
    positions: Tensor
    #: [c, n] int64, NO_PART for none
    parts: Tensor


class Cells:
    """The cells of a batch and what they show. names: [p, C, k]; starts: [T], where each token's sequence begins."""

    def __init__(self, tokens: Tensor, names: Tensor, starts: Tensor, parts: Tensor) -> None:
        self.positions = (tokens == -1).nonzero()[:, 0]
        self.names = names.flatten(0, 1)  # [C p, k]
        self.picture = torch.arange(len(self.positions)) // CELLS
        self.addressed = (parts[self.positions] != NO_PART).any(-1)
        self.starts = starts[self.positions]
        self._starts = starts

    def that_show(self, words: Tensor, queries: Tensor) -> Tensor:
        """[m, C p] bool: cells before each query [m], in its sequence, that have the name [m]."""
        hit = (self.names[None] == words[:, None, None]).any(-1)
        return hit & (self.positions >= self._starts[queries][:, None]) & (self.positions < queries[:, None])

    def of_one_picture(self, hit: Tensor, last: bool = False) -> Tensor:
        """Of cells [m, C p] those of the first or last picture that has one. Pictures with an address go before others."""
        if hit.shape[1] == 0:
            return hit
        addressed = hit & self.addressed
        hit = torch.where(addressed.any(-1, keepdim=True), addressed, hit)
        cell = hit.shape[1] - 1 - hit.flip(-1).int().argmax(-1) if last else hit.int().argmax(-1)
        return hit & (self.picture == self.picture[cell][:, None])

    def talked_about(self, hit: Tensor, about: Tensor) -> Tensor:
        """Of cells [m, C p] those of the picture with the cell at about [m]; without any there, those of the first picture."""
        picture = self.picture[torch.searchsorted(self.positions, about).clamp(max=max(0, len(self.positions) - 1))]
        there = hit & (self.picture == picture[:, None]) & (about >= 0)[:, None]
        return torch.where(there.any(-1, keepdim=True), there, self.of_one_picture(hit))

    def among_all(self, hit: Tensor) -> Tensor:
        """[m, C p] of cells -> [m, T] of positions."""
        mask = torch.zeros(len(hit), len(self._starts), dtype=torch.bool)
        mask[:, self.positions] = hit
        return mask

    def addresses(self, words: Tensor, hit: Tensor, parts: Tensor) -> Finds:
        """The address of the cells [m, C p], all of one picture, that words [m] are about. parts: [T, 3]."""
        seen = hit.any(-1)
        first = hit[seen].int().argmax(-1)
        return Finds(words[seen], parts[self.positions[first]])

    def places(self, words: Tensor, hit: Tensor) -> tuple[Finds, Tensor]:
        """Row and column, and all names [c, k], of the cell [m, C p] that a word [m] is about, where it is one cell."""
        alone = hit.sum(-1) == 1
        cell = hit[alone].int().argmax(-1)
        row, column = (cell % CELLS).div(CELLS_ACROSS, rounding_mode="floor"), cell % CELLS % CELLS_ACROSS
        return Finds(words[alone], torch.stack([row, column], -1)), self.names[cell].long()

    def with_names(self, is_name: Tensor) -> Tensor:
        """[c] int64: cells of pictures with an address that show a thing or a word. is_name: [V] bool, these names."""
        shown = self.names[:, 0].long()
        return ((shown >= 0) & is_name[shown.clamp(min=0)] & self.addressed).nonzero()[:, 0]

    def repeats(self, chosen: Tensor) -> Tensor:
        """[c, C p] bool: cells of earlier pictures of the same sequence that show what the chosen cells [c] show."""
        same = (self.names[None] == self.names[chosen, 0][:, None, None]).any(-1)
        return same & (self.starts == self.starts[chosen][:, None]) & (self.picture < self.picture[chosen][:, None])

    def appearances(self, chosen: Tensor) -> Finds:
        """Whether what the chosen cells [c] show is new, and how often it has come (BatchSights.appearances)."""
        shown = self.names[:, 0].long()
        seen: dict[tuple[int, int], int] = {}
        times: dict[tuple[int, int], int] = {}
        known: dict[tuple[int, int, int], list[int]] = {}
        parts: list[list[int]] = []
        columns = (self.starts[chosen], shown[chosen], self.picture[chosen])
        for start, name, picture in zip(*(column.tolist() for column in columns)):
            if (start, name, picture) not in known:
                before = seen.get((start, name))
                comes = before is None or before < picture - 1
                times[start, name] = times.get((start, name), 0) + int(comes)
                known[start, name, picture] = [int(before is None), int(comes), min(times[start, name], MOST_TIMES)]
                seen[start, name] = picture
            parts.append(known[start, name, picture])
        return Finds(self.positions[chosen], torch.tensor(parts, dtype=torch.int64).view(-1, 3))

    def captions(self, is_word: Tensor, digit_of: Tensor) -> Finds:
        """What cells with text hold (BatchSights.captions). is_word: [V] bool; digit_of: [V], -1 for all else."""
        names = self.names.long()
        digits = digit_of[names.clamp(min=0)].masked_fill(names < 0, -1)  # [C p, k]
        words = is_word[names.clamp(min=0)] & (names >= 0)
        chosen = ((digits >= 0) | words).any(-1).nonzero()[:, 0]
        pictures = self.picture[chosen].tolist()
        parts = torch.full((len(chosen), 1 + MOST_DIGITS), NO_PART, dtype=torch.int64)
        for row, own in enumerate(digits[chosen].tolist()):
            rank = row - pictures.index(pictures[row])
            shown = [digit for digit in own if digit >= 0][:MOST_DIGITS]
            known = [min(rank, CAPTION_CLASSES - 1), *shown, NO_DIGIT][: 1 + MOST_DIGITS]
            parts[row, : len(known)] = torch.tensor(known)
        return Finds(self.positions[chosen], parts)
