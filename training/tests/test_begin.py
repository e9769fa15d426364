"""A run that begins with an exported checkpoint stands where the exported run stood."""

import pathlib
import tempfile
import unittest

import torch

from longlens_training import checkpoint, export, safetensors_file
from longlens_training.begin import begin_with
from longlens_training.reference import SMALL, random_model, rounded
from longlens_training.sizes import ModelSizes
from longlens_training.longlens_model import LongLens
from longlens_training.train_language import Progress
from longlens_training.trained_tower import load_heads, load_tower


class BeginTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = rounded(random_model(SMALL), torch.bfloat16)
        export.write_folder(self.folder / "exported", self.model, None)
        note = {"recipe": "full", "phases": 3, "tokens": 5_000, "images": 640}
        export._write_json(self.folder / "exported" / export.TRAINING_FILE, note)
        heads = {"letters.bias": torch.tensor([1.0, -2.0])}
        safetensors_file.write(self.folder / "exported" / export.HEADS_FILE, heads)

    def test_has_the_weights_and_the_phases_behind_it(self):
        begin_with(self.folder / "exported", self.folder / "run", "full", SMALL)
        counters = checkpoint.read_counters(self.folder / "run" / "language")
        progress = Progress(**counters["progress"])
        self.assertEqual((progress.phase, progress.total_tokens, progress.warmed_tokens), (3, 5_000, 0))
        model = LongLens(SMALL)
        checkpoint.load(checkpoint.latest(self.folder / "run" / "language"), {"model": model})
        for name, value in self.model.language.state_dict().items():
            self.assertTrue(torch.equal(model.language.state_dict()[name], value), name)
        tower = load_tower(self.folder / "run", SMALL)
        self.assertTrue(torch.equal(tower.embeddings, self.model.language.model.embed_tokens.weight))
        self.assertEqual(load_heads(self.folder / "run")["letters.bias"].tolist(), [1, -2])

    def test_goes_on_in_the_middle_of_a_phase(self):
        note = {"recipe": "full", "phases": 3, "batches": 7, "phase_tokens": 900, "tokens": 5_900, "images": 640}
        export._write_json(self.folder / "exported" / export.TRAINING_FILE, note)
        begin_with(self.folder / "exported", self.folder / "run", "full", SMALL)
        progress = Progress(**checkpoint.read_counters(self.folder / "run" / "language")["progress"])
        self.assertEqual(progress, Progress(3, 7, 900, 5_900, 0))

    def test_has_the_tower_alone_where_there_is_no_language_model(self):
        begin_with(self.folder / "exported", self.folder / "run", "full", SMALL)
        export.write_tower(self.folder / "tower", self.folder / "run", "full", SMALL)
        self.assertTrue((self.folder / "tower" / export.SEEING_FILE).exists())
        begin_with(self.folder / "tower", self.folder / "other", "full", SMALL)
        self.assertIsNone(checkpoint.latest(self.folder / "other" / "language"))
        self.assertEqual(checkpoint.read_counters(self.folder / "other" / "tower"), {"images": 640})
        one, other = (load_tower(self.folder / run, SMALL) for run in ("run", "other"))
        self.assertTrue(torch.equal(one.embeddings, other.embeddings))
        for part in ("tower", "projector"):
            weights, others = (getattr(each, part).state_dict() for each in (one, other))
            for name, value in weights.items():
                self.assertTrue(torch.equal(others[name], value), name)

    def test_leaves_nothing_of_the_tower_alone_behind_a_whole_model(self):
        begin_with(self.folder / "exported", self.folder / "run", "full", SMALL)
        export.write_tower(self.folder / "tower", self.folder / "run", "full", SMALL)
        export.write_folder(self.folder / "tower", self.model, None)
        self.assertFalse((self.folder / "tower" / export.SEEING_FILE).exists())

    def test_leaves_a_run_alone_that_has_checkpoints(self):
        begin_with(self.folder / "exported", self.folder / "run", "full", SMALL)
        before = sorted(file.name for file in (self.folder / "run").rglob("*"))
        begin_with(self.folder / "nowhere", self.folder / "run", "full", SMALL)
        self.assertEqual(sorted(file.name for file in (self.folder / "run").rglob("*")), before)

    def test_refuses_another_recipe_and_other_sizes(self):
        for recipe, sizes in (("smoke", SMALL), ("full", ModelSizes())):
            with self.assertRaises(ValueError):
                begin_with(self.folder / "exported", self.folder / "run", recipe, sizes)

    def test_refuses_more_phases_than_the_recipe_has(self):
        note = {"recipe": "full", "phases": 99, "tokens": 5_000, "images": 640}
        export._write_json(self.folder / "exported" / export.TRAINING_FILE, note)
        with self.assertRaisesRegex(ValueError, "99"):
            begin_with(self.folder / "exported", self.folder / "run", "full", SMALL)


if __name__ == "__main__":
    unittest.main()
