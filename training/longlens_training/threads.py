"""How many threads this process computes with."""

from __future__ import annotations

import ctypes
import functools

import torch


@functools.lru_cache(maxsize=None)
def _openblas() -> ctypes.CDLL | None:
    """The library of PyTorch's matrix products; None where that is not OpenBLAS, whose threads PyTorch does not set."""
    try:
        library = ctypes.CDLL("libblas.so.3")
    except OSError:
        return None
    return library if hasattr(library, "openblas_set_num_threads") else None


def set_threads(count: int) -> None:
    """Threads of operations, of our kernels and of matrix products."""
    torch.set_num_threads(count)
    library = _openblas()
    if library is not None:
        library.openblas_set_num_threads(count)
