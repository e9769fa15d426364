"""The recipe: which episodes, and how many tokens of each. Three stages as in the paper, a list of phases each."""

from __future__ import annotations

import dataclasses

from longlens_training.encode_bank import BankSettings
from longlens_training.train_tower import COURSES, Course, TowerSettings


@dataclasses.dataclass(frozen=True)
class Phase:
    """Part of a stage with one mixture of episodes."""

    name: str
    #: Training tokens, padding not counted.
    tokens: int
    #: Arguments of EpisodeStream.
    stream: dict
    #: Factors on the peak rates at the beginning and the end, a straight line between them.
    rates: tuple[float, float] = (1.0, 1.0)
    #: Weight of the naming loss, which keeps projected cells near the words for what they show.
    naming_weight: float = 0.1
    #: Weight of the losses that teach where to look (attention_guide.py); their heads are those of the hybrid.
    guide_weight: float = 0.0
    #: Which of the recipe's banks its pictures are from.
    bank: str = "bank"
    log_every: int = 100


SINGLE = {"single": 0.8, "unknown": 0.1, "dialogue": 0.1}
ASKED = {"single": 0.75, "unknown": 0.15, "dialogue": 0.1}
SHORT = {"single": 0.35, "unknown": 0.06, "dialogue": 0.09, "video": 0.3, "sheet": 0.1, "set": 0.1}
LONG = {"single": 0.25, "unknown": 0.06, "dialogue": 0.09, "video": 0.25, "needle": 0.15, "sheet": 0.1, "set": 0.1}
REPLAY = {"single": 0.6, "unknown": 0.1, "dialogue": 0.05, "video": 0.15, "sheet": 0.05, "set": 0.05}
EVERYTHING = {"single": 0.45, "unknown": 0.08, "dialogue": 0.08, "video": 0.2, "needle": 0.07, "sheet": 0.07, "set": 0.05}

DETAILED = EVERYTHING | {"single": 0.3, "detail": 0.18, "needle": 0.1}
TALKATIVE = DETAILED | {"dialogue": 0.12}
FRESH = {"single": 0.32, "detail": 0.15, "unknown": 0.09, "dialogue": 0.1, "video": 0.22, "needle": 0.09, "sheet": 0.06, "set": 0.06}
BALANCED = {"single": 0.26, "detail": 0.12, "unknown": 0.09, "dialogue": 0.09, "video": 0.24, "needle": 0.09, "sheet": 0.04, "set": 0.09}
MOVING = FRESH | {"single": 0.24, "detail": 0.1, "video": 0.3, "needle": 0.12}


def stream(stage: str, seed: int, batch_tokens: int, mix: dict, max_frames: int = 8, tasks: tuple[str, ...] = ()) -> dict:
    """Arguments of EpisodeStream."""
    return {
        "stage": stage,
        "seed": seed,
        "batch_tokens": batch_tokens,
        "mix": mix,
        "max_frames": max_frames,
        "tasks": tasks,
    }


GUIDE_WEIGHT = 0.1
#: Of the naming loss, where words and digits of cells shall be as plain as the tower left them.
PLAIN_NAMES = 1.0


def guided(
    name: str, tokens: int, stream: dict, rates: tuple[float, float],
    naming_weight: float = Phase.naming_weight, bank: str = Phase.bank,
) -> Phase:
    """A phase that is told where to look."""
    return Phase(name, tokens, stream, rates, naming_weight, GUIDE_WEIGHT, bank)


ALIGNMENT_TASKS = ("list", "what-at", "background", "read", "count-all", "describe")
LOOK_UP_TASKS = ("presence", "absent", "where", "read")
DETAIL_TASKS = ("read", "relation", "largest", "describe", "where", "list", "presence")

