#include "core/decode_error.h"

#include "core/engine_error.h"

#include <string>

namespace longlens {

void throw_decode_error(int32_t status) {
    switch (status) {
    case 1:
        throw EngineError(ErrorCode::context_full, "llama_decode found no room in the key-value cache");
    case 2:
        throw EngineError(ErrorCode::cancelled, "stopped by its cancel token");
    case -1:
        throw EngineError(ErrorCode::invalid_input, "llama_decode refused the batch");
    case -2: // no more than "fatal" to llama.h; llama.cpp returns it where an allocation failed
        throw EngineError(ErrorCode::out_of_memory, "llama_decode could not allocate what the batch needs");
    default:
        throw EngineError(ErrorCode::fatal, "llama_decode failed with " + std::to_string(status));
    }
}

} // namespace longlens
