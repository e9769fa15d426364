"""What the tower is taught: losses with known values, and its whitened start."""

import math
import unittest

import torch

from longlens_training.clip_tower import ClipTower
from longlens_training.perception import (
    CHARACTERS,
    N_COLUMNS,
    PerceptionHeads,
    TargetCounts,
    balanced_cross_entropy,
    naming_loss,
    pool,
)
from longlens_training.sizes import TowerSizes
from longlens_training.whitening import SPREAD, start_whitened

SMALL = TowerSizes(image_size=64, patch_size=16, hidden_size=48, intermediate_size=96, num_hidden_layers=1)


class Losses(unittest.TestCase):
    def test_held_cells_weigh_two_to_one(self) -> None:
        logits = torch.zeros(12, 4)
        logits[:, 0] = 2.0
        targets = torch.tensor([1, 3] + [0] * 10)
        right, wrong = -math.log(math.exp(2) / (math.exp(2) + 3)), -math.log(1 / (math.exp(2) + 3))
        # Two held cells; ten empty ones weigh 0.1 each, together half as much.
        self.assertAlmostEqual(balanced_cross_entropy(logits, targets).item(), (2 * wrong + right) / 3, places=5)

    def test_a_cell_with_two_names_wants_half_of_each(self) -> None:
        projected, words = torch.zeros(1, 2, 8), torch.randn(5, 8)
        names = torch.tensor([[[1, 4, -1], [-1, -1, -1]]])
        self.assertAlmostEqual(naming_loss(projected, words, names).item(), math.log(5), places=5)

    def test_pooling_is_the_towers(self) -> None:
        tower = ClipTower(SMALL, torch.float32)
        pixels = torch.randint(0, 255, (2, 64, 64, 3), dtype=torch.uint8)
        self.assertTrue(torch.allclose(pool(tower.patches(pixels)), tower(pixels), atol=1e-6))

    def test_letters_are_asked_of_the_patches_at_their_slots(self) -> None:
        heads = PerceptionHeads(8, TargetCounts(items=5, colors=3, characters=4, words=3))
        patches = torch.zeros(1, 16, 8)
        # Cell 1 of 2x2 holds character 2 in its last slot: the right half of the right column of patches.
        patches[0, [3, 7], 0] = 1.0
        cells = torch.zeros(1, 4, N_COLUMNS, dtype=torch.int64)
        cells[0, 1, CHARACTERS.stop - 1] = 2
        torch.nn.init.zeros_(heads.letters.weight)
        torch.nn.init.zeros_(heads.letters.bias)
        heads.letters.weight.data[4 + 2, 0] = 50.0
        _, measures = heads(patches, cells, torch.zeros(1, 4, dtype=torch.int64))
        self.assertEqual(measures["letter"], 1.0)

    def test_characters_are_asked_in_order_without_the_gaps_of_their_slots(self) -> None:
        heads = PerceptionHeads(8, TargetCounts(items=5, colors=3, characters=4, words=3))
        cells = torch.zeros(1, 4, N_COLUMNS, dtype=torch.int64)
        cells[0, 1, CHARACTERS] = torch.tensor([0, 3, 0, 2])
        patches = torch.zeros(1, 16, 8)
        patches[0, [2, 3, 6, 7], 0] = 1.0
        torch.nn.init.zeros_(heads.order.weight)
        torch.nn.init.zeros_(heads.order.bias)
        # The third character first, the second behind it, nothing in the two places left.
        for place, character in enumerate((3, 2, 0, 0)):
            heads.order.weight.data[4 * place + character, 0] = 50.0
        _, measures = heads(patches, cells, torch.zeros(1, 4, dtype=torch.int64))
        self.assertEqual(measures["order"], 1.0)


class Whitening(unittest.TestCase):
    def test_embedded_patches_spread_evenly_in_every_direction(self) -> None:
        torch.manual_seed(0)
        tower = ClipTower(SMALL, torch.float32)
        smooth = torch.rand(400, 4, 4, 3).repeat_interleave(16, 1).repeat_interleave(16, 2)
        pixels = ((0.7 * smooth + 0.3 * torch.rand(400, 64, 64, 3)) * 255).to(torch.uint8)
        start_whitened(tower, pixels)
        embeddings = tower.vision_model.embeddings
        embedded = embeddings.patches(pixels).flatten(0, 1) @ embeddings.patch_embedding.weight.flatten(1).t()
        spreads = embedded.std(0)
        self.assertTrue((spreads > 0.6 * SPREAD).all() and (spreads < 1.05 * SPREAD).all(), spreads)


if __name__ == "__main__":
    unittest.main()
