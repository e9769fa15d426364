// Row-wise operations between the matrix products, forward and backward: each reads and writes its rows once.
//
// Shapes: T rows (tokens), w width (a multiple of 16). T-typed arrays are float32 or bfloat16.
#include "lanes.h"

#include <cmath>
#include <vector>

namespace {

/// Rows of thread `part` of `n_parts`.
struct Rows {
    int64_t from, to;
    Rows(int64_t n_rows, int64_t part, int64_t n_parts)
        : from(n_rows * part / n_parts), to(n_rows * (part + 1) / n_parts) {}
};

template <typename T>
void add_rms_norm(int64_t n_threads, int64_t n_rows, int64_t w, float eps, const float * x, const T * branch,
                  const float * weight, float * total, T * normed, float * inverse) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t r = 0; r < n_rows; r++) {
        Lanes squares = splat(0.0f);
        for (int64_t c = 0; c < w; c += n_lanes) {
            Lanes value = load(x + r * w + c);
            if (branch) value += load(branch + r * w + c);
            if (total) store(total + r * w + c, value);
            squares += value * value;
        }
        const float * row   = total ? total : x;
        const float   scale = 1 / std::sqrt(sum(squares) / w + eps);
        for (int64_t c = 0; c < w; c += n_lanes)
            store(normed + r * w + c, load(row + r * w + c) * splat(scale) * load(weight + c));
        inverse[r] = scale;
    }
}

/// dtotal may be null. dbranch may be null. dweight: [n_threads, w], to be summed over the threads.
template <typename T>
void add_rms_norm_backward(int64_t n_threads, int64_t n_rows, int64_t w, const float * total, const float * weight,
                           const float * inverse, const float * dtotal, const T * dnormed, float * dx, T * dbranch,
                           float * dweight) {
#pragma omp parallel for num_threads(n_threads) schedule(static, 1)
    for (int64_t part = 0; part < n_threads; part++) {
        std::vector<float> dw(w);
        const Rows         rows(n_rows, part, n_threads);
        for (int64_t r = rows.from; r < rows.to; r++) {
            const Lanes scale   = splat(inverse[r]);
            Lanes       product = splat(0.0f);
            for (int64_t c = 0; c < w; c += n_lanes)
                product += load(dnormed + r * w + c) * load(weight + c) * load(total + r * w + c);
            const Lanes shared = splat(sum(product) / w) * scale * scale * scale;
            for (int64_t c = 0; c < w; c += n_lanes) {
                const Lanes g = load(dnormed + r * w + c), value = load(total + r * w + c);
                Lanes       d = g * load(weight + c) * scale - value * shared;
                if (dtotal) d += load(dtotal + r * w + c);
                store(dx + r * w + c, d);
                if (dbranch) store(dbranch + r * w + c, d);
                store(dw.data() + c, load(dw.data() + c) + g * value * scale);
            }
        }
        std::memcpy(dweight + part * w, dw.data(), w * sizeof(float));
    }
}

constexpr int group_size = 16;

/// 1 / root mean square of a group.
template <typename T>
float inverse_rms(const T * x, float eps) {
    Lanes squares = splat(0.0f);
    for (int c = 0; c < group_size; c += n_lanes) squares += load(x + c) * load(x + c);
    return 1 / std::sqrt(sum(squares) / group_size + eps);
}

/// RMS norm of each 16 neighbouring numbers. x [n_rows, n_groups * 16], weight [n_groups, 16], normed like x.
template <typename T>
void grouped_rms_norm(int64_t n_threads, int64_t n_rows, int64_t n_groups, float eps, const T * x,
                      const float * weight, float * normed) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t i = 0; i < n_rows * n_groups; i++) {
        const T *     from  = x + i * group_size;
        const float * w     = weight + i % n_groups * group_size;
        const Lanes   scale = splat(inverse_rms(from, eps));
        for (int c = 0; c < group_size; c += n_lanes)
            store(normed + i * group_size + c, load(from + c) * scale * load(w + c));
    }
}

