"""Muon for the weight matrices of hidden layers, AdamW for everything else, in one optimiser.

Muon (Keller Jordan, https://kellerjordan.github.io/posts/muon/) turns the momentum of a matrix into the nearest
orthogonal matrix by Newton-Schulz iterations. The update is scaled to the root mean square that AdamW's has (0.2,
arXiv 2502.16982), so that both kinds take rates of the same size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import torch
from torch import Tensor, nn

# Matrices that map hidden features to hidden features. dt_proj, x_proj: thin, and better served by AdamW; embeddings and
# lm_head are not maps between hidden features.
_MUON_NAMES = re.compile(r"(\.(q|k|v|o|out|in|gate|up|down)_proj|\.fc[12]|mm_projector\.[02])\.weight$")
# Two maps that are stored as one matrix; each is made orthogonal by itself.
_HALVES = re.compile(r"\.in_proj\.weight$")
_DECAYED = re.compile(r"(_proj|fc[12]|lm_head|mm_projector\.[02])\.weight$")

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
UPDATE_RMS = 0.2


def orthogonalise(matrices: Tensor, steps: int = 5) -> Tensor:
    """[b, rows, columns] float32 -> near-orthogonal bfloat16 matrices (singular values between about 0.7 and 1.2)."""
    a, b, c = NEWTON_SCHULZ
    x = matrices / (matrices.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    x = x.to(torch.bfloat16)
    wide = x.shape[1] <= x.shape[2]
    x = x if wide else x.transpose(1, 2).contiguous()
    for _ in range(steps):
        gram = torch.bmm(x, x.transpose(1, 2))
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x if wide else x.transpose(1, 2)


class MuonAdamW(torch.optim.Optimizer):
    """Groups of kind "muon" hold matrices, one group for each shape; the group of kind "adamw" holds the rest.

    Every group has `lr`, the rate now, and `base_lr`, the rate that `set_rate` scales.
    """

    def __init__(self, groups: list[dict]) -> None:
        super().__init__(groups, {"momentum": 0.95, "betas": (0.9, 0.95), "eps": 1e-8, "weight_decay": 0.0})
        for group in self.param_groups:
            group["base_lr"] = group["lr"]

    def set_rate(self, factor: float) -> None:
        """Sets every group's rate to `factor` (0 to 1, from the schedule) times its base rate."""
        for group in self.param_groups:
            group["lr"] = factor * group["base_lr"]

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """Applies one update. Parameters without a gradient are left alone."""
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            if not parameters:
                continue
            if group["kind"] == "muon":
                self._step_muon(group, parameters)
            else:
                self._step_adamw(group, parameters)

    def _step_muon(self, group: dict, parameters: list[nn.Parameter]) -> None:
        directions = []
        for p in parameters:
            state = self.state[p]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(p)
            state["momentum"].lerp_(p.grad, 1 - group["momentum"])
            directions.append(p.grad.lerp(state["momentum"], group["momentum"]))  # Nesterov
        parts = group["parts"]
        stacked = torch.stack(directions).view(len(parameters) * parts, -1, parameters[0].shape[1])
        update = orthogonalise(stacked).float().reshape(len(parameters), *parameters[0].shape)
        scale = UPDATE_RMS * max(stacked.shape[1:]) ** 0.5
        for p, direction in zip(parameters, update):
            p.mul_(1 - group["lr"] * group["weight_decay"])
            p.add_(direction, alpha=-group["lr"] * scale)

    def _step_adamw(self, group: dict, parameters: list[nn.Parameter]) -> None:
        first_decay, second_decay = group["betas"]
        for p in parameters:
            state = self.state[p]
            if "step" not in state:
                state["step"], state["first"], state["second"] = 0, torch.zeros_like(p), torch.zeros_like(p)
            state["step"] += 1
            state["first"].lerp_(p.grad, 1 - first_decay)
            state["second"].mul_(second_decay).addcmul_(p.grad, p.grad, value=1 - second_decay)
            first = 1 - first_decay ** state["step"]
            second = 1 - second_decay ** state["step"]
            p.mul_(1 - group["lr"] * group["weight_decay"])
            denominator = (state["second"] / second).sqrt_().add_(group["eps"])
            p.addcdiv_(state["first"], denominator, value=-group["lr"] / first)


def make_optimiser(named_parameters: Iterable[tuple[str, nn.Parameter]], muon_rate: float = 2e-3,
                   adamw_rate: float = 1e-3, weight_decay: float = 0.01) -> MuonAdamW:
    """An optimiser over the parameters that want a gradient. Names are the official ones; they decide who gets Muon."""
    shapes: dict[tuple, list[nn.Parameter]] = {}
    decayed, plain = [], []
    for name, parameter in named_parameters:
        if not parameter.requires_grad:
            continue
        if _MUON_NAMES.search(name) and parameter.ndim == 2:
            parts = 2 if _HALVES.search(name) else 1
            shapes.setdefault((*parameter.shape, parts), []).append(parameter)
        else:
            (decayed if _DECAYED.search(name) else plain).append(parameter)
    groups = [
        {"kind": "muon", "params": members, "parts": shape[-1], "lr": muon_rate, "weight_decay": weight_decay}
        for shape, members in shapes.items()
    ]
    for members, decay in ((decayed, weight_decay), (plain, 0.0)):
        if members:
            groups.append({"kind": "adamw", "params": members, "lr": adamw_rate, "weight_decay": decay})
    return MuonAdamW(groups)
