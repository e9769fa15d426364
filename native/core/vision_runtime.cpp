#include "core/vision_runtime.h"

#include "core/engine_error.h"

namespace longlens {

namespace {

ggml_backend_dev_t find_device(const std::string & name) {
    ggml_backend_dev_t device =
        name.empty() ? ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) : ggml_backend_dev_by_name(name.c_str());
    if (!device) {
        throw EngineError(ErrorCode::invalid_input,
                          "expected the name of a device for the vision tower, got \"" + name + "\"");
    }
    return device;
}

ggml_backend_ptr start_backend(ggml_backend_dev_t device) {
    ggml_backend_ptr backend(ggml_backend_dev_init(device, nullptr));
    if (!backend) {
        throw EngineError(ErrorCode::fatal,
                          std::string("the device ") + ggml_backend_dev_name(device) + " could not be started");
    }
    return backend;
}

/// The CPU's own functions live in a library chosen at run time, so they are asked for by name.
template <typename Function>
Function find_cpu_function(ggml_backend_dev_t device, const char * name) {
    return reinterpret_cast<Function>(ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(device), name));
}

bool is_running_cancelled(void * data) {
    const CancelToken * cancel = *static_cast<const CancelToken **>(data);
    return cancel && cancel->is_set();
}

bool has_flash_attention(ggml_backend_dev_t device, const VisionConfig & config, ggml_type key_type) {
    ggml_context_ptr context(ggml_init({8 * ggml_tensor_overhead(), nullptr, true}));
    const auto tensor = [&](ggml_type type) {
        return ggml_new_tensor_4d(context.get(), type, config.head_length(), config.n_positions(), config.head_count,
                                  1);
    };
    ggml_tensor * attention = ggml_flash_attn_ext(context.get(), tensor(GGML_TYPE_F32), tensor(key_type),
                                                  tensor(key_type), nullptr, 1.0f, 0.0f, 0.0f);
    ggml_prec_set_acc(attention, GGML_PREC_F32);
    return ggml_backend_dev_supports_op(device, attention);
}

} // namespace

VisionRuntime::VisionRuntime(const std::string & device_name, int32_t n_threads, const VisionConfig & config) {
    ggml_backend_dev_t device = find_device(device_name);
    ggml_backend_dev_t cpu = find_device("");
    if (device != cpu) backends_.push_back(start_backend(device));
    add_cpu(cpu, n_threads);

    std::vector<ggml_backend_t> backends;
    for (const ggml_backend_ptr & backend : backends_)
        backends.push_back(backend.get());
    scheduler_.reset(ggml_backend_sched_new(backends.data(), nullptr, static_cast<int>(backends.size()),
                                            max_vision_nodes(config), false, false));
}

void VisionRuntime::add_cpu(ggml_backend_dev_t device, int32_t n_threads) {
    ggml_backend_ptr backend = start_backend(device);
    const auto set_n_threads = find_cpu_function<ggml_backend_set_n_threads_t>(device, "ggml_backend_set_n_threads");
    if (set_n_threads) set_n_threads(backend.get(), n_threads);
    const auto set_abort_callback =
        find_cpu_function<ggml_backend_set_abort_callback_t>(device, "ggml_backend_set_abort_callback");
    if (set_abort_callback) set_abort_callback(backend.get(), is_running_cancelled, running_cancel_.get());
    backends_.push_back(std::move(backend));
}

ggml_backend_buffer_type_t VisionRuntime::weight_buffer_type() const {
    return ggml_backend_get_default_buffer_type(backends_.front().get());
}

VisionAttention VisionRuntime::choose_attention(const VisionConfig & config, FlashAttention wanted) const {
    if (wanted == FlashAttention::off) return VisionAttention::plain;
    ggml_backend_dev_t device = ggml_backend_get_device(backends_.front().get());
    if (has_flash_attention(device, config, GGML_TYPE_F32)) return VisionAttention::flash_f32;
    if (has_flash_attention(device, config, GGML_TYPE_F16)) return VisionAttention::flash_f16;
    return VisionAttention::plain;
}

size_t VisionRuntime::measure_bytes(const VisionGraph & graph) {
    std::vector<size_t> sizes(backends_.size(), 0);
    ggml_backend_sched_reserve_size(scheduler_.get(), graph.nodes, sizes.data());
    ggml_backend_sched_reset(scheduler_.get());
    size_t total = 0;
    for (const size_t size : sizes)
        total += size;
    return total;
}

void VisionRuntime::allocate(const VisionGraph & graph) {
    ggml_backend_sched_reset(scheduler_.get());
    if (!ggml_backend_sched_alloc_graph(scheduler_.get(), graph.nodes)) {
        throw EngineError(ErrorCode::out_of_memory, "no room for the vision tower's compute buffers for " +
                                                        std::to_string(graph.shape.n_images) + " images");
    }
}

size_t VisionRuntime::compute_bytes() const {
    size_t total = 0;
    for (const ggml_backend_ptr & backend : backends_) {
        total += ggml_backend_sched_get_buffer_size(scheduler_.get(), backend.get());
    }
    return total;
}

void VisionRuntime::run(const VisionGraph & graph, const CancelToken & cancel) {
    *running_cancel_ = &cancel;
    const ggml_status status = ggml_backend_sched_graph_compute(scheduler_.get(), graph.nodes);
    *running_cancel_ = nullptr;
    switch (status) {
    case GGML_STATUS_SUCCESS:
        return;
    case GGML_STATUS_ABORTED:
        throw EngineError(ErrorCode::cancelled, "stopped by its cancel token");
    case GGML_STATUS_ALLOC_FAILED:
        throw EngineError(ErrorCode::out_of_memory, "no room to run the vision tower");
    case GGML_STATUS_FAILED:
        break;
    }
    throw EngineError(ErrorCode::fatal, "the vision tower's graph failed");
}

} // namespace longlens
