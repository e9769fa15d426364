"""Row-wise operations of the vision tower, with gradients (the kernels are native/tower_kernels.cpp).

Shapes: n rows (tokens of all pictures), w width of a row, a multiple of 16.
"""

from __future__ import annotations

import torch
from torch import Tensor

from longlens_training.native_library import WIDTH_STEP, call, checked


class _AddLayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, branch, weight, bias, eps, dtype):  # noqa: D102
        ctx.set_materialize_grads(False)
        n_rows, w = x.numel() // x.shape[-1], x.shape[-1]
        total = None if branch is None else torch.empty_like(x)
        normed, moments = torch.empty(x.shape, dtype=dtype), torch.empty(n_rows, 2)
        call("add_layer_norm", dtype, torch.get_num_threads(), n_rows, w, eps, x, branch, weight, bias, total, normed,
             moments)  # fmt: skip
        ctx.save_for_backward(x if total is None else total, weight, moments)
        ctx.dtype, ctx.has_branch = dtype, branch is not None
        return x.view_as(x) if total is None else total, normed

    @staticmethod
    def backward(ctx, dtotal, dnormed):  # noqa: D102
        total, weight, moments = ctx.saved_tensors
        if dnormed is None:
            return dtotal, dtotal.to(ctx.dtype) if ctx.has_branch else None, None, None, None, None
        threads, w = torch.get_num_threads(), total.shape[-1]
        dx, dweights = torch.empty_like(total), torch.empty(threads, 2, w)
        dbranch = torch.empty(total.shape, dtype=ctx.dtype) if ctx.has_branch else None
        dtotal = None if dtotal is None else dtotal.contiguous()
        call("add_layer_norm_backward", ctx.dtype, threads, len(moments), w, total, weight, moments, dtotal,
             dnormed.contiguous(), dx, dbranch, dweights)  # fmt: skip
        dweight, dbias = dweights.sum(0)
        return dx, dbranch, dweight, dbias, None, None


def add_layer_norm(x: Tensor, branch: Tensor | None, norm: torch.nn.LayerNorm,
                   dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Adds a branch to the residual stream and norms the sum.

    x: [..., w] float32; branch: the same shape in `dtype`, or None.
    returns: x + branch float32, its layer norm in `dtype`.
    """
    if x.shape[-1] % WIDTH_STEP != 0:
        raise ValueError(f"x: expected a width in sixteens, got {list(x.shape)}")
    x = checked("x", x, tuple(x.shape), torch.float32).contiguous()
    branch = None if branch is None else checked("branch", branch, tuple(x.shape), dtype).contiguous()
    return _AddLayerNorm.apply(x, branch, norm.weight, norm.bias, norm.eps, dtype)


class _QuickGelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):  # noqa: D102
        y = torch.empty_like(x)
        call("quick_gelu", x.dtype, torch.get_num_threads(), x.numel(), x, y)
        ctx.save_for_backward(x)
        return y

    @staticmethod
    def backward(ctx, dy):  # noqa: D102
        (x,) = ctx.saved_tensors
        dx = torch.empty_like(x)
        call("quick_gelu_backward", x.dtype, torch.get_num_threads(), x.numel(), x, dy.contiguous(), dx)
        return dx


def quick_gelu(x: Tensor) -> Tensor:
    """x * sigmoid(1.702 x). x: [..., w]."""
    if x.shape[-1] % WIDTH_STEP != 0:
        raise ValueError(f"x: expected a width in sixteens, got {list(x.shape)}")
    return _QuickGelu.apply(x.contiguous())
