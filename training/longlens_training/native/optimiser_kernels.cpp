// Element-wise parts of the optimiser, each one pass over its arrays. n numbers, any count.
#include "lanes.h"

#include <cmath>

namespace {

/// Calls work(i, count) for every `n_lanes` numbers; the last call may be shorter.
template <typename Work>
void for_lanes(int64_t n_threads, int64_t n, Work work) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t block = 0; block < (n + n_lanes - 1) / n_lanes; block++) {
        const int64_t i = block * n_lanes;
        work(i, n - i < n_lanes ? n - i : int64_t(n_lanes));
    }
}

Lanes load_some(const float * from, int64_t count) {
    Lanes x = {};
    std::memcpy(&x, from, count * sizeof(float));
    return x;
}
void store_some(float * to, Lanes x, int64_t count) { std::memcpy(to, &x, count * sizeof(float)); }

} // namespace

extern "C" {

/// momentum <- decay * momentum + (1 - decay) * gradient; direction <- the same once more with the new momentum
/// (Nesterov), rounded to bfloat16. n is a multiple of 16.
void muon_direction_f32(int64_t n_threads, int64_t n, float decay, const float * gradient, float * momentum,
                        BFloat16 * direction) {
    for_lanes(n_threads, n, [=](int64_t i, int64_t) {
        const Lanes g = load(gradient + i);
        const Lanes m = g + splat(decay) * (load(momentum + i) - g);
        store(momentum + i, m);
        store(direction + i, g + splat(decay) * (m - g));
    });
}

/// weight <- keep * weight - rate * update. n is a multiple of 16.
void muon_apply_f32(int64_t n_threads, int64_t n, float keep, float rate, const BFloat16 * update, float * weight) {
    for_lanes(n_threads, n, [=](int64_t i, int64_t) {
        store(weight + i, splat(keep) * load(weight + i) - splat(rate) * load(update + i));
    });
}

/// AdamW (arXiv 1711.05101): first_scale and second_scale are 1 / (1 - decay^step).
void adamw_f32(int64_t n_threads, int64_t n, float keep, float rate, float first_decay, float second_decay,
               float first_scale, float second_scale, float eps, const float * gradient, float * first, float * second,
               float * weight) {
    for_lanes(n_threads, n, [=](int64_t i, int64_t count) {
        const Lanes g = load_some(gradient + i, count);
        const Lanes m = g + splat(first_decay) * (load_some(first + i, count) - g);
        const Lanes v = g * g + splat(second_decay) * (load_some(second + i, count) - g * g);
        store_some(first + i, m, count);
        store_some(second + i, v, count);
        Lanes root;
        for (int lane = 0; lane < n_lanes; lane++) root[lane] = std::sqrt(v[lane] * second_scale);
        const Lanes update = m * splat(first_scale) / (root + splat(eps));
        store_some(weight + i, splat(keep) * load_some(weight + i, count) - splat(rate) * update, count);
    });
}
}
