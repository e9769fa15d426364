"""A bank may grow, but not become another one."""

import pathlib
import tempfile
import unittest

from longlens_training.encode_bank import SETTINGS_FILE, BankSettings, note_settings


class Settings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / SETTINGS_FILE

    def test_a_bank_may_grow_and_is_refused_for_another_part_of_the_world(self):
        note_settings(self.file, BankSettings(clips=10, seed=4))
        note_settings(self.file, BankSettings(clips=20, seed=4))
        with self.assertRaisesRegex(ValueError, "seed 5, split train, got 4, train"):
            note_settings(self.file, BankSettings(clips=20, seed=5))

    def test_a_bank_that_does_not_say_what_it_shows_is_refused(self):
        (self.file.parent / "clips.done").write_text("16")
        with self.assertRaisesRegex(ValueError, "move its folder away"):
            note_settings(self.file, BankSettings())
