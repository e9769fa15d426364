#pragma once

#include <napi.h>

namespace longlens {

/// initialise(variant)
Napi::Value initialise(const Napi::CallbackInfo & info);
/// devices()
Napi::Value devices(const Napi::CallbackInfo & info);
/// onLog(listener)
Napi::Value on_log(const Napi::CallbackInfo & info);
/// liveHandles()
Napi::Value live_handles(const Napi::CallbackInfo & info);

} // namespace longlens
