"""Addresses of pictures in a conversation: the timecode of a frame, row and column of a tile, the number in a set.

An address has three parts: 00:20 -> (0, 0, 20), tile -> (row, column, none), picture of a set -> (none, none, 2).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from longlens_training.sizes import TowerSizes
from longlens_training.streams import TextTokens

#: Positions of a picture (sizes.TowerSizes.tokens_per_image).
CELLS = TowerSizes().tokens_per_image
#: Classes of each of the three parts of an address; seconds need the most.
ADDRESS_CLASSES = 60
NO_PART = -100

Parts = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Address:
    """Where a picture stands: its cells are the last CELLS positions of [start, end), behind its label if it has one."""

    parts: Parts
    start: int
    end: int


class AddressReader:
    """Finds addresses among the tokens of one sequence, in which cells are -1."""

    def __init__(self, tokens: TextTokens) -> None:
        self._tokens = tokens
        self._digits = {token: value for value, token in enumerate(tokens.digits)}
        self._seconds = {token: value for value, token in enumerate(tokens.seconds)}

    def pictures(self, sequence: list[int]) -> Iterator[Address]:
        """The pictures that have an address: not the whole view of a tiled picture, nor one that is alone."""
        special = self._tokens
        starts = [at for at in range(1, len(sequence)) if sequence[at] == -1 and sequence[at - 1] != -1]
        row, column, plain = 0, 0, []
        for start in starts:
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

    def mentions(self, sequence: list[int]) -> Iterator[tuple[Parts, list[int]]]:
        """Addresses that the texts mention, labels of frames not among them, with the positions of their digits."""
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
