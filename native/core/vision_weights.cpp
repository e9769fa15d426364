#include "core/vision_weights.h"

#include "core/engine_error.h"

#include <algorithm>

namespace longlens {

namespace {

constexpr float quick_gelu_scale = 1.702f;

// ggml's matrix kernels want rows of whole vectors; the widest of them takes 32 values at a time.
constexpr int64_t row_multiple = 32;

int64_t round_up(int64_t value, int64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

constexpr size_t n_block_tensors = 12;
constexpr size_t n_other_tensors = 8;

void set_floats(ggml_tensor * tensor, const std::vector<float> & values) {
    ggml_backend_tensor_set(tensor, values.data(), 0, values.size() * sizeof(float));
}

/// Copies one stored tensor to each target, one behind the other in `target`.
void copy_parts(VisionTensorReader & reader, ggml_tensor * target, const std::vector<std::string> & names) {
    size_t offset = 0;
    for (const std::string & name : names) {
        const std::vector<uint8_t> data = reader.bytes(name);
        ggml_backend_tensor_set(target, data.data(), offset, data.size());
        offset += data.size();
    }
}

void copy_scaled(VisionTensorReader & reader, ggml_tensor * target, const std::string & name, float scale) {
    std::vector<float> values = reader.floats(name);
    for (float & value : values)
        value *= scale;
    set_floats(target, values);
}

/// Rows of [3, patch, patch], zero-padded.
void load_patch_embedding(VisionTensorReader & reader, const VisionConfig & config, ggml_tensor * target) {
    const std::vector<uint8_t> stored = reader.bytes("v.patch_embd.weight");
    const size_t stored_row = ggml_row_size(target->type, 3 * config.patch_size * config.patch_size);
    std::vector<uint8_t> rows(ggml_nbytes(target), 0); // zero bytes are zeros in every float type
    for (size_t row = 0; row < static_cast<size_t>(target->ne[1]); row++) {
        std::copy_n(stored.data() + row * stored_row, stored_row, rows.data() + row * target->nb[1]);
    }
    ggml_backend_tensor_set(target, rows.data(), 0, rows.size());
}

void load_position_embedding(VisionTensorReader & reader, const VisionConfig & config, ggml_tensor * target) {
    std::vector<float> values = reader.floats("v.position_embd.weight");
    if (config.has_class_embedding) {
        const std::vector<float> class_embedding = reader.floats("v.class_embd");
        for (size_t i = 0; i < class_embedding.size(); i++)
            values[i] = class_embedding[i] + values[i];
    }
    set_floats(target, values);
}

void load_block(VisionTensorReader & reader, const VisionBlock & block, int64_t index, float activation_scale) {
    const auto name = [index](const char * part) { return block_tensor_name(index, part); };
    copy_parts(reader, block.layer_norm1_weight, {name("ln1.weight")});
    copy_parts(reader, block.layer_norm1_bias, {name("ln1.bias")});
    copy_parts(reader, block.qkv_weight, {name("attn_q.weight"), name("attn_k.weight"), name("attn_v.weight")});
    copy_parts(reader, block.qkv_bias, {name("attn_q.bias"), name("attn_k.bias"), name("attn_v.bias")});
    copy_parts(reader, block.out_weight, {name("attn_out.weight")});
    copy_parts(reader, block.out_bias, {name("attn_out.bias")});
    copy_scaled(reader, block.layer_norm2_weight, name("ln2.weight"), activation_scale);
    copy_scaled(reader, block.layer_norm2_bias, name("ln2.bias"), activation_scale);
    copy_parts(reader, block.fc1_weight, {name("ffn_up.weight")});
    copy_scaled(reader, block.fc1_bias, name("ffn_up.bias"), activation_scale);
    copy_parts(reader, block.fc2_weight, {name("ffn_down.weight")});
    copy_parts(reader, block.fc2_bias, {name("ffn_down.bias")});
}

} // namespace

VisionWeights::VisionWeights(const VisionFile & file)
    : activation_scale_(file.config.activation == VisionActivation::quick_gelu ? quick_gelu_scale : 1.0f) {
    const VisionConfig & config = file.config;
    const int64_t width = config.embedding_length;
    const int64_t feed_forward = config.feed_forward_length;
    const int64_t projection = config.projection_length;
    const size_t n_tensors = n_other_tensors + n_block_tensors * static_cast<size_t>(config.block_count);
    tensors_.reset(ggml_init({n_tensors * ggml_tensor_overhead(), nullptr, true}));

    const auto vector = [this](int64_t size) { return ggml_new_tensor_1d(tensors_.get(), GGML_TYPE_F32, size); };
    const auto matrix = [&](const std::string & like, int64_t n_in, int64_t n_out) {
        return ggml_new_tensor_2d(tensors_.get(), file.tensor(like)->type, n_in, n_out);
    };
    patch_embedding =
        matrix("v.patch_embd.weight", round_up(3 * config.patch_size * config.patch_size, row_multiple), width);
    position_embedding = ggml_new_tensor_2d(tensors_.get(), GGML_TYPE_F32, width, config.n_positions());
    pre_norm_weight = vector(width);
    pre_norm_bias = vector(width);
    for (int64_t i = 0; i < config.block_count; i++) {
        blocks.push_back({
            .layer_norm1_weight = vector(width),
            .layer_norm1_bias = vector(width),
            .qkv_weight = matrix(block_tensor_name(i, "attn_q.weight"), width, 3 * width),
            .qkv_bias = vector(3 * width),
            .out_weight = matrix(block_tensor_name(i, "attn_out.weight"), width, width),
            .out_bias = vector(width),
            .layer_norm2_weight = vector(width),
            .layer_norm2_bias = vector(width),
            .fc1_weight = matrix(block_tensor_name(i, "ffn_up.weight"), width, feed_forward),
            .fc1_bias = vector(feed_forward),
            .fc2_weight = matrix(block_tensor_name(i, "ffn_down.weight"), feed_forward, width),
            .fc2_bias = vector(width),
        });
    }
    projector0_weight = matrix("mm.0.weight", width, projection);
    projector0_bias = vector(projection);
    projector2_weight = matrix("mm.2.weight", projection, projection);
    projector2_bias = vector(projection);
}

size_t VisionWeights::measure_bytes(ggml_backend_buffer_type_t buffer_type) const {
    return ggml_backend_alloc_ctx_tensors_from_buft_size(tensors_.get(), buffer_type);
}

void VisionWeights::place(ggml_backend_buffer_type_t buffer_type) {
    buffer_.reset(ggml_backend_buft_alloc_buffer(buffer_type, 0));
    for (ggml_tensor * tensor = ggml_get_first_tensor(tensors_.get()); tensor;
         tensor = ggml_get_next_tensor(tensors_.get(), tensor)) {
        tensor->buffer = buffer_.get();
    }
}

void VisionWeights::load(const VisionFile & file, ggml_backend_buffer_type_t buffer_type) {
    buffer_.reset(ggml_backend_alloc_ctx_tensors_from_buft(tensors_.get(), buffer_type));
    if (!buffer_) {
        throw EngineError(ErrorCode::out_of_memory, file.path + ": no room for " +
                                                        std::to_string(measure_bytes(buffer_type)) +
                                                        " bytes of weights");
    }
    ggml_backend_buffer_set_usage(buffer_.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);

    VisionTensorReader reader(file);
    load_patch_embedding(reader, file.config, patch_embedding);
    load_position_embedding(reader, file.config, position_embedding);
    copy_parts(reader, pre_norm_weight, {"v.pre_ln.weight"});
    copy_parts(reader, pre_norm_bias, {"v.pre_ln.bias"});
    for (size_t i = 0; i < blocks.size(); i++) {
        load_block(reader, blocks[i], static_cast<int64_t>(i), activation_scale_);
    }
    copy_parts(reader, projector0_weight, {"mm.0.weight"});
    copy_parts(reader, projector0_bias, {"mm.0.bias"});
    copy_parts(reader, projector2_weight, {"mm.2.weight"});
    copy_parts(reader, projector2_bias, {"mm.2.bias"});
}

} // namespace longlens
