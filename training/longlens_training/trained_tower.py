"""What stage 0 leaves to the later stages: tower, projector and word embeddings of a run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from longlens_training import checkpoint
from longlens_training.clip_tower import ClipTower
from longlens_training.projector import Projector
from longlens_training.sizes import ModelSizes


@dataclasses.dataclass(frozen=True)
class TrainedTower:
    """embeddings: [V, h] float32."""

    tower: ClipTower
    projector: Projector
    embeddings: torch.Tensor


def load_tower(run: Path, sizes: ModelSizes) -> TrainedTower:
    """From the newest checkpoint of stage 0. Raises FileNotFoundError when there is none."""
    weights = _load_weights(run)
    tower = ClipTower(sizes.tower)
    tower.load_state_dict(part(weights, "tower."))
    projector = Projector(sizes.tower.hidden_size, sizes.language.hidden_size)
    projector.load_state_dict(part(weights, "mm_projector."))
    return TrainedTower(tower, projector, weights["embed_tokens.weight"])


def load_heads(run: Path) -> dict[str, torch.Tensor]:
    """The read-outs (perception.PerceptionHeads) of the same checkpoint."""
    return part(_load_weights(run), "heads.")


def _load_weights(run: Path) -> dict[str, torch.Tensor]:
    file = checkpoint.latest(run / "tower")
    if file is None:
        raise FileNotFoundError(f"a trained tower: expected a checkpoint in {run}, found none; run train_tower first")
    return torch.load(file, map_location="cpu")["modules"]["model"]


def part(weights: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """The weights of one module, without its prefix."""
    return {name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)}
