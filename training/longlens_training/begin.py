"""Begins a run with an exported checkpoint instead of nothing: the stages that it has behind it are not trained again.

`training.json` in the folder (written by export.py) says how many phases of which recipe it was trained with. A recipe
that has grown since goes on with its new phases; the optimiser starts anew.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

from torch import nn

from longlens_training import checkpoint, export
from longlens_training.sizes import ModelSizes
from longlens_training.train_language import LongLens, Progress


class Seen(nn.Module):
    """What trained_tower.load_tower reads, under the names of train_tower.Seeing; its read-outs are not exported."""

    def __init__(self, model: export.WholeModel) -> None:
        super().__init__()
        self.tower, self.mm_projector = model.tower, model.projector
        self.embed_tokens = model.language.model.embed_tokens


def begin_with(folder: Path, run: Path, recipe: str, sizes: ModelSizes) -> None:
    """Writes tower and language checkpoints of `run` as if it had trained them. Nothing happens where it has its own.

    Raises FileNotFoundError without a checkpoint, ValueError for one of another recipe or of other sizes.
    """
    if checkpoint.latest(run / "tower") is not None:
        return
    note = json.loads((folder / export.TRAINING_FILE).read_text(encoding="utf8"))
    whole = export.read_folder(folder)
    if note["recipe"] != recipe or whole.sizes != sizes:
        raise ValueError(f"{folder}: expected a model of recipe {recipe} and {sizes}, got {note['recipe']}, {whole.sizes}")
    model = LongLens(sizes)
    model.mm_projector.load_state_dict(whole.projector.state_dict())
    model.language.load_state_dict(whole.language.state_dict())
    progress = Progress(phase=note["phases"], total_tokens=note["tokens"])
    counters = {"progress": dataclasses.asdict(progress), "recipe": recipe}
    checkpoint.save(run / "language", progress.total_tokens, {"model": model}, None, counters, sizes.to_json())
    images = note["images"]
    checkpoint.save(run / "tower", images, {"model": Seen(whole)}, None, {"images": images}, sizes.to_json())
    # What was logged so far stays part of the run.
    for log in folder.glob("*.jsonl"):
        shutil.copyfile(log, run / log.name)
