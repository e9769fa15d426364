// Selective scan of Mamba-1 over packed sequences, forward and backward (arXiv 2312.00752, algorithm 2; LONGLLAVA-FORMAT
// section 4), with what stands around it fused in: softplus of the step, skip D and gate z.
//
//   delta = softplus(dt + dt_bias)         S <- exp(delta A) S + (delta u) B      y = (C S + D u) silu(z)
//
// Shapes: T tokens of all sequences one after another, d channels (a multiple of 16), N = 16 states, S sequences.
//   u, dt, z, y [T, d] float32 or bfloat16, rows `*_stride` elements apart; B, C [T, N] float32; A [N, d] (negative),
//   D, dt_bias [d] float32; states [S, N, d] float32.
// The state is float32 throughout. Forward keeps the state at the start of every chunk of tokens; backward runs each
// chunk forward again from there.
#include "lanes.h"

#include <omp.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace {

constexpr int n_state = 16;
constexpr int chunk   = 16; // tokens; their states and decays (2 * 16 KB) stay in the first-level cache

struct Scan {
    int64_t         n_sequences;
    const int64_t * starts; // [S + 1]
    int64_t         channels;
    int64_t         n_groups; // the channels are cut into this many groups, to have work for every thread
    int64_t         n_threads;
    const void *    u;
    const void *    dt;
    const void *    z;
    int64_t         u_stride, dt_stride, z_stride;
    const float *   B;
    const float *   C;
    int64_t         bc_stride;
    const float *   A;
    const float *   D;
    const float *   dt_bias;
    const float *   initial; // [S, N, d] or null for zeros
    void *          y;       // [T, d] contiguous
    float *         final;   // [S, N, d] or null
    float *         kept;    // [chunks of all sequences, N, d] or null when no gradient is wanted
};

struct Gradients {
    const void * dy;  // [T, d], rows dy_stride apart
    int64_t      dy_stride;
    void *       du;  // [T, d] contiguous, as are ddt and dz
    void *       ddt;
    void *       dz;
    float *      dB; // [n_groups, T, N], to be summed over the groups
    float *      dC;
    float *      dweights; // [S, N + 2, d]: of A (N rows), D, dt_bias; to be summed over the sequences
};

int64_t chunks_of(int64_t n_tokens) { return (n_tokens + chunk - 1) / chunk; }

struct Span {
    int64_t sequence, first, end, first_chunk, channel_from, channel_to, group;
};

std::vector<Span> spans_of(const Scan & scan) {
    std::vector<Span> spans;
    int64_t           first_chunk = 0;
    const int64_t     n_blocks    = scan.channels / n_lanes;
    for (int64_t s = 0; s < scan.n_sequences; s++) {
        const int64_t first = scan.starts[s], end = scan.starts[s + 1];
        for (int64_t g = 0; g < scan.n_groups; g++)
            spans.push_back({s, first, end, first_chunk, n_blocks * g / scan.n_groups * n_lanes,
                             n_blocks * (g + 1) / scan.n_groups * n_lanes, g});
        first_chunk += chunks_of(end - first);
    }
    // Long sequences first: the last thread to finish then holds the others up least.
    std::stable_sort(spans.begin(), spans.end(),
                     [](const Span & a, const Span & b) { return a.end - a.first > b.end - b.first; });
    return spans;
}

/// One chunk of 16 channels, from `state` on (in and out: [N] rows `channels` apart).
template <typename T>
void forward_block(const Scan & scan, int64_t channel, int64_t from, int64_t to, float * state) {
    const int64_t d = scan.channels;
    const T *     u = (const T *)scan.u + channel;
    const T *     dt = (const T *)scan.dt + channel;
    const T *     z = (const T *)scan.z + channel;
    T *           y = (T *)scan.y + channel;
    const Lanes   skip = load(scan.D + channel), bias = load(scan.dt_bias + channel);
    Lanes         h[n_state], A[n_state];
    for (int n = 0; n < n_state; n++) {
        h[n] = load(state + n * d);
        A[n] = load(scan.A + n * d + channel) * splat(log2_e);
    }
    for (int64_t t = from; t < to; t++) {
        const Lanes   ut = load(u + t * scan.u_stride), zt = load(z + t * scan.z_stride);
        const Lanes   delta = softplus(load(dt + t * scan.dt_stride) + bias), input = delta * ut;
        const float * B     = scan.B + t * scan.bc_stride;
        const float * C     = scan.C + t * scan.bc_stride;
        Lanes         even = skip * ut, odd = splat(0.0f);
#pragma GCC unroll 16
        for (int n = 0; n < n_state; n++) {
            h[n] = exp2_lanes(delta * A[n]) * h[n] + input * splat(B[n]);
            (n % 2 == 0 ? even : odd) += h[n] * splat(C[n]);
        }
        store(y + t * d, (even + odd) * zt * sigmoid(zt));
    }
    for (int n = 0; n < n_state; n++) store(state + n * d, h[n]);
}

