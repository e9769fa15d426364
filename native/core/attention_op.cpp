#include "core/attention_op.h"

#include "ggml.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace longlens {

namespace {

// Below, starting a thread costs more than it brings.
constexpr double fewest_products_per_thread = 2e7;
// Single tokens over fewer cells stay with ggml: the hand-over costs more than its rounding, which grows with the
// cells.
constexpr int64_t fewest_cells_of_one_token = 1024;
// More parts balance better. Those of some heads come first: each part lays out its keys and values anew, so that parts
// of some tokens do the same work again.
constexpr int64_t parts_per_thread = 2;

// Floats at the start of ggml_flash_attn_ext's parameters.
enum Parameter : size_t { scale_parameter, max_bias_parameter, softcap_parameter };

float parameter(const ggml_tensor * op, Parameter which) {
    float value = 0.0f;
    std::memcpy(&value, reinterpret_cast<const char *>(op->op_params) + which * sizeof(float), sizeof(float));
    return value;
}

int64_t values(size_t n_bytes, size_t size) {
    return static_cast<int64_t>(n_bytes / size);
}

CachedAttentionTask task_of(const ggml_tensor * op) {
    const ggml_tensor * q = op->src[0];
    const ggml_tensor * k = op->src[1];
    const ggml_tensor * v = op->src[2];
    const ggml_tensor * mask = op->src[3];
    return {
        .queries = static_cast<const float *>(q->data),
        .query_stride = values(q->nb[1], sizeof(float)),
        .query_head_stride = values(q->nb[2], sizeof(float)),
        .keys = static_cast<const uint16_t *>(k->data),
        .key_stride = values(k->nb[1], sizeof(uint16_t)),
        .key_head_stride = values(k->nb[2], sizeof(uint16_t)),
        .values = static_cast<const uint16_t *>(v->data),
        .value_stride = values(v->nb[1], sizeof(uint16_t)),
        .value_head_stride = values(v->nb[2], sizeof(uint16_t)),
        .mask = static_cast<const uint16_t *>(mask->data),
        .mask_stride = values(mask->nb[1], sizeof(uint16_t)),
        .n_tokens = q->ne[1],
        .n_cells = k->ne[1],
        .n_heads = q->ne[2],
        .n_kv_heads = k->ne[2],
        .head_length = q->ne[0],
        .scale = parameter(op, scale_parameter),
        .output = static_cast<float *>(op->data),
    };
}

int64_t choose_threads(const CachedAttentionTask & task, int n_threads) {
    const double products = static_cast<double>(task.n_tokens) * static_cast<double>(task.n_cells) *
                            static_cast<double>(task.n_heads * task.head_length);
    return std::clamp<int64_t>(static_cast<int64_t>(products / fewest_products_per_thread), 1, n_threads);
}

int64_t divide_up(int64_t value, int64_t by) {
    return (value + by - 1) / by;
}

/// What the threads share out: every so many heads of keys and values, of every so many tokens.
struct Parts {
    Parts(const CachedAttentionTask & task, int64_t row_block, int64_t wanted) {
        n_kv_heads = divide_up(task.n_kv_heads, std::min(wanted, task.n_kv_heads));
        n_head_parts = divide_up(task.n_kv_heads, n_kv_heads);
        const int64_t n_blocks = divide_up(task.n_tokens, row_block);
        n_tokens = divide_up(n_blocks, std::min(n_blocks, divide_up(wanted, n_head_parts))) * row_block;
        n_parts = n_head_parts * divide_up(task.n_tokens, n_tokens);
    }

    int64_t n_kv_heads = 0;   // of a part
    int64_t n_head_parts = 0; // parts for the same tokens
    int64_t n_tokens = 0;     // of a part, a multiple of row_block
    int64_t n_parts = 0;
};

} // namespace

bool can_attend(const DenseKernels * kernels, const ggml_tensor * op) {
    if (kernels == nullptr) return false;
    const ggml_tensor * q = op->src[0];
    const ggml_tensor * k = op->src[1];
    const ggml_tensor * v = op->src[2];
    const ggml_tensor * mask = op->src[3];
    if (mask == nullptr || op->src[4] != nullptr) return false; // no mask; attention sinks
    if (parameter(op, max_bias_parameter) != 0.0f || parameter(op, softcap_parameter) != 0.0f) return false;
    const bool fits = q->type == GGML_TYPE_F32 && k->type == GGML_TYPE_F16 && v->type == GGML_TYPE_F16 &&
                      mask->type == GGML_TYPE_F16 && op->type == GGML_TYPE_F32 && q->nb[0] == sizeof(float) &&
                      k->nb[0] == sizeof(uint16_t) && v->nb[0] == sizeof(uint16_t) && mask->nb[0] == sizeof(uint16_t);
    const bool is_one_stream = q->ne[3] == 1 && k->ne[3] == 1 && v->ne[3] == 1 && mask->ne[2] == 1 && mask->ne[3] == 1;
    return fits && is_one_stream && (q->ne[1] > 1 || k->ne[1] >= fewest_cells_of_one_token) && q->ne[0] % 16 == 0 &&
           v->ne[0] == q->ne[0] && v->ne[2] == k->ne[2] && q->ne[2] % k->ne[2] == 0 && mask->ne[0] == k->ne[1] &&
           mask->ne[1] >= q->ne[1];
}

void compute_attention(const DenseKernels & kernels, const ggml_tensor * op, int n_threads) {
    const CachedAttentionTask task = task_of(op);
    const int64_t n_working = choose_threads(task, n_threads);
    const Parts parts(task, kernels.row_block, n_working == 1 ? 1 : n_working * parts_per_thread);
    const auto n_scratch = static_cast<size_t>(kernels.cached_attention_scratch_floats(task, parts.n_tokens));

    std::vector<std::unique_ptr<float[]>> scratch(static_cast<size_t>(n_working));
    for (auto & room : scratch)
        room = std::make_unique_for_overwrite<float[]>(n_scratch);
    std::atomic<int64_t> next_part = 0;
    const auto work = [&](float * room) {
        for (int64_t part = next_part++; part < parts.n_parts; part = next_part++) {
            const int64_t head = part % parts.n_head_parts * parts.n_kv_heads;
            const int64_t token = part / parts.n_head_parts * parts.n_tokens;
            kernels.cached_attention(task, head, std::min(task.n_kv_heads, head + parts.n_kv_heads), token,
                                     std::min(task.n_tokens, token + parts.n_tokens), room);
        }
    };
    std::vector<std::jthread> helpers;
    for (size_t i = 1; i < scratch.size(); i++)
        helpers.emplace_back(work, scratch[i].get());
    work(scratch[0].get());
}

} // namespace longlens
