#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace longlens {

/// One set of prebuilt llama.cpp and ggml libraries. See VariantLibraries in app/engine/engine-binding.ts.
struct VariantLibraries {
    std::string folder;
    std::vector<std::string> libraries;
    std::vector<std::string> backends;

    bool operator==(const VariantLibraries & other) const = default;
};

struct FailedBackend {
    std::string path;
    std::string reason;
};

struct InitialiseReport {
    std::string system_info;
    std::vector<FailedBackend> failed_backends;
};

struct DeviceInfo {
    std::string name;
    std::string description;
    std::string type; // cpu, gpu, igpu, accel
    uint64_t memory_free_bytes = 0;
    uint64_t memory_total_bytes = 0;
};

/// The libraries of this process. Nothing of llama or ggml may be called before open_libraries() has returned:
/// the addon's symbols are bound on first use, and binding a symbol that is nowhere ends the process.
/// Thread: JavaScript's main thread.

/// Opens the libraries in order, then the backends. Again with the same variant: the first report.
/// throws: library_missing (a library or every CPU backend cannot be opened), invalid_input (another variant).
InitialiseReport open_libraries(const VariantLibraries & variant);

/// throws: library_missing when open_libraries() has not succeeded yet.
void require_libraries();

/// Devices in ggml's order. Memory figures are asked for anew.
std::vector<DeviceInfo> list_devices();

} // namespace longlens
