"""CLIP vision tower: pixels of a frame to 25 pooled patch features.

Computes what transformers' CLIPVisionModel computes (LONGLLAVA-FORMAT section 3) with quick_gelu and select layer -1:
the output of the last layer, without post_layernorm and without the class token; then the mean of each 2x2 block.
Parameter names are the official ones, so `state_dict()` is the checkpoint.

Shapes: n pictures, g patches along a side, P = g*g patches, T = P + 1 tokens with the class token, w width, H heads.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from longlens_training.precision import FASTEST, Linear, joined_linear
from longlens_training.sizes import TowerSizes
from longlens_training.tower_kernels import add_layer_norm, quick_gelu


def grid_waves(grid: int, width: int) -> Tensor:
    """Sines and cosines of row and column, [grid*grid, width], row by row; wavelengths from 4 to 40 patches."""
    n_waves = width // 4
    rates = 2 * math.pi / (4 * 10 ** (torch.arange(n_waves) / max(1, n_waves - 1)))
    angles = torch.arange(grid)[:, None] * rates  # [grid, n_waves]
    axis = torch.cat([angles.sin(), angles.cos()], dim=1)  # [grid, width/2]
    rows, columns = axis[:, None].expand(-1, grid, -1), axis[None].expand(grid, -1, -1)
    waves = torch.cat([rows, columns], dim=2).reshape(grid * grid, -1)
    return torch.nn.functional.pad(waves, (0, width - waves.shape[1]))


class Embeddings(nn.Module):
    """Patch, class and position embeddings."""

    def __init__(self, sizes: TowerSizes) -> None:
        super().__init__()
        width = sizes.hidden_size
        self.sizes = sizes
        self.class_embedding = nn.Parameter(torch.randn(width) * width**-0.5)
        # Used through its weight only: a product over unfolded patches is faster than a convolution on a CPU.
        self.patch_embedding = nn.Conv2d(3, width, sizes.patch_size, sizes.patch_size, bias=False)
        self.position_embedding = nn.Embedding(sizes.grid**2 + 1, width)
        nn.init.normal_(self.patch_embedding.weight, std=0.02)
        # Neighbours must be told apart from the first step on: learnt from small random numbers, places drown in the
        # patches' own features (std about 0.5) and the tower sees colours long before shapes.
        self.position_embedding.weight.data[1:] = 0.5 * grid_waves(sizes.grid, width)
        nn.init.zeros_(self.position_embedding.weight[0])

    def forward(self, pixels: Tensor, dtype: torch.dtype) -> Tensor:
        """pixels: [n, side, side, 3] bytes -> [n, T, w] float32."""
        values = self.patches(pixels).to(dtype)
        weight = self.patch_embedding.weight.flatten(1).to(dtype)
        embedded = nn.functional.linear(values, weight).float()
        first = self.class_embedding.expand(len(pixels), 1, -1)
        return torch.cat([first, embedded], dim=1) + self.position_embedding.weight

    def patches(self, pixels: Tensor) -> Tensor:
        """pixels: [n, side, side, 3] bytes -> normalised values of each patch [n, P, 3*patch*patch], rgb, y, x."""
        n, side = pixels.shape[0], self.sizes.image_size
        if pixels.shape != (n, side, side, 3) or pixels.dtype != torch.uint8:
            raise ValueError(f"pixels: expected uint8 [n, {side}, {side}, 3], got {pixels.dtype} {list(pixels.shape)}")
        grid, patch = self.sizes.grid, self.sizes.patch_size
        patches = pixels.view(n, grid, patch, grid, patch, 3).permute(0, 1, 3, 5, 2, 4)  # [n, row, column, rgb, y, x]
        patches = patches.reshape(n, grid * grid, 3 * patch * patch).to(torch.float32)
        scale = 1 / (255 * self.sizes.image_std)
        return patches * scale - self.sizes.image_mean / self.sizes.image_std


class Attention(nn.Module):
    """Multi-head attention over all tokens of a picture."""

    def __init__(self, sizes: TowerSizes) -> None:
        super().__init__()
        width = sizes.hidden_size
        self.n_heads = sizes.num_attention_heads
        self.k_proj = Linear(width, width)
        self.v_proj = Linear(width, width)
        self.q_proj = Linear(width, width)
        self.out_proj = Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """x: [n, T, w] -> [n, T, w]."""
        n, t, w = x.shape
        q, k, v = (
            part.reshape(n, t, self.n_heads, -1).transpose(1, 2).flatten(0, 1)  # [n*H, T, head]
            for part in joined_linear(x, [self.q_proj, self.k_proj, self.v_proj])
        )
        scores = torch.bmm(q * q.shape[-1] ** -0.5, k.transpose(1, 2))  # [n*H, T, T]
        mixed = torch.bmm(scores.softmax(dim=-1), v)
        return self.out_proj(mixed.view(n, self.n_heads, t, -1).transpose(1, 2).reshape(n, t, w))


class Mlp(nn.Module):
    """Two layers with quick_gelu between them: t * sigmoid(1.702 t)."""

    def __init__(self, sizes: TowerSizes) -> None:
        super().__init__()
        self.fc1 = Linear(sizes.hidden_size, sizes.intermediate_size)
        self.fc2 = Linear(sizes.intermediate_size, sizes.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """x: [n, T, w] -> [n, T, w]."""
        return self.fc2(quick_gelu(self.fc1(x)))


class Layer(nn.Module):
    """Attention and MLP, each behind a layer norm, added to the float32 residual stream."""

    def __init__(self, sizes: TowerSizes) -> None:
        super().__init__()
        self.self_attn = Attention(sizes)
        self.layer_norm1 = nn.LayerNorm(sizes.hidden_size, eps=sizes.layer_norm_eps)
        self.mlp = Mlp(sizes)
        self.layer_norm2 = nn.LayerNorm(sizes.hidden_size, eps=sizes.layer_norm_eps)

    def forward(self, x: Tensor, pending: Tensor | None, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """x [n, T, w] float32 and the branch still to be added to it -> the same two after this layer."""
        x, normed = add_layer_norm(x, pending, self.layer_norm1, dtype)
        x, normed = add_layer_norm(x, self.self_attn(normed), self.layer_norm2, dtype)
        return x, self.mlp(normed)


class Encoder(nn.Module):
    """The stack of layers."""

    def __init__(self, sizes: TowerSizes) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(sizes) for _ in range(sizes.num_hidden_layers))


class VisionModel(nn.Module):
    """Everything below the official prefix `vision_model.`."""

    def __init__(self, sizes: TowerSizes) -> None:
        super().__init__()
        self.embeddings = Embeddings(sizes)
        self.pre_layrnorm = nn.LayerNorm(sizes.hidden_size, eps=sizes.layer_norm_eps)  # spelt so in every CLIP file
        self.encoder = Encoder(sizes)
        # Part of the layout; never run at select layer -1.
        self.post_layernorm = nn.LayerNorm(sizes.hidden_size, eps=sizes.layer_norm_eps)
        self.post_layernorm.requires_grad_(False)


class ClipTower(nn.Module):
    """The tower with its pooling.

    dtype: precision of the matrix products (see precision.py).
    """

    def __init__(self, sizes: TowerSizes, dtype: torch.dtype = FASTEST) -> None:
        super().__init__()
        if sizes.grid % 2 != 0:
            raise ValueError(f"patch grid: expected an even side for 2x2 pooling, got {sizes.grid}")
        self.sizes = sizes
        self.dtype = dtype
        self.vision_model = VisionModel(sizes)
        for name, parameter in self.named_parameters():
            if "_proj.weight" in name or ".fc" in name and name.endswith("weight"):
                nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5)
                if "out_proj" in name or "fc2" in name:
                    # The residual stream starts with the same spread whatever the number of layers.
                    parameter.data.mul_((2 * sizes.num_hidden_layers) ** -0.5)
            elif name.endswith("_proj.bias") or "fc" in name and name.endswith("bias"):
                nn.init.zeros_(parameter)

    def patches(self, pixels: Tensor) -> Tensor:
        """pixels: [n, side, side, 3] bytes -> patch features before pooling [n, P, w] float32."""
        x, pending = self.vision_model.pre_layrnorm(self.vision_model.embeddings(pixels, self.dtype)), None
        for layer in self.vision_model.encoder.layers:
            x, pending = layer(x, pending, self.dtype)
        return (x + pending)[:, 1:]

    def forward(self, pixels: Tensor) -> Tensor:
        """pixels: [n, side, side, 3] bytes -> [n, (g/2)^2, w] float32, cells row by row."""
        grid = self.sizes.grid
        x = self.patches(pixels).view(-1, grid // 2, 2, grid // 2, 2, self.sizes.hidden_size)
        return x.mean(dim=(2, 4)).flatten(1, 2)
