"""Row-wise operations between the matrix products, with gradients (the kernels are native/token_kernels.cpp).

Shapes: T tokens of all packed sequences, w width of a row, a multiple of 16.
"""

from __future__ import annotations

import ctypes

import torch
from torch import Tensor

from longlens_training import native_library
from longlens_training.native_library import WIDTH_STEP, call, checked, pointer

#: Neighbouring numbers that share a norm (`group_size` of native/token_kernels.cpp).
GROUP_SIZE = 16


class _AddRmsNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, branch, weight, eps, dtype):  # noqa: D102
        ctx.set_materialize_grads(False)
        n_rows, w = x.shape
        total = None if branch is None else torch.empty_like(x)
        normed, inverse = torch.empty(n_rows, w, dtype=dtype), torch.empty(n_rows)
        threads = torch.get_num_threads()
        call("add_rms_norm", dtype, threads, n_rows, w, eps, x, branch, weight, total, normed, inverse)
        ctx.save_for_backward(x if total is None else total, weight, inverse)
        ctx.dtype, ctx.has_branch = dtype, branch is not None
        return x.view_as(x) if total is None else total, normed

    @staticmethod
    def backward(ctx, dtotal, dnormed):  # noqa: D102
        total, weight, inverse = ctx.saved_tensors
        n_rows, w = total.shape
        if dnormed is None:
            return dtotal, dtotal.to(ctx.dtype) if ctx.has_branch else None, None, None, None
        dx, threads = torch.empty_like(total), torch.get_num_threads()
        dbranch = torch.empty(n_rows, w, dtype=ctx.dtype) if ctx.has_branch else None
        dweight = torch.empty(threads, w)
        dtotal = None if dtotal is None else dtotal.contiguous()
        call("add_rms_norm_backward", ctx.dtype, threads, n_rows, w, total, weight, inverse, dtotal,
             dnormed.contiguous(), dx, dbranch, dweight)  # fmt: skip
        return dx, dbranch, dweight.sum(0), None, None