FULL = [
    # Stage 1: single-image alignment. Say what is there.
    Phase(
        "1 alignment",
        tokens=1_500_000,
        stream=stream("single", 101, 4096, {"single": 1.0}, tasks=ALIGNMENT_TASKS),
        naming_weight=0.3,
    ),
    # Stage 2: single-image instructions.
    Phase("2 single", tokens=4_000_000, stream=stream("single", 201, 4096, SINGLE), rates=(1.0, 0.8)),
    # To find what a question names among the cells is learnt slowest, and asked for too seldom among everything else.
    Phase(
        "2 looking up",
        tokens=2_000_000,
        stream=stream("single", 202, 4096, {"single": 1.0}, tasks=LOOK_UP_TASKS),
        rates=(0.8, 0.8),
    ),
    # Stage 3: many pictures, growing length, replay of stage 2.
    Phase("3 short", tokens=2_500_000, stream=stream("multi", 301, 4096, SHORT, max_frames=8), rates=(0.8, 0.5)),
    Phase("3 middle", tokens=2_200_000, stream=stream("multi", 302, 6144, LONG, max_frames=64), rates=(0.5, 0.05)),
    # Attention makes long sequences slow: 1,700 tokens/s a core at 8,000 tokens, 500 to 750 at 30,000.
    Phase("3 long", tokens=250_000, stream=stream("multi", 303, 12_288, LONG, max_frames=256), rates=(0.05, 0.01)),
    Phase("3 replay", tokens=1_300_000, stream=stream("multi", 304, 4096, REPLAY, max_frames=8), rates=(0.3, 0.01)),
    # The three stages once more, told where to look: what the phases above found too slowly (LOG.md).
    guided("2 single, guided", 3_300_000, stream("single", 211, 4096, ASKED), (0.8, 0.7)),
    # What is still wrong most often when everything is asked alike.
    guided("2 details, guided", 2_600_000, stream("single", 212, 4096, {"single": 1.0}, tasks=DETAIL_TASKS), (0.7, 0.7)),
    guided("3 short, guided", 6_000_000, stream("multi", 311, 4096, SHORT, max_frames=8), (0.7, 0.4)),
    guided("3 middle, guided", 1_200_000, stream("multi", 312, 6144, LONG, max_frames=64), (0.4, 0.2)),
    guided("3 replay, guided", 2_000_000, stream("multi", 314, 4096, EVERYTHING, max_frames=16), (0.2, 0.0)),
    # After the tower had learnt more, and with guides that tell the first sight of a thing from the others.
    guided("3 short, first sights", 3_600_000, stream("multi", 321, 4096, EVERYTHING, max_frames=16), (0.6, 0.5)),
    # Numbers are read worst (LOG.md): more of what is learnt slowest, and cells that know their digits.
    guided("3 middle, details", 5_600_000, stream("multi", 322, 6144, DETAILED, max_frames=64), (0.5, 0.3)),
    guided("3 everything, details", 3_300_000, stream("multi", 323, 6144, TALKATIVE, max_frames=64), (0.3, 0.0)),
    # A bank of many more texts, most of them in one picture only: those of the first had been learnt by heart (LOG.md).
    guided("3 short, fresh", 5_000_000, stream("multi", 331, 4096, FRESH, max_frames=16), (0.6, 0.6), PLAIN_NAMES),
    guided("3 middle, fresh", 4_500_000, stream("multi", 332, 6144, MOVING, max_frames=64), (0.6, 0.4), PLAIN_NAMES),
    guided("3 long, fresh", 1_800_000, stream("multi", 333, 8192, MOVING, max_frames=256), (0.4, 0.3), PLAIN_NAMES),
    guided("3 everything, fresh", 5_300_000, stream("multi", 334, 6144, FRESH, max_frames=128), (0.3, 0.0), PLAIN_NAMES),
    # After the tower's course of figures.
    guided("3 everything, figures", 7_000_000, stream("multi", 341, 6144, BALANCED, max_frames=128), (0.4, 0.0), PLAIN_NAMES),
    # Nothing known had been answered too often (LOG.md): fewer such pictures.
    guided("3 everything, last", 4_000_000, stream("multi", 351, 6144, BALANCED, max_frames=128), (0.25, 0.0), PLAIN_NAMES),
]

#: The tower of `full`, and everything once more as it will be met: pages alone made it see things where none were (LOG.md).
LONGER_TOWER = TowerSettings(
    images=930_000,
    courses=(
        *(dataclasses.replace(course, until=course.until * 750 / 930) for course in COURSES),
        Course("review", 1.0, 1.0, (0.45, 0.0)),
    ),
    text_full_after=0.16,
)

