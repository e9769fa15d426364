#pragma once

#include "core/engine_thread.h"
#include "core/model.h"

#include <napi.h>

namespace longlens {

/// loadModel(params, cancel, onProgress)
Napi::Value load_model(const Napi::CallbackInfo & info);

/// JavaScript's half of a model, shared by its object and those of its sessions.
/// Thread: JavaScript's, except `slot`, whose inside belongs to the engine thread.
struct ModelHandle {
    std::shared_ptr<Slot<Model>> slot = EngineThread::instance().make_slot<Model>();
    const llama_vocab * vocabulary = nullptr; // null once disposed
    ModelShape shape;
    int32_t n_sessions = 0; // made and not disposed, also those still being made

    ModelHandle() = default;
    ~ModelHandle();
    ModelHandle(const ModelHandle &) = delete;
    ModelHandle & operator=(const ModelHandle &) = delete;
};

} // namespace longlens
