"""Sizes of the model: one dataclass, saved beside every checkpoint.

The names are those of the official config.json (LONGLLAVA-FORMAT section 1).
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class TowerSizes:
    """CLIP vision tower. `image_size` / `patch_size` is the side of the patch grid and must be even (2x2 pooling)."""

    image_size: int = 160
    patch_size: int = 16
    hidden_size: int = 192
    intermediate_size: int = 768
    num_hidden_layers: int = 6
    num_attention_heads: int = 3
    layer_norm_eps: float = 1e-5
    image_mean: float = 0.5
    image_std: float = 0.25

    @property
    def grid(self) -> int:
        """Patches along one side."""
        return self.image_size // self.patch_size

    @property
    def tokens_per_image(self) -> int:
        """Tokens that reach the language model: patches after 2x2 pooling."""
        return (self.grid // 2) ** 2


@dataclasses.dataclass(frozen=True)
class LanguageSizes:
    """Jamba language model with one expert. Layer i is attention when (i - offset) mod period = 0."""

    vocab_size: int = 2048
    hidden_size: int = 256
    intermediate_size: int = 512
    num_hidden_layers: int = 8
    num_attention_heads: int = 4
    num_key_value_heads: int = 4
    attn_layer_period: int = 3
    attn_layer_offset: int = 1
    mamba_d_state: int = 16
    mamba_d_conv: int = 4
    mamba_dt_rank: int = 16
    mamba_expand: int = 2
    rms_norm_eps: float = 1e-6

    @property
    def mamba_channels(self) -> int:
        """Channels of the scan (di in LONGLLAVA-FORMAT)."""
        return self.mamba_expand * self.hidden_size

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.hidden_size // self.num_attention_heads

    def is_attention(self, layer: int) -> bool:
        """Whether the mixer of `layer` is attention; all others are Mamba."""
        return layer % self.attn_layer_period == self.attn_layer_offset


#: Models of one size to compare: as many layers of the same width, and the feed-forward so wide that the parameters
#: agree within 1 % (tests/test_sizes.py). Attention only is Jamba with attention in every layer, so without positions.
#: In Mamba only the first attention layer would be the ninth.
ARCHITECTURES = {
    "hybrid": LanguageSizes(),
    "attention": LanguageSizes(attn_layer_period=1, attn_layer_offset=0, intermediate_size=656),
    "mamba": LanguageSizes(attn_layer_period=9, attn_layer_offset=8, intermediate_size=432),
}


@dataclasses.dataclass(frozen=True)
class ModelSizes:
    """Everything that fixes the shape of a checkpoint."""

    tower: TowerSizes = dataclasses.field(default_factory=TowerSizes)
    language: LanguageSizes = dataclasses.field(default_factory=LanguageSizes)

    def to_json(self) -> dict:
        """Plain values, for config.json files and checkpoints."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_json(values: dict) -> ModelSizes:
        """Inverse of to_json; unknown keys raise."""
        return ModelSizes(TowerSizes(**values["tower"]), LanguageSizes(**values["language"]))
