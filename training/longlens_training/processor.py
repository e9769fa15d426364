"""What the processor knows. Imports nothing heavy: settings are chosen by it before PyTorch is there."""

from __future__ import annotations

import functools


@functools.lru_cache(maxsize=None)
def processor_flags() -> frozenset[str]:
    """Its instruction sets by Linux's names ("avx512bw"); empty where /proc/cpuinfo lists none."""
    with open("/proc/cpuinfo", encoding="utf8") as lines:
        return next((frozenset(line.split()) for line in lines if line.startswith("flags")), frozenset())
