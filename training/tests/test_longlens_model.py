"""Cells of a bank tell their names."""

import unittest

import torch

from longlens_training.encode_bank import Bank, BankSettings
from longlens_training.longlens_model import LongLens, NamedCellPicker
from tests.test_architectures import small


class Naming(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)
        torch.set_num_threads(1)
        names = torch.full((6, 4, 8), -1, dtype=torch.int16)
        names[:, :, :3] = torch.tensor([1, 2, 3])
        # One cell of each picture shows a thing, another in each.
        names[:, 2, 3] = torch.arange(20, 26)
        self.bank = Bank(torch.randn(6, 4, 48).to(torch.bfloat16), names, BankSettings(clips=0, sheets=0, stills=6))

    def test_only_cells_that_show_something_are_picked_each_with_its_own_names(self):
        picked = NamedCellPicker(self.bank).pick(50)
        self.assertEqual(set(picked.names[0, :, 3].tolist()), set(range(20, 26)))
        for features, names in zip(picked.features[0], picked.names[0]):
            self.assertTrue(torch.equal(features, self.bank.features[int(names[3]) - 20, 2]))

    def test_the_loss_falls_whatever_the_length_of_what_is_projected(self):
        for length in (1.0, 300.0):
            model = LongLens(small("hybrid"))
            model.mm_projector[2].weight.data.mul_(length / 0.05)
            optimiser = torch.optim.AdamW(model.mm_projector.parameters(), lr=0.02 * length)
            picker, losses = NamedCellPicker(self.bank), []
            for _ in range(60):
                losses.append(model.naming_loss(picker.pick(32)))
                losses[-1].backward()
                optimiser.step()
                optimiser.zero_grad()
            self.assertLess(float(losses[-1]), 0.8 * float(losses[0]), f"length {length}")
