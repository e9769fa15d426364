"""Keeps attention scores in a range in which they can still be learnt (QK-clip, arXiv 2507.20534, section 2.1).

Muon's steps have a fixed size, so the weights of queries and keys grow without end; after 14 M tokens scores reached 190
and every softmax was a choice of one position, through which almost no gradient passes (LOG.md). The official model has
no norm on queries and keys, so the weights themselves are scaled back, head by head.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from longlens_training.jamba import JambaModel

#: Largest score: enough for one position among e^12 = 160,000 to get nearly all of the attention.
MOST_SCORE = 30.0
#: Weights that are far too large, as those of an older checkpoint, shrink at most so much in a step.
LEAST_FACTOR = 0.98


@dataclasses.dataclass(frozen=True)
class LongestVectors:
    """Lengths of the longest query of each head, [H], and of the longest key, [K]."""

    queries: Tensor
    keys: Tensor


@torch.no_grad()
def longest_vectors(language: JambaModel) -> dict[int, LongestVectors]:
    """Those of the last pass, which `language` watched, by layer."""
    return {
        index: LongestVectors(seen.q.float().norm(dim=-1).amax(0), seen.k.float().norm(dim=-1).amax(0))
        for index, seen in language.seen().items()
    }


@torch.no_grad()
def limit_attention(language: JambaModel, passes: list[dict[int, LongestVectors]]) -> float:
    """Scales query and key weights of each head by what the passes before this step had in scores.

    Bounds a score by the longest query times the longest key. returns the largest bound before scaling, 0 without attention.
    """
    largest = 0.0
    for index in passes[0] if passes else ():
        mixer = language.model.layers[index].self_attn
        longest_q = torch.stack([each[index].queries for each in passes]).amax(0)
        longest_k = torch.stack([each[index].keys for each in passes]).amax(0)
        size, group = mixer.sizes.head_size, len(longest_q) // len(longest_k)
        bound = (longest_q.view(-1, group).amax(1) * longest_k) * size**-0.5  # [K]
        largest = max(largest, float(bound.max()))
        factor = (MOST_SCORE / bound).sqrt().clamp(LEAST_FACTOR, 1.0)
        mixer.q_proj.weight.view(len(factor), group * size, -1).mul_(factor[:, None, None])
        mixer.k_proj.weight.view(len(factor), size, -1).mul_(factor[:, None, None])
    return largest
