#pragma once

#include <napi.h>

namespace longlens {

/// quantize(params, cancel)
Napi::Value quantize_file(const Napi::CallbackInfo & info);
/// estimateMemory(params)
Napi::Value estimate_memory(const Napi::CallbackInfo & info);

} // namespace longlens
