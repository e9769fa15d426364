#pragma once

#include "core/vision_tower.h"

#include <napi.h>
#include <string>

namespace longlens {

/// loadVisionTower(params, cancel)
Napi::Value load_vision_tower(const Napi::CallbackInfo & info);

/// VisionParams of app/engine/engine-binding.ts. throws: invalid_input.
VisionParams read_vision_params(Napi::Value value, const std::string & name);

} // namespace longlens