def add_rms_norm(x: Tensor, branch: Tensor | None, weight: Tensor, eps: float,
                 dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Adds a branch to the residual stream and norms the sum.

    x: [T, w] float32; branch: [T, w] in `dtype`, or None; weight: [w].
    returns: x + branch float32, its RMS norm in `dtype`.
    """
    shape = (x.shape[0], _width("x", x.shape[1]))
    x = checked("x", x, shape, torch.float32).contiguous()
    branch = None if branch is None else checked("branch", branch, shape, dtype).contiguous()
    return _AddRmsNorm.apply(x, branch, checked("weight", weight, shape[1:], torch.float32), eps, dtype)


class _GroupedRmsNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, eps):  # noqa: D102
        n_rows, n_groups = x.shape[0], weight.shape[0]
        normed = torch.empty(n_rows, n_groups, GROUP_SIZE)
        call("grouped_rms_norm", x.dtype, torch.get_num_threads(), n_rows, n_groups, eps, x, weight, normed)
        ctx.save_for_backward(x, weight)
        ctx.eps = eps
        return normed

    @staticmethod
    def backward(ctx, dnormed):  # noqa: D102
        x, weight = ctx.saved_tensors
        dx, threads = torch.empty_like(x), torch.get_num_threads()
        dweight = torch.empty(threads, *weight.shape)
        call("grouped_rms_norm_backward", x.dtype, threads, x.shape[0], weight.shape[0], ctx.eps, x, weight,
             dnormed.contiguous(), dx, dweight)  # fmt: skip
        return dx, dweight.sum(0), None


def grouped_rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """RMS norms of each sixteen neighbours in a row. x: [T, G*16]; weight: [G, 16] -> [T, G, 16] float32."""
    checked("weight", weight, (weight.shape[0], GROUP_SIZE), torch.float32)
    checked("x", x, (x.shape[0], weight.numel()), x.dtype)
    return _GroupedRmsNorm.apply(x.contiguous(), weight.contiguous(), eps)


class _Convolution(ctypes.Structure):
    """`Convolution` of native/token_kernels.cpp, field by field."""

    _fields_ = [
        ("n_threads", ctypes.c_int64),
        ("n_sequences", ctypes.c_int64),
        ("starts", ctypes.c_void_p),
        ("n_groups", ctypes.c_int64),
        ("w", ctypes.c_int64),
        ("x_stride", ctypes.c_int64),
        ("weight", ctypes.c_void_p),
        ("bias", ctypes.c_void_p),
    ]


def _describe(starts: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> _Convolution:
    """The arguments that forward and backward share. The tensors must outlive the call."""
    n_sequences, n_threads = len(starts) - 1, torch.get_num_threads()
    n_groups = 1 if n_sequences >= 4 * n_threads else min(n_threads, x.shape[1] // WIDTH_STEP)
    return _Convolution(n_threads, n_sequences, pointer(starts), n_groups, x.shape[1], x.stride(0), pointer(weight),
                        pointer(bias))  # fmt: skip


class _ConvSilu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, starts, x, weight, bias, before):  # noqa: D102
        y = torch.empty(x.shape, dtype=x.dtype)
        call("conv_silu", x.dtype, ctypes.byref(_describe(starts, x, weight, bias)), x, before, y)
        ctx.save_for_backward(starts, x, weight, bias)
        ctx.continued = before is not None
        return y

    @staticmethod
    def backward(ctx, dy):  # noqa: D102
        if ctx.continued:
            raise RuntimeError("causal_conv_silu: a continued sequence has no gradient")
        starts, x, weight, bias = ctx.saved_tensors
        dx = torch.empty(x.shape, dtype=x.dtype)
        dweights = torch.empty(len(starts) - 1, len(weight) + 1, x.shape[1])
        dy = dy if dy.stride(-1) == 1 else dy.contiguous()
        conv = _describe(starts, x, weight, bias)
        call("conv_silu_backward", x.dtype, ctypes.byref(conv), x, dy, dy.stride(0), dx, dweights)
        dweight, dbias = dweights.sum(0).split([len(weight), 1])
        return None, dx, dweight, dbias[0], None


def causal_conv_silu(x: Tensor, weight: Tensor, bias: Tensor, lengths: list[int],
                     before: Tensor | None = None) -> Tensor:
    """silu of a depthwise causal convolution, zeros before the start of each sequence.

    x: [T, w]; weight: [w, 4] (the last tap meets the current token); bias: [w]; before: [3, w] of x's type, the three
    rows before the start of a single sequence (no gradient then). returns [T, w] of x's type.
    """
    n_tokens, w = x.shape[0], _width("x", x.shape[1])
    starts = native_library.sequence_starts(lengths, n_tokens)
    rows = checked("weight", weight.t().contiguous(), (4, w), torch.float32)
    before = None if before is None else checked("before", before, (3, w), x.dtype).contiguous()
    x = checked("x", x, (n_tokens, w), x.dtype)
    return _ConvSilu.apply(starts, x, rows, checked("bias", bias, (w,), torch.float32), before)


class _SiluMultiply(torch.autograd.Function):
    @staticmethod
    def forward(ctx, gate_up):  # noqa: D102
        n_rows, w = gate_up.shape[0], gate_up.shape[1] // 2
        y = torch.empty(n_rows, w, dtype=gate_up.dtype)
        call("silu_multiply", gate_up.dtype, torch.get_num_threads(), n_rows, w, gate_up, y)
        ctx.save_for_backward(gate_up)
        return y

    @staticmethod
    def backward(ctx, dy):  # noqa: D102
        (gate_up,) = ctx.saved_tensors
        dgate_up, threads = torch.empty_like(gate_up), torch.get_num_threads()
        call("silu_multiply_backward", gate_up.dtype, threads, *dy.shape, gate_up, dy.contiguous(), dgate_up)
        return dgate_up


def silu_multiply(gate_up: Tensor) -> Tensor:
    """silu(gate) * up. gate_up: [T, 2w], gate first -> [T, w]."""
    _width("half of gate_up", gate_up.shape[1] // 2)
    return _SiluMultiply.apply(gate_up.contiguous())


def _width(name: str, width: int) -> int:
    """The width, which must be a multiple of 16."""
    if width % WIDTH_STEP != 0:
        raise ValueError(f"{name}: expected a width in sixteens, got {width}")
    return width
