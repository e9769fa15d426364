"""Which numbers are kept in which precision.

Master weights, norms' weights, the residual stream and the scan's state are float32. Matrix products read and write
`dtype` (`FASTEST` in training, float32 for parity and for gradient checks); their sums are float32 inside the product.
No autocast: every cast is written where it happens.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from longlens_training.processor import processor_flags

#: What this processor multiplies fastest. Without instructions for bfloat16 it is imitated: a training step of the tower
#: takes 27 times as long as in float32 (AVX2, PyTorch 1.13).
FASTEST = torch.bfloat16 if {"avx512_bf16", "amx_bf16"} & processor_flags() else torch.float32


class Linear(nn.Linear):
    """`nn.Linear` with float32 master weights that multiplies in the precision of its input."""

    def forward(self, x: Tensor) -> Tensor:
        """x: [..., in] bfloat16 or float32 -> [..., out] of the same type."""
        bias = None if self.bias is None else self.bias.to(x.dtype)
        return functional.linear(x, self.weight.to(x.dtype), bias)


def joined_linear(x: Tensor, parts: list[nn.Linear]) -> list[Tensor]:
    """Several linear layers with the same input as one product. x: [..., in] -> one [..., out_i] for each part."""
    weight = torch.cat([part.weight for part in parts]).to(x.dtype)
    bias = None if parts[0].bias is None else torch.cat([part.bias for part in parts]).to(x.dtype)
    return list(functional.linear(x, weight, bias).split([part.out_features for part in parts], dim=-1))
