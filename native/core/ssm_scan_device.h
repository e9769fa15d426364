#pragma once

namespace longlens {

/// Registers a device that takes the Mamba-1 scans of large batches from ggml's CPU code, which calls a scalar expf
/// per channel and state. llama.cpp adds every device of the kind "accelerator" to its scheduler; this one works on
/// the CPU's own buffers, on the calling thread. Single tokens stay with ggml: the hand-over costs more than they do.
/// Not registered when the processor has no kernel, a GPU is there, or LONGLENS_SSM_SCAN=off;
/// LONGLENS_SSM_SCAN=avx2 takes the kernel of older processors on any.
/// returns: the kernel's name, or null. Once a process; thread: any.
const char * register_ssm_scan_device();

/// How many threads ggml has for what comes next: with many of them its own code is faster than ours on one.
/// Thread: engine thread.
void tell_ssm_scan_threads(int n_threads);

} // namespace longlens
