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

template <class Element>
std::vector<uint8_t> to_panels(const std::vector<uint8_t> & rows, int64_t n_in, int64_t panel_width, size_t bytes) {
    std::vector<uint8_t> panels(bytes, 0); // zero bytes are zeros in every float type
    const auto * from = reinterpret_cast<const Element *>(rows.data());
    auto * to = reinterpret_cast<Element *>(panels.data());
    const auto n_out = static_cast<int64_t>(rows.size() / sizeof(Element)) / n_in;
    for (int64_t out = 0; out < n_out; out++) {
        Element * column = to + out / panel_width * panel_width * n_in + out % panel_width;
        for (int64_t in = 0; in < n_in; in++)
            column[in * panel_width] = *from++;
    }
    return panels;
}

constexpr int64_t q8_0_values = 32;
constexpr int64_t q8_0_bytes = 2 + q8_0_values; // a 16-bit scale, then the values

int64_t q8_0_panel_bytes(int64_t n_in, int64_t panel_width) {
    return n_in / q8_0_values * q8_0_bytes * panel_width;
}

/// Rows of blocks to panels of all scales, then all values (see PanelType).
std::vector<uint8_t> to_q8_0_panels(const std::vector<uint8_t> & rows, int64_t n_in, int64_t panel_width,
                                    size_t bytes) {
    std::vector<uint8_t> panels(bytes, 0);
    const uint8_t * from = rows.data();
    const int64_t n_blocks = n_in / q8_0_values;
    const auto n_out = static_cast<int64_t>(rows.size()) / (n_blocks * q8_0_bytes);
    for (int64_t out = 0; out < n_out; out++) {
        uint8_t * panel = panels.data() + out / panel_width * q8_0_panel_bytes(n_in, panel_width);
        uint8_t * values = panel + n_blocks * panel_width * 2;
        const int64_t column = out % panel_width;
        for (int64_t block = 0; block < n_blocks; block++, from += q8_0_bytes) {
            std::copy_n(from, 2, panel + (block * panel_width + column) * 2);
            for (int64_t i = 0; i < q8_0_values; i++)
                values[(block * q8_0_values + i) * panel_width + column] = from[2 + i];
        }
    }
    return panels;
}

using PackRows = std::vector<uint8_t> (*)(const std::vector<uint8_t> & rows, int64_t n_in, int64_t panel_width,
                                          size_t bytes);

/// type: of the tensor that holds the panels.
PackRows find_packing(ggml_type type) {
    if (type == GGML_TYPE_I8) return to_q8_0_panels;
    return type == GGML_TYPE_F32 ? to_panels<uint32_t> : to_panels<uint16_t>;
}

/// Copies what is stored to where the graph wants it.
class WeightLoader {
public:
    WeightLoader(const VisionFile & file, const VisionWeights & weights, const CancelToken & cancel)
        : reader_(file), config_(file.config), weights_(weights), cancel_(cancel) {}

    void load() {
        patch_embedding();
        position_embedding();
        vector(weights_.pre_norm_weight, {"v.pre_ln.weight"});
        vector(weights_.pre_norm_bias, {"v.pre_ln.bias"});
        for (size_t i = 0; i < weights_.blocks.size(); i++) {
            cancel_.check();
            block(weights_.blocks[i], static_cast<int64_t>(i));
        }
        matrix(weights_.projector0_weight, config_.embedding_length, {"mm.0.weight"});
        vector(weights_.projector0_bias, {"mm.0.bias"});
        matrix(weights_.projector2_weight, config_.projection_length, {"mm.2.weight"});
        vector(weights_.projector2_bias, {"mm.2.bias"});
    }

private:
    void block(const VisionBlock & block, int64_t index) {
        const auto name = [index](const char * part) { return block_tensor_name(index, part); };
        const int64_t width = config_.embedding_length;
        vector(block.layer_norm1_weight, {name("ln1.weight")});
        vector(block.layer_norm1_bias, {name("ln1.bias")});
        matrix(block.qkv_weight, width, {name("attn_q.weight"), name("attn_k.weight"), name("attn_v.weight")});
        vector(block.qkv_bias, {name("attn_q.bias"), name("attn_k.bias"), name("attn_v.bias")});
        matrix(block.out_weight, width, {name("attn_out.weight")});
        vector(block.out_bias, {name("attn_out.bias")});
        vector(block.layer_norm2_weight, {name("ln2.weight")}, weights_.activation_scale());
        vector(block.layer_norm2_bias, {name("ln2.bias")}, weights_.activation_scale());
        matrix(block.fc1_weight, width, {name("ffn_up.weight")});
        vector(block.fc1_bias, {name("ffn_up.bias")}, weights_.activation_scale());
        matrix(block.fc2_weight, config_.feed_forward_length, {name("ffn_down.weight")});
        vector(block.fc2_bias, {name("ffn_down.bias")});
    }

