#include "core/dense_kernels.h"

namespace longlens {

#ifdef LONGLENS_X86_KERNELS

extern const DenseKernels avx512_kernels;
extern const DenseKernels avx2_kernels;

const DenseKernels * find_dense_kernels(DenseKernelsKind kind) {
    switch (kind) {
    case DenseKernelsKind::avx512:
        return __builtin_cpu_supports("avx512f") ? &avx512_kernels : nullptr;
    case DenseKernelsKind::avx2:
        // Every CPU with AVX2 and FMA has F16C too.
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &avx2_kernels : nullptr;
    }
    return nullptr;
}

#else

const DenseKernels * find_dense_kernels(DenseKernelsKind) {
    return nullptr;
}

#endif

const DenseKernels * find_best_dense_kernels() {
    const DenseKernels * widest = find_dense_kernels(DenseKernelsKind::avx512);
    return widest ? widest : find_dense_kernels(DenseKernelsKind::avx2);
}

} // namespace longlens
