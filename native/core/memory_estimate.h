#pragma once

#include "core/text_session.h"

namespace longlens {

/// Bytes that a language model and a session of it will take.
struct LanguageMemory {
    uint64_t model_bytes = 0;
    uint64_t key_value_bytes = 0;
    uint64_t recurrent_bytes = 0;
    uint64_t compute_bytes = 0;
};

/// Computed from the header alone: weights from their shapes; keys and values as attention layers x heads x head size
/// x 2 x context; recurrent states as Mamba layers x inner size x (state size + convolution kernel - 1) x 4 x
/// sequences; compute buffers by planning the graph without weights (llama.cpp's no_alloc).
/// throws: io_failed, model_invalid, model_unsupported, invalid_input, out_of_memory, fatal.
LanguageMemory estimate_language_memory(const std::string & path, const SessionParams & params);

} // namespace longlens
