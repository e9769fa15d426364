"""Learning rates: a warm-up at the beginning of a run, then straight lines from phase to phase."""

from __future__ import annotations


def rate(done: float, rates: tuple[float, float], all_done: float, warmup: float) -> float:
    """Factor above 0 on the peak rate.

    done: share of the phase that is behind, 0...1 (a little more at its end); rates: its factors at beginning and end.
    all_done: tokens of the run that are behind; warmup: tokens over which the rate rises from almost nothing.
    """
    first, last = rates
    return min(1.0, max(all_done / warmup, 1e-3)) * (first + (last - first) * min(1.0, done))
