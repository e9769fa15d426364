#include "core/memory_estimate.h"

#include "core/complaints.h"
#include "core/kernel_device.h"

#include <initializer_list>

namespace longlens {

namespace {

// More than any machine has; the sum over all layers cannot overflow either.
constexpr uint64_t most_bytes = uint64_t{1} << 53;

/// The product of sizes of at least 1. throws: model_invalid.
uint64_t multiply_bytes(const std::string & path, std::initializer_list<uint64_t> sizes) {
    uint64_t bytes = 1;
    for (const uint64_t size : sizes) {
        if (size > most_bytes / bytes) {
            throw EngineError(ErrorCode::model_invalid, path + ": its sizes ask for more memory than any machine has");
        }
        bytes *= size;
    }
    return bytes;
}

uint64_t planned_compute_bytes(const std::string & path, const SessionParams & params) {
    const Complaints complaints;
    llama_model_params model_params = llama_model_default_params();
    ggml_backend_dev_t no_device = nullptr;
    model_params.devices = &no_device;
    model_params.n_gpu_layers = 0;
    model_params.no_alloc = true;
    model_params.load_mode = LLAMA_LOAD_MODE_NONE; // what no_alloc asks for
    const llama_model_ptr model(llama_model_load_from_file(path.c_str(), model_params));
    if (!model) throw complaints.as_error(ErrorCode::model_invalid, path);

    tell_kernel_threads(params.n_threads);
    const BufferSizesReader reader;
    const llama_context_ptr context(llama_init_from_model(model.get(), to_context_params(params, params.n_sequences)));
    if (!context) throw complaints.as_error(ErrorCode::fatal, "the context could not be planned");
    return reader.sizes().compute_bytes;
}

} // namespace

LanguageMemory estimate_language_memory(const std::string & path, const SessionParams & params) {
    const ModelFile file(path);
    const ModelShape & shape = file.shape();
    check_session_params(params, shape);

    const llama_context_params context = to_context_params(params, params.n_sequences);
    const uint64_t n_cells = GGML_PAD(static_cast<uint64_t>(params.n_context), 256);
    LanguageMemory memory;
    memory.model_bytes = shape.tensor_bytes;
    for (const int64_t n_head_kv : shape.n_head_kv) {
        if (n_head_kv == 0) continue;
        const size_t row = ggml_row_size(context.type_k, n_head_kv * shape.n_embd_head) +
                           ggml_row_size(context.type_v, n_head_kv * shape.n_embd_head);
        memory.key_value_bytes += multiply_bytes(path, {row, n_cells});
    }
    memory.recurrent_bytes =
        multiply_bytes(path, {static_cast<uint64_t>(shape.n_mamba_layers()), static_cast<uint64_t>(shape.d_inner),
                              static_cast<uint64_t>(shape.d_state + shape.d_conv - 1),
                              static_cast<uint64_t>(params.n_sequences), sizeof(float)});
    memory.compute_bytes = planned_compute_bytes(path, params);
    return memory;
}

} // namespace longlens
