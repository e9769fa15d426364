#pragma once

#include "core/dense_kernels.h"

struct ggml_tensor;

namespace longlens {

/// ggml_flash_attn_ext by our kernel. Sources q, k, v, mask; the result is [head_length, n_heads, n_tokens]. It keeps
/// 32-bit sums, where ggml's CPU code rounds to 16 bit inside.

/// Whether the kernel computes this attention, over one stream of 16-bit keys and values.
bool can_attend(const DenseKernels * kernels, const ggml_tensor * op);

/// Only for what can_attend says yes to. On up to n_threads threads, which end with the call; the work decides how
/// many.
void compute_attention(const DenseKernels & kernels, const ggml_tensor * op, int n_threads);

} // namespace longlens
