#pragma once

#include "core/cancel_token.h"
#include "core/vision_graph.h"
#include "ggml-cpp.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace longlens {

enum class FlashAttention { off, on };

/// The backends of one tower and the scheduler that runs graphs on them: the chosen device first, the CPU for
/// whatever it does not offer.
/// Owns:   backends, scheduler and compute buffers. Borrows a graph until the next allocate().
/// Thread: engine thread only.
class VisionRuntime {
public:
    /// device: ggml's name; empty for the CPU. throws: invalid_input (no such device), fatal.
    VisionRuntime(const std::string & device, int32_t n_threads, const VisionConfig & config);

    bool is_cpu() const { return backends_.size() == 1; }
    ggml_backend_buffer_type_t weight_buffer_type() const;
    /// The best kind of attention the device has, given what was asked for.
    VisionAttention choose_attention(const VisionConfig & config, FlashAttention wanted) const;

    /// Bytes of compute buffers for a graph, without allocating them.
    size_t measure_bytes(const VisionGraph & graph);
    /// throws: out_of_memory.
    void allocate(const VisionGraph & graph);
    /// Bytes of compute buffers held now.
    size_t compute_bytes() const;

    /// Runs the graph last allocated. throws: cancelled, out_of_memory, fatal; the next run works again.
    void run(const VisionGraph & graph, const CancelToken & cancel);

private:
    void add_cpu(ggml_backend_dev_t device, int32_t n_threads);

    std::vector<ggml_backend_ptr> backends_;
    ggml_backend_sched_ptr scheduler_;
    // What ggml's abort callback looks at: null between runs. On the heap, so that its address stays.
    std::unique_ptr<const CancelToken *> running_cancel_ = std::make_unique<const CancelToken *>(nullptr);
};

} // namespace longlens
