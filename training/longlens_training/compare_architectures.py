"""Hybrid, attention only, Mamba only: three models of one size on the same episodes, then asked and measured alike.

    python3 -m longlens_training.compare_architectures --run training/runs/full

Needs the tower of that run (run_recipe), and encodes what its bank lacks. Everything lies in `<run>/compare/`: `bank`
for the held-out episodes, and for each model `<architecture>/language` (checkpoints), `language.jsonl`, `evaluation.json` and
`reading.json`; scripts/architecture-comparison.mjs makes the report of them. What is done already is not done again.

All three are asked and measured here (asking.py) and not in the program's engine: llama.cpp's `jamba` takes hybrids only
(docs/decisions.md).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from longlens_training import checkpoint, encode_bank
from longlens_training.asking import ask
from longlens_training.comparison import COMPARISONS, AskedPart, Comparison
from longlens_training.encode_bank import Bank
from longlens_training.export import TOKENIZER
from longlens_training.longlens_model import LongLens
from longlens_training.process_settings import restart_with_settings
from longlens_training.reading_cost import machine, reading_cost
from longlens_training.recipe import RECIPES, Phase
from longlens_training.run_log import rounded
from longlens_training.sizes import ARCHITECTURES, ModelSizes
from longlens_training.streams import EpisodeStream
from longlens_training.threads import set_threads
from longlens_training.train_language import train_phases


def compare(run: Path, name: str) -> None:
    """From wherever the comparison stands to its last figure."""
    comparison, folder = COMPARISONS[name], run / "compare"
    # A run that began with a checkpoint may have had no need of it.
    encode_bank.encode(run, RECIPES[name].banks[Phase.bank], ModelSizes(), TOKENIZER)
    bank = Bank.load(run / Phase.bank, ModelSizes())
    for architecture in ARCHITECTURES:
        noted = {"comparison": name, "architecture": architecture}
        train_phases(comparison.phases, run, folder / architecture / "language", lambda _: bank, sizes_of(architecture), noted)
    encode_bank.encode(run, comparison.held_out, ModelSizes(), TOKENIZER, folder / "bank")
    held_out = Bank.load(folder / "bank", ModelSizes())
    models = {architecture: trained(folder / architecture / "language", architecture) for architecture in ARCHITECTURES}
    evaluate(models, comparison, held_out, folder)
    measure_reading(models, comparison, held_out, folder)


def sizes_of(architecture: str) -> ModelSizes:
    """The tower's are those of every model."""
    return ModelSizes(language=ARCHITECTURES[architecture])


def trained(folder: Path, architecture: str) -> LongLens:
    """The newest model of a folder of checkpoints. Raises FileNotFoundError without one."""
    file = checkpoint.latest(folder)
    if file is None:
        raise FileNotFoundError(f"a trained model: expected a checkpoint in {folder}, found none")
    model = LongLens(sizes_of(architecture))
    checkpoint.load(file, {"model": model}, restore_random=False)
    return model


def evaluate(models: dict[str, LongLens], comparison: Comparison, bank: Bank, folder: Path) -> None:
    """Asks every model the same questions, part by part, into `<architecture>/evaluation.json`."""
    results = {
        architecture: read_json(folder / architecture / "evaluation.json") or description(architecture, model, comparison)
        for architecture, model in models.items()
    }
    for part in comparison.asked:
        if all(part.name in result["parts"] for result in results.values()):
            continue
        for architecture, tasks in ask_part(part, models, bank).items():
            results[architecture]["parts"][part.name] = {"frames": part.frames, "tasks": tasks}
            write_json(folder / architecture / "evaluation.json", results[architecture])
            right, asked = (sum(counts[index] for counts in tasks.values()) for index in (0, 1))
            print(json.dumps({"asked": part.name, "architecture": architecture, "right": right, "of": asked}), flush=True)


def description(architecture: str, model: LongLens, comparison: Comparison) -> dict:
    """What the report says about a model, before anything is asked."""
    return {
        "architecture": architecture,
        "parameters": sum(parameter.numel() for parameter in model.language.parameters()),
        "sizes": dataclasses.asdict(ARCHITECTURES[architecture]),
        "trained_tokens": sum(phase.tokens for phase in comparison.phases),
        "trained_frames": comparison.trained_frames,
        "parts": {},
    }


def ask_part(part: AskedPart, models: dict[str, LongLens], bank: Bank) -> dict[str, dict[str, tuple[int, int]]]:
    """Replies right and asked, by architecture and task."""
    stream = EpisodeStream(**part.stream, **bank.settings.stream_arguments(), split="val")
    return {
        architecture: {task: (count.right[task], asked) for task, asked in sorted(count.asked.items())}
        for architecture, count in ask(models, stream, bank, part.questions).items()
    }


def measure_reading(models: dict[str, LongLens], comparison: Comparison, bank: Bank, folder: Path) -> None:
    """Speed and memory by length, into `<architecture>/reading.json`; the models take turns at every length."""
    if all((folder / architecture / "reading.json").exists() for architecture in models):
        return
    features = bank.features[: min(len(bank.features), 256)]
    results = {architecture: {"machine": machine(), "lengths": []} for architecture in models}
    for model in models.values():
        reading_cost(model, features, frames=1)  # builds kernels and starts threads
    for frames in comparison.read_frames:
        for architecture, model in models.items():
            cost = reading_cost(model, features, frames)
            results[architecture]["lengths"].append(rounded(cost))
            print(json.dumps({"read": architecture, **rounded(cost)}), flush=True)
    for architecture, result in results.items():
        write_json(folder / architecture / "reading.json", result)


def read_json(file: Path) -> dict | None:
    """None where there is no such file."""
    return json.loads(file.read_text(encoding="utf8")) if file.exists() else None


def write_json(file: Path, values: dict) -> None:
    """Whole or not at all."""
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(values, indent=1) + "\n", encoding="utf8")
    partial.replace(file)


def main() -> None:
    """Command line."""
    restart_with_settings()
    parser = argparse.ArgumentParser(description="Compare hybrid, attention only and Mamba only, or go on where it stopped.")
    parser.add_argument("--run", type=Path, required=True, help="folder of a run with a finished tower")
    parser.add_argument("--recipe", choices=sorted(COMPARISONS), default="full")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    compare(arguments.run, arguments.recipe)


if __name__ == "__main__":
    main()
