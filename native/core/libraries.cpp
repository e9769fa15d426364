#include "core/libraries.h"

#include "core/engine_error.h"
#include "core/kernel_device.h"
#include "core/log_sink.h"

#include "llama.h"

#include <atomic>
#include <filesystem>
#include <memory>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace longlens {

namespace {

struct Opened {
    VariantLibraries variant;
    InitialiseReport report;
};

std::atomic<bool> is_opening = false;
std::atomic<const Opened *> opened = nullptr;

struct OpeningTurn {
    OpeningTurn() {
        if (is_opening.exchange(true)) {
            throw EngineError(ErrorCode::invalid_input, "another thread is opening the libraries");
        }
    }
    ~OpeningTurn() { is_opening = false; }
};

// The handles are never closed: ggml keeps global state and threads that do not survive it.
void open_globally(const std::string & path) {
#ifdef _WIN32
    const std::wstring wide = std::filesystem::u8path(path).wstring();
    if (LoadLibraryExW(wide.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH) == nullptr) {
        throw EngineError(ErrorCode::library_missing, path + ": error " + std::to_string(GetLastError()));
    }
#else
    if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
        const char * reason = dlerror();
        throw EngineError(ErrorCode::library_missing, reason != nullptr ? reason : path);
    }
#endif
}

// "load_backend: loaded CPU backend from /folder/libggml-cpu-zen4.so" -> "zen4"; empty for other lines.
std::string cpu_library_of(const std::string & line) {
    const std::string mark = "ggml-cpu-";
    const size_t start = line.rfind(mark);
    if (line.find("loaded CPU backend") == std::string::npos || start == std::string::npos) return "";
    const size_t end = line.find('.', start);
    return line.substr(start + mark.size(), end - start - mark.size());
}

void load_backends(const VariantLibraries & variant, InitialiseReport & report) {
    std::string cpu_library;
    std::string last_complaint;
    const LogSink::Capture capture([&](const char * level, const std::string & line) {
        if (const std::string name = cpu_library_of(line); !name.empty()) cpu_library = name;
        if (std::string(level) != "debug") last_complaint = line;
    });

    ggml_backend_load_all_from_path(variant.folder.c_str());
    for (const std::string & path : variant.backends) {
        last_complaint = "no reason given";
        if (ggml_backend_load(path.c_str()) == nullptr) report.failed_backends.push_back({path, last_complaint});
    }
    if (ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) == nullptr) {
        throw EngineError(ErrorCode::library_missing, "no CPU backend of ggml in " + variant.folder);
    }
    llama_backend_init();
    const KernelNames kernels = register_kernel_device();
    report.system_info = (cpu_library.empty() ? "" : cpu_library + ": ") + llama_print_system_info();
    if (!kernels.scan.empty()) report.system_info += "SSM_SCAN = " + kernels.scan + " | ";
    if (!kernels.attention.empty()) report.system_info += "ATTENTION = " + kernels.attention + " | ";
}

const char * type_name(enum ggml_backend_dev_type type) {
    switch (type) {
    case GGML_BACKEND_DEVICE_TYPE_GPU:
        return "gpu";
    case GGML_BACKEND_DEVICE_TYPE_IGPU:
        return "igpu";
    case GGML_BACKEND_DEVICE_TYPE_CPU:
        return "cpu";
    default:
        return "accel";
    }
}

} // namespace

InitialiseReport open_libraries(const VariantLibraries & variant) {
    const OpeningTurn turn;
    if (const Opened * known = opened.load()) {
        if (known->variant == variant) return known->report;
        throw EngineError(ErrorCode::invalid_input, "expected the variant in " + known->variant.folder +
                                                        ", got the one in " + variant.folder +
                                                        ": a process opens one variant only");
    }
    if (variant.libraries.empty()) throw EngineError(ErrorCode::library_missing, "expected libraries, got none");
    for (const std::string & path : variant.libraries)
        open_globally(path);
    LogSink::install();

    auto result = std::make_unique<Opened>();
    result->variant = variant;
    load_backends(variant, result->report);
    opened.store(result.release()); // kept until the process ends
    return opened.load()->report;
}

void require_libraries() {
    if (opened.load() == nullptr) {
        throw EngineError(ErrorCode::library_missing, "expected initialise() to have opened the engine libraries");
    }
}

std::vector<DeviceInfo> list_devices() {
    std::vector<DeviceInfo> devices;
    for (size_t i = 0; i < ggml_backend_dev_count(); i++) {
        const ggml_backend_dev_t device = ggml_backend_dev_get(i);
        size_t free_bytes = 0;
        size_t total_bytes = 0;
        ggml_backend_dev_memory(device, &free_bytes, &total_bytes);
        devices.push_back({ggml_backend_dev_name(device), ggml_backend_dev_description(device),
                           type_name(ggml_backend_dev_type(device)), free_bytes, total_bytes});
    }
    return devices;
}

} // namespace longlens
