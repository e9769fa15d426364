"""Two parts of a batch hold all that the batch holds, each sequence with what belongs to it."""

import unittest

import torch

from longlens_training.batch_split import part_of, split_batch
from longlens_training.streams import Episodes

CELLS = 4


def batch_of(lengths: list[int]) -> Episodes:
    """Sequences that begin with as many pictures as fit into half of them; tokens count on, the last three are a reply."""
    tokens, wanted, spans, pictures, first = [], [], [], [], 0
    for number, length in enumerate(lengths):
        shown = length // 2 // CELLS
        tokens += [-1] * (shown * CELLS) + [1000 * number + place for place in range(length - shown * CELLS)]
        pictures += [100 * number + place for place in range(shown)]
        first += length
        wanted += range(first - 3, first)
        spans.append((number, first - 3, first))
    return Episodes(torch.tensor(tokens), lengths, torch.tensor(wanted), torch.tensor(pictures), spans)


class BatchSplit(unittest.TestCase):
    def test_parts_are_about_as_costly_and_leave_nothing_out(self):
        batch = batch_of([30, 10, 12, 11, 9, 17])
        parts = split_batch(batch)
        self.assertEqual(len(parts), 2)
        self.assertEqual(sorted(length for part in parts for length in part.lengths), sorted(batch.lengths))
        self.assertLess(max(len(part.tokens) for part in parts), 0.6 * len(batch.tokens))
        self.assertEqual(sorted(task for part in parts for task, _, _ in part.spans), list(range(6)))

    def test_each_part_has_its_sequences_tokens_pictures_and_replies(self):
        lengths = [30, 10, 12, 11, 9, 17]
        batch = batch_of(lengths)
        for chosen in ([0, 3, 5], [1, 2, 4], [2], list(range(6))):
            part = part_of(batch, chosen)
            alone = [part_of(batch, [sequence]) for sequence in chosen]
            self.assertEqual(part.lengths, [lengths[sequence] for sequence in chosen])
            self.assertEqual(part.pictures.tolist(), [p for each in alone for p in each.pictures.tolist()])
            self.assertEqual({int(p) // 100 for p in part.pictures}, {s for s in chosen if lengths[s] >= 2 * CELLS})
            self.assertEqual(len(part.wanted), 3 * len(chosen))
            for place, (task, start, end) in enumerate(part.spans):
                self.assertEqual(task, chosen[place])
                self.assertEqual(part.wanted[3 * place : 3 * place + 3].tolist(), list(range(start, end)))
                self.assertEqual({int(token) // 1000 for token in part.tokens[start:end]}, {task})
                self.assertEqual(sum(part.lengths[: place + 1]), end)

    def test_a_batch_with_one_long_sequence_stays_whole(self):
        batch = batch_of([60, 12])
        self.assertEqual(split_batch(batch), [batch])
        self.assertEqual(len(split_batch(batch_of([40, 38]))), 2)


if __name__ == "__main__":
    unittest.main()
