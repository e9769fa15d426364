#pragma once

#include "core/cancel_token.h"
#include "core/live_counts.h"
#include "core/pixel_values.h"
#include "core/vision_graph.h"
#include "core/vision_runtime.h"
#include "core/vision_weights.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace longlens {

/// Who multiplies on the CPU. `best`: our own kernels where there are any for this CPU and these weights, else ggml.
enum class VisionKernels { best, avx512, avx2, ggml };

struct VisionParams {
    std::string path;
    int32_t n_threads = 1;
    FlashAttention flash_attention = FlashAttention::on;
    /// Largest number of images per graph; bounds the wait for a cancel where a running graph cannot be stopped.
    int64_t batch_images = 1;
    /// ggml's name of the device; empty for the CPU.
    std::string device;
    VisionKernels kernels = VisionKernels::best;
};

/// Every stage of one batch, row-major as in PyTorch.
struct VisionStages {
    std::vector<float> features;  // [n, n_patches, width]
    std::vector<float> pooled;    // [n, tokens_per_image, width]
    std::vector<float> projected; // [n, tokens_per_image, projection]
};

struct VisionMemory {
    size_t weight_bytes = 0;
    size_t compute_bytes = 0;
};

/// The vision tower: RGB pictures in, image tokens for the language model out.
/// Owns:   weights, backends, compute buffers and one graph, rebuilt when the number of images changes.
/// Thread: engine thread only.
class VisionTower {
public:
    using Progress = std::function<void(int64_t done_images, int64_t total_images)>;

    /// throws: io_failed, model_invalid, model_unsupported, invalid_input, out_of_memory, cancelled.
    VisionTower(const VisionParams & params, const CancelToken & cancel);

    const VisionConfig & config() const { return config_; }
    VisionMemory memory() const;

    /// pixels: [n, side, side, 3]. returns: [n, tokens_per_image, projection].
    /// throws: invalid_input, cancelled, out_of_memory, fatal; the tower stays usable.
    std::vector<float> encode(std::span<const uint8_t> pixels, const CancelToken & cancel, const Progress & progress);

    /// pixels: [n, side, side, 3]. returns: [n, 3, side, side]. throws: invalid_input.
    std::vector<float> pixel_values(std::span<const uint8_t> pixels) const;

    /// Runs the tower from a stage on; the members of stages up to that one stay empty.
    /// values: [n, 3, side, side] for pixel_values, else like the stage's member. throws: as encode().
    VisionStages run_from(VisionStage from, std::span<const float> values, const CancelToken & cancel);

private:
    VisionTower(const VisionParams & params, const VisionFile & file, const CancelToken & cancel);

    /// The graph for this many images, allocated.
    VisionGraph & prepare(VisionStage from, VisionOutputs outputs, int64_t n_images);
    void set_input(VisionGraph & graph, std::span<const float> values);

    LiveCount live_count_{LiveCounts::instance().vision_towers};
    VisionConfig config_;
    VisionRuntime runtime_;
    VisionWeights weights_;
    VisionAttention attention_;
    int64_t batch_images_;
    int64_t n_threads_;
    PixelValues pixel_values_;
    std::vector<float> rows_; // unfolded patches of one batch
    std::optional<VisionGraph> graph_;
};

/// What a tower will take, from the file's header alone. throws: as the constructor.
VisionMemory estimate_vision_memory(const VisionParams & params);

} // namespace longlens