template <typename T>
void forward_span(const Scan & scan, const Span & span, float * state) {
    const int64_t d = scan.channels;
    for (int n = 0; n < n_state; n++)
        for (int64_t c = span.channel_from; c < span.channel_to; c++)
            state[n * d + c] = scan.initial ? scan.initial[(span.sequence * n_state + n) * d + c] : 0.0f;
    int64_t index = span.first_chunk;
    for (int64_t from = span.first; from < span.end; from += chunk, index++) {
        const int64_t to = std::min<int64_t>(from + chunk, span.end);
        for (int64_t c = span.channel_from; c < span.channel_to; c += n_lanes) {
            if (scan.kept)
                for (int n = 0; n < n_state; n++)
                    store(scan.kept + (index * n_state + n) * d + c, load(state + n * d + c));
            forward_block<T>(scan, c, from, to, state + c);
        }
    }
    if (scan.final)
        for (int n = 0; n < n_state; n++)
            std::copy(state + n * d + span.channel_from, state + n * d + span.channel_to,
                      scan.final + (span.sequence * n_state + n) * d + span.channel_from);
}

/// What one thread needs to take one chunk of 16 channels backward.
struct Workspace {
    alignas(64) Lanes h[chunk + 1][n_state]; // state before each token; the last is the state after the chunk
    alignas(64) Lanes decay[chunk][n_state];
    alignas(64) Lanes delta[chunk], u[chunk], dy[chunk];
    alignas(64) Lanes ddelta[chunk], du[chunk];
    alignas(64) Lanes dB[chunk][n_state], dC[chunk][n_state]; // summed over the blocks of channels, lane by lane
};

/// Runs the chunk forward again; fills h, decay, delta, u, dy (gradient before the gate) and writes dz.
template <typename T>
void recompute(const Scan & scan, const Gradients & grad, Workspace & w, int64_t channel, int64_t from, int64_t to,
               const float * kept) {
    const int64_t d = scan.channels;
    const T *     u = (const T *)scan.u + channel;
    const T *     dt = (const T *)scan.dt + channel;
    const T *     z = (const T *)scan.z + channel;
    const T *     dy = (const T *)grad.dy + channel;
    T *           dz = (T *)grad.dz + channel;
    const Lanes   skip = load(scan.D + channel), bias = load(scan.dt_bias + channel), one = splat(1.0f);
    Lanes         h[n_state], A[n_state];
    for (int n = 0; n < n_state; n++) {
        h[n] = load(kept + n * d);
        A[n] = load(scan.A + n * d + channel) * splat(log2_e);
    }
    for (int64_t t = from; t < to; t++) {
        const int64_t i     = t - from;
        const Lanes   ut    = load(u + t * scan.u_stride);
        const Lanes   delta = softplus(load(dt + t * scan.dt_stride) + bias), input = delta * ut;
        const float * B     = scan.B + t * scan.bc_stride;
        const float * C     = scan.C + t * scan.bc_stride;
        Lanes         even = skip * ut, odd = splat(0.0f);
#pragma GCC unroll 16
        for (int n = 0; n < n_state; n++) {
            const Lanes decay = exp2_lanes(delta * A[n]);
            w.h[i][n]         = h[n];
            w.decay[i][n]     = decay;
            h[n]              = decay * h[n] + input * splat(B[n]);
            (n % 2 == 0 ? even : odd) += h[n] * splat(C[n]);
        }
        const Lanes zt = load(z + t * scan.z_stride), gate = sigmoid(zt), dout = load(dy + t * grad.dy_stride);
        store(dz + t * d, dout * (even + odd) * gate * (one + zt * (one - gate)));
        w.delta[i] = delta;
        w.u[i]     = ut;
        w.dy[i]    = dout * zt * gate;
    }
    for (int n = 0; n < n_state; n++) w.h[to - from][n] = h[n];
}

/// States first .. first + 7 of the chunk, last token first. Eight at a time, so that their running gradients fit registers.
/// dstate, dA: [N] rows `channels` apart, in and out.
void backward_states(const Scan & scan, Workspace & w, int first, int64_t channel, int64_t from, int64_t to,
                     float * dstate, float * dA) {
    constexpr int n_half = n_state / 2;
    const int64_t d      = scan.channels;
    Lanes         dh[n_half], da[n_half];
    for (int n = 0; n < n_half; n++) {
        dh[n] = load(dstate + (first + n) * d);
        da[n] = load(dA + (first + n) * d);
    }
    for (int64_t i = to - from - 1; i >= 0; i--) {
        const float * B     = scan.B + (from + i) * scan.bc_stride + first;
        const float * C     = scan.C + (from + i) * scan.bc_stride + first;
        const Lanes   delta = w.delta[i], dy = w.dy[i], input = delta * w.u[i];
        Lanes         through_A = splat(0.0f), through_B = splat(0.0f);
#pragma GCC unroll 8
        for (int n = 0; n < n_half; n++) {
            w.dC[i][first + n] += dy * w.h[i + 1][first + n];
            dh[n] += dy * splat(C[n]);
            w.dB[i][first + n] += dh[n] * input;
            through_B += dh[n] * splat(B[n]);
            dh[n] *= w.decay[i][first + n]; // now the gradient of the state before token i
            const Lanes dexponent = dh[n] * w.h[i][first + n];
            through_A += dexponent * load(scan.A + (first + n) * d + channel);
            da[n] += dexponent * delta;
        }
        w.ddelta[i] += through_A + through_B * w.u[i];
        w.du[i] += through_B * delta;
    }
    for (int n = 0; n < n_half; n++) {
        store(dstate + (first + n) * d, dh[n]);
        store(dA + (first + n) * d, da[n]);
    }
}