    /// Rows of [3, patch, patch], zero-padded.
    void patch_embedding() {
        const std::vector<uint8_t> stored = reader_.bytes("v.patch_embd.weight");
        const ggml_type type = weights_.patch_embedding->type;
        const size_t stored_row = ggml_row_size(type, 3 * config_.patch_size * config_.patch_size);
        const size_t row = ggml_row_size(type, weights_.patch_row_length());
        std::vector<uint8_t> rows(row * static_cast<size_t>(config_.embedding_length), 0);
        for (size_t i = 0; i < static_cast<size_t>(config_.embedding_length); i++)
            std::copy_n(stored.data() + i * stored_row, stored_row, rows.data() + i * row);
        set_matrix(weights_.patch_embedding, weights_.patch_row_length(), rows);
    }

    void position_embedding() {
        std::vector<float> values = reader_.floats("v.position_embd.weight");
        if (config_.has_class_embedding) {
            const std::vector<float> class_embedding = reader_.floats("v.class_embd");
            for (size_t i = 0; i < class_embedding.size(); i++)
                values[i] = class_embedding[i] + values[i];
        }
        set(weights_.position_embedding, values.data(), values.size() * sizeof(float));
    }

    /// Stored vectors, one behind the other.
    void vector(ggml_tensor * target, const std::vector<std::string> & names, float scale = 1.0f) {
        std::vector<float> values;
        for (const std::string & name : names) {
            const std::vector<float> part = reader_.floats(name);
            values.insert(values.end(), part.begin(), part.end());
        }
        for (float & value : values)
            value *= scale;
        set(target, values.data(), values.size() * sizeof(float));
    }

    /// Stored matrices with rows of n_in, one behind the other.
    void matrix(ggml_tensor * target, int64_t n_in, const std::vector<std::string> & names) {
        std::vector<uint8_t> rows;
        for (const std::string & name : names) {
            const std::vector<uint8_t> part = reader_.bytes(name);
            rows.insert(rows.end(), part.begin(), part.end());
        }
        set_matrix(target, n_in, rows);
    }

    void set_matrix(ggml_tensor * target, int64_t n_in, const std::vector<uint8_t> & rows) {
        if (!weights_.kernels()) return set(target, rows.data(), rows.size());
        const PackRows pack = find_packing(target->type);
        const std::vector<uint8_t> panels = pack(rows, n_in, weights_.kernels()->panel_width, ggml_nbytes(target));
        set(target, panels.data(), panels.size());
    }

    void set(ggml_tensor * target, const void * data, size_t bytes) { ggml_backend_tensor_set(target, data, 0, bytes); }

    VisionTensorReader reader_;
    const VisionConfig & config_;
    const VisionWeights & weights_;
    const CancelToken & cancel_;
};

} // namespace

VisionWeights::VisionWeights(const VisionFile & file, const DenseKernels * kernels)
    : kernels_(kernels),
      activation_scale_(file.config.activation == VisionActivation::quick_gelu ? quick_gelu_scale : 1.0f),
      patch_row_length_(round_up(3 * file.config.patch_size * file.config.patch_size, row_multiple)) {
    const VisionConfig & config = file.config;
    const int64_t width = config.embedding_length;
    const int64_t feed_forward = config.feed_forward_length;
    const int64_t projection = config.projection_length;
    const size_t n_tensors = n_other_tensors + n_block_tensors * static_cast<size_t>(config.block_count);
    tensors_.reset(ggml_init({n_tensors * ggml_tensor_overhead(), nullptr, true}));

    const auto vector = [this](int64_t size) { return ggml_new_tensor_1d(tensors_.get(), GGML_TYPE_F32, size); };
    const auto matrix = [&](const std::string & like, int64_t n_in, int64_t n_out) {
        const ggml_type type = file.tensor(like)->type;
        if (!kernels) return ggml_new_tensor_2d(tensors_.get(), type, n_in, n_out);
        const int64_t n_panels = round_up(n_out, kernels->panel_width) / kernels->panel_width;
        if (type == GGML_TYPE_Q8_0) {
            const int64_t panel_bytes = q8_0_panel_bytes(n_in, kernels->panel_width);
            return ggml_new_tensor_2d(tensors_.get(), GGML_TYPE_I8, panel_bytes, n_panels);
        }
        return ggml_new_tensor_2d(tensors_.get(), type, n_in * kernels->panel_width, n_panels);
    };
    patch_embedding = matrix("v.patch_embd.weight", patch_row_length_, width);
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

void VisionWeights::load(const VisionFile & file, ggml_backend_buffer_type_t buffer_type, const CancelToken & cancel) {
    buffer_.reset(ggml_backend_alloc_ctx_tensors_from_buft(tensors_.get(), buffer_type));
    if (!buffer_) {
        throw EngineError(ErrorCode::out_of_memory, file.path + ": no room for " +
                                                        std::to_string(measure_bytes(buffer_type)) +
                                                        " bytes of weights");
    }
    ggml_backend_buffer_set_usage(buffer_.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);

    WeightLoader(file, *this, cancel).load();
}

} // namespace longlens
