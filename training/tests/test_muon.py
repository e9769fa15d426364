"""The optimiser: which parameter goes where, orthogonal updates, AdamW against PyTorch's own, and learning."""

import unittest

import torch

from longlens_training.clip_tower import ClipTower
from longlens_training.jamba import JambaModel
from longlens_training.muon import make_optimiser, orthogonalise
from longlens_training.sizes import LanguageSizes, TowerSizes

TINY = LanguageSizes(vocab_size=12, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
                     num_key_value_heads=2)  # fmt: skip


class MuonTest(unittest.TestCase):
    def test_orthogonalise_brings_every_singular_value_near_one(self):
        torch.manual_seed(0)
        for shape in ((3, 32, 48), (2, 64, 16)):
            values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)).float())
            self.assertGreater(float(values.min()), 0.3)
            self.assertLess(float(values.max()), 1.3)

    def test_hidden_matrices_get_muon_and_everything_else_adamw(self):
        model, tower = JambaModel(TINY), ClipTower(TowerSizes(32, 8, 48, 96, 1, 3))
        names = {id(p): n for m in (model, tower) for n, p in m.named_parameters()}
        optimiser = make_optimiser([*model.named_parameters(), *tower.named_parameters()])
        kinds = {names[id(p)]: g["kind"] for g in optimiser.param_groups for p in g["params"]}
        muon = {name for name, kind in kinds.items() if kind == "muon"}
        self.assertEqual(len(muon), 2 * 3 + 4 + 2 + 4 + 2)
        self.assertIn("model.layers.0.mamba.in_proj.weight", muon)
        self.assertIn("vision_model.encoder.layers.0.mlp.fc1.weight", muon)
        for name in ("model.embed_tokens.weight", "lm_head.weight", "model.layers.0.mamba.dt_proj.weight",
                     "vision_model.embeddings.patch_embedding.weight"):  # fmt: skip
            self.assertEqual(kinds[name], "adamw")
        self.assertNotIn("vision_model.post_layernorm.weight", kinds)

    def test_adamw_takes_the_steps_of_pytorch(self):
        torch.manual_seed(0)
        mine, theirs = (torch.nn.Parameter(torch.ones(5)) for _ in range(2))
        ours = make_optimiser([("bias", mine)], adamw_rate=0.1)
        reference = torch.optim.AdamW([theirs], lr=0.1, betas=(0.9, 0.95), weight_decay=0.0)
        for _ in range(5):
            gradient = torch.randn(5)
            mine.grad, theirs.grad = gradient.clone(), gradient.clone()
            ours.step(), reference.step()
        self.assertTrue(torch.allclose(mine, theirs, atol=1e-6))

    def test_the_projector_takes_the_same_steps_at_a_factor_of_their_length(self):
        moved = []
        for factor in (1.0, 0.25):
            torch.manual_seed(0)
            before = {f"mm_projector.{index}.{kind}": torch.randn(shape) for index in (0, 2)
                      for kind, shape in (("weight", (32, 16)), ("bias", (32,)))}  # fmt: skip
            parameters = {name: torch.nn.Parameter(value.clone()) for name, value in before.items()}
            optimiser = make_optimiser(parameters.items(), weight_decay=0.0, projector_factor=factor)
            for parameter in parameters.values():
                parameter.grad = torch.randn_like(parameter)
            optimiser.step()
            moved.append([parameters[name].detach() - value for name, value in before.items()])
        for whole, part in zip(*moved):
            self.assertGreater(float(whole.abs().max()), 1e-4)
            self.assertTrue(torch.allclose(0.25 * whole, part, atol=1e-6))

    def test_a_small_model_learns_to_repeat_the_token_before_last(self):
        torch.manual_seed(0)
        torch.set_num_threads(1)
        model = JambaModel(TINY)
        optimiser = make_optimiser(model.named_parameters(), muon_rate=5e-3, adamw_rate=5e-3)
        for step in range(150):
            tokens = torch.randint(0, 12, (8 * 20,))
            positions = torch.arange(160).view(8, 20)[:, 1:].flatten()
            losses = model.loss(model.hidden(model.embed(tokens), [20] * 8), positions, tokens[positions - 1])
            optimiser.zero_grad()
            losses.mean().backward()
            optimiser.set_rate(1 - step / 150)
            optimiser.step()
        self.assertLess(float(losses.mean()), 0.5)  # guessing costs log(12) = 2.48


if __name__ == "__main__":
    unittest.main()
