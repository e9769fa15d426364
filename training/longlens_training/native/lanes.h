// As many floats side by side as fit a register: GCC vector types, so one source becomes AVX-512, AVX2 or plain SSE code.
// Storage is float32 or bfloat16 (upper half of a float32, rounded to nearest even).
#pragma once
#include <cstdint>
#include <cstring>
#ifdef __AVX__
#include <immintrin.h>
#endif

// Vectors wider than the registers would do, but GCC takes their comparisons and conversions apart number by number:
// the scan took three times as long on AVX2.
#ifdef __AVX512F__
constexpr int n_lanes = 16;
#else
constexpr int n_lanes = 8;
#endif
/// Widths are multiples of it, whatever the processor.
constexpr int width_step = 16;
typedef float    Lanes __attribute__((vector_size(4 * n_lanes)));
typedef int32_t  IntLanes __attribute__((vector_size(4 * n_lanes)));
typedef uint32_t BitLanes __attribute__((vector_size(4 * n_lanes)));
typedef uint16_t HalfLanes __attribute__((vector_size(2 * n_lanes)));

struct BFloat16 {
    uint16_t bits;
};

static inline Lanes splat(float value) { return Lanes{} + value; }

static inline Lanes load(const float * from) {
    Lanes x;
    std::memcpy(&x, from, sizeof x);
    return x;
}
static inline Lanes load(const BFloat16 * from) {
    HalfLanes half;
    std::memcpy(&half, from, sizeof half);
    return (Lanes)(__builtin_convertvector(half, BitLanes) << 16);
}
static inline void store(float * to, Lanes x) { std::memcpy(to, &x, sizeof x); }
static inline void store(BFloat16 * to, Lanes x) {
#ifdef __AVX512BF16__
    const __m256bh half = _mm512_cvtneps_pbh((__m512)x);
    std::memcpy(to, &half, sizeof half);
#else
    const BitLanes  bits = (BitLanes)x;
    const HalfLanes half = __builtin_convertvector((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16, HalfLanes);
    std::memcpy(to, &half, sizeof half);
#endif
}

static inline float sum(Lanes x) {
#ifdef __AVX512F__
    return _mm512_reduce_add_ps((__m512)x);
#elif defined(__AVX__)
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128((__m256)x), _mm256_extractf128_ps((__m256)x, 1));
    const __m128 two  = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
#else
    float total = 0;
    for (int i = 0; i < n_lanes; i++) total += x[i];
    return total;
#endif
}

/// 2^x, relative error below 2e-7 (minimax polynomial of degree 5 on the fraction); 0 for very small x.
static inline Lanes exp2_lanes(Lanes x) {
#ifdef __AVX512F__
    const Lanes whole = (Lanes)_mm512_roundscale_ps((__m512)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
    const Lanes floor_of = splat(-126.0f), ceiling = splat(126.0f), magic = splat(12582912.0f); // 1.5 * 2^23
    x = x < floor_of ? floor_of : x > ceiling ? ceiling : x;
    const Lanes whole = (x + magic) - magic;
#endif
    const Lanes part = x - whole; // in [-0.5, 0.5]
    Lanes p = splat(1.326472708e-3f);
    p = p * part + splat(9.671512862e-3f);
    p = p * part + splat(5.550733746e-2f);
    p = p * part + splat(2.402224208e-1f);
    p = p * part + splat(6.931469776e-1f);
    p = p * part + splat(1.0f);
#ifdef __AVX512F__
    return (Lanes)_mm512_scalef_ps((__m512)p, (__m512)whole);
#else
    return (Lanes)((IntLanes)p + (__builtin_convertvector(whole, IntLanes) << 23));
#endif
}

constexpr float log2_e = 1.44269504088896340736f;

static inline Lanes exp_lanes(Lanes x) { return exp2_lanes(x * splat(log2_e)); }

static inline Lanes sigmoid(Lanes x) { return splat(1.0f) / (splat(1.0f) + exp_lanes(-x)); }

/// log(1 + e^x) = max(x, 0) + log1p(v), v = e^-|x|; log1p(v) = 2 artanh(v / (2 + v)), exact for small v too.
static inline Lanes softplus(Lanes x) {
    const Lanes zero = splat(0.0f);
    const Lanes v    = exp_lanes(x < zero ? x : -x);
    const Lanes s    = v / (splat(2.0f) + v); // at most 1/3, so eight terms of the series reach float32
    const Lanes ss   = s * s;
    Lanes p = splat(1.0f / 15);
    p = p * ss + splat(1.0f / 13);
    p = p * ss + splat(1.0f / 11);
    p = p * ss + splat(1.0f / 9);
    p = p * ss + splat(1.0f / 7);
    p = p * ss + splat(1.0f / 5);
    p = p * ss + splat(1.0f / 3);
    p = p * ss + splat(1.0f);
    return (x > zero ? x : zero) + splat(2.0f) * s * p;
}
