#include "core/ssm_scan.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define LONGLENS_HAS_KERNELS
#include <immintrin.h>
#endif

namespace longlens {

#ifdef LONGLENS_HAS_KERNELS

// One instruction set a function, not a file: code that every processor runs must not pick up these instructions.
#define LONGLENS_AVX512 __attribute__((target("avx512f,avx512dq")))
#define LONGLENS_AVX2 __attribute__((target("avx2,fma")))

namespace {

// Coefficients of Cephes' expf and logf (https://www.netlib.org/cephes/), good to about 2 units in the last place.
constexpr float log2_e = 1.44269504088896341F;
constexpr float ln2_high = 0.693359375F;
constexpr float ln2_low = -2.12194440e-4F;
constexpr float exp_terms[] = {1.9875691500e-4F, 1.3981999507e-3F, 8.3334519073e-3F,
                               4.1665795894e-2F, 1.6666665459e-1F, 5.0000001201e-1F};
constexpr float log_terms[] = {7.0376836292e-2F,  -1.1514610310e-1F, 1.1676998740e-1F,
                               -1.2420140846e-1F, 1.4249322787e-1F,  -1.6668057665e-1F,
                               2.0000714765e-1F,  -2.4999993993e-1F, 3.3333331174e-1F};
constexpr float sqrt_half = 0.707106781186547524F;
constexpr float softplus_linear_above = 20.0F; // as ggml and PyTorch

// ---- 16 channels at a time ----

LONGLENS_AVX512 inline __m512 exp_16(__m512 x) {
    const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(log2_e)), _MM_FROUND_TO_NEAREST_INT);
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(ln2_high), x);
    r = _mm512_fnmadd_ps(n, _mm512_set1_ps(ln2_low), r);
    __m512 p = _mm512_set1_ps(exp_terms[0]);
    for (int i = 1; i < 6; i++)
        p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(exp_terms[i]));
    p = _mm512_fmadd_ps(p, _mm512_mul_ps(r, r), _mm512_add_ps(r, _mm512_set1_ps(1.0F)));
    return _mm512_scalef_ps(p, n); // also right for underflow, overflow and NaN
}

// x >= 1
LONGLENS_AVX512 inline __m512 log_16(__m512 x) {
    __m512 e = _mm512_add_ps(_mm512_getexp_ps(x), _mm512_set1_ps(1.0F));
    __m512 m = _mm512_getmant_ps(x, _MM_MANT_NORM_p5_1, _MM_MANT_SIGN_src); // [0.5, 1)
    const __mmask16 is_small = _mm512_cmp_ps_mask(m, _mm512_set1_ps(sqrt_half), _CMP_LT_OQ);
    e = _mm512_mask_sub_ps(e, is_small, e, _mm512_set1_ps(1.0F));
    m = _mm512_mask_add_ps(m, is_small, m, m);
    m = _mm512_sub_ps(m, _mm512_set1_ps(1.0F));
    const __m512 z = _mm512_mul_ps(m, m);
    __m512 p = _mm512_set1_ps(log_terms[0]);
    for (int i = 1; i < 9; i++)
        p = _mm512_fmadd_ps(p, m, _mm512_set1_ps(log_terms[i]));
    p = _mm512_mul_ps(p, _mm512_mul_ps(m, z));
    p = _mm512_fmadd_ps(e, _mm512_set1_ps(ln2_low), p);
    p = _mm512_fnmadd_ps(z, _mm512_set1_ps(0.5F), p);
    return _mm512_fmadd_ps(e, _mm512_set1_ps(ln2_high), _mm512_add_ps(m, p));
}

LONGLENS_AVX512 inline __m512 softplus_16(__m512 x) {
    const __m512 soft = log_16(_mm512_add_ps(_mm512_set1_ps(1.0F), exp_16(x)));
    const __mmask16 is_linear = _mm512_cmp_ps_mask(x, _mm512_set1_ps(softplus_linear_above), _CMP_GT_OQ);
    return _mm512_mask_mov_ps(soft, is_linear, x);
}

LONGLENS_AVX512 void scan_avx512(const SsmScan & scan) {
    // Offsets of one state of 16 neighbouring channels.
    const __m512i channel = _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                                               _mm512_set1_epi32(ssm_d_state));
    for (int64_t c = 0; c < scan.n_channels; c += 16) {
        __m512 a[ssm_d_state];
        __m512 state[ssm_d_state];
        for (int n = 0; n < ssm_d_state; n++) {
            a[n] = _mm512_i32gather_ps(channel, scan.a + c * ssm_d_state + n, 4);
            state[n] = _mm512_i32gather_ps(channel, scan.state_in + c * ssm_d_state + n, 4);
        }
        for (int64_t t = 0; t < scan.n_tokens; t++) {
            const __m512 delta = softplus_16(_mm512_loadu_ps(scan.dt + t * scan.dt_stride + c));
            const __m512 u = _mm512_mul_ps(delta, _mm512_loadu_ps(scan.x + t * scan.x_stride + c));
            const float * b = scan.b + t * scan.b_stride;
            const float * cc = scan.c + t * scan.c_stride;
            __m512 y = _mm512_setzero_ps();
            for (int n = 0; n < ssm_d_state; n++) {
                const __m512 decay = exp_16(_mm512_mul_ps(delta, a[n]));
                state[n] = _mm512_fmadd_ps(state[n], decay, _mm512_mul_ps(u, _mm512_set1_ps(b[n])));
                y = _mm512_fmadd_ps(state[n], _mm512_set1_ps(cc[n]), y);
            }
            _mm512_storeu_ps(scan.y + t * scan.n_channels + c, y);
        }
        for (int n = 0; n < ssm_d_state; n++)
            _mm512_i32scatter_ps(scan.state_out + c * ssm_d_state + n, channel, state[n], 4);
    }
}