/// dweight: [n_threads, n_groups, 16], to be summed over the threads.
template <typename T>
void grouped_rms_norm_backward(int64_t n_threads, int64_t n_rows, int64_t n_groups, float eps, const T * x,
                               const float * weight, const float * dnormed, T * dx, float * dweight) {
#pragma omp parallel for num_threads(n_threads) schedule(static, 1)
    for (int64_t part = 0; part < n_threads; part++) {
        const Rows rows(n_rows, part, n_threads);
        for (int64_t g = 0; g < n_groups; g++) {
            const float * w              = weight + g * group_size;
            float         dw[group_size] = {};
            for (int64_t r = rows.from; r < rows.to; r++) {
                const int64_t at      = (r * n_groups + g) * group_size;
                const Lanes   scale   = splat(inverse_rms(x + at, eps));
                Lanes         product = splat(0.0f);
                for (int c = 0; c < group_size; c += n_lanes)
                    product += load(dnormed + at + c) * load(w + c) * load(x + at + c);
                const Lanes mean = splat(sum(product) / group_size);
                for (int c = 0; c < group_size; c += n_lanes) {
                    const Lanes value = load(x + at + c), d = load(dnormed + at + c);
                    store(dx + at + c, scale * (d * load(w + c) - value * scale * scale * mean));
                    store(dw + c, load(dw + c) + d * value * scale);
                }
            }
            std::memcpy(dweight + (part * n_groups + g) * group_size, dw, sizeof dw);
        }
    }
}

constexpr int taps = 4;

struct Convolution {
    int64_t         n_threads;
    int64_t         n_sequences;
    const int64_t * starts; // [S + 1]
    int64_t         n_groups; // the channels are cut into this many groups, to have work for every thread
    int64_t         w;
    int64_t         x_stride;
    const float *   weight; // [taps, w]; the last tap meets the current token
    const float *   bias;   // [w]
};

struct Piece {
    int64_t sequence, first, end, from, to;
    Piece(const Convolution & conv, int64_t index) {
        const int64_t group = index % conv.n_groups, n_blocks = conv.w / width_step;
        sequence = index / conv.n_groups;
        first    = conv.starts[sequence];
        end      = conv.starts[sequence + 1];
        from     = n_blocks * group / conv.n_groups * width_step;
        to       = n_blocks * (group + 1) / conv.n_groups * width_step;
    }
};

/// Sum of the taps at channel c of token t; `before` [taps - 1, w] stands before the sequence, or null for zeros.
template <typename T>
Lanes convolved(const Convolution & conv, const Piece & piece, const T * x, const T * before, int64_t t, int64_t c) {
    Lanes result = load(conv.bias + c);
#pragma GCC unroll 4
    for (int j = 0; j < taps; j++) {
        const int64_t from = t - (taps - 1) + j, ahead = from - piece.first;
        if (ahead >= 0)
            result += load(conv.weight + j * conv.w + c) * load(x + from * conv.x_stride + c);
        else if (before)
            result += load(conv.weight + j * conv.w + c) * load(before + (ahead + taps - 1) * conv.w + c);
    }
    return result;
}

template <typename T>
void conv_silu(const Convolution & conv, const T * x, const T * before, T * y) {
#pragma omp parallel for num_threads(conv.n_threads) schedule(dynamic, 1)
    for (int64_t index = 0; index < conv.n_sequences * conv.n_groups; index++) {
        const Piece piece(conv, index);
        for (int64_t t = piece.first; t < piece.end; t++)
            for (int64_t c = piece.from; c < piece.to; c += n_lanes) {
                const Lanes value = convolved(conv, piece, x, before, t, c);
                store(y + t * conv.w + c, value * sigmoid(value));
            }
    }
}

/// dx [T, w] contiguous; dweights [S, taps + 1, w] (taps, then bias), to be summed over the sequences.
template <typename T>
void conv_silu_backward(const Convolution & conv, const T * x, const T * dy, int64_t dy_stride, T * dx,
                        float * dweights) {
    const int64_t w = conv.w;
#pragma omp parallel for num_threads(conv.n_threads) schedule(dynamic, 1)
    for (int64_t index = 0; index < conv.n_sequences * conv.n_groups; index++) {
        const Piece        piece(conv, index);
        std::vector<float> ring(taps * w); // gradients before the activation of the last four tokens, at t % taps
        float *            dw = dweights + piece.sequence * (taps + 1) * w;
        for (int row = 0; row <= taps; row++)
            std::memset(dw + row * w + piece.from, 0, (piece.to - piece.from) * sizeof(float));
        for (int64_t t = piece.end - 1; t >= piece.first; t--)
            for (int64_t c = piece.from; c < piece.to; c += n_lanes) {
                const Lanes value = convolved<T>(conv, piece, x, nullptr, t, c), gate = sigmoid(value);
                const Lanes d = load(dy + t * dy_stride + c) * gate * (splat(1.0f) + value * (splat(1.0f) - gate));
                store(ring.data() + t % taps * w + c, d);
                Lanes dxt = splat(0.0f);
#pragma GCC unroll 4
                for (int j = 0; j < taps; j++) {
                    const int64_t later = t + taps - 1 - j, earlier = t - (taps - 1) + j;
                    if (later < piece.end)
                        dxt += load(conv.weight + j * w + c) * load(ring.data() + later % taps * w + c);
                    if (earlier >= piece.first)
                        store(dw + j * w + c, load(dw + j * w + c) + d * load(x + earlier * conv.x_stride + c));
                }
                store(dx + t * w + c, dxt);
                store(dw + taps * w + c, load(dw + taps * w + c) + d);
            }
    }
}

