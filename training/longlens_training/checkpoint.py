"""Saving and resuming a run: models, optimiser, counters and random states in one file.

A file is written under a temporary name, flushed to disk and renamed, so that a run killed at any moment leaves whole
checkpoints only, and at most a part of one that the next to be saved removes. The last two are kept.
"""

from __future__ import annotations

import os
import pathlib
import random
import re
from collections.abc import Mapping
from typing import Any, Protocol

import numpy
import torch

KEPT = 2
_NAME = re.compile(r"checkpoint-(\d{9})\.pt$")


def _files(folder: pathlib.Path) -> list[pathlib.Path]:
    """Whole checkpoints of the folder, oldest first."""
    return sorted(file for file in folder.glob("checkpoint-*.pt") if _NAME.search(file.name))


class HasWeights(Protocol):
    """A module, or what is saved like one."""

    def state_dict(self) -> Mapping[str, torch.Tensor]: ...  # noqa: D102


def save(folder: pathlib.Path, step: int, modules: Mapping[str, HasWeights],
         optimiser: torch.optim.Optimizer | None, counters: Mapping[str, Any], sizes: Mapping[str, Any]) -> pathlib.Path:
    """Writes `checkpoint-<step>.pt`. counters: plain values; sizes: the config, saved beside the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        "step": step,
        "sizes": dict(sizes),
        "counters": dict(counters),
        "modules": {name: module.state_dict() for name, module in modules.items()},
        "optimiser": None if optimiser is None else optimiser.state_dict(),
        "random": {"python": random.getstate(), "numpy": numpy.random.get_state(), "torch": torch.get_rng_state()},
    }
    for stale in folder.glob("checkpoint-*.partial"):
        stale.unlink()  # of a process that was killed: a folder has one writer
    target = folder / f"checkpoint-{step:09d}.pt"
    partial = target.with_suffix(f".{os.getpid()}.partial")
    try:
        with open(partial, "wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    for old in _files(folder)[:-KEPT]:
        old.unlink()
    return target


def latest(folder: pathlib.Path) -> pathlib.Path | None:
    """The newest checkpoint of the folder; None when there is none."""
    files = _files(folder)
    return files[-1] if files else None


def read_counters(folder: pathlib.Path) -> dict[str, Any]:
    """The counters of the newest checkpoint of the folder. Raises FileNotFoundError when there is none."""
    file = latest(folder)
    if file is None:
        raise FileNotFoundError(f"a checkpoint: expected one in {folder}, found none")
    return torch.load(file, map_location="cpu")["counters"]


def load(file: pathlib.Path, modules: Mapping[str, torch.nn.Module], optimiser: torch.optim.Optimizer | None = None,
         restore_random: bool = True, optional: Mapping[str, torch.nn.Module] | None = None) -> dict[str, Any]:
    """Restores what `save` wrote; returns {"step", "sizes", "counters"}. Only the named modules are read.

    An optimiser that was not saved stays as new as it is, and so does an optional module or a part of it.

    Raises KeyError for a module the file does not hold, RuntimeError for another shape.
    """
    state = torch.load(file, map_location="cpu")
    for name, module in modules.items():
        module.load_state_dict(state["modules"][name])
    for name, module in (optional or {}).items():
        if name in state["modules"]:
            module.load_state_dict(state["modules"][name], strict=False)
    if optimiser is not None and state["optimiser"] is not None:
        rates = [(group["base_lr"], group["weight_decay"]) for group in optimiser.param_groups]
        optimiser.load_state_dict(state["optimiser"])
        # What this run was started with, should the recipe have changed since.
        for group, (base_lr, weight_decay) in zip(optimiser.param_groups, rates):
            group["base_lr"], group["weight_decay"] = base_lr, weight_decay
    if restore_random:
        random.setstate(state["random"]["python"])
        numpy.random.set_state(state["random"]["numpy"])
        torch.set_rng_state(state["random"]["torch"])
    return {key: state[key] for key in ("step", "sizes", "counters")}
