"""Causal attention over packed sequences, in chunks of queries: a long sequence never holds all its scores at once.

Backward computes the scores of each chunk again (as in arXiv 2205.14135), so what is kept grows with the number of
tokens and not with its square. Shapes: T tokens, H heads, hd head size.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from longlens_training.native_library import call

# Queries handled at once: their scores are H * QUERY_CHUNK * tokens numbers.
QUERY_CHUNK = 256


def _chunks(lengths: list[int], past: int) -> Iterator[tuple[int, int, int, int]]:
    """(first key, first query, end query, end key) of each chunk of queries."""
    first = 0
    for length in lengths:
        for start in range(first, first + length, QUERY_CHUNK):
            end = min(start + QUERY_CHUNK, first + length)
            yield first, start, end, end + past
        first += length


def _weights(q: Tensor, k: Tensor) -> Tensor:
    """q: [H, n, hd], already scaled; k: [H, t, hd] -> attention weights [H, n, t]."""
    scores = torch.bmm(q, k.transpose(1, 2))
    call("causal_softmax", scores.dtype, torch.get_num_threads(), *scores.shape, scores)
    return scores


class _CausalAttention(torch.autograd.Function):
    """q [H, T, hd], scaled; k, v [H, T', hd] -> [H, T, hd]."""

    @staticmethod
    def forward(ctx, q, k, v, lengths):  # noqa: D102
        past, out = k.shape[1] - q.shape[1], torch.empty_like(q)
        for first, start, end, seen in _chunks(lengths, past):
            weights = _weights(q[:, start:end], k[:, first:seen])
            out[:, start:end] = torch.bmm(weights, v[:, first:seen])
        ctx.save_for_backward(q, k, v, out)
        ctx.lengths = lengths
        return out

    @staticmethod
    def backward(ctx, dout):  # noqa: D102
        q, k, v, out = ctx.saved_tensors
        dout = dout.contiguous()
        dq = torch.empty_like(q)
        # The sums over chunks are float32.
        dk, dv = (torch.zeros(x.shape) for x in (k, v))
        shared = (dout.float() * out.float()).sum(-1)  # [H, T]
        for first, start, end, seen in _chunks(ctx.lengths, k.shape[1] - q.shape[1]):
            queries, keys, gradient = q[:, start:end], k[:, first:seen], dout[:, start:end]
            weights = _weights(queries, keys)
            dv[:, first:seen] += torch.bmm(weights.transpose(1, 2), gradient)
            dscores = torch.bmm(gradient, v[:, first:seen].transpose(1, 2))
            call("causal_softmax_backward", q.dtype, torch.get_num_threads(), *weights.shape, weights,
                 shared[:, start:end].contiguous(), dscores)  # fmt: skip
            dq[:, start:end] = torch.bmm(dscores, keys)
            dk[:, first:seen] += torch.bmm(dscores.transpose(1, 2), queries)
        return dq, dk.to(k.dtype), dv.to(v.dtype), None


def causal_attention(q: Tensor, k: Tensor, v: Tensor, lengths: list[int]) -> Tensor:
    """Each query sees the keys of its own sequence up to its own position.

    q: [T, H, hd]; k, v: [T', K, hd], H a multiple of K. lengths: tokens of each sequence in q. With one sequence k and v
    may be longer than q (T' > T): the queries are then the last T positions.
    returns [T, H, hd].
    """
    if k.shape[0] != q.shape[0] and len(lengths) != 1:
        raise ValueError(f"keys of several sequences: expected {q.shape[0]}, got {k.shape[0]}")
    repeat = q.shape[1] // k.shape[1]
    if repeat > 1:
        k, v = k.repeat_interleave(repeat, dim=1), v.repeat_interleave(repeat, dim=1)
    heads_first = [(q * q.shape[-1] ** -0.5), k, v]
    return _CausalAttention.apply(*(x.transpose(0, 1).contiguous() for x in heads_first), lengths).transpose(0, 1)
