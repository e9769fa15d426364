"""Begins a run with an exported checkpoint instead of nothing: what it has behind it is not trained again.

`training.json` in the folder (written by export.py) says how far which recipe had come. A recipe that has grown since
goes on with its new phases; the optimiser starts anew. A folder without a language model holds the tower only.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

from torch import Tensor

from longlens_training import checkpoint, export, safetensors_file
from longlens_training.sizes import ModelSizes
from longlens_training.longlens_model import LongLens
from longlens_training.recipe import RECIPES
from longlens_training.train_language import Progress


@dataclasses.dataclass(frozen=True)
class Weights:
    """Named weights that are saved like those of a module."""

    values: dict[str, Tensor]

    def state_dict(self) -> dict[str, Tensor]:
        """As nn.Module's."""
        return self.values


def begin_with(folder: Path, run: Path, recipe: str, sizes: ModelSizes) -> None:
    """Writes tower and language checkpoints of `run` as if it had trained them. Nothing happens where it has its own.

    Raises FileNotFoundError without a checkpoint, ValueError for one of another recipe, with more phases than it has, or
    of other sizes.
    """
    if checkpoint.latest(run / "tower") is not None:
        return
    note = json.loads((folder / export.TRAINING_FILE).read_text(encoding="utf8"))
    phases, known = note.get("phases", 0), len(RECIPES[recipe].phases)
    if note["recipe"] != recipe or phases > known:
        raise ValueError(f"{folder}: expected a model of recipe {recipe} with {known} phases, got {note['recipe']}, {phases}")
    if "tokens" in note:
        seeing = _begin_language(folder, run, recipe, sizes, note)
    else:
        seeing = safetensors_file.read(folder / export.SEEING_FILE)
    seeing |= {f"tower.{name}": value for name, value in export.read_tower(folder, sizes.tower).state_dict().items()}
    heads = safetensors_file.read(folder / export.HEADS_FILE)
    seeing |= {f"heads.{name}": value.float() for name, value in heads.items()}
    # What was logged so far stays part of the run.
    run.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.jsonl"):
        shutil.copyfile(log, run / log.name)
    # Last, for it says that all this has been done.
    counters = {"images": note["images"]}
    checkpoint.save(run / "tower", note["images"], {"model": Weights(seeing)}, None, counters, sizes.to_json())


def _begin_language(folder: Path, run: Path, recipe: str, sizes: ModelSizes, note: dict) -> dict[str, Tensor]:
    """Writes the language checkpoint; returns its projector and embeddings, as stage 0 names them."""
    whole = export.read_folder(folder)
    if whole.sizes != sizes:
        raise ValueError(f"{folder}: expected a model of {sizes}, got {whole.sizes}")
    model = LongLens(sizes)
    model.mm_projector.load_state_dict(whole.projector.state_dict())
    model.language.load_state_dict(whole.language.state_dict())
    progress = Progress(note["phases"], note.get("batches", 0), note.get("phase_tokens", 0), note["tokens"])
    counters = {"progress": dataclasses.asdict(progress), "recipe": recipe}
    checkpoint.save(run / "language", progress.total_tokens, {"model": model}, None, counters, sizes.to_json())
    seeing = {"embed_tokens.weight": whole.language.model.embed_tokens.weight.detach()}
    return seeing | {f"mm_projector.{name}": value for name, value in whole.projector.state_dict().items()}
