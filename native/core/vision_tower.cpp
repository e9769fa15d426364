#include "core/vision_tower.h"

#include "core/engine_error.h"

#include <algorithm>

namespace longlens {

namespace {

// A CPU run can be stopped between two nodes of its graph only, and the largest node is one product over the whole
// batch. At this size it takes under 100 ms on two slow cores.
constexpr double max_node_operations = 5e9;

int64_t limit_batch(const VisionConfig & config, const VisionRuntime & runtime, int64_t batch_images) {
    if (!runtime.is_cpu()) return batch_images;
    const double width = static_cast<double>(std::max(config.embedding_length, config.projection_length));
    const double wide = static_cast<double>(std::max(config.feed_forward_length, config.projection_length));
    const double operations = 2.0 * width * wide * static_cast<double>(config.n_positions());
    return std::clamp<int64_t>(static_cast<int64_t>(max_node_operations / operations), 1, batch_images);
}

void check_params(const VisionParams & params) {
    if (params.n_threads < 1) {
        throw EngineError(ErrorCode::invalid_input,
                          "expected at least one thread, got " + std::to_string(params.n_threads));
    }
    if (params.batch_images < 1) {
        throw EngineError(ErrorCode::invalid_input,
                          "expected at least one image a batch, got " + std::to_string(params.batch_images));
    }
}

const DenseKernels * require_kernels(DenseKernelsKind kind) {
    const DenseKernels * kernels = find_dense_kernels(kind);
    if (!kernels) throw EngineError(ErrorCode::invalid_input, "kernels: this CPU cannot run the ones asked for");
    return kernels;
}

/// Null: ggml's kernels.
const DenseKernels * choose_kernels(const VisionParams & params, const VisionFile & file,
                                    const VisionRuntime & runtime) {
    if (!runtime.is_cpu() || !file.fits_panels()) return nullptr;
    switch (params.kernels) {
    case VisionKernels::best:
        return find_best_dense_kernels();
    case VisionKernels::avx512:
        return require_kernels(DenseKernelsKind::avx512);
    case VisionKernels::avx2:
        return require_kernels(DenseKernelsKind::avx2);
    case VisionKernels::ggml:
        return nullptr;
    }
    return nullptr;
}

VisionAttention choose_attention(const VisionParams & params, const VisionRuntime & runtime,
                                 const VisionWeights & weights, const VisionConfig & config) {
    const bool is_own = weights.kernels() && params.flash_attention == FlashAttention::on;
    return is_own ? VisionAttention::own : runtime.choose_attention(config, params.flash_attention);
}

/// returns: how many images `n_values` are.
int64_t check_length(const char * what, size_t n_values, int64_t values_per_image) {
    const auto total = static_cast<int64_t>(n_values);
    if (total == 0 || total % values_per_image != 0) {
        throw EngineError(ErrorCode::invalid_input, std::string(what) + ": expected a positive multiple of " +
                                                        std::to_string(values_per_image) + " values, got " +
                                                        std::to_string(total));
    }
    return total / values_per_image;
}

/// Rows of `values_per_image` for each image.
template <typename Value>
std::span<Value> slice(std::span<Value> all, int64_t first, int64_t n_images, int64_t values_per_image) {
    return all.subspan(static_cast<size_t>(first * values_per_image), static_cast<size_t>(n_images * values_per_image));
}

void append(std::vector<float> & to, const ggml_tensor * tensor) {
    if (!tensor) return;
    const size_t start = to.size();
    to.resize(start + static_cast<size_t>(ggml_nelements(tensor)));
    ggml_backend_tensor_get(tensor, to.data() + start, 0, ggml_nbytes(tensor));
}

int64_t values_per_image(const VisionConfig & config, VisionStage stage) {
    switch (stage) {
    case VisionStage::pixel_values:
        return config.n_pixel_values();
    case VisionStage::features:
        return config.n_feature_values();
    case VisionStage::pooled:
        return config.n_pooled_values();
    case VisionStage::projected:
        return config.n_projected_values();
    }
    return 0;
}

} // namespace

VisionTower::VisionTower(const VisionParams & params, const CancelToken & cancel)
    : VisionTower(params, open_vision_file(params.path), cancel) {}

VisionTower::VisionTower(const VisionParams & params, const VisionFile & file, const CancelToken & cancel)
    : config_(file.config), runtime_(params.device, params.n_threads, config_),
      weights_(file, choose_kernels(params, file, runtime_)),
      attention_(choose_attention(params, runtime_, weights_, config_)),
      batch_images_(limit_batch(config_, runtime_, params.batch_images)), n_threads_(params.n_threads),
      pixel_values_(config_, weights_.patch_row_length()) {
    check_params(params);
    weights_.load(file, runtime_.weight_buffer_type(), cancel);
    // Now rather than with the first picture: a tower that loads is one that can run.
    prepare(VisionStage::pixel_values, VisionOutputs::projected_only, batch_images_);
}

VisionMemory VisionTower::memory() const {
    return {.weight_bytes = weights_.size_bytes(), .compute_bytes = runtime_.compute_bytes()};
}

std::vector<float> VisionTower::encode(std::span<const uint8_t> pixels, const CancelToken & cancel,
                                       const Progress & progress) {
    const int64_t n_images = check_length("pixels", pixels.size(), config_.n_pixel_values());
    std::vector<float> projected;
    projected.reserve(static_cast<size_t>(n_images * config_.n_projected_values()));
    for (int64_t done = 0; done < n_images;) {
        cancel.check();
        const int64_t n = std::min(batch_images_, n_images - done);
        VisionGraph & graph = prepare(VisionStage::pixel_values, VisionOutputs::projected_only, n);
        rows_.resize(static_cast<size_t>(ggml_nelements(graph.input)));
        pixel_values_.unfold_pixels(slice(pixels, done, n, config_.n_pixel_values()), rows_);
        set_input(graph, rows_);
        runtime_.run(graph, cancel);
        append(projected, graph.projected);
        done += n;
        if (progress) progress(done, n_images);
    }
    return projected;
}

std::vector<float> VisionTower::pixel_values(std::span<const uint8_t> pixels) const {
    check_length("pixels", pixels.size(), config_.n_pixel_values());
    std::vector<float> values(pixels.size());
    pixel_values_.normalise(pixels, values);
    return values;
}

VisionStages VisionTower::run_from(VisionStage from, std::span<const float> values, const CancelToken & cancel) {
    const int64_t per_image = values_per_image(config_, from);
    const int64_t n_images = check_length("values", values.size(), per_image);
    VisionStages stages;
    for (int64_t done = 0; done < n_images;) {
        cancel.check();
        const int64_t n = std::min(batch_images_, n_images - done);
        VisionGraph & graph = prepare(from, VisionOutputs::every_stage, n);
        std::span<const float> input = slice(values, done, n, per_image);
        if (from == VisionStage::pixel_values) {
            rows_.resize(static_cast<size_t>(ggml_nelements(graph.input)));
            pixel_values_.unfold_values(input, rows_);
            input = rows_;
        }
        set_input(graph, input);
        runtime_.run(graph, cancel);
        append(stages.features, graph.features);
        append(stages.pooled, graph.pooled);
        append(stages.projected, graph.projected);
        done += n;
    }
    return stages;
}

VisionGraph & VisionTower::prepare(VisionStage from, VisionOutputs outputs, int64_t n_images) {
    const VisionGraphShape shape{
        .from = from, .outputs = outputs, .attention = attention_, .n_images = n_images, .n_threads = n_threads_};
    if (graph_ && graph_->shape == shape) return *graph_;
    // Not kept until it is allocated: after a failure the next call starts anew.
    graph_.reset();
    VisionGraph graph = build_vision_graph(config_, weights_, shape);
    runtime_.allocate(graph);
    return graph_.emplace(std::move(graph));
}

void VisionTower::set_input(VisionGraph & graph, std::span<const float> values) {
    ggml_backend_tensor_set(graph.input, values.data(), 0, values.size_bytes());
}

VisionMemory estimate_vision_memory(const VisionParams & params) {
    check_params(params);
    const VisionFile file = open_vision_file(params.path);
    VisionRuntime runtime(params.device, params.n_threads, file.config);
    VisionWeights weights(file, choose_kernels(params, file, runtime));
    const size_t weight_bytes = weights.measure_bytes(runtime.weight_buffer_type());
    weights.place(runtime.weight_buffer_type());
    const VisionGraph graph = build_vision_graph(file.config, weights,
                                                 {.from = VisionStage::pixel_values,
                                                  .outputs = VisionOutputs::projected_only,
                                                  .attention = choose_attention(params, runtime, weights, file.config),
                                                  .n_images = limit_batch(file.config, runtime, params.batch_images),
                                                  .n_threads = params.n_threads});
    return {.weight_bytes = weight_bytes, .compute_bytes = runtime.measure_bytes(graph)};
}

} // namespace longlens
