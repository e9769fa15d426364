// What stands between the products of causal attention, one block of queries and keys at a time (arXiv 2205.14135).
//
// Shapes: H heads, n queries, t keys of the block. Query i sees the first `visible + i` keys of the block, where
// `visible` may be negative (none yet) or beyond t (all). Scores [H, n, t] are float32 or bfloat16; the rest is float32.
#include "lanes.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();

int64_t seen_by(int64_t query, int64_t visible, int64_t t) {
    return std::clamp<int64_t>(visible + query, 0, t);
}

/// Up to `n_lanes` numbers from position c; those at and after `end` are `other`.
template <typename T>
Lanes load_until(const T * row, int64_t c, int64_t end, float other) {
    if (c + n_lanes <= end) return load(row + c);
    T cut[n_lanes] = {};
    std::memcpy(cut, row + c, (end - c) * sizeof(T));
    Lanes x = load(cut);
    for (int64_t i = end - c; i < n_lanes; i++) x[i] = other;
    return x;
}

template <typename T>
void store_until(T * row, int64_t c, int64_t end, Lanes x) {
    if (c + n_lanes <= end) {
        store(row + c, x);
        return;
    }
    T all[n_lanes];
    store(all, x);
    std::memcpy(row + c, all, (end - c) * sizeof(T));
}

/// scores -> exp(scores - top), with `top` the largest score of the query so far. top, total (the sum of all its
/// exponentials, relative to top): in and out. factor: what earlier sums of the query are to be multiplied by.
template <typename T>
void forward(int64_t n_threads, int64_t n_heads, int64_t n, int64_t t, int64_t visible, T * scores, float * top,
             float * total, float * factor) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t r = 0; r < n_heads * n; r++) {
        T *           row  = scores + r * t;
        const int64_t seen = seen_by(r % n, visible, t);
        Lanes         most = splat(top[r]);
        for (int64_t c = 0; c < seen; c += n_lanes) {
            const Lanes x = load_until(row, c, seen, lowest);
            most          = x > most ? x : most;
        }
        float largest = most[0];
        for (int i = 1; i < n_lanes; i++) largest = std::max(largest, most[i]);
        Lanes all = splat(0.0f);
        for (int64_t c = 0; c < seen; c += n_lanes) {
            const Lanes e = exp_lanes(load_until(row, c, seen, lowest) - splat(largest));
            all += e;
            store_until(row, c, seen, e);
        }
        std::memset((void *)(row + seen), 0, (t - seen) * sizeof(T));
        factor[r] = largest == lowest ? 1.0f : std::exp(top[r] - largest);
        total[r]  = total[r] * factor[r] + sum(all);
        top[r]    = largest;
    }
}

/// scores -> weights = exp(scores - log_total); dweights -> gradient of the scores = weights * (dweights - shared).
/// log_total, shared: [H, n]; shared is the sum of weights * dweights over all keys of the query.
template <typename T>
void backward(int64_t n_threads, int64_t n_heads, int64_t n, int64_t t, int64_t visible, const float * log_total,
              const float * shared, T * scores, T * dweights) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t r = 0; r < n_heads * n; r++) {
        T *           row  = scores + r * t;
        T *           d    = dweights + r * t;
        const int64_t seen = seen_by(r % n, visible, t);
        for (int64_t c = 0; c < seen; c += n_lanes) {
            const Lanes w = exp_lanes(load_until(row, c, seen, lowest) - splat(log_total[r]));
            store_until(row, c, seen, w);
            store_until(d, c, seen, w * (load_until(d, c, seen, 0.0f) - splat(shared[r])));
        }
        std::memset((void *)(row + seen), 0, (t - seen) * sizeof(T));
        std::memset((void *)(d + seen), 0, (t - seen) * sizeof(T));
    }
}

} // namespace

#define FOR_TYPE(suffix, T)                                                                                            \
    void attention_block_##suffix(int64_t n_threads, int64_t n_heads, int64_t n, int64_t t, int64_t visible,           \
                                  T * scores, float * top, float * total, float * factor) {                            \
        forward<T>(n_threads, n_heads, n, t, visible, scores, top, total, factor);                                     \
    }                                                                                                                  \
    void attention_block_backward_##suffix(int64_t n_threads, int64_t n_heads, int64_t n, int64_t t, int64_t visible,  \
                                           const float * log_total, const float * shared, T * scores, T * dweights) {  \
        backward<T>(n_threads, n_heads, n, t, visible, log_total, shared, scores, dweights);                           \
    }

extern "C" {
FOR_TYPE(f32, float)
FOR_TYPE(bf16, BFloat16)
}
