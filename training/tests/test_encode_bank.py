"""A bank may grow, but not become another one, and holds what is whole of it."""

import pathlib
import tempfile
import unittest

import torch

from longlens_training.encode_bank import N_NAMES, SETTINGS_FILE, Bank, BankSettings, Done, note_settings
from longlens_training.reference import SMALL
from longlens_training.streams import StreamEnded


class Settings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / SETTINGS_FILE

    def test_a_bank_may_grow_and_is_refused_for_another_part_of_the_world(self):
        note_settings(self.file, BankSettings(clips=10, seed=4), images=640)
        note_settings(self.file, BankSettings(clips=20, seed=4), images=640)
        with self.assertRaisesRegex(ValueError, "seed 5, split train, .* got seed 4, split train"):
            note_settings(self.file, BankSettings(clips=20, seed=5), images=640)

    def test_a_bank_of_the_tower_before_it_learnt_more_is_refused(self):
        note_settings(self.file, BankSettings(), images=640)
        with self.assertRaisesRegex(ValueError, "tower of 800 images, got .* tower of 640 images"):
            note_settings(self.file, BankSettings(), images=800)

    def test_a_bank_that_does_not_say_what_it_shows_is_refused(self):
        (self.file.parent / "clips.done").write_text("16")
        with self.assertRaisesRegex(ValueError, "move its folder away"):
            note_settings(self.file, BankSettings(), images=640)


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        cells, width = SMALL.tower.tokens_per_image, SMALL.tower.hidden_size
        self.features = torch.randn(9, cells, width).to(torch.bfloat16)
        self.names = torch.arange(9 * cells * N_NAMES, dtype=torch.int16).view(9, cells, N_NAMES)
        note_settings(self.folder / SETTINGS_FILE, BankSettings(clips=9, sheets=9, stills=9, seed=4), images=640)
        for kind, first, last, frames in (("clips", 0, 5, 4), ("sheets", 5, 5, 0), ("stills", 5, 9, 3)):
            # One frame more than is whole, as a kill in the middle of a batch leaves it.
            rows = {"features": self.features[first:last].view(torch.int16), "names": self.names[first:last]}
            for what, values in rows.items():
                (self.folder / f"{kind}.{what}").write_bytes(values.numpy().tobytes())
            Done(units=frames // 2, frames=frames).write(self.folder, kind)

    def test_what_is_whole_is_read_and_nothing_behind_it(self):
        bank = Bank.load(self.folder, SMALL)
        whole = [0, 1, 2, 3, 5, 6, 7]
        self.assertTrue(torch.equal(bank.features, self.features[whole]))
        self.assertTrue(torch.equal(bank.names, self.names[whole]))
        self.assertEqual(bank.settings, BankSettings(clips=2, sheets=0, stills=1, seed=4))

    def test_a_file_that_is_too_short_is_reported(self):
        Done(units=3, frames=6).write(self.folder, "clips")
        with self.assertRaisesRegex(StreamEnded, "clips.features: expected .* bytes"):
            Bank.load(self.folder, SMALL)


if __name__ == "__main__":
    unittest.main()
