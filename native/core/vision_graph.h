#pragma once

#include "core/dense_nodes.h"
#include "core/vision_config.h"
#include "core/vision_weights.h"
#include "ggml-cpp.h"

#include <memory>

namespace longlens {

/// What a graph starts from or gives, in the order in which the tower computes them.
enum class VisionStage { pixel_values, features, pooled, projected };

enum class VisionAttention {
    plain,     // matrix products and a softmax, 32-bit throughout
    flash_f32, // ggml's flash attention on 32-bit keys and values
    own,       // one pass of our own kernels, 32-bit throughout; needs weights in panels
    flash_f16, // flash attention on 16-bit keys and values, for devices that offer no other
};

/// Which outputs outlive the computation.
enum class VisionOutputs { projected_only, every_stage };

struct VisionGraphShape {
    VisionStage from = VisionStage::pixel_values;
    VisionOutputs outputs = VisionOutputs::projected_only;
    VisionAttention attention = VisionAttention::plain;
    int64_t n_images = 0;
    int64_t n_threads = 1;

    bool operator==(const VisionGraphShape &) const = default;
};

/// The tower for one number of images, from one stage on. Not allocated: that is the scheduler's business.
/// Owns: the tensors' descriptions. Borrows: the weights.
struct VisionGraph {
    VisionGraphShape shape;
    ggml_context_ptr tensors;
    std::unique_ptr<DenseNodes> dense; // null: ggml's kernels only
    ggml_cgraph * nodes = nullptr;

    /// from pixel_values: unfolded patches [row, n_positions, n] (see PixelValues); else like the stage's output.
    ggml_tensor * input = nullptr;
    ggml_tensor * features = nullptr;  // [width, n_patches, n]; null when the graph starts later, as is pooled
    ggml_tensor * pooled = nullptr;    // [width, tokens_per_image, n]
    ggml_tensor * projected = nullptr; // [projection, tokens_per_image, n]
};

/// More nodes than any graph of this tower has.
size_t max_vision_nodes(const VisionConfig & config);

VisionGraph build_vision_graph(const VisionConfig & config, const VisionWeights & weights,
                               const VisionGraphShape & shape);

} // namespace longlens
