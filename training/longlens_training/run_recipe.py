"""Every stage of a recipe, one after the other; what is done already is not done again.

    python3 -m longlens_training.run_recipe --recipe full --run training/runs/tiny --out training/runs/tiny/checkpoint
"""

from __future__ import annotations

import argparse
from pathlib import Path

from longlens_training import encode_bank, export, train_language, train_tower
from longlens_training.begin import begin_with
from longlens_training.process_settings import restart_with_settings
from longlens_training.recipe import RECIPES
from longlens_training.sizes import ModelSizes
from longlens_training.threads import set_threads


def run_recipe(name: str, run: Path, out: Path, start: Path | None) -> None:
    """From wherever the run stands to the exported checkpoint folder. start: a checkpoint to begin with (begin.py).

    Raises ValueError where the run is one of another recipe.
    """
    recipe, sizes = RECIPES[name], ModelSizes()
    if start is not None:
        begin_with(start, run, name, sizes)
    train_language.refuse_another(run / "language", {"recipe": name})
    train_tower.train(run, recipe.tower, sizes, export.TOKENIZER)
    for bank, settings in recipe.banks_from(train_language.phases_done(run)).items():
        encode_bank.encode(run, settings, sizes, export.TOKENIZER, run / bank)
    encode_bank.encode(run, recipe.held_out, sizes, export.TOKENIZER, run / train_language.HELD_OUT_BANK)
    train_language.train(run, name, sizes)
    export.write_folder(out, export.from_run(run), export.TOKENIZER)
    export.write_training_note(out, run)


def main() -> None:
    """Command line."""
    restart_with_settings()
    parser = argparse.ArgumentParser(description="Train the bundled model from nothing, or go on where a run stopped.")
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="full")
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints, bank and logs")
    parser.add_argument("--out", type=Path, required=True, help="folder for the exported checkpoint")
    parser.add_argument("--start", type=Path, help="exported checkpoint to begin with, instead of nothing")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    run_recipe(arguments.recipe, arguments.run, arguments.out, arguments.start)


if __name__ == "__main__":
    main()
