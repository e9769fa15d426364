"""The tower against CLIP's formulas in double precision, outputs and every gradient."""

import unittest

import torch
from torch.nn import functional

from longlens_training.clip_tower import ClipTower
from longlens_training.sizes import TowerSizes

SIZES = TowerSizes(image_size=24, patch_size=6, hidden_size=48, intermediate_size=80, num_hidden_layers=3)


def make_tower(dtype: torch.dtype = torch.float32) -> ClipTower:
    """With norms and biases moved, so that leaving one out is seen."""
    torch.manual_seed(4)
    tower = ClipTower(SIZES, dtype)
    for name, parameter in tower.named_parameters():
        if "norm" in name or name.endswith("bias"):
            parameter.data.add_(0.3 * torch.randn_like(parameter))
    return tower


def plain_tower(weights: dict[str, torch.Tensor], pixels: torch.Tensor) -> torch.Tensor:
    """LONGLLAVA-FORMAT section 3 in double precision, one picture: [side, side, 3] -> [cells, w]."""
    get = lambda name: weights[f"vision_model.{name}"]  # noqa: E731
    norm = lambda x, name: functional.layer_norm(x, (48,), get(f"{name}.weight"), get(f"{name}.bias"), 1e-5)  # noqa: E731
    linear = lambda x, name: x @ get(f"{name}.weight").t() + get(f"{name}.bias")  # noqa: E731
    values = ((pixels.double() / 255 - 0.5) / 0.25).permute(2, 0, 1)[None]
    patches = functional.conv2d(values, get("embeddings.patch_embedding.weight"), stride=6)[0].flatten(1).t()
    x = torch.cat([get("embeddings.class_embedding")[None], patches]) + get("embeddings.position_embedding.weight")
    x = norm(x, "pre_layrnorm")
    for j in range(SIZES.num_hidden_layers):
        layer = f"encoder.layers.{j}"
        y = norm(x, f"{layer}.layer_norm1")
        q, k, v = (linear(y, f"{layer}.self_attn.{name}_proj").view(-1, 3, 16).transpose(0, 1) for name in "qkv")
        mixed = (q @ k.transpose(1, 2) / 4).softmax(-1) @ v
        x = x + linear(mixed.transpose(0, 1).reshape(-1, 48), f"{layer}.self_attn.out_proj")
        hidden = linear(norm(x, f"{layer}.layer_norm2"), f"{layer}.mlp.fc1")
        x = x + linear(hidden * torch.sigmoid(1.702 * hidden), f"{layer}.mlp.fc2")
    grid = x[1:].t().view(1, 48, 4, 4)
    return functional.avg_pool2d(grid, 2)[0].flatten(1).t()


class ClipTowerTest(unittest.TestCase):
    def test_features_and_every_gradient_agree_with_the_formulas(self):
        tower = make_tower()
        pixels = torch.randint(0, 256, (3, 24, 24, 3), dtype=torch.uint8)
        doubles = {k: v.detach().double().requires_grad_(True) for k, v in tower.named_parameters()}
        wanted = torch.stack([plain_tower(doubles, picture) for picture in pixels])
        weight = torch.randn_like(wanted)
        (wanted * weight).sum().backward()
        for threads in (1, 2):
            torch.set_num_threads(threads)
            tower.zero_grad(set_to_none=True)
            got = tower(pixels)
            (got * weight).sum().backward()
            self.assertEqual(got.shape, (3, 4, 48))
            self.assertLess(float((got - wanted).abs().max()), 1e-5 * float(wanted.abs().max()))
            for name, parameter in tower.named_parameters():
                if "post_layernorm" in name:
                    self.assertIsNone(parameter.grad)
                elif "k_proj.bias" in name:  # adds the same to all scores of a query, so nothing
                    self.assertLess(float(parameter.grad.abs().max()), 1e-4)
                else:
                    expected = doubles[name].grad
                    error = float((parameter.grad - expected).abs().max())
                    self.assertLess(error, 1e-4 * float(expected.abs().max()), name)

    def test_bfloat16_products_stay_near(self):
        pixels = torch.randint(0, 256, (2, 24, 24, 3), dtype=torch.uint8)
        exact, rounded = make_tower()(pixels), make_tower(torch.bfloat16)(pixels)
        self.assertLess(float((rounded - exact).norm() / exact.norm()), 0.02)

    def test_pixels_of_another_size_or_type_are_refused(self):
        with self.assertRaisesRegex(ValueError, "uint8 \\[n, 24, 24, 3\\]"):
            make_tower()(torch.zeros(1, 20, 24, 3, dtype=torch.uint8))
        with self.assertRaisesRegex(ValueError, "float32"):
            make_tower()(torch.zeros(1, 24, 24, 3))


if __name__ == "__main__":
    unittest.main()
