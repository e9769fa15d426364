"""The losses that tell attention where to look, and the limit on its scores."""

import unittest

import torch

from longlens_training.attention_guide import GuideProbes, attention_loss, guide_loss
from longlens_training.attention_limit import MOST_SCORE, limit_attention, longest_vectors
from longlens_training.frame_changes import Kinds
from longlens_training.jamba import JambaModel, Seen
from longlens_training.picture_addresses import NO_PART
from longlens_training.sights import BatchSights, Finds, Sights
from longlens_training.sizes import LanguageSizes

SIZES = LanguageSizes(vocab_size=40, hidden_size=64, intermediate_size=96)
LENGTH = 12
NAMES = ["address 1", "address 4", "appearance", "came", "caption", "contents", "departure 4", "first 4", "found address"]
NAMES += ["found last", "found last place", "found names", "found place", "last 4", "lookup 1", "pointer 4", "pointer 7"]
NAMES += ["repeat 1", "shot", "went"]
KINDS = 3


def sights(query: int, targets: list[int]) -> Sights:
    visible, wanted = torch.zeros(1, LENGTH, dtype=torch.bool), torch.zeros(1, LENGTH, dtype=torch.bool)
    visible[0, : query + 1] = True
    wanted[0, targets] = True
    return Sights(torch.tensor([query]), visible, wanted)


class AttentionGuideTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(5)
        self.model = JambaModel(SIZES, torch.float32)
        self.embeddings = torch.randn(LENGTH, SIZES.hidden_size)
        self.model.watch(True)

    def test_is_minus_the_log_of_the_attention_on_the_targets(self):
        q, k = torch.randn(LENGTH, 2, 16), torch.randn(LENGTH, 2, 16)
        loss = attention_loss(Seen(q, q, k), 1, sights(8, [2, 5]))
        weights = (k[:9, 1] @ q[8, 1] / 4).softmax(0)
        self.assertAlmostEqual(loss.item(), -float((weights[2] + weights[5]).log()), places=5)

    def test_teaches_the_heads_to_look(self):
        probes = GuideProbes(SIZES.hidden_size, SIZES.vocab_size, KINDS)
        parts = torch.tensor([[0, 1, 20], [2, 3, NO_PART]])
        cells, words = Finds(torch.tensor([4, 5]), parts), Finds(torch.tensor([10, 11]), parts)
        pairs = Finds(torch.tensor([8, 9]), torch.tensor([[0, 1], [1, 0]]))
        kinds = Kinds(torch.tensor([6, 9]), torch.tensor([[True, False, False], [False, True, True]]))
        wanted = BatchSights(
            everywhere=sights(10, [3]),
            first=sights(10, [3]),
            last=sights(10, [5]),
            pointers=sights(7, [1, 2]),
            repeats=sights(9, [4]),
            departures=sights(9, [6]),
            cells=cells,
            appearances=Finds(torch.tensor([8, 9]), torch.tensor([[0, 1, 2], [1, 1, 1]])),
            captions=Finds(torch.tensor([6]), torch.tensor([[0, 4, 2, 10, NO_PART]])),
            first_addresses=words,
            last_addresses=words,
            places=pairs,
            names=torch.tensor([[7, 9, -1], [-1, -1, -1]]),
            last_places=pairs,
            came=kinds,
            went=kinds,
            shots=pairs,
            contents=kinds,
        )
        optimiser = torch.optim.Adam([*self.model.parameters(), *probes.parameters()], lr=3e-3)
        losses = []
        for _ in range(30):
            self.model.hidden(self.embeddings, [LENGTH])
            loss, measured = guide_loss(self.model, probes, wanted)
            self.assertEqual(sorted(measured), NAMES)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        self.assertLess(losses[-1], 0.4 * losses[0])

    def test_changes_nothing_in_what_the_model_computes(self):
        watched = self.model.hidden(self.embeddings, [LENGTH])
        self.model.watch(False)
        self.assertTrue(torch.equal(self.model.hidden(self.embeddings, [LENGTH]), watched))
        self.assertEqual(self.model.seen(), {})

    def test_scores_that_are_too_large_come_down_head_by_head(self):
        mixer = self.model.model.layers[4].self_attn
        mixer.q_proj.weight.data[: SIZES.head_size] *= 40
        before = mixer.q_proj.weight.detach().clone()
        bounds = []
        for _ in range(400):
            self.model.hidden(self.embeddings, [LENGTH])
            bounds.append(limit_attention(self.model, [longest_vectors(self.model)]))
        self.assertGreater(bounds[0], MOST_SCORE)
        self.assertLessEqual(bounds[-1], MOST_SCORE * 1.001)
        self.assertTrue(torch.equal(mixer.q_proj.weight[SIZES.head_size :], before[SIZES.head_size :]))


if __name__ == "__main__":
    unittest.main()
