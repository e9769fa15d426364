// Compiled for CPUs with AVX2, FMA and F16C; see dense_kernels_impl.h.
#include "core/dense_kernels.h"

#include <immintrin.h>

namespace longlens {

namespace {

constexpr int64_t vector_floats = 8;
constexpr int64_t row_block = 6; // 12 of 16 registers hold sums
constexpr int64_t panel_vectors = 2;

typedef float Vec __attribute__((vector_size(32)));
typedef int32_t IntVec __attribute__((vector_size(32)));

struct Float16 {
    uint16_t bits;
};
struct BFloat16 {
    uint16_t bits;
};

Vec widen(const Float16 * from) {
    return reinterpret_cast<Vec>(_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(from))));
}

Vec widen(const BFloat16 * from) {
    const __m256i words = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(from)));
    return reinterpret_cast<Vec>(_mm256_slli_epi32(words, 16));
}

Vec widen(const int8_t * from) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i *>(from));
    return reinterpret_cast<Vec>(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)));
}

} // namespace

} // namespace longlens

#include "core/dense_kernels_impl.h"
// Builds on the one before.
#include "core/cached_attention_impl.h"

namespace longlens {

extern constinit const DenseKernels avx2_kernels = make_kernels("AVX2");

} // namespace longlens
