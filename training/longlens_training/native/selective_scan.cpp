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
constexpr int chunk   = 16; // tokens whose states and decays stay near the core

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
    const int64_t     n_blocks    = scan.channels / width_step;
    for (int64_t s = 0; s < scan.n_sequences; s++) {
        const int64_t first = scan.starts[s], end = scan.starts[s + 1];
        for (int64_t g = 0; g < scan.n_groups; g++)
            spans.push_back({s, first, end, first_chunk, n_blocks * g / scan.n_groups * width_step,
                             n_blocks * (g + 1) / scan.n_groups * width_step, g});
        first_chunk += chunks_of(end - first);
    }
    // Long sequences first: the last thread to finish then holds the others up least.
    std::stable_sort(spans.begin(), spans.end(),
                     [](const Span & a, const Span & b) { return a.end - a.first > b.end - b.first; });
    return spans;
}

/// States that are run together: so many that they and their decays' polynomial fit the registers (32, or 16 of AVX2).
constexpr int n_together = n_lanes / 2;
constexpr int n_parts    = n_state / n_together;

/// What one thread needs for one chunk of `n_lanes` channels.
struct Workspace {
    alignas(64) Lanes delta[chunk], u[chunk], input[chunk]; // input = delta * u
    alignas(64) Lanes y[chunk];                             // before the gate
    // Backward only:
    alignas(64) Lanes h[n_parts][chunk + 1][n_together]; // state before each token; the last is that after the chunk
    alignas(64) Lanes decay[n_parts][chunk][n_together];
    alignas(64) Lanes dy[chunk], ddelta[chunk], du[chunk];
    alignas(64) Lanes dB[n_parts][chunk][n_together]; // summed over the blocks of channels, lane by lane
    alignas(64) Lanes dC[n_parts][chunk][n_together];
};

/// Fills delta, u, input, and y with the skip's part, for tokens from .. to - 1 of a block of channels.
template <typename T>
void prepare(const Scan & scan, Workspace & w, int64_t channel, int64_t from, int64_t to) {
    const T *   u = (const T *)scan.u + channel;
    const T *   dt = (const T *)scan.dt + channel;
    const Lanes skip = load(scan.D + channel), bias = load(scan.dt_bias + channel);
    for (int64_t t = from; t < to; t++) {
        const int64_t i     = t - from;
        const Lanes   ut    = load(u + t * scan.u_stride);
        const Lanes   delta = softplus(load(dt + t * scan.dt_stride) + bias);
        w.u[i]              = ut;
        w.delta[i]          = delta;
        w.input[i]          = delta * ut;
        w.y[i]              = skip * ut;
    }
}

/// Runs the states of one part over a chunk and adds what they give to y. keep: states and decays go to the workspace, for
/// backward. A, state: rows `channels` apart; B, C: rows bc_stride apart; all at the part's first state. state: in and
/// out.
template <bool keep>
void run_states(Workspace & w, int part, int64_t n_tokens, int64_t channels, int64_t bc_stride,
                const float * __restrict A_rows, const float * __restrict B, const float * __restrict C,
                float * __restrict state) {
    Lanes h[n_together], A[n_together];
    for (int n = 0; n < n_together; n++) {
        h[n] = load(state + n * channels);
        A[n] = load(A_rows + n * channels) * splat(log2_e);
    }
    for (int64_t i = 0; i < n_tokens; i++, B += bc_stride, C += bc_stride) {
        const Lanes delta = w.delta[i], input = w.input[i];
        Lanes       even = w.y[i], odd = splat(0.0f);
#pragma GCC unroll n_together
        for (int n = 0; n < n_together; n++) {
            const Lanes decay = exp2_lanes(delta * A[n]);
            if (keep) {
                w.h[part][i][n]     = h[n];
                w.decay[part][i][n] = decay;
            }
            h[n] = decay * h[n] + input * splat(B[n]);
            (n % 2 == 0 ? even : odd) += h[n] * splat(C[n]);
        }
        w.y[i] = even + odd;
    }
    for (int n = 0; n < n_together; n++) {
        if (keep)
            w.h[part][n_tokens][n] = h[n];
        else
            store(state + n * channels, h[n]);
    }
}

/// One chunk of a block of channels, from `state` on (in and out: [N] rows `channels` apart).
template <typename T>
void forward_block(const Scan & scan, Workspace & w, int64_t channel, int64_t from, int64_t to, float * state) {
    const int64_t d = scan.channels, bc = from * scan.bc_stride;
    prepare<T>(scan, w, channel, from, to);
    for (int part = 0; part < n_parts; part++) {
        const int first = part * n_together;
        run_states<false>(w, part, to - from, d, scan.bc_stride, scan.A + first * d + channel, scan.B + bc + first,
                          scan.C + bc + first, state + first * d);
    }
    const T * z = (const T *)scan.z + channel;
    T *       y = (T *)scan.y + channel;
    for (int64_t t = from; t < to; t++) {
        const Lanes zt = load(z + t * scan.z_stride);
        store(y + t * d, w.y[t - from] * zt * sigmoid(zt));
    }
}

template <typename T>
void forward_span(const Scan & scan, const Span & span, Workspace & w, float * state) {
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
            forward_block<T>(scan, w, c, from, to, state + c);
        }
    }
    if (scan.final)
        for (int n = 0; n < n_state; n++)
            std::copy(state + n * d + span.channel_from, state + n * d + span.channel_to,
                      scan.final + (span.sequence * n_state + n) * d + span.channel_from);
}

