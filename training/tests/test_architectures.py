"""The models that are compared: one size, the kinds of layers that their names say, each of them trains and is exported."""

import dataclasses
import pathlib
import tempfile
import unittest

import torch

from longlens_training import reading_cost
from longlens_training.encode_bank import Bank, BankSettings
from longlens_training.export import WholeModel, read_folder, write_folder
from longlens_training.jamba import JambaModel
from longlens_training.muon import make_optimiser
from longlens_training.precision import FASTEST
from longlens_training.sizes import ARCHITECTURES, ModelSizes, TowerSizes
from longlens_training.streams import Episodes
from longlens_training.longlens_model import LongLens
from tests.jamba_reference import reference_logits

NUMBER = torch.empty(0, dtype=FASTEST).element_size()
ATTENTION_BYTES = 2 * 256 * NUMBER  # of a position and layer: keys and values of the whole width
MAMBA_BYTES = 3 * 512 * NUMBER + 512 * 16 * 4  # of a layer: convolution as fast as it goes, scan in float32


def layers(architecture: str) -> str:
    sizes = ARCHITECTURES[architecture]
    return "".join("A" if sizes.is_attention(layer) else "m" for layer in range(sizes.num_hidden_layers))


def small(architecture: str) -> ModelSizes:
    """The same layers, narrow."""
    return ModelSizes(
        TowerSizes(image_size=32, patch_size=8, hidden_size=48, intermediate_size=64, num_hidden_layers=1),
        dataclasses.replace(ARCHITECTURES[architecture], vocab_size=64, hidden_size=64, intermediate_size=96),
    )


class Sizes(unittest.TestCase):
    def test_names_say_which_layers_there_are(self):
        self.assertEqual({name: layers(name) for name in ARCHITECTURES},
                         {"hybrid": "mAmmAmmA", "attention": "AAAAAAAA", "mamba": "mmmmmmmm"})  # fmt: skip

    def test_all_have_the_same_number_of_parameters_within_one_in_a_hundred(self):
        counts = {name: sum(p.numel() for p in JambaModel(sizes).parameters()) for name, sizes in ARCHITECTURES.items()}
        self.assertEqual(counts, {"hybrid": 7_174_128, "attention": 7_180_544, "mamba": 7_209_600})
        self.assertLess(max(counts.values()) / min(counts.values()), 1.01)

    def test_they_differ_in_nothing_but_kinds_of_layers_and_width_of_the_feed_forward(self):
        fields = ("attn_layer_period", "attn_layer_offset", "intermediate_size")
        same = {name: getattr(ARCHITECTURES["hybrid"], name) for name in fields}
        for sizes in ARCHITECTURES.values():
            self.assertEqual(dataclasses.replace(sizes, **same), ARCHITECTURES["hybrid"])


class Models(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(5)
        torch.set_num_threads(1)

    def test_logits_agree_with_the_plain_model_in_double_precision(self):
        for architecture in ARCHITECTURES:
            sizes = small(architecture).language
            model, embeddings = JambaModel(sizes, torch.float32), torch.randn(40, sizes.hidden_size)
            with torch.no_grad():
                got = model.logits(model.hidden(embeddings, [40]))
                doubles = {name: value.double() for name, value in model.named_parameters()}
                wanted = reference_logits(sizes, doubles, embeddings.double())
            self.assertLess(float((got - wanted).abs().max()), 2e-5 * float(wanted.abs().max()), architecture)

    def test_each_learns_from_a_few_steps(self):
        tokens = torch.randint(14, 64, (40,))
        tokens[4:8] = -1  # a picture of 4 cells
        batch = Episodes(tokens, [25, 15], torch.arange(10, 40).masked_select(torch.arange(10, 40) != 25), torch.zeros(1).long(), [])
        bank = Bank(torch.randn(1, 4, 48).to(torch.bfloat16), torch.zeros(1, 4, 8), BankSettings(clips=1, sheets=0, stills=0))
        for architecture in ARCHITECTURES:
            model, losses = LongLens(small(architecture)), []
            optimiser = make_optimiser(model.named_parameters())
            for _ in range(12):
                logits = model(batch, bank)
                losses.append(torch.nn.functional.cross_entropy(logits, tokens[batch.wanted]))
                losses[-1].backward()
                optimiser.step()
                optimiser.zero_grad()
            self.assertLess(float(losses[-1]), 0.8 * float(losses[0]), architecture)

    def test_each_is_exported_with_the_official_fields_and_comes_back(self):
        for architecture in ARCHITECTURES:
            with tempfile.TemporaryDirectory() as folder:
                model = WholeModel.create(small(architecture), torch.float32)
                write_folder(pathlib.Path(folder), model, None, torch.float32)
                again = read_folder(pathlib.Path(folder))
            self.assertEqual(again.sizes, model.sizes)
            for name, value in model.language.state_dict().items():
                self.assertTrue(torch.equal(again.language.state_dict()[name], value), name)


class Reading(unittest.TestCase):
    def setUp(self):
        torch.set_num_threads(1)
        self.features = torch.zeros(3, 25, 192, dtype=torch.bfloat16)

    @torch.no_grad()
    def states(self, architecture: str) -> list[tuple[int, int]]:
        model = LongLens(ModelSizes(language=ARCHITECTURES[architecture]))
        costs = [reading_cost.state_bytes(reading_cost.read(model, self.features, frames)) for frames in (2, 20)]
        return [(cost["key_value_bytes"], cost["recurrent_bytes"]) for cost in costs]

    def test_keys_and_values_grow_with_the_video_and_recurrent_states_do_not(self):
        self.assertEqual({name: self.states(name) for name in ARCHITECTURES}, {
            "hybrid": [(3 * 60 * ATTENTION_BYTES, 5 * MAMBA_BYTES), (3 * 600 * ATTENTION_BYTES, 5 * MAMBA_BYTES)],
            "attention": [(8 * 60 * ATTENTION_BYTES, 0), (8 * 600 * ATTENTION_BYTES, 0)],
            "mamba": [(0, 8 * MAMBA_BYTES), (0, 8 * MAMBA_BYTES)],
        })  # fmt: skip

    def test_a_cost_is_by_frames_and_by_tokens(self):
        cost = reading_cost.reading_cost(LongLens(small("hybrid")), torch.zeros(1, 4, 48, dtype=torch.bfloat16), 2)
        self.assertEqual((cost["frames"], cost["tokens"]), (2, 18))
        self.assertAlmostEqual(cost["tokens_per_second"] * cost["seconds"], 18, places=3)
        self.assertAlmostEqual(cost["frames_per_second"] * cost["seconds"], 2, places=3)

    def test_the_peak_is_what_the_work_held_at_most_and_forgets_what_was_before(self):
        peaks = [reading_cost.with_peak(lambda: torch.ones(mebibytes << 18))[1] for mebibytes in (200, 20)]
        self.assertAlmostEqual(peaks[0] / (200 << 20), 1.0, delta=0.2)
        self.assertAlmostEqual(peaks[1] / (20 << 20), 1.0, delta=0.5)


if __name__ == "__main__":
    unittest.main()
