"""Selective scan of Mamba-1 with gradient (the kernel is native/selective_scan.cpp).

Shapes: T tokens of all sequences packed one after another, d channels, N = 16 states, S sequences.
"""

from __future__ import annotations

import ctypes

import torch
from torch import Tensor
from torch.nn import functional

from longlens_training import native_library
from longlens_training.native_library import WIDTH_STEP, checked, pointer

N_STATE = 16


class _Scan(ctypes.Structure):
    """`Scan` of native/selective_scan.cpp, field by field."""

    _fields_ = [
        ("n_sequences", ctypes.c_int64),
        ("starts", ctypes.c_void_p),
        ("channels", ctypes.c_int64),
        ("n_groups", ctypes.c_int64),
        ("n_threads", ctypes.c_int64),
        ("u", ctypes.c_void_p),
        ("dt", ctypes.c_void_p),
        ("z", ctypes.c_void_p),
        ("u_stride", ctypes.c_int64),
        ("dt_stride", ctypes.c_int64),
        ("z_stride", ctypes.c_int64),
        ("B", ctypes.c_void_p),
        ("C", ctypes.c_void_p),
        ("bc_stride", ctypes.c_int64),
        ("A", ctypes.c_void_p),
        ("D", ctypes.c_void_p),
        ("dt_bias", ctypes.c_void_p),
        ("initial", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("final", ctypes.c_void_p),
        ("kept", ctypes.c_void_p),
    ]


class _Gradients(ctypes.Structure):
    """`Gradients` of native/selective_scan.cpp, field by field."""

    _fields_ = [
        ("dy", ctypes.c_void_p),
        ("dy_stride", ctypes.c_int64),
        ("du", ctypes.c_void_p),
        ("ddt", ctypes.c_void_p),
        ("dz", ctypes.c_void_p),
        ("dB", ctypes.c_void_p),
        ("dC", ctypes.c_void_p),
        ("dweights", ctypes.c_void_p),
    ]


def _describe(starts: Tensor, u: Tensor, dt: Tensor, z: Tensor, B: Tensor, C: Tensor, A: Tensor, D: Tensor,
              dt_bias: Tensor) -> _Scan:
    """The arguments that forward and backward share. The tensors must outlive the call."""
    n_sequences, n_threads = len(starts) - 1, torch.get_num_threads()
    blocks = u.shape[1] // WIDTH_STEP
    # Few sequences: split their channels, so that every thread has work.
    n_groups = 1 if n_threads == 1 or n_sequences >= 4 * n_threads else min(blocks, n_threads)
    return _Scan(
        n_sequences=n_sequences, starts=pointer(starts), channels=u.shape[1], n_groups=n_groups, n_threads=n_threads,
        u=pointer(u), dt=pointer(dt), z=pointer(z),
        u_stride=u.stride(0), dt_stride=dt.stride(0), z_stride=z.stride(0),
        B=pointer(B), C=pointer(C), bc_stride=B.stride(0), A=pointer(A), D=pointer(D), dt_bias=pointer(dt_bias),
    )  # fmt: skip


class _SelectiveScan(torch.autograd.Function):
    @staticmethod
    def forward(ctx, starts, u, dt, z, B, C, A, D, dt_bias, initial):  # noqa: D102
        n_tokens, d = u.shape
        library, suffix = native_library.load(), native_library.SUFFIXES[u.dtype]
        scan = _describe(starts, u, dt, z, B, C, A, D, dt_bias)
        y = torch.empty(n_tokens, d, dtype=u.dtype)
        final = torch.empty(len(starts) - 1, N_STATE, d)
        kept = None
        if any(ctx.needs_input_grad):
            size = library.scan_chunk()
            n_chunks = sum(-(-length // size) for length in starts.diff().tolist())
            kept = torch.empty(n_chunks, N_STATE, d)
        scan.initial, scan.y, scan.final, scan.kept = pointer(initial), pointer(y), pointer(final), pointer(kept)
        getattr(library, f"scan_forward_{suffix}")(ctypes.byref(scan))
        ctx.save_for_backward(starts, u, dt, z, B, C, A, D, dt_bias, kept)
        ctx.mark_non_differentiable(final)
        return y, final

    @staticmethod
    def backward(ctx, dy, _):  # noqa: D102
        starts, u, dt, z, B, C, A, D, dt_bias, kept = ctx.saved_tensors
        library, suffix = native_library.load(), native_library.SUFFIXES[u.dtype]
        scan = _describe(starts, u, dt, z, B, C, A, D, dt_bias)
        scan.kept = pointer(kept)
        dy = dy if dy.stride(-1) == 1 else dy.contiguous()
        du, ddt, dz = (torch.empty(u.shape, dtype=u.dtype) for _ in range(3))
        dB, dC = torch.empty(2, scan.n_groups, u.shape[0], N_STATE)
        dweights = torch.empty(scan.n_sequences, N_STATE + 2, u.shape[1])
        gradients = _Gradients(
            dy=pointer(dy), dy_stride=dy.stride(0), du=pointer(du), ddt=pointer(ddt), dz=pointer(dz),
            dB=pointer(dB), dC=pointer(dC), dweights=pointer(dweights),
        )  # fmt: skip
        getattr(library, f"scan_backward_{suffix}")(ctypes.byref(scan), ctypes.byref(gradients))
        dB, dC = (part[0] if scan.n_groups == 1 else part.sum(0) for part in (dB, dC))
        dA, dD, dbias = dweights.sum(0).split([N_STATE, 1, 1])
        return None, du, ddt, dz, dB, dC, dA, dD[0], dbias[0], None


def selective_scan(u: Tensor, dt: Tensor, z: Tensor, B: Tensor, C: Tensor, A: Tensor, D: Tensor, dt_bias: Tensor,
                   lengths: list[int], initial_state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """y = scan(u) * silu(z) and the state after each sequence.

    u, dt, z: [T, d] float32 or bfloat16, d a multiple of 16; dt is the step before its bias and softplus.
    B, C: [T, 16] float32. A: [d, 16] float32, negative. D, dt_bias: [d] float32. lengths: tokens of each sequence.
    initial_state: [S, d, 16] float32, zeros when None; no gradient flows into it, nor out of the final state.
    returns: y [T, d] of u's type, final state [S, d, 16] float32.
    """
    n_tokens, d = u.shape
    if d % WIDTH_STEP != 0 or u.dtype not in native_library.SUFFIXES:
        raise ValueError(f"u: expected float32 or bfloat16 with channels in sixteens, got {u.dtype} {list(u.shape)}")
    starts = native_library.sequence_starts(lengths, n_tokens)
    u, dt, z = (checked(name, x, (n_tokens, d), u.dtype) for name, x in (("u", u), ("dt", dt), ("z", z)))
    B, C = (checked(name, x, (n_tokens, N_STATE), torch.float32) for name, x in (("B", B), ("C", C)))
    if B.stride(0) != C.stride(0):
        B, C = B.contiguous(), C.contiguous()
    rows = checked("A", A.t().contiguous(), (N_STATE, d), torch.float32)
    D, dt_bias = (checked(name, x, (d,), torch.float32) for name, x in (("D", D), ("dt_bias", dt_bias)))
    initial = None
    if initial_state is not None:
        checked("initial_state", initial_state, (len(lengths), d, N_STATE), torch.float32)
        initial = initial_state.detach().transpose(1, 2).contiguous()
    y, final = _SelectiveScan.apply(starts, u, dt, z, B, C, rows, D, dt_bias, initial)
    return y, final.transpose(1, 2)


def selective_scan_reference(u: Tensor, dt: Tensor, z: Tensor, B: Tensor, C: Tensor, A: Tensor, D: Tensor,
                             dt_bias: Tensor, lengths: list[int], initial_state: Tensor | None = None,
                             ) -> tuple[Tensor, Tensor]:
    """The same by a plain loop over tokens (LONGLLAVA-FORMAT section 4), differentiable in any precision; for tests."""
    outputs, states, t = [], [], 0
    for index, length in enumerate(lengths):
        state = torch.zeros_like(A) if initial_state is None else initial_state[index]
        for _ in range(length):
            delta = functional.softplus(dt[t] + dt_bias)
            state = torch.exp(delta[:, None] * A) * state + (delta * u[t])[:, None] * B[t]
            outputs.append((state @ C[t] + D * u[t]) * functional.silu(z[t]))
            t += 1
        states.append(state)
    return torch.stack(outputs), torch.stack(states)
