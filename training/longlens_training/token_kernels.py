"""Row-wise operations between the matrix products: norms, short convolution, gated activation.

Shapes: T tokens of all packed sequences, w width of a row.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def add_rms_norm(x: Tensor, branch: Tensor | None, weight: Tensor, eps: float,
                 dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Adds a branch to the residual stream and norms the sum.

    x: [T, w] float32; branch: [T, w] or None; weight: [w]. returns: x + branch float32, its RMS norm in `dtype`.
    """
    if branch is not None:
        x = x + branch
    return x, (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * weight).to(dtype)


def grouped_rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """RMS norms of neighbouring parts of a row. x: [T, G*w]; weight: [G, w] -> [T, G, w] float32."""
    parts = x.float().view(-1, *weight.shape)
    return parts * torch.rsqrt(parts.square().mean(-1, keepdim=True) + eps) * weight


def causal_conv_silu(x: Tensor, weight: Tensor, bias: Tensor, lengths: list[int],
                     before: Tensor | None = None) -> Tensor:
    """silu of a depthwise causal convolution, zeros before the start of each sequence.

    x: [T, w]; weight: [w, 4] (the last tap meets the current token); bias: [w]; before: [3, w], the three rows before
    the start of a single sequence. returns [T, w] of x's type.
    """
    w, taps = weight.shape
    outputs = []
    for piece in x.split(lengths):
        start = x.new_zeros(taps - 1, w) if before is None else before
        rows = torch.cat([start, piece]).t()[None].float()
        outputs.append(functional.silu(functional.conv1d(rows, weight[:, None], bias, groups=w))[0].t())
    return torch.cat(outputs).to(x.dtype)


def silu_multiply(gate_up: Tensor) -> Tensor:
    """silu(gate) * up. gate_up: [T, 2w] -> [T, w]."""
    gate, up = gate_up.chunk(2, dim=-1)
    return functional.silu(gate) * up
