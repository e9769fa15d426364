#include "core/vision_config.h"

#include "core/engine_error.h"
#include "gguf.h"

#include <cmath>

namespace longlens {

namespace {

// Above these a file is damaged rather than large: they keep every later product within 64 bits.
constexpr uint32_t max_image_size = 4096;
constexpr uint32_t max_width = 1 << 16;
constexpr uint32_t max_blocks = 512;
constexpr int64_t max_positions = 1 << 16;

class MetadataReader {
public:
    MetadataReader(const gguf_context & file, const std::string & path) : file_(file), path_(path) {}

    uint32_t read_size(const char * key, uint32_t max) const {
        const uint32_t value = gguf_get_val_u32(&file_, find(key, GGUF_TYPE_UINT32));
        if (value < 1 || value > max) {
            fail(key, "expected 1 to " + std::to_string(max) + ", got " + std::to_string(value));
        }
        return value;
    }

    float read_positive_float(const char * key) const {
        const float value = gguf_get_val_f32(&file_, find(key, GGUF_TYPE_FLOAT32));
        if (!std::isfinite(value) || value <= 0.0f) {
            fail(key, "expected a positive number, got " + std::to_string(value));
        }
        return value;
    }

    bool read_bool(const char * key) const { return gguf_get_val_bool(&file_, find(key, GGUF_TYPE_BOOL)); }

    std::string read_string(const char * key) const { return gguf_get_val_str(&file_, find(key, GGUF_TYPE_STRING)); }

    std::array<float, 3> read_channels(const char * key) const {
        const int64_t id = find(key, GGUF_TYPE_ARRAY);
        if (gguf_get_arr_type(&file_, id) != GGUF_TYPE_FLOAT32 || gguf_get_arr_n(&file_, id) != 3) {
            fail(key, "expected three 32-bit floats");
        }
        const auto * values = static_cast<const float *>(gguf_get_arr_data(&file_, id));
        for (int i = 0; i < 3; i++) {
            if (!std::isfinite(values[i])) {
                fail(key, "expected finite numbers");
            }
        }
        return {values[0], values[1], values[2]};
    }

    [[noreturn]] void fail(const char * key, const std::string & problem) const {
        throw EngineError(ErrorCode::model_invalid, path_ + ": " + key + ": " + problem);
    }

    [[noreturn]] void fail_unsupported(const char * key, const std::string & problem) const {
        throw EngineError(ErrorCode::model_unsupported, path_ + ": " + key + ": " + problem);
    }

private:
    int64_t find(const char * key, gguf_type type) const {
        const int64_t id = gguf_find_key(&file_, key);
        if (id < 0) {
            fail(key, "the key is missing");
        }
        // gguf_get_val_* aborts the process on another type, so look first.
        if (gguf_get_kv_type(&file_, id) != type) {
            fail(key, std::string("expected type ") + gguf_type_name(type) + ", got " +
                          gguf_type_name(gguf_get_kv_type(&file_, id)));
        }
        return id;
    }

    const gguf_context & file_;
    const std::string & path_;
};

VisionActivation read_activation(const MetadataReader & reader) {
    const char * key = "longlens.vision.activation";
    const std::string value = reader.read_string(key);
    if (value == "quick_gelu") {
        return VisionActivation::quick_gelu;
    }
    if (value == "gelu") {
        return VisionActivation::gelu;
    }
    reader.fail_unsupported(key, "\"" + value + "\" is neither quick_gelu nor gelu");
}

VisionPooling read_pooling(const MetadataReader & reader) {
    const char * key = "longlens.vision.pooling";
    const std::string value = reader.read_string(key);
    if (value == "none") {
        return VisionPooling::none;
    }
    if (value == "1d") {
        return VisionPooling::linear_1d;
    }
    if (value == "2d") {
        return VisionPooling::bilinear_2d;
    }
    reader.fail_unsupported(key, "\"" + value + "\" is none of 2d, 1d, none");
}

void read_pooling_factor(const MetadataReader & reader, VisionConfig & config) {
    if (config.pooling == VisionPooling::none) {
        return;
    }
    const char * key = "longlens.vision.pooling_factor";
    config.pooling_factor = reader.read_size(key, max_image_size);
    // Bilinear sampling is the mean of a block (and linear that of its two middle positions) at factor 2 only.
    if (config.pooling_factor != 2) {
        reader.fail_unsupported(key, "only a factor of 2 is supported, got " + std::to_string(config.pooling_factor));
    }
    if (config.grid() % config.pooling_factor != 0) {
        reader.fail_unsupported(key, "a grid of " + std::to_string(config.grid()) + " patches cannot be pooled by " +
                                         std::to_string(config.pooling_factor));
    }
}

void check_sizes(const MetadataReader & reader, const VisionConfig & config) {
    if (config.image_size % config.patch_size != 0) {
        reader.fail("longlens.vision.patch_size", "the image size " + std::to_string(config.image_size) +
                                                      " is no multiple of " + std::to_string(config.patch_size));
    }
    if (config.n_patches() > max_positions) {
        reader.fail("longlens.vision.patch_size", "expected at most " + std::to_string(max_positions) +
                                                      " patches, got " + std::to_string(config.n_patches()));
    }
    if (config.embedding_length % config.head_count != 0) {
        reader.fail("longlens.vision.head_count", "the width " + std::to_string(config.embedding_length) +
                                                      " is no multiple of " + std::to_string(config.head_count));
    }
}

} // namespace

VisionConfig read_vision_config(const gguf_context & file, const std::string & path) {
    const MetadataReader reader(file, path);

    const std::string architecture = reader.read_string("general.architecture");
    if (architecture != "longlens-vision") {
        reader.fail_unsupported("general.architecture", "expected longlens-vision, got \"" + architecture + "\"");
    }
    const std::string projector = reader.read_string("longlens.vision.projector");
    if (projector != "mlp2x_gelu") {
        reader.fail_unsupported("longlens.vision.projector", "expected mlp2x_gelu, got \"" + projector + "\"");
    }

    VisionConfig config;
    config.image_size = reader.read_size("longlens.vision.image_size", max_image_size);
    config.patch_size = reader.read_size("longlens.vision.patch_size", max_image_size);
    config.embedding_length = reader.read_size("longlens.vision.embedding_length", max_width);
    config.feed_forward_length = reader.read_size("longlens.vision.feed_forward_length", max_width);
    config.head_count = reader.read_size("longlens.vision.head_count", max_width);
    config.block_count = reader.read_size("longlens.vision.block_count", max_blocks);
    config.projection_length = reader.read_size("longlens.vision.projection_length", max_width);
    config.layer_norm_epsilon = reader.read_positive_float("longlens.vision.layer_norm_epsilon");
    config.has_class_embedding = reader.read_bool("longlens.vision.has_class_embedding");
    config.activation = read_activation(reader);
    config.pooling = read_pooling(reader);
    config.image_mean = reader.read_channels("longlens.image.mean");
    config.image_std = reader.read_channels("longlens.image.std");
    for (const float deviation : config.image_std) {
        if (deviation <= 0.0f) {
            reader.fail("longlens.image.std", "expected positive numbers");
        }
    }
    check_sizes(reader, config);
    read_pooling_factor(reader, config);
    return config;
}

} // namespace longlens
