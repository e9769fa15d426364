"""Projector: pooled patch features to embeddings of the language model, W2 gelu(W0 x + b0) + b2 with erf GELU."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from longlens_training.precision import FASTEST, Linear


class Projector(nn.Sequential):
    """The official `mm_projector` (mlp2x_gelu): names 0 and 2."""

    def __init__(self, vision_size: int, hidden_size: int, dtype: torch.dtype = FASTEST) -> None:
        super().__init__(Linear(vision_size, hidden_size), nn.GELU(), Linear(hidden_size, hidden_size))
        self.dtype = dtype
        for layer in (self[0], self[2]):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
            nn.init.zeros_(layer.bias)
        # Starts with the spread of the token embeddings (see jamba.py).
        self[2].weight.data.mul_(0.05)

    def forward(self, features: Tensor) -> Tensor:
        """features: [..., hv] -> [..., h] float32."""
        return super().forward(features.to(self.dtype)).float()
