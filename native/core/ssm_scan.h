#pragma once

#include <cstdint>

namespace longlens {

/// States per channel that the kernels are written for: Mamba-1's usual number.
constexpr int64_t ssm_d_state = 16;

/// One sequence's selective scan, for channels c and states n over tokens t:
///   delta = softplus(dt[t, c])
///   s[c, n] <- exp(delta A[c, n]) s[c, n] + delta x[t, c] B[t, n]
///   y[t, c] = sum over n of s[c, n] C[t, n]
/// Rows lie `*_stride` floats apart. n_channels is a multiple of 16.
struct SsmScan {
    int64_t n_tokens = 0;
    int64_t n_channels = 0;
    const float * x = nullptr; // [n_tokens, n_channels]
    int64_t x_stride = 0;
    const float * dt = nullptr; // [n_tokens, n_channels]
    int64_t dt_stride = 0;
    const float * a = nullptr; // [n_channels, ssm_d_state]
    const float * b = nullptr; // [n_tokens, ssm_d_state]
    int64_t b_stride = 0;
    const float * c = nullptr; // [n_tokens, ssm_d_state]
    int64_t c_stride = 0;
    const float * state_in = nullptr; // [n_channels, ssm_d_state]
    float * state_out = nullptr;      // the same; may be state_in
    float * y = nullptr;              // [n_tokens, n_channels], packed
};

struct SsmScanKernel {
    void (*run)(const SsmScan & scan) = nullptr;
    const char * name = "";
    /// With more threads than this, ggml's own scalar code is as fast as this kernel is on one. Measured on one core
    /// for 1,024 channels and 512 tokens: scalar 41 ms, AVX-512 5.2 ms, AVX2 8.5 ms.
    int max_ggml_threads = 0;
};

enum class SsmScanChoice { fastest, avx2 };

/// The kernel to use on this processor; without `run` when it has neither AVX-512 nor AVX2.
SsmScanKernel choose_ssm_scan_kernel(SsmScanChoice choice);

} // namespace longlens
