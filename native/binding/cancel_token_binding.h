#pragma once

#include "core/cancel_token.h"

#include <napi.h>

namespace longlens {

/// createCancelToken(): an object with cancel().
Napi::Value create_cancel_token(const Napi::CallbackInfo & info);

/// The flag inside a token; null for anything else, however it was dressed up.
CancelFlag cancel_flag_of(Napi::Value value);

} // namespace longlens
