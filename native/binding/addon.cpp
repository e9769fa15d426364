#include "binding/addon_instance.h"
#include "binding/cancel_token_binding.h"
#include "binding/file_binding.h"
#include "binding/library_binding.h"
#include "binding/model_binding.h"
#include "binding/vision_binding.h"

#include <napi.h>

namespace longlens {

// The exports of `EngineBinding` in app/engine/engine-binding.ts.
static Napi::Object initialise_addon(Napi::Env env, Napi::Object exports) {
    env.SetInstanceData(std::make_unique<AddonInstance>(env).release()); // freed with the environment
    const auto add = [&](const char * name, Napi::Value (*method)(const Napi::CallbackInfo &)) {
        exports.Set(name, Napi::Function::New(env, method, name));
    };
    add("initialise", initialise);
    add("devices", devices);
    add("onLog", on_log);
    add("createCancelToken", create_cancel_token);
    add("estimateMemory", estimate_memory);
    add("loadModel", load_model);
    add("quantize", quantize_file);
    add("liveHandles", live_handles);
    add("loadVisionTower", load_vision_tower);
    return exports;
}

} // namespace longlens

static Napi::Object initialise_module(Napi::Env env, Napi::Object exports) {
    return longlens::initialise_addon(env, exports);
}

NODE_API_MODULE(longlens, initialise_module)
