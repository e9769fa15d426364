// Compiled for CPUs with AVX-512F; see dense_kernels_impl.h.
#include "core/dense_kernels.h"

#include <immintrin.h>

namespace longlens {

namespace {

constexpr int64_t vector_floats = 16;
constexpr int64_t row_block = 12; // 24 of 32 registers hold sums
constexpr int64_t panel_vectors = 2;

typedef float Vec __attribute__((vector_size(64)));
typedef int32_t IntVec __attribute__((vector_size(64)));

struct Float16 {
    uint16_t bits;
};
struct BFloat16 {
    uint16_t bits;
};

// The masked forms with every lane on: GCC 12 takes the plain ones, in its own header, for uninitialised (bug 105593).
constexpr __mmask16 every_lane = 0xffff;

Vec widen(const Float16 * from) {
    const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
    return reinterpret_cast<Vec>(_mm512_maskz_cvtph_ps(every_lane, halves));
}

Vec widen(const BFloat16 * from) {
    const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
    const __m512i words = _mm512_maskz_cvtepu16_epi32(every_lane, halves);
    return reinterpret_cast<Vec>(_mm512_maskz_slli_epi32(every_lane, words, 16));
}

Vec widen(const int8_t * from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
    const __m512i words = _mm512_maskz_cvtepi8_epi32(every_lane, bytes);
    return reinterpret_cast<Vec>(_mm512_maskz_cvtepi32_ps(every_lane, words));
}

} // namespace

} // namespace longlens

#include "core/dense_kernels_impl.h"
// Builds on the one before.
#include "core/cached_attention_impl.h"

namespace longlens {

extern constinit const DenseKernels avx512_kernels = make_kernels("AVX-512");

} // namespace longlens
