"""Jamba language model: Mamba-1 with inner norms, a few attention layers without position encoding, one dense MLP.

Computes what the official model computes (LONGLLAVA-FORMAT section 4); parameter names are the official ones, so
`state_dict()` is the checkpoint. Sequences are packed one after another without padding: `lengths` tells where each
ends, and neither the scan, the convolution nor the attention sees beyond its own sequence.

Shapes: T tokens of all sequences, h width, V vocabulary, H heads of size hd, di scan channels, N states, R dt rank.
"""

from __future__ import annotations

import dataclasses
import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from longlens_training.causal_attention import causal_attention
from longlens_training.precision import FASTEST, Linear, joined_linear
from longlens_training.selective_scan import N_STATE, selective_scan
from longlens_training.sizes import LanguageSizes
from longlens_training.token_kernels import add_rms_norm, causal_conv_silu, grouped_rms_norm, silu_multiply

EMBEDDING_STD = 0.05


@dataclasses.dataclass
class LayerState:
    """What one layer keeps between two pieces of one sequence; empty before the first."""

    keys: Tensor | None = None  # attention: [t, K, hd]
    values: Tensor | None = None
    conv: Tensor | None = None  # Mamba: the last 3 inputs of the convolution [3, di]
    scan: Tensor | None = None  # Mamba: [1, di, N] float32


@dataclasses.dataclass(frozen=True)
class Seen:
    """What went into one attention layer."""

    x: Tensor  # [T, h]
    q: Tensor  # [T, H, hd]
    k: Tensor  # [T, K, hd]


