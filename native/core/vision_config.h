#pragma once

#include <array>
#include <cstdint>
#include <string>

struct gguf_context;

namespace longlens {

enum class VisionActivation { quick_gelu, gelu };

/// How the patch features become image tokens. LONGLLAVA-FORMAT section 3, point 4.
enum class VisionPooling { none, linear_1d, bilinear_2d };

/// Sizes and switches of a vision tower, as vision.gguf states them (keys: docs/model-format.md).
struct VisionConfig {
    int64_t image_size = 0;       // pixels, square
    int64_t patch_size = 0;       // pixels, square
    int64_t embedding_length = 0; // width of the tower
    int64_t feed_forward_length = 0;
    int64_t head_count = 0;
    int64_t block_count = 0;       // blocks stored, all of which run: the output of the last is selected
    int64_t projection_length = 0; // width of the language model
    int64_t pooling_factor = 1;    // patches per pooled token along one side

    float layer_norm_epsilon = 0.0f;
    VisionActivation activation = VisionActivation::quick_gelu;
    VisionPooling pooling = VisionPooling::none;
    bool has_class_embedding = false;

    std::array<float, 3> image_mean = {};
    std::array<float, 3> image_std = {};

    int64_t grid() const { return image_size / patch_size; }
    int64_t n_patches() const { return grid() * grid(); }
    int64_t n_class() const { return has_class_embedding ? 1 : 0; }
    int64_t n_positions() const { return n_patches() + n_class(); }
    int64_t head_length() const { return embedding_length / head_count; }
    int64_t tokens_per_image() const { return n_patches() / (pooling_factor * pooling_factor); }

    /// Values of one picture at each stage.
    int64_t n_pixel_values() const { return 3 * image_size * image_size; }
    int64_t n_feature_values() const { return n_patches() * embedding_length; }
    int64_t n_pooled_values() const { return tokens_per_image() * embedding_length; }
    int64_t n_projected_values() const { return tokens_per_image() * projection_length; }
};

/// Reads and checks the metadata. `path` only names the file in messages.
/// throws: model_invalid (missing key, wrong type, impossible value), model_unsupported (a value we do not run).
VisionConfig read_vision_config(const gguf_context & file, const std::string & path);

} // namespace longlens
