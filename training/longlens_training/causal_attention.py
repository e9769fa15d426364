"""Causal attention over packed sequences, in chunks of queries so that long sequences need little memory."""

from __future__ import annotations

import torch
from torch import Tensor

# Scores of one chunk: heads * QUERY_CHUNK * tokens numbers.
QUERY_CHUNK = 256


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
    outputs, first = [], 0
    past = k.shape[0] - q.shape[0]
    for length in lengths:
        keys = k[first : first + past + length].transpose(0, 1)  # [H, t, hd]
        values = v[first : first + past + length].transpose(0, 1)
        for start in range(0, length, QUERY_CHUNK):
            count = min(QUERY_CHUNK, length - start)
            seen = past + start + count
            queries = q[first + start : first + start + count].transpose(0, 1)
            scores = torch.bmm(queries, keys[:, :seen].transpose(1, 2)).float()
            later = torch.ones(count, seen, dtype=torch.bool).triu_(seen - count + 1)
            weights = scores.masked_fill(later, float("-inf")).softmax(dim=-1).to(v.dtype)
            outputs.append(torch.bmm(weights, values[:, :seen]).transpose(0, 1))
        first += length
    return torch.cat(outputs)