class RmsNorm(nn.Module):
    """The weight of an RMS norm; the sum of squares is taken in float32."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))


class MambaMixer(nn.Module):
    """Mamba-1 with RMS norms on dt, B and C."""

    def __init__(self, sizes: LanguageSizes) -> None:
        super().__init__()
        h, di, n, r = sizes.hidden_size, sizes.mamba_channels, sizes.mamba_d_state, sizes.mamba_dt_rank
        if n != N_STATE or r != N_STATE or sizes.mamba_d_conv != 4:
            raise ValueError(f"the kernels are made for d_state {N_STATE}, dt_rank {N_STATE}, d_conv 4; got {sizes}")
        self.sizes = sizes
        self.in_proj = Linear(h, 2 * di, bias=False)
        # Used through its weights only (see token_kernels.causal_conv_silu).
        self.conv1d = nn.Conv1d(di, di, sizes.mamba_d_conv, groups=di)
        self.x_proj = Linear(di, r + 2 * n, bias=False)
        self.dt_proj = Linear(r, di)
        self.A_log = nn.Parameter(torch.log(torch.arange(1.0, n + 1)).repeat(di, 1))
        self.D = nn.Parameter(torch.ones(di))
        self.out_proj = Linear(di, h, bias=False)
        self.dt_layernorm = RmsNorm(r)
        self.B_layernorm = RmsNorm(n)
        self.C_layernorm = RmsNorm(n)
        # Steps start between 0.001 and 0.1, evenly in the logarithm (the bias is the inverse of softplus).
        steps = torch.exp(torch.rand(di) * math.log(100.0) + math.log(0.001))
        self.dt_proj.bias.data = steps + torch.log(-torch.expm1(-steps))

    def forward(self, x: Tensor, lengths: list[int], state: LayerState | None) -> Tensor:
        """x: [T, h] -> [T, h]."""
        u, z = self.in_proj(x).chunk(2, dim=-1)  # [T, di] each
        c = causal_conv_silu(u, self.conv1d.weight[:, 0], self.conv1d.bias, lengths, state.conv if state else None)
        if state is not None:
            state.conv = _last_rows(state.conv, u, self.sizes.mamba_d_conv - 1)
        dt, B, C = self._inner_norms(self.x_proj(c))
        dt = functional.linear(dt.to(x.dtype), self.dt_proj.weight.to(x.dtype))
        # A_log stays float32: it goes through exp(), so a rounding error here would scale every step of the scan.
        A = -torch.exp(self.A_log)
        y, last = selective_scan(
            c, dt, z, B, C, A, self.D, self.dt_proj.bias, lengths, state.scan if state else None
        )
        if state is not None:
            state.scan = last
        return self.out_proj(y)

    def _inner_norms(self, dt_B_C: Tensor) -> list[Tensor]:
        """[T, R + 2N] -> dt [T, R], B [T, N], C [T, N], each through its norm, float32."""
        norms, eps = [self.dt_layernorm.weight, self.B_layernorm.weight, self.C_layernorm.weight], self.sizes.rms_norm_eps
        return list(grouped_rms_norm(dt_B_C, torch.stack(norms), eps).unbind(1))


class Attention(nn.Module):
    """Causal attention without any position encoding."""

    def __init__(self, sizes: LanguageSizes) -> None:
        super().__init__()
        self.sizes = sizes
        #: Whether the last pass is kept in `seen`: training may add losses to it.
        self.watches = False
        self.seen: Seen | None = None
        kv_size = sizes.num_key_value_heads * sizes.head_size
        self.q_proj = Linear(sizes.hidden_size, sizes.hidden_size, bias=False)
        self.k_proj = Linear(sizes.hidden_size, kv_size, bias=False)
        self.v_proj = Linear(sizes.hidden_size, kv_size, bias=False)
        self.o_proj = Linear(sizes.hidden_size, sizes.hidden_size, bias=False)

    def forward(self, x: Tensor, lengths: list[int], state: LayerState | None) -> Tensor:
        """x: [T, h] -> [T, h]."""
        q, k, v = (
            part.unflatten(-1, (-1, self.sizes.head_size))  # [T, heads, hd]
            for part in joined_linear(x, [self.q_proj, self.k_proj, self.v_proj])
        )
        if self.watches:
            self.seen = Seen(x, q, k)
        if state is not None:
            k = state.keys = k if state.keys is None else torch.cat([state.keys, k])
            v = state.values = v if state.values is None else torch.cat([state.values, v])
        return self.o_proj(causal_attention(q, k, v, lengths).flatten(1))


class Mlp(nn.Module):
    """down(silu(gate x) * up x)."""

    def __init__(self, sizes: LanguageSizes) -> None:
        super().__init__()
        self.gate_proj = Linear(sizes.hidden_size, sizes.intermediate_size, bias=False)
        self.up_proj = Linear(sizes.hidden_size, sizes.intermediate_size, bias=False)
        self.down_proj = Linear(sizes.intermediate_size, sizes.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x: [T, h] -> [T, h]."""
        weight = torch.cat([self.gate_proj.weight, self.up_proj.weight]).to(x.dtype)
        return self.down_proj(silu_multiply(functional.linear(x, weight)))


class Experts(nn.Module):
    """The official name of a dense feed-forward: `moe.experts.0`."""

    def __init__(self, sizes: LanguageSizes) -> None:
        super().__init__()
        self.experts = nn.ModuleList([Mlp(sizes)])


class Layer(nn.Module):
    """Mixer and feed-forward, each behind an RMS norm and added to the float32 residual stream."""

    def __init__(self, sizes: LanguageSizes, index: int) -> None:
        super().__init__()
        if sizes.is_attention(index):
            self.self_attn = Attention(sizes)
        else:
            self.mamba = MambaMixer(sizes)
        self.moe = Experts(sizes)
        self.input_layernorm = RmsNorm(sizes.hidden_size)
        self.pre_moe_layernorm = RmsNorm(sizes.hidden_size)
        self.mixer_name = "self_attn" if sizes.is_attention(index) else "mamba"
        self.eps = sizes.rms_norm_eps

    def forward(self, x: Tensor, pending: Tensor | None, dtype: torch.dtype, lengths: list[int],
                state: LayerState | None) -> tuple[Tensor, Tensor]:
        """x [T, h] float32 and the branch still to be added to it -> the same two after this layer."""
        x, normed = add_rms_norm(x, pending, self.input_layernorm.weight, self.eps, dtype)
        branch = getattr(self, self.mixer_name)(normed, lengths, state)
        x, normed = add_rms_norm(x, branch, self.pre_moe_layernorm.weight, self.eps, dtype)
        return x, self.moe.experts[0](normed)


