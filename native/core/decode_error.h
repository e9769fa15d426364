#pragma once

#include <cstdint>

namespace longlens {

/// Turns what llama_decode returned, when not 0, into its EngineError: 1 context_full, 2 cancelled, -1 invalid_input,
/// -2 out_of_memory, below -2 fatal.
[[noreturn]] void throw_decode_error(int32_t status);

} // namespace longlens
