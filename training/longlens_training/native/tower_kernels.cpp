// Row-wise operations of the vision tower, forward and backward: each reads and writes its rows once.
//
// Shapes: n_rows tokens, w width (a multiple of 16). T-typed arrays are float32 or bfloat16.
#include "lanes.h"

#include <cmath>
#include <vector>

namespace {

/// total = x + branch (branch and total may be null: then x itself); normed = (total - mean) / deviation * weight + bias.
/// moments: [n_rows, 2], mean and 1 / deviation.
template <typename T>
void add_layer_norm(int64_t n_threads, int64_t n_rows, int64_t w, float eps, const float * x, const T * branch,
                    const float * weight, const float * bias, float * total, T * normed, float * moments) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t r = 0; r < n_rows; r++) {
        Lanes all = splat(0.0f), squares = splat(0.0f);
        for (int64_t c = 0; c < w; c += n_lanes) {
            Lanes value = load(x + r * w + c);
            if (branch) value += load(branch + r * w + c);
            if (total) store(total + r * w + c, value);
            all += value;
        }
        const float * row  = (total ? total : x) + r * w;
        const float   mean = sum(all) / w;
        for (int64_t c = 0; c < w; c += n_lanes) {
            const Lanes away = load(row + c) - splat(mean);
            squares += away * away;
        }
        const float scale = 1 / std::sqrt(sum(squares) / w + eps);
        for (int64_t c = 0; c < w; c += n_lanes)
            store(normed + r * w + c,
                  (load(row + c) - splat(mean)) * splat(scale) * load(weight + c) + load(bias + c));
        moments[2 * r]     = mean;
        moments[2 * r + 1] = scale;
    }
}

/// dtotal and dbranch may be null. dweights: [n_threads, 2, w] (weight, then bias), to be summed over the threads.
template <typename T>
void add_layer_norm_backward(int64_t n_threads, int64_t n_rows, int64_t w, const float * total, const float * weight,
                             const float * moments, const float * dtotal, const T * dnormed, float * dx, T * dbranch,
                             float * dweights) {
#pragma omp parallel for num_threads(n_threads) schedule(static, 1)
    for (int64_t part = 0; part < n_threads; part++) {
        std::vector<float> sums(2 * w);
        for (int64_t r = n_rows * part / n_threads; r < n_rows * (part + 1) / n_threads; r++) {
            const Lanes mean = splat(moments[2 * r]), scale = splat(moments[2 * r + 1]);
            Lanes       plain = splat(0.0f), product = splat(0.0f);
            for (int64_t c = 0; c < w; c += n_lanes) {
                const Lanes d = load(dnormed + r * w + c), g = d * load(weight + c);
                const Lanes unit = (load(total + r * w + c) - mean) * scale;
                plain += g;
                product += g * unit;
                store(sums.data() + c, load(sums.data() + c) + d * unit);
                store(sums.data() + w + c, load(sums.data() + w + c) + d);
            }
            const Lanes shared = splat(sum(plain) / w), slope = splat(sum(product) / w);
            for (int64_t c = 0; c < w; c += n_lanes) {
                const Lanes unit = (load(total + r * w + c) - mean) * scale;
                Lanes d = (load(dnormed + r * w + c) * load(weight + c) - shared - unit * slope) * scale;
                if (dtotal) d += load(dtotal + r * w + c);
                store(dx + r * w + c, d);
                if (dbranch) store(dbranch + r * w + c, d);
            }
        }
        std::memcpy(dweights + part * 2 * w, sums.data(), 2 * w * sizeof(float));
    }
}

constexpr float steepness = 1.702f;

/// y = x sigmoid(1.702 x), n numbers, a multiple of 16.
template <typename T>
void quick_gelu(int64_t n_threads, int64_t n, const T * x, T * y) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t i = 0; i < n; i += n_lanes) {
        const Lanes value = load(x + i);
        store(y + i, value * sigmoid(splat(steepness) * value));
    }
}

template <typename T>
void quick_gelu_backward(int64_t n_threads, int64_t n, const T * x, const T * dy, T * dx) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t i = 0; i < n; i += n_lanes) {
        const Lanes value = load(x + i), s = sigmoid(splat(steepness) * value);
        store(dx + i, load(dy + i) * s * (splat(1.0f) + splat(steepness) * value * (splat(1.0f) - s)));
    }
}

} // namespace

#define FOR_TYPE(suffix, T)                                                                                            \
    void add_layer_norm_##suffix(int64_t n_threads, int64_t n_rows, int64_t w, float eps, const float * x,             \
                                 const T * branch, const float * weight, const float * bias, float * total,            \
                                 T * normed, float * moments) {                                                        \
        add_layer_norm<T>(n_threads, n_rows, w, eps, x, branch, weight, bias, total, normed, moments);                 \
    }                                                                                                                  \
    void add_layer_norm_backward_##suffix(int64_t n_threads, int64_t n_rows, int64_t w, const float * total,           \
                                          const float * weight, const float * moments, const float * dtotal,           \
                                          const T * dnormed, float * dx, T * dbranch, float * dweights) {              \
        add_layer_norm_backward<T>(n_threads, n_rows, w, total, weight, moments, dtotal, dnormed, dx, dbranch,         \
                                   dweights);                                                                          \
    }                                                                                                                  \
    void quick_gelu_##suffix(int64_t n_threads, int64_t n, const T * x, T * y) { quick_gelu<T>(n_threads, n, x, y); }  \
    void quick_gelu_backward_##suffix(int64_t n_threads, int64_t n, const T * x, const T * dy, T * dx) {               \
        quick_gelu_backward<T>(n_threads, n, x, dy, dx);                                                               \
    }

extern "C" {
FOR_TYPE(f32, float)
FOR_TYPE(bf16, BFloat16)
}