class Stack(nn.Module):
    """Everything below the official prefix `model.`, without projector and tower."""

    def __init__(self, sizes: LanguageSizes) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(sizes.vocab_size, sizes.hidden_size)
        self.layers = nn.ModuleList(Layer(sizes, index) for index in range(sizes.num_hidden_layers))
        self.final_layernorm = RmsNorm(sizes.hidden_size)


class JambaModel(nn.Module):
    """The language model. dtype: precision of the matrix products (see precision.py)."""

    def __init__(self, sizes: LanguageSizes, dtype: torch.dtype = FASTEST) -> None:
        super().__init__()
        self.sizes = sizes
        self.dtype = dtype
        self.model = Stack(sizes)
        self.lm_head = Linear(sizes.hidden_size, sizes.vocab_size, bias=False)
        self._initialise()

    def _initialise(self) -> None:
        nn.init.normal_(self.model.embed_tokens.weight, std=EMBEDDING_STD)
        for name, parameter in self.named_parameters():
            if name.endswith("_proj.weight"):
                nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5)
                if name.endswith(("out_proj.weight", "o_proj.weight", "down_proj.weight")):
                    # The residual stream starts with the same spread whatever the number of layers.
                    parameter.data.mul_((2 * self.sizes.num_hidden_layers) ** -0.5)
        nn.init.normal_(self.lm_head.weight, std=0.02)

    def embed(self, tokens: Tensor) -> Tensor:
        """tokens: [T] int64 -> [T, h] float32."""
        return functional.embedding(tokens, self.model.embed_tokens.weight)

    def hidden(self, embeddings: Tensor, lengths: list[int], states: list[LayerState] | None = None) -> Tensor:
        """embeddings: [T, h] float32 of packed sequences -> [T, h] in `dtype`, after the final norm.

        states: of one sequence, from `new_states()`; they are carried on, so that a sequence can be read in pieces.
        """
        if states is not None and len(lengths) != 1:
            raise ValueError(f"states belong to one sequence, got {len(lengths)} sequences")
        x, pending = embeddings, None
        for index, layer in enumerate(self.model.layers):
            x, pending = layer(x, pending, self.dtype, lengths, states[index] if states else None)
        weight, eps = self.model.final_layernorm.weight, self.sizes.rms_norm_eps
        return add_rms_norm(x, pending, weight, eps, self.dtype)[1]

    def logits(self, hidden: Tensor) -> Tensor:
        """hidden: [n, h] -> [n, V] float32. Choose the positions first: all of a long sequence would be large."""
        return self.lm_head(hidden).float()

    def loss(self, hidden: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of each target [n] predicted at its position [n] of hidden [T, h], float32 [n], not averaged."""
        return functional.cross_entropy(self.logits(hidden[positions]), targets, reduction="none")

    def watch(self, watches: bool) -> None:
        """Whether attention layers keep what they saw in the next passes."""
        for layer in self.model.layers:
            if layer.mixer_name == "self_attn":
                layer.self_attn.watches, layer.self_attn.seen = watches, None

    def seen(self) -> dict[int, Seen]:
        """What each attention layer saw in the last pass, by layer. Empty unless it was told to watch."""
        attention = {i: layer.self_attn for i, layer in enumerate(self.model.layers) if layer.mixer_name == "self_attn"}
        return {index: mixer.seen for index, mixer in attention.items() if mixer.seen is not None}

    def new_states(self) -> list[LayerState]:
        """Empty states for one sequence."""
        return [LayerState() for _ in self.model.layers]


def _last_rows(before: Tensor | None, rows: Tensor, count: int) -> Tensor:
    """The last `count` rows of before + rows, zeros where there are fewer."""
    rows = rows.detach()[-count:]
    if before is None:
        before = rows.new_zeros(count, rows.shape[1])
    return torch.cat([before, rows])[-count:]
