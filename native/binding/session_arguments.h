#pragma once

#include "core/generate.h"
#include "core/text_session.h"

#include <napi.h>

namespace longlens {

/// throws: invalid_input, as everything in arguments.h.
SessionParams read_session_params(Napi::Value value, const std::string & name);
std::vector<SequencePart> read_parts(Napi::Value value, const std::string & name);
SequencePart read_part(Napi::Value value, const std::string & name);
GenerateParams read_generate_params(Napi::Value value, const std::string & name);

} // namespace longlens
