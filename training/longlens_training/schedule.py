"""Learning rate over a stage: short warm-up, flat, then linear decay to a tenth."""

from __future__ import annotations


def rate(done: float, warmup: float = 0.02, decay: float = 0.25, floor: float = 0.1) -> float:
    """Factor in 0...1 on the peak rate. `done`: share of the stage that is behind, 0...1."""
    if done < warmup:
        return max(done / warmup, 1e-3)
    if done <= 1 - decay:
        return 1.0
    left = max(0.0, 1 - done) / decay
    return floor + (1 - floor) * left
