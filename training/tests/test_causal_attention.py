"""Attention against the plain formula in double precision, over the borders of blocks, with gradients."""

import unittest

import torch

from longlens_training import causal_attention as module
from longlens_training.causal_attention import causal_attention


def plain(q, k, v, lengths):
    """[T, H, hd] double, one sequence and head at a time."""
    repeat, first, outputs = q.shape[1] // k.shape[1], 0, []
    for length in lengths:
        heads = []
        for head in range(q.shape[1]):
            mine = slice(first, first + length)
            scores = q[mine, head] @ k[mine, head // repeat].t() / q.shape[2] ** 0.5
            later = torch.ones(length, length, dtype=torch.bool).triu(1)
            heads.append(scores.masked_fill(later, float("-inf")).softmax(-1) @ v[mine, head // repeat])
        outputs.append(torch.stack(heads, dim=1))
        first += length
    return torch.cat(outputs)


class CausalAttentionTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(2)
        for name, size in (("QUERY_BLOCK", 20), ("KEY_BLOCK", 24)):
            self.addCleanup(setattr, module, name, getattr(module, name))
            setattr(module, name, size)

    def test_outputs_and_gradients_agree_with_the_formula(self):
        lengths = [45, 1, 20, 33]
        for kv_heads in (1, 4):
            inputs = [3 * torch.randn(99, heads, 16) for heads in (4, kv_heads, kv_heads)]
            weight = torch.randn(99, 4, 16)
            doubles = [x.double().requires_grad_(True) for x in inputs]
            leaves = [x.clone().requires_grad_(True) for x in inputs]
            wanted, got = plain(*doubles, lengths), causal_attention(*leaves, lengths)
            (wanted * weight).sum().backward()
            (got * weight).sum().backward()
            for a, b in [(got, wanted), *((x.grad, y.grad) for x, y in zip(leaves, doubles))]:
                self.assertLess(float((a - b).abs().max()), 1e-5 * float(b.abs().max()))

    def test_more_keys_than_queries_means_that_the_queries_come_last(self):
        q, k, v = (torch.randn(50, 2, 16) for _ in range(3))
        whole = causal_attention(q, k, v, [50])
        self.assertLess(float((causal_attention(q[30:], k, v, [20]) - whole[30:]).abs().max()), 1e-5)

    def test_large_scores_do_not_overflow(self):
        q, k, v = (200 * torch.randn(30, 1, 16) for _ in range(3))
        self.assertTrue(bool(causal_attention(q, k, v, [30]).isfinite().all()))


if __name__ == "__main__":
    unittest.main()
