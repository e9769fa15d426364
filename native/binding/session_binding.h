#pragma once

#include "binding/model_binding.h"

#include <napi.h>

namespace longlens {

/// model.createSession(params)
Napi::Value create_session(const Napi::CallbackInfo & info, const std::shared_ptr<ModelHandle> & model);

} // namespace longlens
