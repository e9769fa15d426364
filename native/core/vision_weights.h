#pragma once

#include "core/cancel_token.h"
#include "core/dense_kernels.h"
#include "core/vision_file.h"
#include "ggml-cpp.h"

#include <vector>

namespace longlens {

/// One block, as the graph multiplies with it. Shapes in ggml order; matrices may lie in panels instead (see below).
struct VisionBlock {
    ggml_tensor * layer_norm1_weight; // [width]
    ggml_tensor * layer_norm1_bias;   // [width]
    ggml_tensor * qkv_weight;         // [width, 3*width]: rows of q_proj, then k_proj, then v_proj
    ggml_tensor * qkv_bias;           // [3*width]
    ggml_tensor * out_weight;         // [width, width]
    ggml_tensor * out_bias;           // [width]
    ggml_tensor * layer_norm2_weight; // [width], times activation_scale
    ggml_tensor * layer_norm2_bias;   // [width], times activation_scale
    ggml_tensor * fc1_weight;         // [width, feed_forward]
    ggml_tensor * fc1_bias;           // [feed_forward], times activation_scale
    ggml_tensor * fc2_weight;         // [feed_forward, width]
    ggml_tensor * fc2_bias;           // [width]
};

/// The weights on one device, laid out for the graph rather than as stored:
/// - the patch convolution is a matrix whose rows are zero-padded to `patch_row_length`;
/// - the class embedding is added to the first row of the position embeddings;
/// - q, k and v are one matrix;
/// - layer_norm2 and fc1's bias carry the factor of quick-GELU, so that fc1 gives 1.702*t and
///   t*sigmoid(1.702*t) is silu(1.702*t)/1.702. ggml's own quick-GELU rounds to 16 bit on the CPU;
/// - for our own kernels, matrices lie in panels (see LinearTask), those of Q8_0 as bytes.
/// Owns:   the tensors and their buffer.
/// Thread: engine thread only.
class VisionWeights {
public:
    /// Describes the tensors; nothing is allocated or read yet.
    /// kernels: the ones to lay matrices out for, which must know all their types; null for ggml's.
    VisionWeights(const VisionFile & file, const DenseKernels * kernels);

    /// Bytes that load() will allocate.
    size_t measure_bytes(ggml_backend_buffer_type_t buffer_type) const;
    /// Bytes held now.
    size_t size_bytes() const { return buffer_ ? ggml_backend_buffer_get_size(buffer_.get()) : 0; }

    /// Assigns the tensors to a device without memory: enough to measure graphs, not to run them.
    void place(ggml_backend_buffer_type_t buffer_type);

    /// throws: out_of_memory, io_failed, cancelled (looked at once a block).
    void load(const VisionFile & file, ggml_backend_buffer_type_t buffer_type, const CancelToken & cancel);

    ggml_tensor * patch_embedding;    // [patch_row_length, width]
    ggml_tensor * position_embedding; // [width, n_positions]
    ggml_tensor * pre_norm_weight;    // [width]
    ggml_tensor * pre_norm_bias;      // [width]
    std::vector<VisionBlock> blocks;
    ggml_tensor * projector0_weight; // [width, projection]
    ggml_tensor * projector0_bias;   // [projection]
    ggml_tensor * projector2_weight; // [projection, projection]
    ggml_tensor * projector2_bias;   // [projection]

    /// See above; 1 with the plain GELU.
    float activation_scale() const { return activation_scale_; }
    /// Values per unfolded patch, padding included.
    int64_t patch_row_length() const { return patch_row_length_; }
    /// Null: matrices lie in rows, for ggml.
    const DenseKernels * kernels() const { return kernels_; }

private:
    ggml_context_ptr tensors_;
    ggml_backend_buffer_ptr buffer_;
    const DenseKernels * kernels_;
    float activation_scale_;
    int64_t patch_row_length_;
};

} // namespace longlens
