"""The row-wise kernels against the same formulas in PyTorch's double precision, outputs and every gradient."""

import unittest

import torch
from torch.nn import functional

from longlens_training.token_kernels import add_rms_norm, causal_conv_silu, grouped_rms_norm, silu_multiply


def rms(x, weight, eps):
    return x / torch.sqrt(x.square().mean(-1, keepdim=True) + eps) * weight


class TokenKernelsTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(5)

    def compare(self, kernel, formula, inputs):
        """Outputs and gradients of a random weighing of all outputs, with one thread and with two."""
        doubles = [x.double().requires_grad_(True) for x in inputs]
        wanted = formula(*doubles)
        weights = [torch.randn(y.shape) for y in wanted]
        sum((y * w).sum() for y, w in zip(wanted, weights)).backward()
        for threads in (1, 2):
            torch.set_num_threads(threads)
            leaves = [x.clone().requires_grad_(True) for x in inputs]
            got = kernel(*leaves)
            sum((y * w).sum() for y, w in zip(got, weights)).backward()
            for a, b in [*zip(got, wanted), *zip((x.grad for x in leaves), (x.grad for x in doubles))]:
                self.assertLess(float((a - b).abs().max()), 1e-5 * float(b.abs().max()))

    def test_adding_and_norming(self):
        inputs = [torch.randn(9, 32), torch.randn(9, 32), torch.randn(32)]
        kernel = lambda x, branch, w: add_rms_norm(x, branch, w, 1e-3, torch.float32)  # noqa: E731
        self.compare(kernel, lambda x, branch, w: (x + branch, rms(x + branch, w, 1e-3)), inputs)

    def test_norming_alone(self):
        kernel = lambda x, w: add_rms_norm(x, None, w, 1e-3, torch.float32)[1:]  # noqa: E731
        self.compare(kernel, lambda x, w: (rms(x, w, 1e-3),), [torch.randn(9, 32), torch.randn(32)])

    def test_norms_of_groups(self):
        kernel = lambda x, w: (grouped_rms_norm(x, w, 1e-3),)  # noqa: E731
        formula = lambda x, w: (rms(x.view(-1, 3, 16), w, 1e-3),)  # noqa: E731
        self.compare(kernel, formula, [torch.randn(7, 48), torch.randn(3, 16)])

    def test_convolution_sees_four_tokens_of_its_own_sequence(self):
        def formula(x, weight, bias):
            pieces = [functional.pad(piece.t(), (3, 0)) for piece in x.split([11, 2, 6])]
            return (torch.cat([functional.silu(functional.conv1d(p[None], weight[:, None], bias, groups=32))[0].t()
                               for p in pieces]),)  # fmt: skip

        kernel = lambda *inputs: (causal_conv_silu(*inputs, [11, 2, 6]),)  # noqa: E731
        self.compare(kernel, formula, [torch.randn(19, 32), torch.randn(32, 4), torch.randn(32)])

    def test_convolution_goes_on_from_the_rows_before(self):
        x, weight, bias = torch.randn(12, 16), torch.randn(16, 4), torch.randn(16)
        whole = causal_conv_silu(x, weight, bias, [12])
        rest = causal_conv_silu(x[5:], weight, bias, [7], x[2:5])
        self.assertTrue(torch.equal(rest, whole[5:]))

    def test_gated_activation(self):
        def formula(gate_up):
            gate, up = gate_up.chunk(2, dim=1)
            return (functional.silu(gate) * up,)

        self.compare(lambda gate_up: (silu_multiply(gate_up),), formula, [torch.randn(5, 96)])

    def test_a_width_that_is_not_in_sixteens_is_refused(self):
        with self.assertRaisesRegex(ValueError, "got 24"):
            silu_multiply(torch.randn(3, 48))


if __name__ == "__main__":
    unittest.main()
