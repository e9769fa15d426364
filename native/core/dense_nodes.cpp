#include "core/dense_nodes.h"

#include <algorithm>

namespace longlens {

namespace {

// Parts for each thread: more balance better, fewer share more of their work.
constexpr int64_t parts_per_thread = 4;

int64_t count_blocks(int64_t n, int64_t size) {
    return (n + size - 1) / size;
}

/// Rows of one part, a multiple of the kernels' block.
int64_t rows_per_part(int64_t n_rows, int64_t block, int64_t n_parts) {
    return count_blocks(count_blocks(n_rows, block), std::max<int64_t>(n_parts, 1)) * block;
}

const float * floats(const ggml_tensor * tensor) {
    return tensor ? static_cast<const float *>(tensor->data) : nullptr;
}

PanelType panel_type(ggml_type type) {
    switch (type) {
    case GGML_TYPE_F32:
        return PanelType::f32;
    case GGML_TYPE_F16:
        return PanelType::f16;
    case GGML_TYPE_BF16:
        return PanelType::bf16;
    default:
        return PanelType::q8_0;
    }
}

class LinearNode : public DenseNode {
public:
    LinearNode(const DenseKernels & kernels, ggml_tensor * scratch, int64_t scratch_floats,
               const LinearSources & sources, int64_t n_out)
        : DenseNode(kernels, scratch, scratch_floats), sources_(sources), n_rows_(ggml_nrows(sources.input)),
          n_out_(n_out) {}

protected:
    int64_t n_parts(int64_t n_threads) const override { return count_blocks(n_rows_, part_rows(n_threads)); }

    void run_part(int64_t part, int64_t n_threads, float * output, float * scratch) const override {
        const LinearTask task{
            .input = floats(sources_.input),
            .n_in = sources_.input->ne[0],
            .n_out = n_out_,
            .type = panel_type(sources_.panels->type),
            .panels = sources_.panels->data,
            .bias = floats(sources_.bias),
            .norm_weight = floats(sources_.norm_weight),
            .norm_bias = floats(sources_.norm_bias),
            .norm_epsilon = sources_.norm_epsilon,
            .residual = floats(sources_.residual),
            .scale = sources_.scale,
            .activation = sources_.activation,
            .output = output,
        };
        const int64_t first = part * part_rows(n_threads);
        kernels_.linear(task, first, std::min(n_rows_, first + part_rows(n_threads)), scratch);
    }

private:
    int64_t part_rows(int64_t n_threads) const {
        return rows_per_part(n_rows_, kernels_.row_block, n_threads * parts_per_thread);
    }

    LinearSources sources_;
    int64_t n_rows_;
    int64_t n_out_;
};

class AttentionNode : public DenseNode {
public:
    AttentionNode(const DenseKernels & kernels, ggml_tensor * scratch, int64_t scratch_floats,
                  const AttentionSources & sources)
        : DenseNode(kernels, scratch, scratch_floats), sources_(sources) {}

protected:
    int64_t n_parts(int64_t n_threads) const override { return n_heads() * parts_per_head(n_threads); }

    void run_part(int64_t part, int64_t n_threads, float * output, float * scratch) const override {
        const AttentionTask task{
            .qkv = floats(sources_.qkv),
            .n_positions = sources_.n_positions,
            .n_heads = sources_.n_heads,
            .head_length = sources_.qkv->ne[0] / (3 * sources_.n_heads),
            .scale = sources_.scale,
            .output = output,
        };
        const int64_t head = part / parts_per_head(n_threads);
        const int64_t first = part % parts_per_head(n_threads) * part_rows(n_threads);
        kernels_.attention(task, head / sources_.n_heads, head % sources_.n_heads, first,
                           std::min(sources_.n_positions, first + part_rows(n_threads)), scratch);
    }

private:
    int64_t n_heads() const { return sources_.n_images * sources_.n_heads; }
    // Each part of a head lays out its keys and values anew, so heads are only cut when there are too few.
    int64_t part_rows(int64_t n_threads) const {
        return rows_per_part(sources_.n_positions, kernels_.row_block,
                             count_blocks(n_threads * parts_per_thread, n_heads()));
    }
    int64_t parts_per_head(int64_t n_threads) const { return count_blocks(sources_.n_positions, part_rows(n_threads)); }

    AttentionSources sources_;
};

} // namespace

void DenseNode::run(ggml_tensor * output, int thread, int n_threads, void * data) {
    auto * node = static_cast<DenseNode *>(data);
    auto * scratch = static_cast<float *>(node->scratch_->data) + thread * node->scratch_floats_;
    const int64_t n_parts = node->n_parts(n_threads);
    for (int64_t part = node->next_part_++; part < n_parts; part = node->next_part_++) {
        node->run_part(part, n_threads, static_cast<float *>(output->data), scratch);
    }
    if (++node->n_done_ < n_threads) return;
    node->next_part_ = 0;
    node->n_done_ = 0;
}

DenseNodes::DenseNodes(const DenseKernels & kernels, ggml_context * tensors, int64_t n_threads, int64_t n_positions,
                       int64_t head_length)
    : kernels_(kernels), tensors_(tensors),
      scratch_floats_(
          std::max(kernels.linear_scratch_floats(), kernels.attention_scratch_floats(n_positions, head_length))) {
    scratch_ = ggml_new_tensor_1d(tensors, GGML_TYPE_F32, scratch_floats_ * n_threads);
    ggml_set_name(scratch_, "scratch");
    ggml_set_input(scratch_); // keeps the allocator from using its memory for anything else
}

ggml_tensor * DenseNodes::linear(const LinearSources & sources, int64_t n_out) {
    return add(std::make_unique<LinearNode>(kernels_, scratch_, scratch_floats_, sources, n_out), n_out,
               ggml_nrows(sources.input),
               {sources.input, sources.panels, sources.bias, sources.norm_weight, sources.norm_bias, sources.residual});
}

ggml_tensor * DenseNodes::attention(const AttentionSources & sources) {
    return add(std::make_unique<AttentionNode>(kernels_, scratch_, scratch_floats_, sources), sources.qkv->ne[0] / 3,
               sources.n_positions * sources.n_images, {sources.qkv});
}

ggml_tensor * DenseNodes::add(std::unique_ptr<DenseNode> node, int64_t row_length, int64_t n_rows,
                              std::vector<ggml_tensor *> sources) {
    std::erase(sources, nullptr);
    sources.push_back(scratch_);
    nodes_.push_back(std::move(node));
    return ggml_custom_4d(tensors_, GGML_TYPE_F32, row_length, n_rows, 1, 1, sources.data(),
                          static_cast<int>(sources.size()), DenseNode::run, GGML_N_TASKS_MAX, nodes_.back().get());
}

} // namespace longlens
