"""Builds the C++ kernels of `native/` with g++ once and loads them.

Plain C functions over raw pointers: a build takes seconds and needs no headers of PyTorch. The library is named after
a hash of its sources, flags and processor, and is renamed into place, so that processes starting together cannot
load a half-written one. `LONGLENS_TRAINING_BUILD` names another folder than `build/training` of the repository.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import pathlib
import platform
import subprocess
import tempfile

import torch
from torch import Tensor

from longlens_training.processor import processor_flags

SOURCES = pathlib.Path(__file__).parent / "native"
FLAGS = [
    "-std=c++17",
    "-O3",
    "-march=native",
    "-ffp-contract=fast",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fopenmp",
    "-shared",
    "-fPIC",
    "-Wall",
    "-Wextra",
    "-Wno-maybe-uninitialized",  # GCC 12 reports its own AVX-512 headers
]
SUFFIXES = {torch.float32: "f32", torch.bfloat16: "bf16"}
#: Widths that the kernels take are multiples of it (`width_step` of native/lanes.h).
WIDTH_STEP = 16


def build_folder() -> pathlib.Path:
    """Where built kernels are kept; never committed."""
    named = os.environ.get("LONGLENS_TRAINING_BUILD")
    return pathlib.Path(named) if named else pathlib.Path(__file__).parents[2] / "build" / "training"


@functools.lru_cache(maxsize=None)
def load() -> ctypes.CDLL:
    """The kernels. Raises RuntimeError with g++'s own words when they cannot be built."""
    sources = sorted(SOURCES.glob("*.cpp"))
    digest = hashlib.sha256(" ".join([*FLAGS, platform.machine(), *sorted(processor_flags())]).encode())
    for file in [*sources, *sorted(SOURCES.glob("*.h"))]:
        digest.update(file.read_bytes())
    target = build_folder() / f"kernels-{digest.hexdigest()[:16]}.so"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            built = os.path.join(folder, "kernels.so")
            command = ["g++", *FLAGS, *map(str, sources), "-o", built]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if result.returncode != 0:
                raise RuntimeError(f"building the training kernels failed:\n{result.stderr}")
            os.replace(built, target)
    return ctypes.CDLL(str(target))


def pointer(tensor: Tensor | None) -> ctypes.c_void_p:
    """Address of the first element; null for None."""
    return ctypes.c_void_p(None if tensor is None else tensor.data_ptr())


def call(name: str, dtype: torch.dtype, *arguments) -> None:
    """Calls the kernel `name` for numbers of `dtype`: tensors by their address, whole numbers as int64, others as float."""
    converted = [_argument(value) for value in arguments]
    getattr(load(), f"{name}_{SUFFIXES[dtype]}")(*converted)


def _argument(value):
    if value is None or isinstance(value, Tensor):
        return pointer(value)
    if isinstance(value, int):
        return ctypes.c_int64(value)
    return ctypes.c_float(value) if isinstance(value, float) else value


def checked(name: str, tensor: Tensor, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """`tensor` with its last dimension contiguous. Raises when shape or type differ."""
    if tuple(tensor.shape) != shape or tensor.dtype != dtype:
        raise ValueError(f"{name}: expected {dtype} {list(shape)}, got {tensor.dtype} {list(tensor.shape)}")
    return tensor if tensor.stride(-1) == 1 else tensor.contiguous()


def sequence_starts(lengths: list[int], n_tokens: int) -> Tensor:
    """[S + 1] int64: where each packed sequence begins, and the end. Raises when the lengths do not fill the tokens."""
    starts = torch.tensor([0, *lengths]).cumsum(0)
    if int(starts[-1]) != n_tokens or min(lengths) < 1:
        raise ValueError(f"lengths: expected positive numbers with sum {n_tokens}, got {lengths}")
    return starts
