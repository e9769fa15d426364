#pragma once

#include "core/ssm_scan.h"

struct ggml_tensor;

namespace longlens {

/// ggml_ssm_scan by our kernel. Sources s, x, dt, A, B, C, ids; the result is y and then the new states.

/// Whether the kernel computes this scan, and sooner than ggml with so many threads. Single tokens stay with ggml: the
/// hand-over costs more than they do.
bool can_scan(const SsmScanKernel & kernel, const ggml_tensor * op, int n_ggml_threads);

/// Only for what can_scan says yes to. On the calling thread.
void compute_scan(const SsmScanKernel & kernel, const ggml_tensor * op);

} // namespace longlens
