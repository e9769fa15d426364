"""The recipe of the comparison of architectures: what each model is trained on, and what it is then asked.

Tower, bank, start of projector and words, episodes, their order and number of tokens, optimiser and rates are the same
for all (sizes.ARCHITECTURES). Two questions decide the choice: which remembers longer videos than it was trained on,
and what a longer video costs.
"""

from __future__ import annotations

import dataclasses

from longlens_training.encode_bank import BankSettings
from longlens_training.recipe import ALIGNMENT_TASKS, LONG, SHORT, SINGLE, Phase, stream

#: Videos of the training have no more frames; longer ones are asked about all the same.
TRAINED_FRAMES = 64
#: Positions of a frame with its timecode, and of questions and replies together (training/data/episode-batch.ts).
POSITIONS_OF_FRAME = 36
POSITIONS_OF_TALK = 1_000


@dataclasses.dataclass(frozen=True)
class AskedPart:
    """Episodes about the held-out bank."""

    name: str
    #: Pictures of each episode; None where they differ.
    frames: int | None
    #: At least so many are asked.
    questions: int
    #: Arguments of EpisodeStream, without those of the bank.
    stream: dict


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Everything from a finished tower and bank to the figures of the report."""

    phases: list[Phase]
    #: Drawn with the half of the art that training never sees.
    held_out: BankSettings
    asked: list[AskedPart]
    #: Lengths at which reading speed and memory are measured.
    read_frames: list[int]
    #: The longest videos that were trained on, for the report.
    trained_frames: int


def picture_part(questions: int) -> AskedPart:
    """Single pictures."""
    return AskedPart("1", 1, questions, stream("single", 901, 2_048, SINGLE))


def video_part(frames: int, questions: int) -> AskedPart:
    """Videos of exactly so many frames, two in five with a needle."""
    room = max(2_048, frames * POSITIONS_OF_FRAME + POSITIONS_OF_TALK)
    arguments = stream("multi", 902, room, {"video": 0.6, "needle": 0.4}, max_frames=frames)
    return AskedPart(str(frames), frames, questions, arguments | {"min_frames": frames})


def other_part(kind: str, questions: int) -> AskedPart:
    """Large pictures in tiles (sheet), or sets of pictures (set)."""
    return AskedPart(kind, None, questions, stream("multi", 903, 4_096, {kind: 1.0}))


FULL = Comparison(
    # At 3,500 tokens a second these are 45 minutes of the hybrid.
    phases=[
        Phase("1 alignment", 1_200_000, stream("single", 501, 4_096, {"single": 1.0}, tasks=ALIGNMENT_TASKS), naming_weight=0.3),
        Phase("2 single", 2_600_000, stream("single", 502, 4_096, SINGLE), (1.0, 0.8)),
        Phase("3 short", 2_200_000, stream("multi", 503, 4_096, SHORT, max_frames=8), (0.8, 0.5)),
        Phase("3 long", 3_500_000, stream("multi", 504, 4_096, LONG, max_frames=TRAINED_FRAMES), (0.5, 0.01)),
    ],
    held_out=BankSettings(clips=2_000, sheets=100, stills=0, seed=2, split="test"),
    asked=[
        picture_part(2_000),
        *(video_part(frames, 1_000) for frames in (4, 16, 64, 128, 256)),
        other_part("sheet", 600),
        other_part("set", 600),
    ],
    read_frames=[1, 4, 16, 64, 128, 256, 1_024],
    trained_frames=TRAINED_FRAMES,
)

#: In little, for the tests.
SMOKE = Comparison(
    phases=[Phase("3 multi", 4_000, stream("multi", 504, 1_024, LONG, max_frames=8), log_every=1)],
    held_out=BankSettings(clips=16, sheets=1, stills=0, seed=2, split="test"),
    asked=[picture_part(10), video_part(16, 10)],
    read_frames=[2, 20],
    trained_frames=8,
)

COMPARISONS = {"full": FULL, "smoke": SMOKE}
