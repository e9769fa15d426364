#pragma once

#include "core/dense_kernels.h"
#include "ggml-cpp.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace longlens {

/// One of our kernels as a node of a ggml graph: ggml's threads share its parts among them, first come, first served.
class DenseNode {
public:
    DenseNode(const DenseKernels & kernels, ggml_tensor * scratch, int64_t scratch_floats)
        : kernels_(kernels), scratch_(scratch), scratch_floats_(scratch_floats) {}
    virtual ~DenseNode() = default;

    /// For ggml_custom_4d; `data` is a DenseNode.
    static void run(ggml_tensor * output, int thread, int n_threads, void * data);

protected:
    /// Called by each thread alike, with the node's tensors allocated. returns: the number of parts.
    virtual int64_t n_parts(int64_t n_threads) const = 0;
    virtual void run_part(int64_t part, int64_t n_threads, float * output, float * scratch) const = 0;

    const DenseKernels & kernels_;

private:
    ggml_tensor * scratch_; // scratch_floats for each thread
    int64_t scratch_floats_;
    std::atomic<int64_t> next_part_ = 0;
    std::atomic<int> n_done_ = 0; // threads; the last one resets both for the next run of the graph
};

/// A product with everything that goes with it. Tensors as in LinearTask; null ones are left out.
struct LinearSources {
    ggml_tensor * input = nullptr;  // [n_in, n_rows]
    ggml_tensor * panels = nullptr; // [values or bytes of a panel, n_panels]: F32, F16, BF16, or I8 for q8_0
    ggml_tensor * bias = nullptr;
    ggml_tensor * norm_weight = nullptr;
    ggml_tensor * norm_bias = nullptr;
    ggml_tensor * residual = nullptr;
    float norm_epsilon = 0.0f;
    float scale = 1.0f;
    DenseActivation activation = DenseActivation::none;
};

struct AttentionSources {
    ggml_tensor * qkv = nullptr; // [3 * n_heads * head_length, n_positions * n_images]
    int64_t n_images = 0;
    int64_t n_positions = 0;
    int64_t n_heads = 0;
    float scale = 1.0f;
};

/// Adds our kernels to the graph in `tensors`. Owns the nodes, so it must live as long as the graph; borrows the rest.
class DenseNodes {
public:
    /// Largest attention that will be added: it decides how much scratch memory each thread gets.
    DenseNodes(const DenseKernels & kernels, ggml_context * tensors, int64_t n_threads, int64_t n_positions,
               int64_t head_length);

    /// returns: [n_out, n_rows]
    ggml_tensor * linear(const LinearSources & sources, int64_t n_out);
    /// returns: [n_heads * head_length, n_positions * n_images]
    ggml_tensor * attention(const AttentionSources & sources);

private:
    ggml_tensor * add(std::unique_ptr<DenseNode> node, int64_t row_length, int64_t n_rows,
                      std::vector<ggml_tensor *> sources);

    const DenseKernels & kernels_;
    ggml_context * tensors_;
    int64_t scratch_floats_;
    ggml_tensor * scratch_; // part of the graph's compute buffer
    std::vector<std::unique_ptr<DenseNode>> nodes_;
};

} // namespace longlens