template <typename T>
void backward_block(const Scan & scan, const Gradients & grad, Workspace & w, int64_t channel, int64_t from, int64_t to,
                    const float * kept, float * dstate, float * dweights) {
    const int64_t d = scan.channels;
    recompute<T>(scan, grad, w, channel, from, to, kept);
    const Lanes skip = load(scan.D + channel), bias = load(scan.dt_bias + channel);
    for (int64_t i = 0; i < to - from; i++) {
        w.ddelta[i] = splat(0.0f);
        w.du[i]     = w.dy[i] * skip;
    }
    backward_states(scan, w, 0, channel, from, to, dstate, dweights);
    backward_states(scan, w, n_state / 2, channel, from, to, dstate, dweights);
    Lanes     dskip = load(dweights + n_state * d), dbias = load(dweights + (n_state + 1) * d);
    const T * dt  = (const T *)scan.dt + channel;
    T *       ddt = (T *)grad.ddt + channel;
    T *       du  = (T *)grad.du + channel;
    for (int64_t t = from; t < to; t++) {
        const int64_t i    = t - from;
        const Lanes   draw = w.ddelta[i] * sigmoid(load(dt + t * scan.dt_stride) + bias);
        dskip += w.dy[i] * w.u[i];
        dbias += draw;
        store(ddt + t * d, draw);
        store(du + t * d, w.du[i]);
    }
    store(dweights + n_state * d, dskip);
    store(dweights + (n_state + 1) * d, dbias);
}

template <typename T>
void backward_span(const Scan & scan, const Gradients & grad, const Span & span, Workspace & w, float * dstate) {
    const int64_t d          = scan.channels;
    const int64_t n_tokens   = scan.starts[scan.n_sequences];
    float *       dweights   = grad.dweights + span.sequence * (n_state + 2) * d;
    std::fill(dstate, dstate + n_state * d, 0.0f);
    for (int row = 0; row < n_state + 2; row++)
        std::fill(dweights + row * d + span.channel_from, dweights + row * d + span.channel_to, 0.0f);
    for (int64_t index = chunks_of(span.end - span.first) - 1; index >= 0; index--) {
        const int64_t from = span.first + index * chunk, to = std::min<int64_t>(from + chunk, span.end);
        std::fill(&w.dB[0][0], &w.dB[0][0] + chunk * n_state, splat(0.0f));
        std::fill(&w.dC[0][0], &w.dC[0][0] + chunk * n_state, splat(0.0f));
        for (int64_t c = span.channel_from; c < span.channel_to; c += n_lanes)
            backward_block<T>(scan, grad, w, c, from, to,
                              scan.kept + (span.first_chunk + index) * n_state * d + c, dstate + c, dweights + c);
        for (int64_t t = from; t < to; t++)
            for (int n = 0; n < n_state; n++) {
                grad.dB[(span.group * n_tokens + t) * n_state + n] = sum(w.dB[t - from][n]);
                grad.dC[(span.group * n_tokens + t) * n_state + n] = sum(w.dC[t - from][n]);
            }
    }
}

template <typename T>
void forward(const Scan & scan) {
    const auto spans = spans_of(scan);
#pragma omp parallel num_threads(scan.n_threads)
    {
        std::vector<float> state(n_state * scan.channels);
#pragma omp for schedule(dynamic, 1)
        for (size_t i = 0; i < spans.size(); i++) forward_span<T>(scan, spans[i], state.data());
    }
}

template <typename T>
void backward(const Scan & scan, const Gradients & grad) {
    const auto spans = spans_of(scan);
#pragma omp parallel num_threads(scan.n_threads)
    {
        const auto         workspace = std::make_unique<Workspace>();
        std::vector<float> dstate(n_state * scan.channels);
#pragma omp for schedule(dynamic, 1)
        for (size_t i = 0; i < spans.size(); i++) backward_span<T>(scan, grad, spans[i], *workspace, dstate.data());
    }
}

} // namespace

extern "C" {
int64_t scan_chunk() { return chunk; }
void    scan_forward_f32(const Scan * scan) { forward<float>(*scan); }
void    scan_forward_bf16(const Scan * scan) { forward<BFloat16>(*scan); }
void    scan_backward_f32(const Scan * scan, const Gradients * grad) { backward<float>(*scan, *grad); }
void    scan_backward_bf16(const Scan * scan, const Gradients * grad) { backward<BFloat16>(*scan, *grad); }
}
