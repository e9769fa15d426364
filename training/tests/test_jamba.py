"""The language model against its second writing in double precision, and packing and reading in pieces."""

import dataclasses
import unittest

import torch

from longlens_training.jamba import JambaModel
from longlens_training.sizes import LanguageSizes
from tests.jamba_reference import reference_logits

SMALL = LanguageSizes(
    vocab_size=40, hidden_size=64, intermediate_size=96, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2
)


def make_model(sizes: LanguageSizes = SMALL, dtype: torch.dtype = torch.float32) -> JambaModel:
    """A model whose norms and biases are not at their starting values, so that leaving one out is seen."""
    torch.manual_seed(3)
    model = JambaModel(sizes, dtype)
    for name, parameter in model.named_parameters():
        if "norm" in name or name.endswith((".D", ".bias")):
            parameter.data.add_(0.3 * torch.randn_like(parameter))
    return model


class JambaTest(unittest.TestCase):
    def setUp(self):
        torch.set_num_threads(2)

    def compare(self, sizes: LanguageSizes):
        model, lengths = make_model(sizes), [37, 5, 22]
        embeddings = torch.randn(sum(lengths), sizes.hidden_size)
        leaf = embeddings.clone().requires_grad_(True)
        logits = model.logits(model.hidden(leaf, lengths))
        weight = torch.randn_like(logits)
        (logits * weight).sum().backward()

        doubles = {k: v.detach().double().requires_grad_(True) for k, v in model.named_parameters()}
        double_leaf = embeddings.double().requires_grad_(True)
        wanted = torch.cat([reference_logits(sizes, doubles, piece) for piece in double_leaf.split(lengths)])
        (wanted * weight.double()).sum().backward()

        self.assertLess(float((logits - wanted).abs().max()), 2e-5 * float(wanted.abs().max()))
        gradients = {"embeddings": (leaf.grad, double_leaf.grad)}
        gradients |= {k: (v.grad, doubles[k].grad) for k, v in model.named_parameters() if "embed_tokens" not in k}
        for name, (got, expected) in gradients.items():
            self.assertLess(float((got - expected).abs().max()), 1e-4 * float(expected.abs().max()), name)

    def test_logits_and_every_gradient_agree_with_the_plain_model(self):
        self.compare(SMALL)

    def test_sizes_the_kernels_are_not_made_for_are_refused(self):
        with self.assertRaisesRegex(ValueError, "dt_rank 16"):
            JambaModel(dataclasses.replace(SMALL, mamba_dt_rank=8))

    def test_bfloat16_products_stay_near_the_float32_model(self):
        exact, rounded = make_model(), make_model(dtype=torch.bfloat16)
        embeddings = torch.randn(50, 64)
        wanted = exact.logits(exact.hidden(embeddings, [50]))
        got = rounded.logits(rounded.hidden(embeddings, [50]))
        self.assertLess(float((got - wanted).norm() / wanted.norm()), 0.03)

    def test_a_sequence_read_in_pieces_gives_the_same_as_at_once(self):
        model = make_model()
        embeddings = torch.randn(60, 64)
        with torch.no_grad():
            whole = model.hidden(embeddings, [60])
            states = model.new_states()
            pieces = [model.hidden(piece, [len(piece)], states) for piece in embeddings.split([31, 1, 2, 26])]
        self.assertLess(float((torch.cat(pieces) - whole).abs().max()), 1e-4)

    def test_parameters_have_the_official_names(self):
        names = set(JambaModel(SMALL).state_dict())
        self.assertIn("model.layers.0.mamba.A_log", names)
        self.assertIn("model.layers.1.self_attn.q_proj.weight", names)
        self.assertIn("model.layers.3.moe.experts.0.down_proj.weight", names)
        self.assertEqual(len(names), 3 * 17 + 1 * 9 + 3)


if __name__ == "__main__":
    unittest.main()
