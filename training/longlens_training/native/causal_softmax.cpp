// Softmax of attention scores under the causal mask, in place, and its backward.
//
// Shapes: H heads, n queries, t keys. Query i of the n sees the first t - n + i + 1 keys. Scores are float32 or bfloat16;
// exponentials and sums are float32.
#include "lanes.h"

#include <algorithm>
#include <limits>

namespace {

/// Sixteen scores from position c on; those at and after `seen` count as -infinity.
template <typename T>
Lanes masked(const T * row, int64_t c, int64_t seen) {
    if (c + n_lanes <= seen) return load(row + c);
    T cut[n_lanes] = {};
    std::memcpy(cut, row + c, (seen - c) * sizeof(T));
    Lanes x = load(cut);
    for (int64_t i = seen - c; i < n_lanes; i++) x[i] = -std::numeric_limits<float>::infinity();
    return x;
}

template <typename T>
void store_some(T * row, int64_t c, int64_t seen, Lanes x) {
    T all[n_lanes];
    store(all, x);
    std::memcpy(row + c, all, std::min<int64_t>(n_lanes, seen - c) * sizeof(T));
}

/// scores [H, n, t] -> weights, in place; keys that a query does not see get 0.
template <typename T>
void causal_softmax(int64_t n_threads, int64_t n_heads, int64_t n, int64_t t, T * scores) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t r = 0; r < n_heads * n; r++) {
        T *           row  = scores + r * t;
        const int64_t seen = t - n + r % n + 1;
        Lanes         most = splat(-std::numeric_limits<float>::infinity());
        for (int64_t c = 0; c < seen; c += n_lanes) {
            const Lanes x = masked(row, c, seen);
            most          = x > most ? x : most;
        }
        float top = most[0];
        for (int i = 1; i < n_lanes; i++) top = std::max(top, most[i]);
        Lanes total = splat(0.0f);
        for (int64_t c = 0; c < seen; c += n_lanes) total += exp_lanes(masked(row, c, seen) - splat(top));
        const Lanes scale = splat(1 / sum(total));
        for (int64_t c = 0; c < seen; c += n_lanes)
            store_some(row, c, seen, exp_lanes(masked(row, c, seen) - splat(top)) * scale);
        std::memset((void *)(row + seen), 0, (t - seen) * sizeof(T));
    }
}

/// Gradient of the scores, written over that of the weights: weights * (dweights - shared). shared [H, n] is the sum of
/// weights * dweights over the keys.
template <typename T>
void causal_softmax_backward(int64_t n_threads, int64_t n_heads, int64_t n, int64_t t, const T * weights,
                             const float * shared, T * dweights) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t r = 0; r < n_heads * n; r++) {
        const T * w = weights + r * t;
        T *       d = dweights + r * t;
        for (int64_t c = 0; c < t; c += n_lanes) {
            const int64_t count = std::min<int64_t>(n_lanes, t - c);
            T some_w[n_lanes] = {}, some_d[n_lanes] = {};
            std::memcpy(some_w, w + c, count * sizeof(T));
            std::memcpy(some_d, d + c, count * sizeof(T));
            store_some(d, c, t, load(some_w) * (load(some_d) - splat(shared[r])));
        }
    }
}

} // namespace

extern "C" {
void causal_softmax_f32(int64_t n_threads, int64_t n_heads, int64_t n, int64_t t, float * scores) {
    causal_softmax(n_threads, n_heads, n, t, scores);
}
void causal_softmax_bf16(int64_t n_threads, int64_t n_heads, int64_t n, int64_t t, BFloat16 * scores) {
    causal_softmax(n_threads, n_heads, n, t, scores);
}
void causal_softmax_backward_f32(int64_t n_threads, int64_t n_heads, int64_t n, int64_t t, const float * weights,
                                 const float * shared, float * dweights) {
    causal_softmax_backward(n_threads, n_heads, n, t, weights, shared, dweights);
}
void causal_softmax_backward_bf16(int64_t n_threads, int64_t n_heads, int64_t n, int64_t t, const BFloat16 * weights,
                                  const float * shared, BFloat16 * dweights) {
    causal_softmax_backward(n_threads, n_heads, n, t, weights, shared, dweights);
}
}
