"""Two processes learn the same from a batch as one."""

import copy
import unittest

import torch

from longlens_training.attention_guide import GuideProbes
from longlens_training.encode_bank import Bank, BankSettings
from longlens_training.learning import Learner, Learners, Subject
from longlens_training.longlens_model import LongLens
from longlens_training.reference import SMALL
from longlens_training.sights import TaskNumbers
from longlens_training.streams import Episodes
from longlens_training.threads import set_threads
from tests.test_sights import TOKENS

CELLS = 4


def batch_of(sequences: int, length: int, pictures: int) -> Episodes:
    """Each with its pictures first and a reply of five tokens at the end."""
    tokens = torch.randint(5, SMALL.language.vocab_size, (sequences, length))
    tokens[:, 1 : 1 + pictures * CELLS] = -1
    firsts = torch.arange(sequences) * length
    wanted = (firsts[:, None] + torch.arange(length - 5, length)).flatten()
    spans = [(0, first + length - 5, first + length) for first in firsts.tolist()]
    return Episodes(tokens.flatten(), [length] * sequences, wanted, torch.arange(sequences * pictures) % 8, spans)


class TwoProcesses(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)
        self.addCleanup(set_threads, torch.get_num_threads())
        width = SMALL.tower.hidden_size
        names = torch.randint(0, SMALL.language.vocab_size, (8, CELLS, 8)).to(torch.int16)
        self.bank = Bank(torch.randn(8, CELLS, width).to(torch.bfloat16), names, BankSettings(clips=0, sheets=0, stills=8))
        self.model = LongLens(SMALL)
        self.probes = GuideProbes(SMALL.language.hidden_size, SMALL.language.vocab_size, 3)
        self.subject = Subject(0.0, 0.0, TOKENS, TaskNumbers(set(), set()))

    def gradients(self, threads, batches):
        """Loss, right tokens and the gradients of the last batch, of a copy of the model."""
        set_threads(threads)
        learner = Learner(copy.deepcopy(self.model), copy.deepcopy(self.probes), self.bank, self.subject)
        with Learners(learner) as learners:
            for batch in batches:
                learner.model.zero_grad(set_to_none=True)
                learnt = learners.learn(batch)
        loss = sum(part.share * part.loss for part in learnt)
        right = sum(int(part.correct.sum()) for part in learnt)
        named = dict(learner.model.named_parameters())
        return len(learnt), loss, right, {name: p.grad for name, p in named.items()}

    def test_gradients_are_those_of_one(self):
        batches = [batch_of(4, 40, 2), batch_of(5, 30, 2)]
        parts, loss, right, gradients = self.gradients(1, batches)
        shared_parts, shared_loss, shared_right, shared_gradients = self.gradients(2, batches)
        self.assertEqual((parts, shared_parts), (1, 2))
        self.assertAlmostEqual(loss, shared_loss, places=4)
        self.assertEqual(right, shared_right)
        for name, gradient in gradients.items():
            if gradient is None:
                self.assertIsNone(shared_gradients[name], name)
            else:
                bound = 1e-4 * gradient.norm() + 1e-6
                self.assertLess((gradient - shared_gradients[name]).norm(), bound, name)

    def test_a_helper_that_has_ended_is_reported(self):
        set_threads(2)
        with Learners(Learner(self.model, self.probes, self.bank, self.subject)) as learners:
            learners._helper._process.kill()
            learners._helper._process.join()
            with self.assertRaisesRegex(RuntimeError, "exit code -9"):
                learners.learn(batch_of(4, 40, 2))


if __name__ == "__main__":
    unittest.main()
