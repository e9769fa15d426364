"""What pictures show and what changes from frame to frame of a video: what comes, what goes, where a shot begins.

Kinds are the things that may be absent (streams.TextTokens.name_forms): objects, shapes, text.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from longlens_training.picture_addresses import CELLS, NO_PART
from longlens_training.picture_cells import Cells, Finds

#: Frames of one clip of the bank (CLIP_PHASES in app/domain/world/composition.ts): a shot plays one clip.
CLIP_PHASES = 4
#: The how manyeth shot is counted up to here.
MOST_SHOTS = 9


@dataclasses.dataclass(frozen=True)
class Kinds:
    """Which of n kinds are there, at places of a batch."""

    #: [c] int64 positions in the batch
    positions: Tensor
    #: [c, n] bool
    there: Tensor


@dataclasses.dataclass(frozen=True)
class Pictures:
    """The p pictures of a batch. Frames are those with a timecode that stand in a video of two or more."""

    #: [p] int64: the last cell's position in the batch
    ends: Tensor
    #: [p, n] bool: the kinds that each shows
    shown: Tensor
    #: [p] bool: is a frame, and the frame before it is the picture before it
    follows: Tensor
    #: [p] bool: a frame
    is_frame: Tensor
    #: [p] int64: which picture of the bank
    numbers: Tensor
    #: [C p, n] bool
    shown_by_cell: Tensor

    @staticmethod
    def of(cells: Cells, parts: Tensor, numbers: Tensor, kind_of: Tensor, n_kinds: int) -> Pictures:
        """parts: [T, 3] addresses; numbers: [p] of the bank; kind_of: [V] the kind of a name, -1 for none."""
        names = cells.names.long()
        kinds = kind_of[names.clamp(min=0)].masked_fill(names < 0, -1)  # [C p, k]
        by_cell = torch.zeros(len(kinds), n_kinds + 1, dtype=torch.bool)
        by_cell.scatter_(1, kinds.masked_fill(kinds < 0, n_kinds), True)
        by_cell = by_cell[:, :n_kinds]
        ends = cells.positions[CELLS - 1 :: CELLS].contiguous()
        is_frame = (parts[ends] != NO_PART).all(-1)
        starts = cells.starts[CELLS - 1 :: CELLS]
        follows = is_frame.clone()
        follows[:1] = False
        follows[1:] &= is_frame[:-1] & (starts[1:] == starts[:-1])
        shown = by_cell.view(-1, CELLS, n_kinds).any(1)
        return Pictures(ends, shown, follows, is_frame, numbers, by_cell)

    def changes(self) -> tuple[Kinds, Kinds]:
        """What came and what went, at the last cells of all frames but the first of each video."""
        later = self.follows.nonzero()[:, 0]
        before, now = self.shown[later - 1], self.shown[later]
        return Kinds(self.ends[later], now & ~before), Kinds(self.ends[later], before & ~now)

    def shots(self, clip_frames: int) -> Finds:
        """Whether a shot begins with a frame, and the how manyeth it belongs to. clip_frames: of the bank, before all else."""
        clips = torch.where(self.numbers < clip_frames, self.numbers.div(CLIP_PHASES, rounding_mode="floor"), -1)
        begins = self.is_frame.clone()
        begins[1:] &= ~self.follows[1:] | (clips[1:] != clips[:-1])
        count, counts = 0, []
        for follows, begin in zip(self.follows.tolist(), begins.tolist()):
            count = count + int(begin) if follows else 1
            counts.append(min(count, MOST_SHOTS))
        chosen = self.is_frame.nonzero()[:, 0]
        return Finds(self.ends[chosen], torch.stack([begins.long(), torch.tensor(counts)], -1)[chosen])

    def of_cell(self, position: int) -> int:
        """Number of the picture whose last cell stands at `position`."""
        return int(torch.searchsorted(self.ends, position))


def departures(pictures: Pictures, cells: Cells) -> tuple[Tensor, Tensor]:
    """Last cells of frames from which something went, [m], and the cells of the frame before that showed it, [m, C p]."""
    later = pictures.follows.nonzero()[:, 0]
    went = pictures.shown[later - 1] & ~pictures.shown[later]
    chosen = went.any(-1)
    later, went = later[chosen], went[chosen]
    gone = (pictures.shown_by_cell.float() @ went.float().t()).t() > 0  # [m, C p]
    return pictures.ends[later], gone & (cells.picture == (later - 1)[:, None])