#: Shares at the end: videos, and more of what cannot be answered than before.
LATER = {"single": 0.2, "detail": 0.14, "unknown": 0.1, "dialogue": 0.09, "video": 0.3, "needle": 0.1, "sheet": 0.04, "set": 0.07}
#: More of what lost by that: lists, descriptions, tiles and pictures of nothing known.
AGAIN = {"single": 0.24, "detail": 0.2, "unknown": 0.09, "dialogue": 0.05, "video": 0.22, "needle": 0.11, "sheet": 0.05, "set": 0.04}

#: Guided from the beginning, on a finished tower, with one rate that falls to 0, and once more from less than half of it.
GUIDED = [
    guided("1 alignment", 1_500_000, stream("single", 401, 4096, {"single": 1.0}, tasks=ALIGNMENT_TASKS), (1.0, 0.96), PLAIN_NAMES),
    guided("2 single", 5_000_000, stream("single", 402, 4096, ASKED | {"detail": 0.3}), (0.96, 0.82), PLAIN_NAMES),
    guided("3 short", 6_000_000, stream("multi", 403, 4096, FRESH, max_frames=12), (0.82, 0.65), PLAIN_NAMES),
    guided("3 middle", 9_000_000, stream("multi", 404, 6144, MOVING, max_frames=64), (0.65, 0.4), PLAIN_NAMES, "bank-2"),
    guided("3 long", 3_500_000, stream("multi", 405, 10_240, MOVING, max_frames=256), (0.4, 0.29), PLAIN_NAMES, "bank-2"),
    guided("3 everything", 7_800_000, stream("multi", 406, 8192, LATER, max_frames=128), (0.29, 0.0), PLAIN_NAMES, "bank-2"),
    guided("3 everything, again", 9_000_000, stream("multi", 416, 8192, AGAIN, max_frames=128), (0.45, 0.0), PLAIN_NAMES, "bank-3"),
]

#: Videos get new pictures, twice: those of the bank before have been seen several times by then.
GUIDED_BANKS = {
    "bank": BankSettings(),
    "bank-2": BankSettings(clips=16_000, sheets=1_200, stills=50_000, seed=3),
    "bank-3": BankSettings(clips=13_000, sheets=800, stills=45_000, seed=4),
}

HELD_OUT = BankSettings(clips=1_500, sheets=100, stills=1_500, split="test")


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything from nothing to the exported checkpoint."""

    tower: TowerSettings
    #: By the name of their folder in the run.
    banks: dict[str, BankSettings]
    #: What is asked about behind each phase: the half of the art that training never sees.
    held_out: BankSettings
    held_out_questions: int
    phases: list[Phase]

    def banks_from(self, phase: int) -> dict[str, BankSettings]:
        """The banks of this phase (an index) and those behind it: all that a run which stands there needs."""
        used = {phase.bank for phase in self.phases[phase:]}
        return {name: settings for name, settings in self.banks.items() if name in used}


#: Every stage in little, for the tests: it learns something, and nothing that is of use.
SMOKE = [
    Phase(
        "1 alignment",
        tokens=18_000,
        stream=stream("single", 101, 1024, {"single": 1.0}, tasks=ALIGNMENT_TASKS),
        naming_weight=0.3,
        log_every=10,
    ),
    Phase("2 single", tokens=10_000, stream=stream("single", 201, 1024, SINGLE), log_every=10),
    Phase(
        "3 multi",
        tokens=10_000,
        stream=stream("multi", 301, 1024, LONG, max_frames=8),
        rates=(1.0, 0.02),
        guide_weight=GUIDE_WEIGHT,
        log_every=10,
    ),
]

RECIPES = {
    "full": Recipe(TowerSettings(), {"bank": BankSettings()}, HELD_OUT, 2_000, FULL),
    # Level with `full` in most suites on three fifths of the tokens; it invents more (LOG.md).
    "guided": Recipe(LONGER_TOWER, GUIDED_BANKS, HELD_OUT, 2_000, GUIDED),
    "smoke": Recipe(
        TowerSettings(images=800, batch=16, validate_every=400, validation_images=32),
        {"bank": BankSettings(clips=64, sheets=8, stills=64)},
        BankSettings(clips=16, sheets=2, stills=16, split="test"),
        40,
        SMOKE,
    ),
}
