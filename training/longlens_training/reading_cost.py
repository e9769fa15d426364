"""What reading costs the language model: speed, the state that questions branch from, and the peak of memory.

A frame is as in a video: the words of its timecode and its 25 projected cells. It is read as the engine reads it, in
pieces of about 512 positions that carry the state on; the tower, the same in every model that is compared, is left out.
"""

from __future__ import annotations

import ctypes
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from longlens_training.jamba import LayerState
from longlens_training.longlens_model import LongLens

FRAMES_OF_PIECE = 17
WORDS_OF_FRAME = 5
#: Any word: what a position costs does not depend on what it says.
WORD = 14
#: A reading that takes less is repeated, and the fastest counts.
SHORT_SECONDS = 5.0
REPEATS = 3


def read(model: LongLens, features: Tensor, frames: int) -> list[LayerState]:
    """features: [n, C, w] of the bank, used over and over -> the states after `frames` frames."""
    states = model.language.new_states()
    words = model.language.embed(torch.full((WORDS_OF_FRAME,), WORD))  # [5, h]
    for first in range(0, frames, FRAMES_OF_PIECE):
        rows = torch.arange(first, min(frames, first + FRAMES_OF_PIECE)) % len(features)
        projected = model.mm_projector(features[rows])  # [f, C, h]
        piece = torch.cat([words.expand(len(rows), -1, -1), projected], dim=1).flatten(0, 1)
        model.language.hidden(piece, [len(piece)], states)
    return states


def state_bytes(states: list[LayerState]) -> dict[str, int]:
    """Keys and values of the attention layers, and the recurrent states of the Mamba layers."""

    def total(tensors: list[Tensor | None]) -> int:
        return sum(x.numel() * x.element_size() for x in tensors if x is not None)

    return {
        "key_value_bytes": total([x for state in states for x in (state.keys, state.values)]),
        "recurrent_bytes": total([x for state in states for x in (state.conv, state.scan)]),
    }


@torch.no_grad()
def reading_cost(model: LongLens, features: Tensor, frames: int) -> dict[str, float]:
    """Speed, state and peak memory of reading a video of `frames` frames."""
    states, peak = with_peak(lambda: read(model, features, frames))
    seconds = fastest(lambda: read(model, features, frames))
    tokens = frames * (WORDS_OF_FRAME + features.shape[1])
    return {
        "frames": frames,
        "tokens": tokens,
        "seconds": seconds,
        "tokens_per_second": tokens / seconds,
        "frames_per_second": frames / seconds,
        **state_bytes(states),
        "peak_bytes": peak,
    }


def fastest(work: Callable[[], object]) -> float:
    """Seconds; other programs only ever make it slower."""
    best = float("inf")
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
        if best > SHORT_SECONDS:
            break
    return best


def with_peak(work: Callable[[], list[LayerState]]) -> tuple[list[LayerState], int]:
    """The result, and by how many bytes the process grew at most meanwhile (Linux)."""
    # Pages that malloc keeps for later would hide what the work needs.
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = resident_bytes("VmRSS")
    result = work()
    return result, max(0, resident_bytes("VmHWM") - before)


def resident_bytes(field: str) -> int:
    """VmRSS, what the process holds now, or VmHWM, the most it held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    match = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
    if match is None:
        raise OSError(f"expected {field} in /proc/self/status")
    return 1024 * int(match[1])


def machine() -> dict[str, object]:
    """Where figures come from. A load above the number of threads means that they are worth little."""
    match = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf8"), re.MULTILINE)
    return {
        "processor": match[1] if match else "unknown",
        "threads": torch.get_num_threads(),
        "load": round(os.getloadavg()[0], 2),
        "date": time.strftime("%Y-%m-%d"),
    }
