"""Causal attention over packed sequences, by blocks of queries and keys (arXiv 2205.14135).

No more than one block of scores exists at a time, so that it stays in the cache, and what is kept for backward grows
with the number of tokens and not with its square. Shapes: T tokens, H heads, hd head size.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from longlens_training.native_library import call

QUERY_BLOCK = 256
KEY_BLOCK = 512


def _ranges(begin: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    for start in range(begin, end, size):
        yield start, min(start + size, end)


def _sequences(lengths: list[int]) -> Iterator[tuple[int, int]]:
    first = 0
    for length in lengths:
        yield first, first + length
        first += length


class _CausalAttention(torch.autograd.Function):
    """q [H, T, hd], scaled; k, v [H, T', hd] -> [H, T, hd]. Query i is at key i + past."""

    @staticmethod
    def forward(ctx, q, k, v, lengths):  # noqa: D102
        past, threads = k.shape[1] - q.shape[1], torch.get_num_threads()
        out, log_total = torch.empty_like(q), torch.empty(q.shape[:2])
        for first, last in _sequences(lengths):
            for start, end in _ranges(first, last, QUERY_BLOCK):
                rows = (q.shape[0], end - start)
                top, total, factor = torch.full(rows, float("-inf")), torch.zeros(rows), torch.empty(rows)
                mixed = None
                for key_start, key_end in _ranges(first, end + past, KEY_BLOCK):
                    scores = torch.bmm(q[:, start:end], k[:, key_start:key_end].transpose(1, 2))
                    visible = start + past - key_start + 1
                    call("attention_block", q.dtype, threads, *scores.shape, visible, scores, top, total, factor)
                    part = torch.bmm(scores, v[:, key_start:key_end])
                    mixed = part.float() if mixed is None else mixed.mul_(factor[..., None]).add_(part)
                out[:, start:end] = mixed / total[..., None]
                log_total[:, start:end] = top + total.log()
        ctx.save_for_backward(q, k, v, out, log_total)
        ctx.lengths = lengths
        return out

    @staticmethod
    def backward(ctx, dout):  # noqa: D102
        q, k, v, out, log_total = ctx.saved_tensors
        dout, past, threads = dout.contiguous(), k.shape[1] - q.shape[1], torch.get_num_threads()
        # The sums over blocks are float32.
        dq, dk, dv = (torch.zeros(x.shape) for x in (q, k, v))
        shared = (dout.float() * out.float()).sum(-1)  # [H, T]
        for first, last in _sequences(ctx.lengths):
            for start, end in _ranges(first, last, QUERY_BLOCK):
                queries, gradient = q[:, start:end], dout[:, start:end]
                sums = [x[:, start:end].contiguous() for x in (log_total, shared)]
                for key_start, key_end in _ranges(first, end + past, KEY_BLOCK):
                    block = slice(key_start, key_end)
                    weights = torch.bmm(queries, k[:, block].transpose(1, 2))
                    dscores = torch.bmm(gradient, v[:, block].transpose(1, 2))
                    visible = start + past - key_start + 1
                    call("attention_block_backward", q.dtype, threads, *weights.shape, visible, *sums, weights, dscores)
                    dv[:, block] += torch.bmm(weights.transpose(1, 2), gradient)
                    dq[:, start:end] += torch.bmm(dscores, k[:, block])
                    dk[:, block] += torch.bmm(dscores.transpose(1, 2), queries)
        return dq.to(q.dtype), dk.to(k.dtype), dv.to(v.dtype), None


def causal_attention(q: Tensor, k: Tensor, v: Tensor, lengths: list[int]) -> Tensor:
    """Each query sees the keys of its own sequence up to its own position.

    q: [T, H, hd]; k, v: [T', K, hd], H a multiple of K. lengths: tokens of each sequence in q. With one sequence k and v
    may be longer than q (T' > T): the queries are then the last T positions.
    returns [T, H, hd].
    """
    if k.shape[0] != q.shape[0] and len(lengths) != 1:
        raise ValueError(f"keys of several sequences: expected {q.shape[0]}, got {k.shape[0]}")
    repeat = q.shape[1] // k.shape[1]
    q = q * q.shape[-1] ** -0.5
    if repeat > 1:
        k, v = k.repeat_interleave(repeat, dim=1), v.repeat_interleave(repeat, dim=1)
    return _CausalAttention.apply(*(x.transpose(0, 1).contiguous() for x in (q, k, v)), lengths).transpose(0, 1)
