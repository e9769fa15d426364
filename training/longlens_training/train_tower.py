"""Stage 0: teach the vision tower to see the drawn world, and the projector to name it.

The stand-in for CLIP's pretraining: dense targets (perception.py) on freshly drawn frames, no frame twice.

    python3 -m longlens_training.train_tower --run training/runs/tiny
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn

from longlens_training import checkpoint
from longlens_training.clip_tower import ClipTower
from longlens_training.muon import make_optimiser
from longlens_training.perception import PerceptionHeads, TargetCounts, naming_loss, pool
from longlens_training.process_settings import restart_with_settings
from longlens_training.projector import Projector
from longlens_training.run_log import RunLog
from longlens_training.sizes import ModelSizes
from longlens_training.streams import DrawStream, Frames
from longlens_training.threads import set_threads
from longlens_training.whitening import start_whitened


WHITENING_FRAMES = 512

#: Share of the stage over which the rate rises to its peak.
WARMUP = 0.01

#: Weight of pooled letters and whole words at the very beginning.
TEXT_AT_FIRST = 0.1


@dataclasses.dataclass(frozen=True)
class Course:
    """Part of the stage: kind and variety of the drawn frames, up to a share of its images."""

    kind: str
    variety: float
    until: float
    #: Factors on the peak rates at the beginning and the end, a straight line between them.
    rates: tuple[float, float]


#: Full frames in few drawings and fonts first (LOG.md has what each kind of frame teaches in the same time). The rate
#: falls almost from the start: at its peak the noise of the steps hides what is learnt.
COURSES = (
    Course("primer", 0.34, 0.037, (1.0, 1.0)),
    Course("primer", 1.0, 0.224, (1.0, 0.75)),
    Course("mixed", 1.0, 0.746, (0.75, 0.3)),
    # Digits stay behind letters to the end of the course before (LOG.md).
    Course("figures", 1.0, 1.0, (0.3, 0.01)),
)


@dataclasses.dataclass(frozen=True)
class TowerSettings:
    """Everything that decides the result of the stage."""

    images: int = 750_000
    courses: tuple[Course, ...] = COURSES
    #: Share of the stage after which pooled letters and whole words weigh fully; before, their losses are mostly noise.
    text_full_after: float = 0.2
    batch: int = 32
    muon_rate: float = 4e-3
    adamw_rate: float = 1e-3
    naming_weight: float = 1.0
    seed: int = 1
    validate_every: int = 10_000
    validation_images: int = 512
    checkpoint_seconds: float = 300.0


def course_rate(courses: tuple[Course, ...], done: float) -> float:
    """Factor on the peak rates when `done` (0...1) of the stage is behind."""
    begin = 0.0
    for course in courses:
        if done < course.until:
            first, last = course.rates
            share = (done - begin) / (course.until - begin)
            return min(1.0, max(done / WARMUP, 1e-3)) * (first + (last - first) * share)
        begin = course.until
    return courses[-1].rates[1]


class Seeing(nn.Module):
    """Tower, projector, word embeddings and read-outs: what is trained together in this stage."""

    def __init__(self, sizes: ModelSizes, counts: TargetCounts) -> None:
        super().__init__()
        width, language_width = sizes.tower.hidden_size, sizes.language.hidden_size
        self.tower = ClipTower(sizes.tower)
        self.mm_projector = Projector(width, language_width)
        self.embed_tokens = nn.Embedding(sizes.language.vocab_size, language_width)
        nn.init.normal_(self.embed_tokens.weight, std=language_width**-0.5)
        self.heads = PerceptionHeads(width, counts)

    def losses(self, batch: Frames, naming_weight: float, text: float = 1.0) -> tuple[torch.Tensor, dict[str, float]]:
        """One batch of the draw stream -> loss, measures. text: see PerceptionHeads."""
        patches = self.tower.patches(batch.pixels)
        dense, measures = self.heads(patches, batch.cells, batch.pictures, text)
        names = naming_loss(self.mm_projector(pool(patches)), self.embed_tokens.weight, batch.names)
        measures |= {"dense_loss": dense.item(), "naming_loss": names.item()}
        return dense + naming_weight * names, measures


def train(run: Path, settings: TowerSettings, sizes: ModelSizes, vocabulary: Path) -> Seeing:
    """Trains up to settings.images, from the newest checkpoint of the run if there is one."""
    torch.manual_seed(settings.seed)
    streams = [drawn(settings, vocabulary, course.kind, course.variety) for course in settings.courses]
    counts = streams[0].counts
    model = Seeing(sizes, counts)
    optimiser = make_optimiser(model.named_parameters(), settings.muon_rate, settings.adamw_rate)
    log = RunLog(run, "tower")
    done = 0
    saved = checkpoint.latest(run / "tower")
    if saved is None:
        first = streams[1].batches(start=0, count=WHITENING_FRAMES)
        start_whitened(model.tower, torch.cat([batch.pixels for batch in first]))
    else:
        done = checkpoint.load(saved, {"model": model}, optimiser)["counters"]["images"]
    last_save = time.monotonic()

    def save() -> None:
        counters = {"images": done, "settings": dataclasses.asdict(settings), "counts": dataclasses.asdict(counts)}
        checkpoint.save(run / "tower", done, {"model": model}, optimiser, counters, sizes.to_json())

    window: list[dict[str, float]] = []
    window_started, validating = time.monotonic(), 0.0
    for batch in course_frames(streams, settings, done):
        optimiser.set_rate(course_rate(settings.courses, done / settings.images))
        text = min(1.0, TEXT_AT_FIRST + done / (settings.text_full_after * settings.images))
        loss, measures = model.losses(batch, settings.naming_weight, text)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        before, done = done, done + len(batch.pixels)
        window.append(measures)
        if len(window) == 100:
            speed = 100 * settings.batch / (time.monotonic() - window_started - validating)
            log.write(images=done, images_per_second=speed, **mean(window))
            window, window_started, validating = [], time.monotonic(), 0.0
        if before // settings.validate_every != done // settings.validate_every:
            began = time.monotonic()
            log.write(images=done, held_out=validate(model, settings, vocabulary))
            validating += time.monotonic() - began
        if time.monotonic() - last_save > settings.checkpoint_seconds:
            save()
            last_save = time.monotonic()
    save()
    return model


def course_frames(streams: list[DrawStream], settings: TowerSettings, done: int) -> Iterator[Frames]:
    """The batches of all courses, one after the other, without the first `done` frames."""
    begin = 0
    for stream, course in zip(streams, settings.courses):
        end = int(settings.images * course.until)
        if done < end:
            first = max(done, begin)
            yield from stream.batches(start=first, count=end - first)
        begin = end


def drawn(settings: TowerSettings, vocabulary: Path, kind: str, variety: float) -> DrawStream:
    """Frames to learn from."""
    return DrawStream(kind, "train", settings.seed, settings.batch, vocabulary, variety)


@torch.no_grad()
def validate(model: Seeing, settings: TowerSettings, vocabulary: Path) -> dict[str, float]:
    """Measures on frames with fonts, drawings and photographs that training never shows."""
    stream = DrawStream(kind="mixed", split="test", seed=settings.seed + 1000, batch=64, vocabulary=vocabulary)
    batches = stream.batches(start=0, count=settings.validation_images)
    return mean([model.losses(batch, settings.naming_weight)[1] for batch in batches])


def mean(measures: list[dict[str, float]]) -> dict[str, float]:
    """Key by key."""
    return {key: sum(each[key] for each in measures) / len(measures) for key in measures[0]}


def main() -> None:
    """Command line."""
    restart_with_settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--images", type=int, default=TowerSettings.images)
    parser.add_argument("--vocabulary", type=Path, default=Path("training/tokenizer/tokenizer.model"))
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    train(arguments.run, TowerSettings(images=arguments.images), ModelSizes(), arguments.vocabulary)


if __name__ == "__main__":
    main()
