#pragma once

#include <cstdint>

namespace longlens {

/// Turns what llama_decode returned, when not 0, into its EngineError: 1 context_full, 2 cancelled, -1 invalid_input,
/// below -1 fatal.
[[noreturn]] void throw_decode_error(int32_t status);

} // namespace longlens
