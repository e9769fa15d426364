"""Checkpoints: a resumed run goes on exactly as one that was never stopped, and only whole files are left."""

import pathlib
import tempfile
import unittest

import torch

from longlens_training import checkpoint
from longlens_training.muon import make_optimiser


class CheckpointTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name) / "run"

    def make(self):
        torch.manual_seed(1)
        layer = torch.nn.ModuleDict({"up_proj": torch.nn.Linear(6, 8)})
        return layer, make_optimiser((f"layers.0.{n}", p) for n, p in layer.named_parameters())

    def train(self, layer, optimiser, steps):
        for _ in range(steps):
            optimiser.zero_grad()
            layer["up_proj"](torch.randn(4, 6)).square().mean().backward()
            optimiser.step()

    def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(self):
        layer, optimiser = self.make()
        self.train(layer, optimiser, 3)
        checkpoint.save(self.folder, 3, {"layer": layer}, optimiser, {"seen": 12}, {"width": 6})
        self.train(layer, optimiser, 3)

        again, again_optimiser = self.make()
        state = checkpoint.load(checkpoint.latest(self.folder), {"layer": again}, again_optimiser)
        self.train(again, again_optimiser, 3)

        self.assertEqual(state, {"step": 3, "sizes": {"width": 6}, "counters": {"seen": 12}})
        self.assertTrue(torch.equal(again["up_proj"].weight, layer["up_proj"].weight))

    def test_the_last_two_are_kept_and_no_partial_file_stays(self):
        layer, optimiser = self.make()
        for step in (1, 2, 10):
            checkpoint.save(self.folder, step, {"layer": layer}, optimiser, {}, {})
        names = sorted(file.name for file in self.folder.iterdir())
        self.assertEqual(names, ["checkpoint-000000002.pt", "checkpoint-000000010.pt"])

    def test_a_write_that_fails_leaves_the_older_checkpoint(self):
        layer, optimiser = self.make()
        checkpoint.save(self.folder, 1, {"layer": layer}, optimiser, {}, {})
        with self.assertRaises(Exception):
            checkpoint.save(self.folder, 2, {"layer": layer}, optimiser, {"bad": lambda: None}, {})
        self.assertEqual([file.name for file in self.folder.iterdir()], ["checkpoint-000000001.pt"])

    def test_what_a_killed_process_left_is_removed(self):
        layer, optimiser = self.make()
        checkpoint.save(self.folder, 1, {"layer": layer}, optimiser, {}, {})
        (self.folder / "checkpoint-000000002.77.partial").write_bytes(b"half")
        checkpoint.save(self.folder, 3, {"layer": layer}, optimiser, {}, {})
        names = sorted(file.name for file in self.folder.iterdir())
        self.assertEqual(names, ["checkpoint-000000001.pt", "checkpoint-000000003.pt"])

    def test_an_empty_folder_has_no_latest(self):
        self.assertIsNone(checkpoint.latest(self.folder))


if __name__ == "__main__":
    unittest.main()
