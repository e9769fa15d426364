"""The checkpoint folder: it comes back as it was written, and the reference of the engine's test is still what we compute."""

import json
import pathlib
import tempfile
import unittest

import torch

from longlens_training import reference, safetensors_file
from longlens_training.export import PROJECTOR_PREFIX, read_folder, write_folder

COMMITTED = pathlib.Path(__file__).parents[2] / "test" / "fixtures" / "pytorch-reference"


class ExportTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        torch.set_num_threads(1)

    def test_a_folder_comes_back_as_it_was_written(self):
        model = reference.rounded(reference.random_model(reference.SMALL), torch.bfloat16)
        write_folder(self.folder, model, None)
        again = read_folder(self.folder)
        self.assertEqual(again.sizes, model.sizes)
        for got, wanted in ((again.language, model.language), (again.projector, model.projector),
                            (again.tower, model.tower)):  # fmt: skip
            for name, value in wanted.state_dict().items():
                self.assertTrue(torch.equal(got.state_dict()[name], value), name)

    def test_names_and_shapes_are_the_official_ones(self):
        write_folder(self.folder, reference.random_model(reference.SMALL), None)
        tensors = safetensors_file.read(self.folder / "model.safetensors")
        self.assertEqual(len(tensors), 3 * 17 + 2 * 9 + 3 + 4)
        self.assertEqual(tensors["model.layers.0.mamba.conv1d.weight"].shape, (64, 1, 4))
        self.assertEqual(tensors[PROJECTOR_PREFIX + "0.weight"].shape, (32, 48))
        self.assertEqual({tensor.dtype for tensor in tensors.values()}, {torch.bfloat16})
        config = json.loads((self.folder / "config.json").read_text())
        self.assertEqual((config["attn_layer_period"], config["attn_layer_offset"]), (3, 1))
        self.assertEqual((config["eos_token_id"], config["mm_vision_select_layer"]), (5, -1))

    def test_numbers_begin_at_a_multiple_of_eight(self):
        file = self.folder / "x.safetensors"
        safetensors_file.write(file, {"a": torch.arange(5.0), "b": torch.tensor([1.0, -2.0]).to(torch.bfloat16)})
        self.assertEqual(int.from_bytes(file.read_bytes()[:8], "little") % 8, 0)
        again = safetensors_file.read(file)
        self.assertEqual(again["a"].tolist(), [0, 1, 2, 3, 4])
        self.assertEqual(again["b"].float().tolist(), [1, -2])

    def test_a_missing_tokenizer_raises(self):
        with self.assertRaises(FileNotFoundError):
            write_folder(self.folder, reference.random_model(reference.SMALL), self.folder / "none.model")

    def test_the_committed_reference_is_what_the_model_computes_now(self):
        model = read_folder(COMMITTED)
        wanted = safetensors_file.read(COMMITTED / "golden.safetensors")
        prompt = json.loads((COMMITTED / "golden.json").read_text())["prompts"]["image"]
        with torch.no_grad():
            projected = model.projector(model.tower(torch.stack(reference.make_pictures(32))))
            embeddings = reference.embed_prompt(model, prompt, projected)
            logits = model.language.logits(model.language.hidden(embeddings, [len(embeddings)]))
        self.assertLess(float((logits - wanted["image.logits"]).abs().max()), 1e-4)


if __name__ == "__main__":
    unittest.main()
