#pragma once

#include <napi.h>

namespace longlens {

/// loadVisionTower(params)
Napi::Value load_vision_tower(const Napi::CallbackInfo & info);

} // namespace longlens
