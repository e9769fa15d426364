"""The language model written a second time, token by token in double precision, from LONGLLAVA-FORMAT section 4."""

import torch
from torch import Tensor
from torch.nn import functional

from longlens_training.selective_scan import selective_scan_reference
from longlens_training.sizes import LanguageSizes


def rms(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    return weight * x / torch.sqrt(x.square().mean(-1, keepdim=True) + eps)


def reference_logits(sizes: LanguageSizes, weights: dict[str, Tensor], embeddings: Tensor) -> Tensor:
    """One sequence. embeddings: [t, h] double -> logits [t, V]; differentiable with respect to the weights."""
    x, eps = embeddings, sizes.rms_norm_eps
    for index in range(sizes.num_hidden_layers):
        part = {k.split(f"layers.{index}.")[1]: v for k, v in weights.items() if f"layers.{index}." in k}
        mixer = _attention if sizes.is_attention(index) else _mamba
        x = x + mixer(sizes, part, rms(x, part["input_layernorm.weight"], eps))
        y = rms(x, part["pre_moe_layernorm.weight"], eps)
        gate, up, down = (part[f"moe.experts.0.{name}_proj.weight"] for name in ("gate", "up", "down"))
        x = x + (functional.silu(y @ gate.t()) * (y @ up.t())) @ down.t()
    return rms(x, weights["model.final_layernorm.weight"], eps) @ weights["lm_head.weight"].t()


def _attention(sizes: LanguageSizes, part: dict[str, Tensor], x: Tensor) -> Tensor:
    q, k, v = (x @ part[f"self_attn.{name}_proj.weight"].t() for name in "qkv")
    size, outputs = sizes.head_size, []
    shared = sizes.num_attention_heads // sizes.num_key_value_heads
    for head in range(sizes.num_attention_heads):
        mine, theirs = slice(head * size, (head + 1) * size), slice(head // shared * size, (head // shared + 1) * size)
        scores = q[:, mine] @ k[:, theirs].t() / size**0.5
        future = torch.ones_like(scores, dtype=torch.bool).triu(1)
        outputs.append(scores.masked_fill(future, float("-inf")).softmax(-1) @ v[:, theirs])
    return torch.cat(outputs, dim=1) @ part["self_attn.o_proj.weight"].t()


def _mamba(sizes: LanguageSizes, part: dict[str, Tensor], x: Tensor) -> Tensor:
    part = {k.removeprefix("mamba."): v for k, v in part.items()}
    u, z = (x @ part["in_proj.weight"].t()).chunk(2, dim=1)
    taps, weight = sizes.mamba_d_conv, part["conv1d.weight"][:, 0]
    padded = torch.cat([u.new_zeros(taps - 1, u.shape[1]), u])
    c = functional.silu(part["conv1d.bias"] + sum(weight[:, j] * padded[j : j + len(u)] for j in range(taps)))
    n, r, eps = sizes.mamba_d_state, sizes.mamba_dt_rank, sizes.rms_norm_eps
    dt, B, C = (c @ part["x_proj.weight"].t()).split([r, n, n], dim=1)
    dt = rms(dt, part["dt_layernorm.weight"], eps) @ part["dt_proj.weight"].t()
    B, C = rms(B, part["B_layernorm.weight"], eps), rms(C, part["C_layernorm.weight"], eps)
    A = -torch.exp(part["A_log"])
    return selective_scan_reference(c, dt, z, B, C, A, part["D"], part["dt_proj.bias"], [len(x)])[0] @ part[
        "out_proj.weight"
    ].t()
