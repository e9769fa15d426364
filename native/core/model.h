#pragma once

#include "core/cancel_token.h"
#include "core/live_counts.h"
#include "core/model_file.h"

#include "llama-cpp.h"

#include <functional>
#include <string>
#include <vector>

namespace longlens {

/// Where a model's layers go. See DeviceChoice in app/engine/engine-binding.ts.
struct DeviceChoice {
    int32_t n_gpu_layers = 0; // -1 offloads all
    std::vector<std::string> devices;
    std::vector<float> tensor_split;
};

struct LoadModelParams {
    std::string path;
    bool use_mmap = true;
    DeviceChoice device_choice;
};

/// llama.cpp's parameters for a device choice, and the arrays they point to.
class DevicePlan {
public:
    /// throws: invalid_input (unknown device, or as many shares as devices are not given).
    explicit DevicePlan(const DeviceChoice & choice);
    /// Points into this plan, which must outlive the load.
    void apply(llama_model_params & params) const;

private:
    int32_t n_gpu_layers_;
    bool names_devices_;
    std::vector<ggml_backend_dev_t> devices_; // null-terminated
    std::vector<float> tensor_split_;         // empty, or llama_max_devices() shares
};

/// A language model.
/// Owns:   llama's model and the open file of its embedding table.
/// Thread: engine thread, except vocabulary(), whose functions are thread-safe while the model exists.
class Model {
public:
    using Progress = std::function<void(float fraction)>;

    /// throws: io_failed, model_invalid, model_unsupported, out_of_memory, invalid_input, cancelled.
    Model(const LoadModelParams & params, const CancelToken & cancel, const Progress & progress);

    llama_model * get() const { return model_.get(); }
    const llama_vocab * vocabulary() const { return llama_model_get_vocab(model_.get()); }
    const ModelShape & shape() const { return shape_; }
    EmbeddingTable & embedding_table() { return embedding_table_; }

private:
    Model(const LoadModelParams & params, const ModelFile & file, const CancelToken & cancel,
          const Progress & progress);

    LiveCount live_count_{LiveCounts::instance().models};
    ModelShape shape_;
    EmbeddingTable embedding_table_;
    llama_model_ptr model_;
};

/// The bytes of one token as text; empty for special tokens. token: 0 <= token < n_vocab.
std::string token_bytes(const llama_vocab * vocabulary, int32_t token);

/// llama.cpp's own tokenizer, without added tokens. throws: model_unsupported (no vocabulary), invalid_input (text too
/// long), and as llama.cpp does where a byte has no piece.
std::vector<int32_t> tokenize(const llama_vocab * vocabulary, const std::string & text, bool parse_special);

} // namespace longlens
