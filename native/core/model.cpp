#include "core/model.h"

#include "core/complaints.h"

#include <limits>

namespace longlens {

namespace {

bool is_offload_device(ggml_backend_dev_t device) {
    const auto type = ggml_backend_dev_type(device);
    return type == GGML_BACKEND_DEVICE_TYPE_GPU || type == GGML_BACKEND_DEVICE_TYPE_IGPU;
}

ggml_backend_dev_t find_offload_device(const std::string & name) {
    std::string known;
    for (size_t i = 0; i < ggml_backend_dev_count(); i++) {
        const ggml_backend_dev_t device = ggml_backend_dev_get(i);
        if (!is_offload_device(device)) continue;
        if (name == ggml_backend_dev_name(device)) return device;
        known += (known.empty() ? "" : ", ") + std::string(ggml_backend_dev_name(device));
    }
    throw EngineError(ErrorCode::invalid_input, "devices: expected one of [" + known + "], got \"" + name + "\"");
}

struct LoadWatch {
    const CancelToken & cancel;
    const Model::Progress & progress;
};

bool on_load_progress(float fraction, void * data) {
    const auto * watch = static_cast<const LoadWatch *>(data);
    watch->progress(fraction);
    return !watch->cancel.is_set();
}

llama_model_ptr load(const LoadModelParams & params, const CancelToken & cancel, const Model::Progress & progress) {
    const DevicePlan plan(params.device_choice);
    const LoadWatch watch{cancel, progress};
    llama_model_params load_params = llama_model_default_params();
    plan.apply(load_params);
    load_params.load_mode = params.use_mmap ? LLAMA_LOAD_MODE_MMAP : LLAMA_LOAD_MODE_NONE;
    load_params.progress_callback = on_load_progress;
    load_params.progress_callback_user_data = const_cast<LoadWatch *>(&watch);

    const Complaints complaints;
    llama_model_ptr model(llama_model_load_from_file(params.path.c_str(), load_params));
    cancel.check();
    if (!model) throw complaints.as_error(ErrorCode::model_invalid, params.path);
    return model;
}

} // namespace

DevicePlan::DevicePlan(const DeviceChoice & choice)
    : n_gpu_layers_(choice.n_gpu_layers),
      // An empty list, unlike no list, keeps llama.cpp from using a GPU for the products of large batches.
      names_devices_(!choice.devices.empty() || choice.n_gpu_layers == 0) {
    if (choice.n_gpu_layers != 0) {
        for (const std::string & name : choice.devices)
            devices_.push_back(find_offload_device(name));
    }
    devices_.push_back(nullptr);

    if (choice.tensor_split.empty()) return;
    if (choice.tensor_split.size() != choice.devices.size() || choice.tensor_split.size() > llama_max_devices()) {
        throw EngineError(ErrorCode::invalid_input, "tensorSplit: expected " + std::to_string(choice.devices.size()) +
                                                        " shares, one a device, got " +
                                                        std::to_string(choice.tensor_split.size()));
    }
    tensor_split_ = choice.tensor_split;
    tensor_split_.resize(llama_max_devices(), 0.0F);
}

void DevicePlan::apply(llama_model_params & params) const {
    params.n_gpu_layers = n_gpu_layers_;
    params.split_mode = LLAMA_SPLIT_MODE_LAYER;
    if (names_devices_) params.devices = const_cast<ggml_backend_dev_t *>(devices_.data());
    if (!tensor_split_.empty()) params.tensor_split = tensor_split_.data();
}

Model::Model(const LoadModelParams & params, const CancelToken & cancel, const Progress & progress)
    : Model(params, ModelFile(params.path), cancel, progress) {}

Model::Model(const LoadModelParams & params, const ModelFile & file, const CancelToken & cancel,
             const Progress & progress)
    : shape_(file.shape()), embedding_table_(file), model_(load(params, cancel, progress)) {
    if (llama_vocab_n_tokens(vocabulary()) != shape_.n_vocab) {
        throw EngineError(ErrorCode::model_invalid, params.path +
                                                        ": expected as many tokens as token_embd.weight has rows, " +
                                                        std::to_string(shape_.n_vocab) + ", got " +
                                                        std::to_string(llama_vocab_n_tokens(vocabulary())));
    }
}

/// Replaces SentencePiece's mark for a space, U+2581, by a space.
static void show_space_marks(std::string & text) {
    static const std::string mark = "\xe2\x96\x81";
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        text.replace(at, mark.size(), " ");
    }
}

std::string token_bytes(const llama_vocab * vocabulary, int32_t token) {
    // A model without words (a reference checkpoint) generates ids only; llama.cpp would abort here.
    if (llama_vocab_type(vocabulary) == LLAMA_VOCAB_TYPE_NONE) return {};
    std::string bytes(64, '\0');
    int32_t n = llama_token_to_piece(vocabulary, token, bytes.data(), static_cast<int32_t>(bytes.size()), 0, false);
    if (n < 0) {
        bytes.resize(static_cast<size_t>(-n));
        n = llama_token_to_piece(vocabulary, token, bytes.data(), static_cast<int32_t>(bytes.size()), 0, false);
    }
    bytes.resize(static_cast<size_t>(n > 0 ? n : 0));
    // llama.cpp writes user-defined pieces as they are stored; SentencePiece shows their space mark as a space.
    if ((llama_vocab_get_attr(vocabulary, token) & LLAMA_TOKEN_ATTR_USER_DEFINED) != 0) show_space_marks(bytes);
    return bytes;
}

std::vector<int32_t> tokenize(const llama_vocab * vocabulary, const std::string & text, bool parse_special) {
    if (llama_vocab_type(vocabulary) == LLAMA_VOCAB_TYPE_NONE) {
        throw EngineError(ErrorCode::model_unsupported, "tokenize: expected a model with a vocabulary");
    }
    if (text.size() > std::numeric_limits<int32_t>::max() / 4) {
        throw EngineError(ErrorCode::invalid_input, "text: expected less than 512 MB");
    }
    const auto length = static_cast<int32_t>(text.size());
    // A token is at least a byte; one more leaves room for a prefix space.
    std::vector<int32_t> tokens(text.size() + 2);
    int32_t n = llama_tokenize(vocabulary, text.data(), length, tokens.data(), static_cast<int32_t>(tokens.size()),
                               false, parse_special);
    if (n < 0) {
        tokens.resize(static_cast<size_t>(-n));
        n = llama_tokenize(vocabulary, text.data(), length, tokens.data(), static_cast<int32_t>(tokens.size()), false,
                           parse_special);
    }
    tokens.resize(static_cast<size_t>(n > 0 ? n : 0));
    return tokens;
}

} // namespace longlens
