#include "core/evaluate_all.h"

#include "core/complaints.h"
#include "core/decode_error.h"
#include "core/kernel_device.h"
#include "core/token_batch.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace longlens {

namespace {

/// Copies the wanted tensors as the scheduler computes them.
class Recorder {
public:
    explicit Recorder(const std::vector<std::string> & names) {
        for (const std::string & name : names)
            tensors_[name];
    }

    std::map<std::string, RecordedTensor> take() { return std::move(tensors_); }

    /// Joins what the batch of `n_batch` positions recorded to the batches before.
    void end_batch(int64_t n_batch) {
        for (auto & [name, recorded] : batch_) {
            RecordedTensor & into = tensors_[name];
            into.data.insert(into.data.end(), recorded.data.begin(), recorded.data.end());
            if (into.shape.empty()) {
                position_dimension_[name] = find_position_dimension(recorded.shape, n_batch);
                into.shape = recorded.shape;
            } else {
                into.shape[position_dimension_[name]] += n_batch;
            }
        }
        batch_.clear();
    }

    // ggml_backend_sched_eval_callback: asked first whether it wants the tensor, then called with its data.
    static bool on_tensor(ggml_tensor * tensor, bool is_asking, void * data) {
        auto * recorder = static_cast<Recorder *>(data);
        if (!recorder->tensors_.contains(tensor->name)) return !is_asking;
        // Some names stand for a tensor and then for another shape of it: the last counts.
        if (!is_asking) recorder->batch_[tensor->name] = to_recorded(*tensor);
        return true;
    }

private:
    static RecordedTensor to_recorded(const ggml_tensor & tensor) {
        return {{tensor.ne, tensor.ne + ggml_n_dims(&tensor)}, to_floats(tensor)};
    }

    // The last dimension as long as the batch, else the last one.
    static size_t find_position_dimension(const std::vector<int64_t> & shape, int64_t n_batch) {
        for (size_t i = shape.size(); i-- > 0;) {
            if (shape[i] == n_batch) return i;
        }
        return shape.size() - 1;
    }

    static std::vector<float> to_floats(const ggml_tensor & tensor) {
        std::vector<uint8_t> bytes(ggml_nbytes(&tensor));
        ggml_backend_tensor_get(&tensor, bytes.data(), 0, bytes.size());
        std::vector<float> values;
        values.reserve(static_cast<size_t>(ggml_nelements(&tensor)));
        for (int64_t i3 = 0; i3 < tensor.ne[3]; i3++) {
            for (int64_t i2 = 0; i2 < tensor.ne[2]; i2++) {
                for (int64_t i1 = 0; i1 < tensor.ne[1]; i1++) {
                    for (int64_t i0 = 0; i0 < tensor.ne[0]; i0++) {
                        const size_t offset =
                            static_cast<size_t>(i0) * tensor.nb[0] + static_cast<size_t>(i1) * tensor.nb[1] +
                            static_cast<size_t>(i2) * tensor.nb[2] + static_cast<size_t>(i3) * tensor.nb[3];
                        values.push_back(to_float(tensor.type, bytes.data() + offset));
                    }
                }
            }
        }
        return values;
    }

    static float to_float(ggml_type type, const uint8_t * at) {
        float value = std::numeric_limits<float>::quiet_NaN();
        if (type == GGML_TYPE_F32) std::memcpy(&value, at, sizeof(value));
        if (type == GGML_TYPE_F16) {
            ggml_fp16_t half = 0;
            std::memcpy(&half, at, sizeof(half));
            value = ggml_fp16_to_fp32(half);
        }
        if (type == GGML_TYPE_I32) {
            int32_t integer = 0;
            std::memcpy(&integer, at, sizeof(integer));
            value = static_cast<float>(integer);
        }
        return value;
    }

    std::map<std::string, RecordedTensor> tensors_;
    std::map<std::string, RecordedTensor> batch_;
    std::map<std::string, size_t> position_dimension_;
};

} // namespace

Evaluation evaluate_all(Model & model, SessionParams params, const SequencePart & part,
                        const std::vector<std::string> & names, const CancelToken & cancel) {
    const ModelShape & shape = model.shape();
    check_part(part, shape);
    const int64_t n_total = part.size(shape.n_embd);
    if (n_total > params.n_context) {
        throw EngineError(ErrorCode::context_full, "expected at most " + std::to_string(params.n_context) +
                                                       " tokens, got " + std::to_string(n_total));
    }
    params.n_context = static_cast<int32_t>(n_total);
    params.n_sequences = 1;

    Recorder recorder(names);
    llama_context_params context_params = to_context_params(params, params.n_batch);
    context_params.cb_eval = Recorder::on_tensor;
    context_params.cb_eval_user_data = &recorder;
    context_params.abort_callback = CancelToken::abort_callback;
    context_params.abort_callback_data = const_cast<CancelToken *>(&cancel);
    tell_kernel_threads(params.n_threads);
    const Complaints complaints;
    const llama_context_ptr context(llama_init_from_model(model.get(), context_params));
    if (!context) throw complaints.as_error(ErrorCode::fatal, "the context could not be made");

    Evaluation evaluation;
    const auto n_ubatch = static_cast<int32_t>(llama_n_ubatch(context.get()));
    const bool is_tokens = !part.tokens.empty();
    TokenBatch batch(n_ubatch, is_tokens ? 0 : shape.n_embd, 0);
    PartReader reader({&part, 1}, shape.n_embd, model.embedding_table());
    for (int64_t done = 0; done < n_total;) {
        cancel.check();
        const auto n = static_cast<int32_t>(std::min<int64_t>(n_ubatch, n_total - done));
        batch.start(static_cast<int32_t>(done), n);
        batch.want_all_logits();
        if (is_tokens) {
            for (int32_t i = 0; i < n; i++)
                batch.set_token(i, part.tokens[static_cast<size_t>(done + i)]);
        } else {
            reader.read(batch.embeddings(), n);
        }
        const int32_t status = llama_decode(context.get(), batch.get());
        if (status != 0) throw_decode_error(status);
        const float * logits = llama_get_logits(context.get());
        evaluation.logits.insert(evaluation.logits.end(), logits, logits + n * shape.n_vocab);
        recorder.end_batch(n);
        done += n;
    }
    evaluation.tensors = recorder.take();
    for (const auto & [name, tensor] : evaluation.tensors) {
        if (tensor.shape.empty()) {
            throw EngineError(ErrorCode::invalid_input, "tensors: the model's graph has no tensor named " + name);
        }
    }
    return evaluation;
}

} // namespace longlens
