#pragma once

#include "core/log_sink.h"

#include <cstdint>
#include <set>
#include <string>

namespace longlens {

/// Sizes of llama.cpp's buffers, added up over all devices. Exact to 0.01 MiB a buffer.
struct BufferSizes {
    uint64_t key_value_bytes = 0;
    uint64_t recurrent_bytes = 0;
    uint64_t compute_bytes = 0; // compute and output buffers
};

/// Reads the sizes from llama.cpp's log while a context is made: its C interface has no call for them.
class BufferSizesReader {
public:
    const BufferSizes & sizes() const { return sizes_; }

private:
    void hear(const std::string & line);

    BufferSizes sizes_;
    std::set<std::string> compute_buffers_; // names, e.g. "CPU"
    LogSink::Capture capture_{[this](const char *, const std::string & line) { hear(line); }};
};

} // namespace longlens
