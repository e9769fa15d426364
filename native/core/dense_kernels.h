#pragma once

#include <cstdint>

namespace longlens {

/// 32-bit matrix kernels for x86 CPUs, up to three times as fast as ggml's: weights lie in panels, and norm, bias,
/// residual and activation are applied on the way. Plain structs and functions without any library, because the
/// implementations are compiled for newer CPUs than the rest of the addon.

/// q8_0: ggml's blocks of 32 inputs with a 16-bit scale each. A panel first holds the scales of all blocks,
/// [n_in / 32, panel_width], then the 8-bit weights, [n_in, panel_width].
enum class PanelType { f32, f16, bf16, q8_0 };
enum class DenseActivation { none, silu };

/// output = activation(scale * (norm(input) * weights^T) + bias) + residual
struct LinearTask {
    const float * input = nullptr; // [n_rows, n_in]
    int64_t n_in = 0;
    int64_t n_out = 0;

    PanelType type = PanelType::f32;
    /// [ceil(n_out / panel_width), n_in, panel_width]: panel p holds the weights of outputs p*panel_width and on,
    /// zeros where there are none.
    const void * panels = nullptr;
    const float * bias = nullptr;        // [n_out]; null: none
    const float * norm_weight = nullptr; // [n_in]; null: the input is taken as it is
    const float * norm_bias = nullptr;   // [n_in]
    float norm_epsilon = 0.0f;
    const float * residual = nullptr; // [n_rows, n_out]; null: none
    float scale = 1.0f;
    DenseActivation activation = DenseActivation::none;
    float * output = nullptr; // [n_rows, n_out], apart from everything else
};

/// output = softmax(scale * q k^T) v for each image and head, no mask
struct AttentionTask {
    const float * qkv = nullptr; // [n_images, n_positions, 3, n_heads, head_length]
    int64_t n_positions = 0;
    int64_t n_heads = 0;
    int64_t head_length = 0;
    float scale = 1.0f;
    float * output = nullptr; // [n_images, n_positions, n_heads, head_length]
};

/// output = softmax(scale * q k^T + mask) v for each head. Keys and values are 16-bit floats, `n_heads / n_kv_heads`
/// heads share theirs; strides are in values.
struct CachedAttentionTask {
    const float * queries = nullptr; // [n_heads, n_tokens, head_length] by its strides
    int64_t query_stride = 0;
    int64_t query_head_stride = 0;
    const uint16_t * keys = nullptr; // [n_kv_heads, n_cells, head_length] by its strides
    int64_t key_stride = 0;
    int64_t key_head_stride = 0;
    const uint16_t * values = nullptr; // as keys
    int64_t value_stride = 0;
    int64_t value_head_stride = 0;
    const uint16_t * mask = nullptr; // [n_tokens, n_cells] 16-bit floats; minus infinity: not seen
    int64_t mask_stride = 0;
    int64_t n_tokens = 0;
    int64_t n_cells = 0;
    int64_t n_heads = 0;
    int64_t n_kv_heads = 0;
    int64_t head_length = 0; // a multiple of 16
    float scale = 1.0f;
    float * output = nullptr; // [n_tokens, n_heads, head_length]
};

/// The kernels for one kind of CPU. Each call works on a part of the rows, with scratch memory of its own thread.
struct DenseKernels {
    const char * name;
    int64_t panel_width;
    /// Parts begin at multiples of this many rows.
    int64_t row_block;
    int64_t (*linear_scratch_floats)();
    int64_t (*attention_scratch_floats)(int64_t n_positions, int64_t head_length);
    void (*linear)(const LinearTask & task, int64_t first_row, int64_t end_row, float * scratch);
    /// Queries first_row to end_row of one head of one image.
    void (*attention)(const AttentionTask & task, int64_t image, int64_t head, int64_t first_row, int64_t end_row,
                      float * scratch);
    /// For cached_attention with n_tokens = end_token - first_token.
    int64_t (*cached_attention_scratch_floats)(const CachedAttentionTask & task, int64_t n_tokens);
    /// The heads that share keys and values first_kv_head to end_kv_head, of some tokens.
    void (*cached_attention)(const CachedAttentionTask & task, int64_t first_kv_head, int64_t end_kv_head,
                             int64_t first_token, int64_t end_token, float * scratch);
};

enum class DenseKernelsKind { avx512, avx2 };

/// The kernels of one kind; null where this CPU cannot run them.
const DenseKernels * find_dense_kernels(DenseKernelsKind kind);

/// The best kernels that this CPU can run; null where there are none.
const DenseKernels * find_best_dense_kernels();

} // namespace longlens
