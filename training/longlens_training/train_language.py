"""Stages 1 to 3: alignment, single pictures, many pictures with growing length and replay (paper, section 3.3).

    python3 -m longlens_training.train_language --run training/runs/tiny --recipe full

The tower stays frozen: pictures are rows of the bank. A stage is a list of phases (recipe.py); each phase streams fresh
episodes until its tokens are spent. Replies right are counted twice (asking.py): on the batches themselves before they
are learnt from, whose pictures come again and again, and behind each phase on a bank of its own that nothing is learnt
from. Where the first rise and the second do not, pictures are learnt by heart.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import nn

from longlens_training import checkpoint
from longlens_training.asking import TaskCounts, ask
from longlens_training.attention_guide import PROBES_RATE, GuideProbes
from longlens_training.attention_limit import limit_attention
from longlens_training.encode_bank import Bank
from longlens_training.learning import Learner, Learners, Learnt, Lesson, Subject
from longlens_training.longlens_model import LongLens
from longlens_training.muon import MuonAdamW, make_optimiser
from longlens_training.process_settings import restart_with_settings
from longlens_training.recipe import RECIPES, Phase
from longlens_training.run_log import RunLog
from longlens_training.schedule import rate
from longlens_training.sights import TaskNumbers, kinds_of
from longlens_training.sizes import ModelSizes
from longlens_training.streams import Episodes, EpisodeStream
from longlens_training.threads import set_threads
from longlens_training.trained_tower import load_tower


MUON_RATE = 4e-3
ADAMW_RATE = 1.5e-3
#: On the rates of the projector, which stage 0 has taught. What tells words from each other are its small singular
#: values, and at the full rate the noise of the steps is larger (LOG.md).
PROJECTOR_FACTOR = 0.1
WARMUP_TOKENS = 300_000
#: Most of a recipe that may go by while the rate rises.
MOST_WARMUP = 0.1
CHECKPOINT_SECONDS = 300.0
#: Folder of the bank that is asked about behind each phase.
HELD_OUT_BANK = "held-out"
#: Tasks whose replies read digits out of pictures, and those about the first or the last frame.
READING_TASKS = {"read", "read-at", "needle", "describe", "summary"}
END_TASKS = {"first-last"}


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """What is asked behind each phase: about which bank, and how many questions at least."""

    bank: Bank
    questions: int


@dataclasses.dataclass
class Progress:
    """Where a run stands; saved with every checkpoint."""

    phase: int = 0
    batches: int = 0
    tokens: int = 0
    total_tokens: int = 0
    #: Tokens since the optimiser was new: its rate rises over the first of them, also when a run begins with a checkpoint.
    warmed_tokens: int = 0


def train(run: Path, recipe: str, sizes: ModelSizes) -> None:
    """Runs all phases of a recipe, from the newest checkpoint if there is one."""

    @functools.lru_cache(maxsize=1)
    def bank(name: str) -> Bank:
        return Bank.load(run / name, sizes)

    held_out = HeldOut(Bank.load(run / HELD_OUT_BANK, sizes), RECIPES[recipe].held_out_questions)
    train_phases(RECIPES[recipe].phases, run, run / "language", bank, sizes, {"recipe": recipe}, held_out)


def phases_done(run: Path) -> int:
    """Phases that a run has behind it; 0 where it has no language model yet."""
    if checkpoint.latest(run / "language") is None:
        return 0
    return Progress(**checkpoint.read_counters(run / "language")["progress"]).phase


def train_phases(
    phases: list[Phase],
    run: Path,
    folder: Path,
    banks: Callable[[str], Bank],
    sizes: ModelSizes,
    noted: dict[str, object],
    held_out: HeldOut | None = None,
) -> None:
    """Trains on the tower and banks of a run, with checkpoints in `folder` and the log beside it; `noted` is saved too.

    banks: a bank by the name that phases have for it.
    """
    torch.manual_seed(1)
    model = LongLens(sizes)
    optimiser = make_optimiser(model.named_parameters(), muon_rate=MUON_RATE, adamw_rate=ADAMW_RATE,
                               projector_factor=PROJECTOR_FACTOR)  # fmt: skip
    tokens = EpisodeStream(**phases[0].stream).text_tokens
    probes = GuideProbes(sizes.language.hidden_size, sizes.language.vocab_size, len(kinds_of(tokens)))
    progress = Progress()
    refuse_another(folder, noted)
    saved = checkpoint.latest(folder)
    if saved is None:
        # Projector and words as stage 0 left them; the output layer begins as the embeddings.
        start = load_tower(run, sizes)
        model.mm_projector.load_state_dict(start.projector.state_dict())
        model.language.model.embed_tokens.weight.data.copy_(start.embeddings)
        model.language.lm_head.weight.data.copy_(start.embeddings)
    else:
        state = checkpoint.load(saved, {"model": model}, optimiser, optional={"probes": probes})
        progress = Progress(**state["counters"]["progress"])
    log = RunLog(folder.parent, folder.name)

    def save() -> None:
        counters = {"progress": dataclasses.asdict(progress), **noted}
        modules = {"model": model, "probes": probes}
        checkpoint.save(folder, progress.total_tokens, modules, optimiser, counters, sizes.to_json())

    warmup = min(WARMUP_TOKENS, MOST_WARMUP * sum(phase.tokens for phase in phases))
    while progress.phase < len(phases):
        phase = phases[progress.phase]
        if progress.tokens < phase.tokens:
            train_phase(phase, warmup, model, probes, optimiser, banks(phase.bank), progress, log, save)
            save()  # asking takes minutes
        if held_out is not None:
            log.write(phase=phase.name, tokens=progress.total_tokens, held_out=held_out_shares(model, phase, held_out))
        progress.phase, progress.batches, progress.tokens = progress.phase + 1, 0, 0
        save()


def refuse_another(folder: Path, noted: dict[str, object]) -> None:
    """Raises ValueError where there are checkpoints of other phases: counted in these, nonsense would replace them."""
    if checkpoint.latest(folder) is None:
        return
    counters = checkpoint.read_counters(folder)
    got = {name: counters.get(name) for name in noted}
    if got != noted:
        raise ValueError(f"{folder}: expected a run of {noted}, got {got}; name another folder")


def train_phase(
    phase: Phase,
    warmup: float,
    model: LongLens,
    probes: GuideProbes,
    optimiser: MuonAdamW,
    bank: Bank,
    progress: Progress,
    log: RunLog,
    save: Callable[[], None],
) -> None:
    """One phase: fresh episodes until its tokens are spent. warmup: tokens over which the rate rises."""
    stream = EpisodeStream(**phase.stream, **bank.settings.stream_arguments())
    batches = stream.batches(start=progress.batches)
    tasks = TaskNumbers(stream.task_numbers(READING_TASKS), stream.task_numbers(END_TASKS))
    learner = Learner(model, probes, bank, Subject(phase.naming_weight, phase.guide_weight, stream.text_tokens, tasks))
    with Learners(learner) as learners:
        learn_phase(phase, warmup, learners, optimiser, batches, stream.task_names, progress, log, save)
    stream.close()


def learn_phase(
    phase: Phase,
    warmup: float,
    learners: Learners,
    optimiser: MuonAdamW,
    batches: Iterable[Episodes],
    task_names: list[str],
    progress: Progress,
    log: RunLog,
    save: Callable[[], None],
) -> None:
    """The steps of a phase."""
    model, probes = learners.model, learners.probes
    probes_optimiser = torch.optim.AdamW(probes.parameters(), lr=PROBES_RATE)
    window, counts = Window(), TaskCounts(task_names)
    last_save = time.monotonic()
    for batch in batches:
        optimiser.set_rate(rate(progress.tokens / phase.tokens, phase.rates, progress.warmed_tokens, warmup))
        learnt = learners.learn(batch)
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        probes_optimiser.step()
        probes_optimiser.zero_grad(set_to_none=True)
        most_score = limit_attention(model.language, [part.longest for _, part in learnt])
        for lesson, part in learnt:
            counts.add(lesson.batch, part.correct)
        window.add(len(batch.tokens), learnt, float(norm), most_score)
        progress.batches += 1
        progress.tokens += len(batch.tokens)
        progress.total_tokens += len(batch.tokens)
        progress.warmed_tokens += len(batch.tokens)
        if window.batches == phase.log_every:
            shares = counts.shares()
            log.write(phase=phase.name, tokens=progress.total_tokens, **window.means(), tasks=shares)
            window, counts = Window(), TaskCounts(task_names)
        if time.monotonic() - last_save > CHECKPOINT_SECONDS:
            save()
            last_save = time.monotonic()
        if progress.tokens >= phase.tokens:
            break


def held_out_shares(model: LongLens, phase: Phase, held_out: HeldOut) -> dict[str, float]:
    """Share of right replies by task, to what a phase asks, of pictures, fonts and questions that are never learnt from."""
    stream = EpisodeStream(**phase.stream, **held_out.bank.settings.stream_arguments(), split="val")
    return ask({"model": model}, stream, held_out.bank, held_out.questions)["model"].shares()


class Window:
    """Means since the last line of the log."""

    def __init__(self) -> None:
        self.batches, self._tokens, self._loss, self._norm = 0, 0, 0.0, 0.0
        self._measured: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self._started = time.monotonic()

    def add(self, tokens: int, learnt: list[tuple[Lesson, Learnt]], norm: float, most_score: float) -> None:
        """One batch and what was learnt of each part of it."""
        self.batches += 1
        self._tokens += tokens
        self._loss += sum(lesson.share * part.loss for lesson, part in learnt)
        self._norm += norm
        for lesson, part in learnt:
            if part.naming is not None:
                self._measured["naming"].append((lesson.share, part.naming))
            for name, value in part.guide.items():
                self._measured[name].append((lesson.place_share, value))
        self._measured["most score"].append((1.0, most_score))

    def means(self) -> dict[str, object]:
        """Loss per reply token, gradient norm, other losses and largest score of attention, speed."""
        seconds = time.monotonic() - self._started
        return {
            "loss": self._loss / self.batches,
            "gradient_norm": self._norm / self.batches,
            "attention": {name: weighted_mean(values) for name, values in sorted(self._measured.items())},
            "tokens_per_second": self._tokens / seconds,
            "batches_per_second": self.batches / seconds,
        }


def weighted_mean(values: list[tuple[float, float]]) -> float:
    """Of (weight, value)."""
    return sum(weight * value for weight, value in values) / sum(weight for weight, _ in values)


def main() -> None:
    """Command line."""
    restart_with_settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="full")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    train(arguments.run, arguments.recipe, ModelSizes())


if __name__ == "__main__":
    main()
