#include "core/engine_error.h"

namespace longlens {

const char * to_string(ErrorCode code) {
    switch (code) {
    case ErrorCode::invalid_input:
        return "invalid_input";
    case ErrorCode::library_missing:
        return "library_missing";
    case ErrorCode::model_invalid:
        return "model_invalid";
    case ErrorCode::model_unsupported:
        return "model_unsupported";
    case ErrorCode::out_of_memory:
        return "out_of_memory";
    case ErrorCode::context_full:
        return "context_full";
    case ErrorCode::state_invalid:
        return "state_invalid";
    case ErrorCode::io_failed:
        return "io_failed";
    case ErrorCode::cancelled:
        return "cancelled";
    case ErrorCode::disposed:
        return "disposed";
    case ErrorCode::fatal:
        return "fatal";
    }
    return "fatal";
}

} // namespace longlens
