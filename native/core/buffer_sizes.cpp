#include "core/buffer_sizes.h"

#include <cstdlib>

namespace longlens {

namespace {

// "sched_reserve:        CPU compute buffer size =    12.34 MiB" -> 12.34 MiB in bytes; 0 for other lines.
uint64_t size_after(const std::string & line, const char * label) {
    const std::string mark = std::string(label) + " buffer size =";
    const size_t at = line.find(mark);
    if (at == std::string::npos) return 0;
    const double mebibytes = std::strtod(line.c_str() + at + mark.size(), nullptr);
    return static_cast<uint64_t>(mebibytes * 1024 * 1024);
}

// The same line -> "CPU".
std::string buffer_name(const std::string & line) {
    const size_t end = line.find(" compute buffer size");
    const size_t start = line.rfind(' ', end - 1);
    return line.substr(start + 1, end - start - 1);
}

} // namespace

void BufferSizesReader::hear(const std::string & line) {
    sizes_.key_value_bytes += size_after(line, " KV");
    sizes_.recurrent_bytes += size_after(line, " RS");
    sizes_.compute_bytes += size_after(line, " output");
    const uint64_t compute_bytes = size_after(line, " compute");
    // Devices on the same memory share one buffer, but a planned graph lists it once for each of them.
    if (compute_bytes > 0 && compute_buffers_.insert(buffer_name(line)).second) sizes_.compute_bytes += compute_bytes;
}

} // namespace longlens
