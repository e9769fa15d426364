#pragma once

#include <string>

namespace longlens {

/// Names of the kernels in use, e.g. `AVX-512`; empty where ggml's own code computes.
struct KernelNames {
    std::string scan;
    std::string attention;
};

/// Registers a device that takes from ggml's CPU code what our kernels compute sooner: the Mamba-1 scans of large
/// batches, for which it calls a scalar expf per channel and state, and attention over a 16-bit cache. llama.cpp adds
/// every device of the kind "accelerator" to its scheduler; this one works on the CPU's own buffers. Scans of single
/// tokens stay with ggml, and so does their attention over few cells: the hand-over costs more than they do. Not
/// registered when the processor has no kernel or a GPU is there. LONGLENS_SSM_SCAN and LONGLENS_ATTENTION: `off`
/// leaves it to ggml, `avx2` takes the kernel of older processors on any. Once a process; thread: any.
KernelNames register_kernel_device();

/// How many threads there are for what comes next. With many of them ggml's own scan is faster than ours on one.
/// Thread: engine thread.
void tell_kernel_threads(int n_threads);

} // namespace longlens
