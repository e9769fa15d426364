#include "binding/model_binding.h"

#include "binding/arguments.h"
#include "binding/jobs.h"
#include "binding/session_binding.h"
#include "core/libraries.h"
#include "core/log_sink.h"

namespace longlens {

namespace {

struct Loaded {
    const llama_vocab * vocabulary;
    ModelShape shape;
    double n_params;
    double size_bytes;
};

void require_open(const ModelHandle & handle) {
    if (handle.vocabulary == nullptr) throw EngineError(ErrorCode::disposed, "model was disposed");
}

Napi::Value tokenize_text(const Napi::CallbackInfo & info, const ModelHandle & handle) {
    return guarded(info.Env(), [&]() -> Napi::Value {
        require_open(handle);
        const std::string text = read_text(info[0], "text");
        return to_int32_array(info.Env(), tokenize(handle.vocabulary, text, read_flag(info[1], "parseSpecial")));
    });
}

Napi::Value bytes_of_token(const Napi::CallbackInfo & info, const ModelHandle & handle) {
    return guarded(info.Env(), [&]() -> Napi::Value {
        require_open(handle);
        const int64_t token = read_integer(info[0], "token", 0, handle.shape.n_vocab - 1);
        const std::string bytes = token_bytes(handle.vocabulary, static_cast<int32_t>(token));
        return to_uint8_array(info.Env(), {bytes.begin(), bytes.end()});
    });
}

Napi::Value dispose_model(const Napi::CallbackInfo & info, const std::shared_ptr<ModelHandle> & handle) {
    const Napi::Env env = info.Env();
    return promised(env, [&]() -> Napi::Value {
        if (handle->n_sessions > 0) {
            throw EngineError(ErrorCode::invalid_input, "expected its sessions to be disposed first, " +
                                                            std::to_string(handle->n_sessions) + " still exist");
        }
        handle->vocabulary = nullptr;
        return run_job(
            env, {}, [slot = handle->slot](JobContext &) { slot->reset(); }, answer_nothing);
    });
}

Napi::Value to_object(Napi::Env env, const Loaded & loaded, const std::shared_ptr<ModelHandle> & handle) {
    handle->vocabulary = loaded.vocabulary;
    handle->shape = loaded.shape;
    Napi::Object model = Napi::Object::New(env);
    model.Set("nParams", loaded.n_params);
    model.Set("sizeBytes", loaded.size_bytes);
    model.Set("embeddingLength", static_cast<double>(loaded.shape.n_embd));
    model.Set("vocabularySize", static_cast<double>(loaded.shape.n_vocab));
    model.Set("nLayers", static_cast<double>(loaded.shape.n_layer));
    const auto add = [&](const char * name, auto method) {
        model.Set(name,
                  Napi::Function::New(
                      env, [handle, method](const Napi::CallbackInfo & info) { return method(info, handle); }, name));
    };
    add("tokenize", [](const auto & info, const auto & handle) { return tokenize_text(info, *handle); });
    add("tokenBytes", [](const auto & info, const auto & handle) { return bytes_of_token(info, *handle); });
    add("createSession", create_session);
    add("dispose", dispose_model);
    model.Freeze();
    return model;
}

LoadModelParams read_load_params(Napi::Value value) {
    const ObjectReader reader(value, "params");
    LoadModelParams params;
    params.path = reader.path("path");
    params.use_mmap = reader.flag("useMmap");
    params.device_choice.n_gpu_layers = reader.int32("gpuLayers", -1, 1 << 16);
    params.device_choice.devices = reader.texts("devices");
    for (const double share : read_numbers(reader.get("tensorSplit"), reader.name_of("tensorSplit"), 0, 1e6))
        params.device_choice.tensor_split.push_back(static_cast<float>(share));
    return params;
}

} // namespace

// Also the net under a model that was never disposed: it is freed on the engine thread, after whatever uses it.
ModelHandle::~ModelHandle() {
    if (vocabulary != nullptr) LogSink::warn("a model was never disposed");
    EngineThread::instance().post([slot = slot] { slot->reset(); });
}

Napi::Value load_model(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return promised(env, [&]() -> Napi::Value {
        require_libraries();
        const LoadModelParams params = read_load_params(info[0]);
        const JobOptions options = {read_cancel_token(info[1], "cancel"), nullptr,
                                    read_callback(info[2], "onProgress")};
        const auto handle = std::make_shared<ModelHandle>();
        const auto work = [params, slot = handle->slot](JobContext & job) {
            const auto on_progress = [&](float fraction) { job.progress_fraction(fraction); };
            auto model = std::make_unique<Model>(params, job.cancel, on_progress);
            const Loaded loaded = {model->vocabulary(), model->shape(),
                                   static_cast<double>(llama_model_n_params(model->get())),
                                   static_cast<double>(llama_model_size(model->get()))};
            slot->fill(std::move(model));
            return loaded;
        };
        return run_job(env, options, work,
                       [handle](Napi::Env env, const Loaded & loaded) { return to_object(env, loaded, handle); });
    });
}

} // namespace longlens
