"""The scan kernel against a plain loop in double precision: outputs, states and every gradient."""

import unittest

import torch

from longlens_training import native_library
from longlens_training.selective_scan import selective_scan, selective_scan_reference

NAMES = ["u", "dt", "z", "B", "C", "A", "D", "dt_bias"]


def make_inputs(lengths: list[int], channels: int) -> dict[str, torch.Tensor]:
    """Random inputs with steps from about 0.001 to 3, as in a trained model."""
    generator = torch.Generator().manual_seed(7)
    n_tokens = sum(lengths)
    normal = lambda *shape: torch.randn(*shape, generator=generator)  # noqa: E731
    return {
        "u": normal(n_tokens, channels),
        "dt": normal(n_tokens, channels),
        "z": normal(n_tokens, channels),
        "B": normal(n_tokens, 16),
        "C": normal(n_tokens, 16),
        "A": -torch.exp(torch.log(torch.arange(1.0, 17.0)).repeat(channels, 1) + 0.1 * normal(channels, 16)),
        "D": normal(channels),
        "dt_bias": 3 * torch.rand(channels, generator=generator) - 5,
    }


def relative_error(got: torch.Tensor, wanted: torch.Tensor) -> float:
    """Largest difference over the largest wanted value."""
    return float((got.double() - wanted.double()).abs().max() / wanted.double().abs().max())


def run(function, inputs: dict[str, torch.Tensor], weight: torch.Tensor, lengths: list[int], initial=None):
    """Outputs, final state and the gradients of sum(weight * y)."""
    leaves = {name: value.clone().requires_grad_(True) for name, value in inputs.items()}
    y, state = function(*(leaves[name] for name in NAMES), lengths, initial)
    (y * weight.to(y.dtype)).sum().backward()
    return y.detach(), state.detach(), {name: leaf.grad for name, leaf in leaves.items()}


class SelectiveScanTest(unittest.TestCase):
    def compare(self, lengths: list[int], channels: int, threads: int, bound: float, dtype=torch.float32):
        torch.set_num_threads(threads)
        inputs = make_inputs(lengths, channels)
        for name in ("u", "dt", "z"):
            inputs[name] = inputs[name].to(dtype)
        weight = torch.randn(sum(lengths), channels, generator=torch.Generator().manual_seed(8)).to(dtype)
        wanted = run(selective_scan_reference, {k: v.double() for k, v in inputs.items()}, weight.double(), lengths)
        got = run(selective_scan, inputs, weight, lengths)
        self.assertLess(relative_error(got[0], wanted[0]), bound)
        self.assertLess(relative_error(got[1], wanted[1]), 1e-5)
        for name in NAMES:
            self.assertLess(relative_error(got[2][name], wanted[2][name]), bound, name)

    def test_a_sequence_shorter_than_a_chunk_agrees_with_the_loop(self):
        self.compare([5], 16, 1, 1e-5)

    def test_packed_sequences_of_different_lengths_agree_with_the_loop(self):
        self.compare([33, 1, 16, 50], 48, 1, 1e-5)

    def test_two_threads_give_the_same_as_one(self):
        self.compare([40, 23], 64, 2, 1e-5)
        self.compare([7, 9, 17, 3, 20, 1, 2, 30, 16, 5], 32, 2, 1e-5)

    def test_bfloat16_inputs_agree_within_their_rounding(self):
        self.compare([70, 30], 32, 2, 1e-2, torch.bfloat16)

    def test_a_sequence_cut_in_two_and_continued_from_its_state_gives_the_same(self):
        inputs = make_inputs([40], 32)
        whole, final = selective_scan(*(inputs[name] for name in NAMES), [40])
        part = lambda a, b: [v[a:b] if n in ("u", "dt", "z", "B", "C") else v for n, v in inputs.items()]  # noqa: E731
        first, state = selective_scan(*part(0, 27), [27])
        second, last = selective_scan(*part(27, 40), [13], state)
        self.assertLess(relative_error(torch.cat([first, second]), whole), 1e-6)
        self.assertLess(relative_error(last, final), 1e-6)

    def test_processors_without_avx512_get_the_same(self):
        native_library.FLAGS.append("-mno-avx512f")
        native_library.load.cache_clear()
        self.addCleanup(native_library.load.cache_clear)
        self.addCleanup(native_library.FLAGS.pop)
        self.compare([33, 1, 50], 32, 1, 1e-5)
        self.compare([70, 30], 32, 2, 1e-2, torch.bfloat16)

    def test_wrong_shapes_raise_and_name_the_input(self):
        inputs = make_inputs([8], 16)
        inputs["B"] = inputs["B"][:, :15]
        with self.assertRaisesRegex(ValueError, "B: expected torch.float32 \\[8, 16\\], got torch.float32 \\[8, 15\\]"):
            selective_scan(*(inputs[name] for name in NAMES), [8])
        inputs = make_inputs([8], 16)
        with self.assertRaisesRegex(ValueError, "sum 8"):
            selective_scan(*(inputs[name] for name in NAMES), [9])


if __name__ == "__main__":
    unittest.main()
