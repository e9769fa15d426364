#include "binding/session_binding.h"

#include "binding/arguments.h"
#include "binding/jobs.h"
#include "binding/session_arguments.h"
#include "core/evaluate_all.h"
#include "core/log_sink.h"
#include "core/state_file.h"

namespace longlens {

namespace {

/// JavaScript's half of a session. Thread: as ModelHandle.
struct SessionHandle {
    explicit SessionHandle(std::shared_ptr<ModelHandle> model) : model(std::move(model)) { this->model->n_sessions++; }
    // Also the net under a session that was never disposed.
    ~SessionHandle() {
        if (close() && is_made) LogSink::warn("a session was never disposed");
    }
    SessionHandle(const SessionHandle &) = delete;
    SessionHandle & operator=(const SessionHandle &) = delete;

    /// Cancels what runs and lets the model go. returns: false when that was done before.
    bool close() {
        if (disposing->exchange(true)) return false;
        model->n_sessions--;
        EngineThread::instance().post([slot = slot] { slot->reset(); });
        return true;
    }

    std::shared_ptr<ModelHandle> model;
    std::shared_ptr<Slot<TextSession>> slot = EngineThread::instance().make_slot<TextSession>();
    std::shared_ptr<SequenceLengths> lengths = std::make_shared<SequenceLengths>();
    CancelFlag disposing = make_cancel_flag();
    SessionParams params;
    bool is_made = false;
};

using Handle = std::shared_ptr<SessionHandle>;

int32_t read_sequence(Napi::Value value, const SessionHandle & handle, const char * name = "sequence") {
    return static_cast<int32_t>(read_integer(value, name, 0, handle.params.n_sequences - 1));
}

JobOptions owned_by(const Handle & handle) {
    return {nullptr, handle->disposing, {}, handle};
}

Napi::Value length(const Napi::CallbackInfo & info, const Handle & handle) {
    return guarded(info.Env(), [&]() -> Napi::Value {
        if (handle->disposing->load()) throw EngineError(ErrorCode::disposed, "session was disposed");
        const auto sequence = static_cast<size_t>(read_sequence(info[0], *handle));
        return Napi::Number::New(info.Env(), (*handle->lengths)[sequence].load());
    });
}

Napi::Value append(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        const int32_t sequence = read_sequence(info[0], *handle);
        const auto parts = std::make_shared<const std::vector<SequencePart>>(read_parts(info[1], "parts"));
        const JobOptions options = {read_cancel_token(info[2], "cancel"), handle->disposing,
                                    read_callback(info[3], "onProgress"), handle};
        const auto work = [=, slot = handle->slot](JobContext & job) {
            slot->get("session").append(sequence, *parts, job.cancel,
                                        [&](int64_t done, int64_t total) { job.progress(done, total); });
        };
        return run_job(info.Env(), options, work, answer_nothing);
    });
}

Napi::Value last_logits(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        const int32_t sequence = read_sequence(info[0], *handle);
        const auto work = [=, slot = handle->slot](JobContext &) {
            const std::span<const float> logits = slot->get("session").last_logits(sequence);
            return std::vector<float>(logits.begin(), logits.end());
        };
        return run_job(info.Env(), owned_by(handle), work, to_float32_array);
    });
}

Napi::Value to_object(Napi::Env env, const Evaluation & evaluation) {
    Napi::Object tensors = Napi::Object::New(env);
    for (const auto & [name, recorded] : evaluation.tensors) {
        Napi::Array shape = Napi::Array::New(env, recorded.shape.size());
        for (uint32_t i = 0; i < recorded.shape.size(); i++)
            shape.Set(i, static_cast<double>(recorded.shape[i]));
        Napi::Object tensor = Napi::Object::New(env);
        tensor.Set("shape", shape);
        tensor.Set("data", to_float32_array(env, recorded.data));
        tensors.Set(name, tensor);
    }
    Napi::Object answer = Napi::Object::New(env);
    answer.Set("logits", to_float32_array(env, evaluation.logits));
    answer.Set("tensors", tensors);
    return answer;
}

Napi::Value evaluate(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        const int32_t sequence = read_sequence(info[0], *handle);
        const auto part = std::make_shared<const SequencePart>(read_part(info[1], "input"));
        const std::vector<std::string> names = read_texts(info[2], "tensors");
        const JobOptions options = {read_cancel_token(info[3], "cancel"), handle->disposing, {}, handle};
        const auto work = [=, slot = handle->slot](JobContext & job) {
            TextSession & session = slot->get("session");
            Evaluation evaluation = evaluate_all(session.model(), session.params(), *part, names, job.cancel);
            session.clear(sequence);
            return evaluation;
        };
        return run_job(info.Env(), options, work, to_object);
    });
}

Napi::Value to_object(Napi::Env env, const GenerateResult & result) {
    Napi::Object answer = Napi::Object::New(env);
    answer.Set("tokens", to_int32_array(env, result.tokens));
    answer.Set("text", result.text);
    answer.Set("reason", result.reason);
    return answer;
}

Napi::Value generate_text(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        const int32_t sequence = read_sequence(info[0], *handle);
        const GenerateParams params = read_generate_params(info[1], "params");
        const JobOptions options = {read_cancel_token(info[2], "cancel"), handle->disposing,
                                    read_callback(info[3], "onText"), handle};
        const auto work = [=, slot = handle->slot](JobContext & job) {
            const auto on_text = [&](const std::string & text, int64_t n_tokens) {
                job.report([text, n_tokens](Napi::Env env, const Napi::FunctionReference & callback) {
                    callback.Call(
                        {Napi::String::New(env, text), Napi::Number::New(env, static_cast<double>(n_tokens))});
                });
            };
            return generate(slot->get("session"), sequence, params, job.cancel, on_text);
        };
        return run_job(info.Env(), options, work,
                       [](Napi::Env env, const GenerateResult & result) { return to_object(env, result); });
    });
}