/// silu(first half of a row) * second half. gate_up [n_rows, 2w] -> y [n_rows, w].
template <typename T>
void silu_multiply(int64_t n_threads, int64_t n_rows, int64_t w, const T * gate_up, T * y) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t r = 0; r < n_rows; r++)
        for (int64_t c = 0; c < w; c += n_lanes) {
            const Lanes gate = load(gate_up + r * 2 * w + c);
            store(y + r * w + c, gate * sigmoid(gate) * load(gate_up + r * 2 * w + w + c));
        }
}

template <typename T>
void silu_multiply_backward(int64_t n_threads, int64_t n_rows, int64_t w, const T * gate_up, const T * dy,
                            T * dgate_up) {
#pragma omp parallel for num_threads(n_threads)
    for (int64_t r = 0; r < n_rows; r++)
        for (int64_t c = 0; c < w; c += n_lanes) {
            const T *   from = gate_up + r * 2 * w + c;
            T *         to   = dgate_up + r * 2 * w + c;
            const Lanes gate = load(from), up = load(from + w), d = load(dy + r * w + c), s = sigmoid(gate);
            store(to, d * up * s * (splat(1.0f) + gate * (splat(1.0f) - s)));
            store(to + w, d * gate * s);
        }
}

} // namespace

#define FOR_TYPE(suffix, T)                                                                                            \
    void add_rms_norm_##suffix(int64_t n_threads, int64_t n_rows, int64_t w, float eps, const float * x,               \
                               const T * branch, const float * weight, float * total, T * normed, float * inverse) {   \
        add_rms_norm<T>(n_threads, n_rows, w, eps, x, branch, weight, total, normed, inverse);                         \
    }                                                                                                                  \
    void add_rms_norm_backward_##suffix(int64_t n_threads, int64_t n_rows, int64_t w, const float * total,             \
                                        const float * weight, const float * inverse, const float * dtotal,             \
                                        const T * dnormed, float * dx, T * dbranch, float * dweight) {                 \
        add_rms_norm_backward<T>(n_threads, n_rows, w, total, weight, inverse, dtotal, dnormed, dx, dbranch, dweight); \
    }                                                                                                                  \
    void grouped_rms_norm_##suffix(int64_t n_threads, int64_t n_rows, int64_t n_groups, float eps, const T * x,        \
                                   const float * weight, float * normed) {                                             \
        grouped_rms_norm<T>(n_threads, n_rows, n_groups, eps, x, weight, normed);                                      \
    }                                                                                                                  \
    void grouped_rms_norm_backward_##suffix(int64_t n_threads, int64_t n_rows, int64_t n_groups, float eps,            \
                                            const T * x, const float * weight, const float * dnormed, T * dx,          \
                                            float * dweight) {                                                         \
        grouped_rms_norm_backward<T>(n_threads, n_rows, n_groups, eps, x, weight, dnormed, dx, dweight);               \
    }                                                                                                                  \
    void conv_silu_##suffix(const Convolution * conv, const T * x, const T * before, T * y) {                          \
        conv_silu<T>(*conv, x, before, y);                                                                             \
    }                                                                                                                  \
    void conv_silu_backward_##suffix(const Convolution * conv, const T * x, const T * dy, int64_t dy_stride, T * dx,   \
                                     float * dweights) {                                                               \
        conv_silu_backward<T>(*conv, x, dy, dy_stride, dx, dweights);                                                  \
    }                                                                                                                  \
    void silu_multiply_##suffix(int64_t n_threads, int64_t n_rows, int64_t w, const T * gate_up, T * y) {              \
        silu_multiply<T>(n_threads, n_rows, w, gate_up, y);                                                            \
    }                                                                                                                  \
    void silu_multiply_backward_##suffix(int64_t n_threads, int64_t n_rows, int64_t w, const T * gate_up,              \
                                         const T * dy, T * dgate_up) {                                                 \
        silu_multiply_backward<T>(n_threads, n_rows, w, gate_up, dy, dgate_up);                                        \
    }

extern "C" {
FOR_TYPE(f32, float)
FOR_TYPE(bf16, BFloat16)
}
