#pragma once

#include "core/engine_error.h"
#include "core/log_sink.h"

#include <string>

namespace longlens {

/// Listens to llama.cpp while it does something that only returns "failed", and knows the reason afterwards.
class Complaints {
public:
    /// An error with what was complained about last, or out_of_memory if an allocation failed.
    EngineError as_error(ErrorCode code, const std::string & what) const {
        const ErrorCode told = is_out_of_memory_ ? ErrorCode::out_of_memory : code;
        return {told, what + ": " + (reason_.empty() ? "no reason given" : reason_)};
    }

private:
    void hear(const std::string & level, const std::string & line) {
        if (level != "error" && level != "warn") return;
        // The first complaint is the cause, the others its consequences.
        if (reason_.empty() || (level == "error" && !has_error_)) reason_ = line;
        has_error_ = has_error_ || level == "error";
        if (line.find("alloc") != std::string::npos) is_out_of_memory_ = true;
    }

    std::string reason_;
    bool has_error_ = false;
    bool is_out_of_memory_ = false;
    LogSink::Capture capture_{[this](const char * level, const std::string & line) { hear(level, line); }};
};

} // namespace longlens
