#pragma once

#include <stdexcept>
#include <string>

namespace longlens {

/// The codes of `EngineBindingErrorCode` in app/engine/engine-binding.ts.
enum class ErrorCode {
    invalid_input,
    library_missing,
    model_invalid,
    model_unsupported,
    out_of_memory,
    context_full,
    state_invalid,
    io_failed,
    cancelled,
    disposed,
    fatal,
};

/// The code as JavaScript sees it, e.g. `context_full`.
const char * to_string(ErrorCode code);

/// The one exception of core/. The binding catches it once and rejects with the same code.
/// The message is for developers: expected what, for which name, got what.
class EngineError : public std::runtime_error {
public:
    EngineError(ErrorCode code, const std::string & message) : std::runtime_error(message), code_(code) {}
    ErrorCode code() const { return code_; }

private:
    ErrorCode code_;
};

} // namespace longlens
