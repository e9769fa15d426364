#include "binding/library_binding.h"

#include "binding/arguments.h"
#include "binding/jobs.h"
#include "core/libraries.h"
#include "core/live_counts.h"

namespace longlens {

Napi::Value initialise(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return guarded(env, [&]() -> Napi::Value {
        const ObjectReader reader(info[0], "variant");
        const InitialiseReport report =
            open_libraries({reader.path("folder"), reader.texts("libraries"), reader.texts("backends")});

        Napi::Array failed = Napi::Array::New(env);
        for (const FailedBackend & backend : report.failed_backends) {
            Napi::Object entry = Napi::Object::New(env);
            entry.Set("path", backend.path);
            entry.Set("reason", backend.reason);
            failed.Set(failed.Length(), entry);
        }
        Napi::Object answer = Napi::Object::New(env);
        answer.Set("systemInfo", report.system_info);
        answer.Set("failedBackends", failed);
        return answer;
    });
}

Napi::Value devices(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return guarded(env, [&]() -> Napi::Value {
        require_libraries();
        Napi::Array answer = Napi::Array::New(env);
        for (const DeviceInfo & device : list_devices()) {
            Napi::Object entry = Napi::Object::New(env);
            entry.Set("name", device.name);
            entry.Set("description", device.description);
            entry.Set("type", device.type);
            entry.Set("memoryFreeBytes", static_cast<double>(device.memory_free_bytes));
            entry.Set("memoryTotalBytes", static_cast<double>(device.memory_total_bytes));
            answer.Set(answer.Length(), entry);
        }
        return answer;
    });
}

Napi::Value on_log(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return guarded(env, [&]() -> Napi::Value {
        if (!info[0].IsFunction()) reject_argument("listener", "a function", info[0]);
        AddonInstance::of(env).listen_to_log(info[0].As<Napi::Function>());
        return env.Undefined();
    });
}

Napi::Value live_handles(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    const LiveCounts & counts = LiveCounts::instance();
    Napi::Object answer = Napi::Object::New(env);
    answer.Set("models", counts.models.load());
    answer.Set("sessions", counts.sessions.load());
    answer.Set("visionTowers", counts.vision_towers.load());
    answer.Set("pendingJobs", AddonInstance::of(env).n_pending());
    return answer;
}

} // namespace longlens