Napi::Value branch(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        const int32_t from = read_sequence(info[0], *handle, "from");
        const int32_t to = read_sequence(info[1], *handle, "to");
        const auto work = [=, slot = handle->slot](JobContext &) { slot->get("session").branch(from, to); };
        return run_job(info.Env(), owned_by(handle), work, answer_nothing);
    });
}

Napi::Value clear(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        const int32_t sequence = read_sequence(info[0], *handle);
        const auto work = [=, slot = handle->slot](JobContext &) { slot->get("session").clear(sequence); };
        return run_job(info.Env(), owned_by(handle), work, answer_nothing);
    });
}

Napi::Value snapshot(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        const int32_t sequence = read_sequence(info[0], *handle);
        const auto work = [=, slot = handle->slot](JobContext &) {
            return slot->get("session").snapshot(sequence, "");
        };
        return run_job(info.Env(), owned_by(handle), work, to_uint8_array);
    });
}

Napi::Value restore(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        const int32_t sequence = read_sequence(info[0], *handle);
        const auto sealed = std::make_shared<std::vector<uint8_t>>(read_bytes(info[1], "snapshot"));
        const auto work = [=, slot = handle->slot](JobContext &) {
            slot->get("session").restore(sequence, *sealed, "");
        };
        return run_job(info.Env(), owned_by(handle), work, answer_nothing);
    });
}

Napi::Value save_state(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        const int32_t sequence = read_sequence(info[0], *handle);
        const std::string path = read_path(info[1], "path");
        const std::string key = read_text(info[2], "key");
        const auto work = [=, slot = handle->slot](JobContext &) {
            const std::vector<uint8_t> sealed = slot->get("session").snapshot(sequence, key);
            write_file(path, sealed);
            return static_cast<double>(sealed.size());
        };
        return run_job(info.Env(), owned_by(handle), work, [](Napi::Env env, double n_bytes) {
            Napi::Object answer = Napi::Object::New(env);
            answer.Set("bytes", n_bytes);
            return answer;
        });
    });
}

Napi::Value load_state(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        const int32_t sequence = read_sequence(info[0], *handle);
        const std::string path = read_path(info[1], "path");
        const std::string key = read_text(info[2], "key");
        const auto work = [=, slot = handle->slot](JobContext &) {
            TextSession & session = slot->get("session");
            std::vector<uint8_t> sealed = read_state_file(path);
            session.restore(sequence, sealed, key);
        };
        return run_job(info.Env(), owned_by(handle), work, answer_nothing);
    });
}

Napi::Value dispose(const Napi::CallbackInfo & info, const Handle & handle) {
    return promised(info.Env(), [&]() -> Napi::Value {
        (void)handle->close();
        // The object was queued to be freed before this, now or by an earlier call.
        return run_job(
            info.Env(), {}, [](JobContext &) {}, answer_nothing);
    });
}

Napi::Value to_object(Napi::Env env, const BufferSizes & sizes, const Handle & handle) {
    handle->is_made = true;
    Napi::Object memory = Napi::Object::New(env);
    memory.Set("keyValueBytes", static_cast<double>(sizes.key_value_bytes));
    memory.Set("recurrentBytes", static_cast<double>(sizes.recurrent_bytes));
    memory.Set("computeBytes", static_cast<double>(sizes.compute_bytes));
    memory.Freeze();

    Napi::Object session = Napi::Object::New(env);
    session.Set("contextTokens", handle->params.n_context);
    session.Set("memory", memory);
    const auto add = [&](const char * name, Napi::Value (*method)(const Napi::CallbackInfo &, const Handle &)) {
        session.Set(name,
                    Napi::Function::New(
                        env, [handle, method](const Napi::CallbackInfo & info) { return method(info, handle); }, name));
    };
    add("length", length);
    add("append", append);
    add("lastLogits", last_logits);
    add("evaluateAll", evaluate);
    add("generate", generate_text);
    add("branch", branch);
    add("clear", clear);
    add("snapshot", snapshot);
    add("restore", restore);
    add("saveState", save_state);
    add("loadState", load_state);
    add("dispose", dispose);
    session.Freeze();
    return session;
}

} // namespace

Napi::Value create_session(const Napi::CallbackInfo & info, const std::shared_ptr<ModelHandle> & model) {
    return promised(info.Env(), [&]() -> Napi::Value {
        if (model->vocabulary == nullptr) throw EngineError(ErrorCode::disposed, "model was disposed");
        const SessionParams params = read_session_params(info[0], "params");
        const auto handle = std::make_shared<SessionHandle>(model);
        handle->params = params;
        const auto work = [=, lengths = handle->lengths, slot = handle->slot,
                           model_slot = model->slot](JobContext & job) {
            auto session = std::make_unique<TextSession>(model_slot->get("model"), params, lengths);
            job.cancel.check();
            const BufferSizes sizes = session->buffer_sizes();
            slot->fill(std::move(session));
            return sizes;
        };
        return run_job(info.Env(), {nullptr, handle->disposing, {}}, work,
                       [handle](Napi::Env env, const BufferSizes & sizes) { return to_object(env, sizes, handle); });
    });
}

} // namespace longlens