/// Runs the chunk forward again; fills the workspace with dy before the gate, and writes dz.
template <typename T>
void recompute(const Scan & scan, const Gradients & grad, Workspace & w, int64_t channel, int64_t from, int64_t to,
               float * kept) {
    const int64_t d = scan.channels, bc = from * scan.bc_stride;
    prepare<T>(scan, w, channel, from, to);
    for (int part = 0; part < n_parts; part++) {
        const int first = part * n_together;
        run_states<true>(w, part, to - from, d, scan.bc_stride, scan.A + first * d + channel, scan.B + bc + first,
                         scan.C + bc + first, kept + first * d);
    }
    const T *   z   = (const T *)scan.z + channel;
    const T *   dy  = (const T *)grad.dy + channel;
    T *         dz  = (T *)grad.dz + channel;
    const Lanes one = splat(1.0f);
    for (int64_t t = from; t < to; t++) {
        const Lanes zt = load(z + t * scan.z_stride), gate = sigmoid(zt), dout = load(dy + t * grad.dy_stride);
        store(dz + t * d, dout * w.y[t - from] * gate * (one + zt * (one - gate)));
        w.dy[t - from] = dout * zt * gate;
    }
}

/// One part's states of the chunk, last token first. Pointers as in run_states; dstate, dA: in and out.
void backward_states(Workspace & w, int part, int64_t n_tokens, int64_t channels, int64_t bc_stride,
                     const float * __restrict A_rows, const float * __restrict B, const float * __restrict C,
                     float * __restrict dstate, float * __restrict dA) {
    Lanes dh[n_together], da[n_together], A[n_together];
    for (int n = 0; n < n_together; n++) {
        dh[n] = load(dstate + n * channels);
        da[n] = load(dA + n * channels);
        A[n]  = load(A_rows + n * channels);
    }
    B += n_tokens * bc_stride;
    C += n_tokens * bc_stride;
    for (int64_t i = n_tokens - 1; i >= 0; i--) {
        B -= bc_stride;
        C -= bc_stride;
        const Lanes   delta = w.delta[i], dy = w.dy[i], input = w.input[i];
        const Lanes * before = w.h[part][i];
        const Lanes * decay  = w.decay[part][i];
        Lanes *       dB     = w.dB[part][i];
        Lanes *       dC     = w.dC[part][i];
        Lanes         through_A = splat(0.0f), through_B = splat(0.0f);
#pragma GCC unroll n_together
        for (int n = 0; n < n_together; n++) {
            dC[n] += dy * before[n_together + n]; // the state after token i is the one before token i + 1
            dh[n] += dy * splat(C[n]);
            dB[n] += dh[n] * input;
            through_B += dh[n] * splat(B[n]);
            dh[n] *= decay[n]; // now the gradient of the state before token i
            const Lanes dexponent = dh[n] * before[n];
            through_A += dexponent * A[n];
            da[n] += dexponent * delta;
        }
        w.ddelta[i] += through_A + through_B * w.u[i];
        w.du[i] += through_B * delta;
    }
    for (int n = 0; n < n_together; n++) {
        store(dstate + n * channels, dh[n]);
        store(dA + n * channels, da[n]);
    }
}

template <typename T>
void backward_block(const Scan & scan, const Gradients & grad, Workspace & w, int64_t channel, int64_t from, int64_t to,
                    float * kept, float * dstate, float * dweights) {
    const int64_t d = scan.channels;
    recompute<T>(scan, grad, w, channel, from, to, kept);
    const Lanes skip = load(scan.D + channel), bias = load(scan.dt_bias + channel);
    for (int64_t i = 0; i < to - from; i++) {
        w.ddelta[i] = splat(0.0f);
        w.du[i]     = w.dy[i] * skip;
    }
    const int64_t bc = from * scan.bc_stride;
    for (int part = 0; part < n_parts; part++) {
        const int first = part * n_together;
        backward_states(w, part, to - from, d, scan.bc_stride, scan.A + first * d + channel, scan.B + bc + first,
                        scan.C + bc + first, dstate + first * d, dweights + first * d);
    }
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
        std::memset((void *)w.dB, 0, sizeof w.dB);
        std::memset((void *)w.dC, 0, sizeof w.dC);
        for (int64_t c = span.channel_from; c < span.channel_to; c += n_lanes)
            backward_block<T>(scan, grad, w, c, from, to,
                              scan.kept + (span.first_chunk + index) * n_state * d + c, dstate + c, dweights + c);
        for (int64_t t = from; t < to; t++)
            for (int n = 0; n < n_state; n++) {
                const int part = n / n_together, within = n % n_together;
                grad.dB[(span.group * n_tokens + t) * n_state + n] = sum(w.dB[part][t - from][within]);
                grad.dC[(span.group * n_tokens + t) * n_state + n] = sum(w.dC[part][t - from][within]);
            }
    }
}

template <typename T>
void forward(const Scan & scan) {
    const auto spans = spans_of(scan);
#pragma omp parallel num_threads(scan.n_threads)
    {
        const auto         workspace = std::make_unique<Workspace>();
        std::vector<float> state(n_state * scan.channels);
#pragma omp for schedule(dynamic, 1)
        for (size_t i = 0; i < spans.size(); i++) forward_span<T>(scan, spans[i], *workspace, state.data());
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
