"""Two processes learn the same from a batch as one."""

import copy
import unittest

import torch

from longlens_training.attention_guide import GuideProbes
from longlens_training.encode_bank import Bank, BankSettings
from longlens_training.learning import Learner, Learners, Subject, lesson_of
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
        # All cells are alike: whichever are chosen by lot to tell their names, it is the same lesson.
        names = torch.arange(8, dtype=torch.int16).expand(8, CELLS, 8).contiguous().share_memory_()
        features = torch.randn(width).to(torch.bfloat16).expand(8, CELLS, width).contiguous().share_memory_()
        self.bank = Bank(features, names, BankSettings(clips=0, sheets=0, stills=8))
        self.model = LongLens(SMALL)
        self.probes = GuideProbes(SMALL.language.hidden_size, SMALL.language.vocab_size, 3)
        self.subject = Subject(0.5, 0.0, TOKENS, TaskNumbers(set(), set()))

    def gradients(self, threads, batches):
        """Loss, right tokens and the gradients of the last batch, of a copy of the model."""
        set_threads(threads)
        learner = Learner(copy.deepcopy(self.model), copy.deepcopy(self.probes), self.bank, self.subject)
        with Learners(learner) as learners:
            for batch in batches:
                learner.model.zero_grad(set_to_none=True)
                learnt = learners.learn(batch)
        loss = sum(lesson.share * (part.loss + part.naming) for lesson, part in learnt)
        right = sum(int(part.correct.sum()) for _, part in learnt)
        named = dict(learner.model.named_parameters())
        return len(learnt), loss, right, {name: p.grad for name, p in named.items()}

    def test_gradients_are_those_of_one(self):
        # The helper also after a batch that it had no part in.
        batches = [batch_of(4, 40, 2), batch_of(1, 60, 2), batch_of(5, 30, 2)]
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

    def test_a_batch_that_cannot_be_shared_out_stays_with_one(self):
        parts, _, _, gradients = self.gradients(2, [batch_of(1, 60, 2)])
        _, _, _, alone = self.gradients(1, [batch_of(1, 60, 2)])
        self.assertEqual(parts, 1)
        self.assertEqual({name for name, g in gradients.items() if g is None}, {n for n, g in alone.items() if g is None})

    def test_a_helper_that_has_ended_is_reported(self):
        set_threads(2)
        batch = batch_of(4, 40, 2)
        with Learners(Learner(self.model, self.probes, self.bank, self.subject)) as learners:
            learners._helper.begin(lesson_of(batch, batch, 4))
            learners._helper._process.kill()
            with self.assertRaisesRegex(RuntimeError, "exit code -9"):
                learners._helper.finish()
            with self.assertRaisesRegex(RuntimeError, "exit code -9"):
                learners.learn(batch)

    def test_one_process_learns_where_the_bank_is_not_shared(self):
        set_threads(2)
        bank = Bank(self.bank.features.clone(), self.bank.names.clone(), self.bank.settings)
        with Learners(Learner(self.model, self.probes, bank, self.subject)) as learners:
            self.assertEqual(len(learners.learn(batch_of(4, 40, 2))), 1)

    def test_parts_count_by_their_replies_and_by_their_places(self):
        short, long = batch_of(3, 30, 1), batch_of(1, 60, 10)
        lengths, wanted = short.lengths + long.lengths, torch.cat([short.wanted, long.wanted + 90])
        whole = Episodes(torch.cat([short.tokens, long.tokens]), lengths, wanted, short.pictures, [])
        lessons = [lesson_of(part, whole, 4) for part in (short, long)]
        self.assertEqual([lesson.share for lesson in lessons], [0.75, 0.25])
        self.assertEqual([lesson.place_share for lesson in lessons], [0.6, 0.4])


if __name__ == "__main__":
    unittest.main()
