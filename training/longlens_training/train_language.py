"""Stages 1 to 3: alignment, single pictures, many pictures with growing length and replay (paper, section 3.3).

    python3 -m longlens_training.train_language --run training/runs/tiny --recipe full

The tower stays frozen: pictures are rows of the bank. A stage is a list of phases (recipe.py); each phase streams fresh
episodes until its tokens are spent or its tasks are learnt. Accuracy is counted on the batches themselves, before
they are learnt from: a reply counts as right when every one of its tokens is the model's first choice, which is what
greedy generation would have produced.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections import defaultdict
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from longlens_training.checkpoint import load_checkpoint, save_checkpoint
from longlens_training.encode_bank import Bank
from longlens_training.jamba import Jamba
from longlens_training.muon import Muon
from longlens_training.perception import naming_loss
from longlens_training.projector import Projector
from longlens_training.recipe import RECIPES, Phase
from longlens_training.run_log import RunLog
from longlens_training.schedule import rate
from longlens_training.sizes import ModelSizes
from longlens_training.streams import Episodes, EpisodeStream


class LongLens(nn.Module):
    """Projector and language model, as one thing to train."""

    def __init__(self, sizes: ModelSizes) -> None:
        super().__init__()
        self.projector = Projector(sizes.tower.hidden_size, sizes.language.hidden_size)
        self.language = Jamba(sizes.language)

    def forward(self, batch: Episodes, bank: Bank) -> tuple[Tensor, Tensor, Tensor]:
        """-> logits [m, V] of the m tokens to predict, their targets [m], projected pictures [p, C, h]."""
        embedded = self.language.embed(batch.tokens.clamp(min=0))  # [b, t, h]
        projected = self.projector(bank.features[batch.pictures].float())
        is_picture = batch.tokens == -1
        embedded = embedded.masked_scatter(is_picture.unsqueeze(-1), projected.to(embedded.dtype))
        hidden = self.language.hidden(embedded)
        wanted = batch.loss_mask[:, 1:]
        return self.language.logits(hidden[:, :-1][wanted]), batch.tokens[:, 1:][wanted], projected


class TaskCounts:
    """Replies right and asked, by task."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self.right: dict[str, int] = defaultdict(int)
        self.asked: dict[str, int] = defaultdict(int)

    def add(self, batch: Episodes, correct: Tensor) -> None:
        """correct: [m] for the predicted tokens in order."""
        full = torch.ones_like(batch.loss_mask)
        full[:, 1:][batch.loss_mask[:, 1:]] = correct
        for sequence, task, start, end in batch.spans:
            name = self._names[task]
            self.asked[name] += 1
            self.right[name] += int(full[sequence, start:end].all())

    def shares(self) -> dict[str, float]:
        """Share of right replies of each task that was asked."""
        return {name: self.right[name] / count for name, count in sorted(self.asked.items())}


@dataclasses.dataclass
class Progress:
    """Where a run stands; saved with every checkpoint."""

    phase: int = 0
    batches: int = 0
    tokens: int = 0
    total_tokens: int = 0


def train(run: Path, recipe: str, sizes: ModelSizes, name: str = "language", threads: int = 2) -> None:
    """Runs all phases of a recipe, from the newest checkpoint if there is one."""
    torch.manual_seed(1)
    torch.set_num_threads(threads)
    phases = RECIPES[recipe]
    bank = Bank.load(run / "bank", sizes)
    model = LongLens(sizes)
    optimizer = Muon.for_model(model, muon_rate=0.01, adam_rate=1.5e-3)
    progress = Progress()
    saved = load_checkpoint(run, name)
    if saved is None:
        start_from_tower(model, run)
    else:
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        progress = Progress(**saved["progress"])
    log = RunLog(run, name)

    def save() -> None:
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "progress": dataclasses.asdict(progress)}
        save_checkpoint(run, name, state | {"sizes": sizes.to_json(), "recipe": recipe})

    while progress.phase < len(phases):
        train_phase(phases[progress.phase], model, optimizer, bank, progress, log, save)
        progress.phase, progress.batches, progress.tokens = progress.phase + 1, 0, 0
        save()


def start_from_tower(model: LongLens, run: Path) -> None:
    """Projector and word embeddings as the tower's stage left them; the output layer begins as the embeddings."""
    saved = load_checkpoint(run, "tower")
    if saved is None:
        raise FileNotFoundError(f"a trained tower: expected a checkpoint in {run}, found none; run train_tower first")
    weights = saved["model"]
    model.projector.load_state_dict(
        {key[len("projector.") :]: value for key, value in weights.items() if key.startswith("projector.")}
    )
    embeddings = weights["embed_tokens.weight"]
    model.language.start_embeddings(embeddings)


def train_phase(phase: Phase, model: LongLens, optimizer: Muon, bank: Bank, progress: Progress, log: RunLog, save) -> None:
    """One phase: fresh episodes until the tokens are spent or the tasks of `until` are learnt."""
    stream = EpisodeStream(**phase.stream)
    window, counts = Window(), TaskCounts(stream.task_names)
    last_save = time.monotonic()
    for batch in stream.batches(start=progress.batches):
        factor = phase.rate * (rate(progress.tokens / phase.tokens, decay=0.6) if phase.decays else 1.0)
        optimizer.set_rate(factor * min(1.0, (progress.total_tokens + 1) / 300_000))
        logits, targets, projected = model(batch, bank)
        loss = functional.cross_entropy(logits, targets)
        total = loss
        if phase.naming_weight > 0:
            names = bank.names[batch.pictures].long()
            total = total + phase.naming_weight * naming_loss(projected.float(), model.language.embedding_weight, names)
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        counts.add(batch, logits.detach().argmax(-1) == targets)
        window.add(batch.n_tokens, loss.item(), float(norm))
        progress.batches += 1
        progress.tokens += batch.n_tokens
        progress.total_tokens += batch.n_tokens
        if window.batches == phase.log_every:
            shares = counts.shares()
            log.write(phase=phase.name, tokens=progress.total_tokens, **window.means(), tasks=shares)
            learnt = len(phase.until) > 0 and all(shares.get(task, 0) >= share for task, share in phase.until.items())
            window, counts = Window(), TaskCounts(stream.task_names)
            if learnt and progress.tokens >= phase.least_tokens:
                break
        if time.monotonic() - last_save > 300:
            save()
            last_save = time.monotonic()
        if progress.tokens >= phase.tokens:
            break
    stream.close()


class Window:
    """Means since the last line of the log."""

    def __init__(self) -> None:
        self.batches, self._tokens, self._loss, self._norm = 0, 0, 0.0, 0.0
        self._started = time.monotonic()

    def add(self, tokens: int, loss: float, norm: float) -> None:
        """One batch."""
        self.batches += 1
        self._tokens += tokens
        self._loss += loss
        self._norm += norm

    def means(self) -> dict[str, float]:
        """Loss per reply token, gradient norm, speed."""
        seconds = time.monotonic() - self._started
        return {
            "loss": self._loss / self.batches,
            "gradient_norm": self._norm / self.batches,
            "tokens_per_second": self._tokens / seconds,
            "batches_per_second": self.batches / seconds,
        }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="full")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    train(arguments.run, arguments.recipe, ModelSizes(), threads=arguments.threads)


if __name__ == "__main__":
    main()