// ---- 8 channels at a time ----

LONGLENS_AVX2 inline __m256 exp_8(__m256 x) {
    // Below, e^x is 0 for our purpose; above it does not occur. The order of arguments lets NaN through.
    x = _mm256_max_ps(_mm256_set1_ps(-87.0F), _mm256_min_ps(_mm256_set1_ps(88.0F), x));
    const __m256 n =
        _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(log2_e)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(ln2_high), x);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(ln2_low), r);
    __m256 p = _mm256_set1_ps(exp_terms[0]);
    for (int i = 1; i < 6; i++)
        p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(exp_terms[i]));
    p = _mm256_fmadd_ps(p, _mm256_mul_ps(r, r), _mm256_add_ps(r, _mm256_set1_ps(1.0F)));
    const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(p, _mm256_castsi256_ps(power));
}

// x >= 1
LONGLENS_AVX2 inline __m256 log_8(__m256 x) {
    const __m256i bits = _mm256_castps_si256(x);
    __m256 e = _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_srli_epi32(bits, 23), _mm256_set1_epi32(126)));
    __m256 m = _mm256_castsi256_ps(_mm256_or_si256(_mm256_and_si256(bits, _mm256_set1_epi32(0x007fffff)),
                                                   _mm256_set1_epi32(0x3f000000))); // [0.5, 1)
    const __m256 is_small = _mm256_cmp_ps(m, _mm256_set1_ps(sqrt_half), _CMP_LT_OQ);
    e = _mm256_sub_ps(e, _mm256_and_ps(is_small, _mm256_set1_ps(1.0F)));
    m = _mm256_add_ps(m, _mm256_and_ps(is_small, m));
    m = _mm256_sub_ps(m, _mm256_set1_ps(1.0F));
    const __m256 z = _mm256_mul_ps(m, m);
    __m256 p = _mm256_set1_ps(log_terms[0]);
    for (int i = 1; i < 9; i++)
        p = _mm256_fmadd_ps(p, m, _mm256_set1_ps(log_terms[i]));
    p = _mm256_mul_ps(p, _mm256_mul_ps(m, z));
    p = _mm256_fmadd_ps(e, _mm256_set1_ps(ln2_low), p);
    p = _mm256_fnmadd_ps(z, _mm256_set1_ps(0.5F), p);
    return _mm256_fmadd_ps(e, _mm256_set1_ps(ln2_high), _mm256_add_ps(m, p));
}

LONGLENS_AVX2 inline __m256 softplus_8(__m256 x) {
    const __m256 soft = log_8(_mm256_add_ps(_mm256_set1_ps(1.0F), exp_8(x)));
    // Not "x > 20": a NaN must stay one, and log_8 makes a number of it.
    const __m256 is_linear = _mm256_cmp_ps(x, _mm256_set1_ps(softplus_linear_above), _CMP_NLE_UQ);
    return _mm256_blendv_ps(soft, x, is_linear);
}

LONGLENS_AVX2 void scan_avx2(const SsmScan & scan) {
    const __m256i channel =
        _mm256_mullo_epi32(_mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0), _mm256_set1_epi32(ssm_d_state));
    for (int64_t c = 0; c < scan.n_channels; c += 8) {
        __m256 a[ssm_d_state];
        __m256 state[ssm_d_state];
        for (int n = 0; n < ssm_d_state; n++) {
            a[n] = _mm256_i32gather_ps(scan.a + c * ssm_d_state + n, channel, 4);
            state[n] = _mm256_i32gather_ps(scan.state_in + c * ssm_d_state + n, channel, 4);
        }
        for (int64_t t = 0; t < scan.n_tokens; t++) {
            const __m256 delta = softplus_8(_mm256_loadu_ps(scan.dt + t * scan.dt_stride + c));
            const __m256 u = _mm256_mul_ps(delta, _mm256_loadu_ps(scan.x + t * scan.x_stride + c));
            const float * b = scan.b + t * scan.b_stride;
            const float * cc = scan.c + t * scan.c_stride;
            __m256 y = _mm256_setzero_ps();
            for (int n = 0; n < ssm_d_state; n++) {
                const __m256 decay = exp_8(_mm256_mul_ps(delta, a[n]));
                state[n] = _mm256_fmadd_ps(state[n], decay, _mm256_mul_ps(u, _mm256_set1_ps(b[n])));
                y = _mm256_fmadd_ps(state[n], _mm256_set1_ps(cc[n]), y);
            }
            _mm256_storeu_ps(scan.y + t * scan.n_channels + c, y);
        }
        float lanes[8];
        for (int n = 0; n < ssm_d_state; n++) {
            _mm256_storeu_ps(lanes, state[n]);
            for (int i = 0; i < 8; i++)
                scan.state_out[(c + i) * ssm_d_state + n] = lanes[i];
        }
    }
}

} // namespace

SsmScanKernel choose_ssm_scan_kernel(SsmScanChoice choice) {
    const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
    if (has_avx512 && choice == SsmScanChoice::fastest) return {scan_avx512, "AVX-512", 6};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {scan_avx2, "AVX2", 4};
    return {};
}

#else

SsmScanKernel choose_ssm_scan_kernel(SsmScanChoice) {
    return {};
}

#endif

} // namespace longlens
