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

from longlens_training.native_library import call
from longlens_training.precision import FASTEST

# Matrices that map hidden features to hidden features. dt_proj, x_proj: thin, and better served by AdamW; embeddings and
# lm_head are not maps between hidden features.
_MUON_NAMES = re.compile(r"(\.(q|k|v|o|out|in|gate|up|down)_proj|\.fc[12]|mm_projector\.[02])\.weight$")
# Two maps that are stored as one matrix; each is made orthogonal by itself.
_HALVES = re.compile(r"\.in_proj\.weight$")
_DECAYED = re.compile(r"(_proj|fc[12]|lm_head|mm_projector\.[02])\.weight$")

# One odd polynomial a x + b x^3 + c x^5 for each iteration, each the best in the largest error on what the one before
# leaves of [0.003, 1] (the idea of arXiv 2505.16932). Four of them do what five of Muon's own do.
NEWTON_SCHULZ = (
    (8.3779148, -24.7416688, 18.3368776),
    (4.0437211, -3.0141711, 0.5705836),
    (3.5059708, -2.6283629, 0.5263793),
    (2.4907207, -1.8353768, 0.4372308),
)
UPDATE_RMS = 0.2


def orthogonalise(matrices: Tensor) -> Tensor:
    """[b, rows, columns] -> near-orthogonal bfloat16 matrices (most singular values between 0.7 and 1.2)."""
    norms = matrices.flatten(1).float().norm(dim=1)
    # The norm bounds the largest singular value; one part in a hundred covers the rounding to bfloat16.
    x = (matrices / (1.01 * norms + 1e-12)[:, None, None]).to(FASTEST)
    wide = x.shape[1] <= x.shape[2]
    x = x if wide else x.transpose(1, 2).contiguous()
    for a, b, c in NEWTON_SCHULZ:
        gram = torch.bmm(x, x.transpose(1, 2))
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x if wide else x.transpose(1, 2)).to(torch.bfloat16)


class MuonAdamW(torch.optim.Optimizer):
    """Groups of kind "muon" hold matrices, one group for each shape; the group of kind "adamw" holds the rest.

    Every group has `lr`, the rate now, and `base_lr`, the rate that `set_rate` scales. factors: on the rates of some
    parameters, 1 for all others.
    """

    def __init__(self, groups: list[dict], factors: dict[nn.Parameter, float] | None = None) -> None:
        super().__init__(groups, {"momentum": 0.95, "betas": (0.9, 0.95), "eps": 1e-8, "weight_decay": 0.0})
        for group in self.param_groups:
            group["base_lr"] = group["lr"]
        self._factors = factors or {}

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
        shape, threads = parameters[0].shape, torch.get_num_threads()
        directions = torch.empty(len(parameters), *shape, dtype=torch.bfloat16)
        for p, direction in zip(parameters, directions):
            state = self.state[p]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(p)
            call("muon_direction", p.dtype, threads, p.numel(), group["momentum"], p.grad.contiguous(), state["momentum"],
                 direction)  # fmt: skip
        matrices = directions.view(len(parameters) * group["parts"], -1, shape[1])
        scale = UPDATE_RMS * max(matrices.shape[1:]) ** 0.5
        updates = orthogonalise(matrices).reshape(len(parameters), *shape)
        for p, update in zip(parameters, updates):
            rate = self._factors.get(p, 1.0) * group["lr"]
            call("muon_apply", p.dtype, threads, p.numel(), 1 - rate * group["weight_decay"], rate * scale, update, p)

    def _step_adamw(self, group: dict, parameters: list[nn.Parameter]) -> None:
        for p in parameters:
            state = self.state[p]
            if "step" not in state:
                state["step"], state["first"], state["second"] = 0, torch.zeros_like(p), torch.zeros_like(p)
            state["step"] += 1
            corrections = [1 / (1 - decay ** state["step"]) for decay in group["betas"]]
            rate = self._factors.get(p, 1.0) * group["lr"]
            keep = 1 - rate * group["weight_decay"]
            call("adamw", p.dtype, torch.get_num_threads(), p.numel(), keep, rate, *group["betas"], *corrections,
                 group["eps"], p.grad.contiguous(), state["first"], state["second"], p)  # fmt: skip


def make_optimiser(named_parameters: Iterable[tuple[str, nn.Parameter]], muon_rate: float = 2e-3,
                   adamw_rate: float = 1e-3, weight_decay: float = 0.01, projector_factor: float = 1.0) -> MuonAdamW:
    """An optimiser over the parameters that want a gradient. Names are the official ones; they decide who gets Muon.

    projector_factor: on the rates of the projector.
    """
    shapes: dict[tuple, list[nn.Parameter]] = {}
    decayed, plain, factors = [], [], {}
    for name, parameter in named_parameters:
        if not parameter.requires_grad:
            continue
        if name.startswith("mm_projector."):
            factors[parameter] = projector_factor
        if _MUON_NAMES.search(name) and parameter.ndim == 2 and parameter.numel() % 16 == 0:
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
    return MuonAdamW(groups, factors)
