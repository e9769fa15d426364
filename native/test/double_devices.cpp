// A test double of a graphics driver: a ggml backend library with two devices, DOUBLE0 and DOUBLE1, that call
// themselves GPUs, claim different amounts of free memory, and compute on the CPU. With it llama.cpp itself shows
// which layers it was asked to put where. Loaded by tests only, as any other backend (VariantLibraries.backends).
#include "ggml-backend-impl.h"
#include "ggml-cpp.h"
#include "ggml-cpu.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

constexpr size_t gibibyte = size_t{1} << 30;

struct Double {
    std::string name;
    size_t free_bytes;
    ggml_backend_device device;
    ggml_backend_buffer_type buffer_type;
};

Double & double_of(ggml_backend_dev_t device) {
    return *static_cast<Double *>(device->context);
}
Double & double_of(ggml_backend_buffer_type_t type) {
    return *static_cast<Double *>(type->context);
}

ggml_backend_dev_t cpu_device() {
    return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
}
ggml_backend_buffer_type_t cpu_buffer_type() {
    return ggml_backend_dev_buffer_type(cpu_device());
}

// ---- buffers: the CPU's under another name ----

const char * buffer_type_name(ggml_backend_buffer_type_t type) {
    return double_of(type).name.c_str();
}
size_t buffer_alignment(ggml_backend_buffer_type_t) {
    return ggml_backend_buft_get_alignment(cpu_buffer_type());
}
bool buffer_is_host(ggml_backend_buffer_type_t) {
    return true;
}

ggml_backend_buffer_t allocate_buffer(ggml_backend_buffer_type_t type, size_t size) {
    const ggml_backend_buffer_t buffer = ggml_backend_buft_alloc_buffer(cpu_buffer_type(), size);
    if (buffer != nullptr) buffer->buft = type;
    return buffer;
}

// ---- backend: hands everything to a CPU backend ----

const char * backend_name(ggml_backend_t backend) {
    return double_of(backend->device).name.c_str();
}

void free_backend(ggml_backend_t backend) {
    const std::unique_ptr<ggml_backend> owned(backend);
    const ggml_backend_ptr cpu(static_cast<ggml_backend_t>(owned->context));
}

// While LONGLENS_DOUBLE_IS_FULL is set, there is no memory for what a graph needs besides its tensors.
ggml_status compute_graph(ggml_backend_t backend, ggml_cgraph * graph) {
    if (std::getenv("LONGLENS_DOUBLE_IS_FULL") != nullptr) return GGML_STATUS_ALLOC_FAILED;
    return ggml_backend_graph_compute(static_cast<ggml_backend_t>(backend->context), graph);
}

ggml_backend_t make_backend(ggml_backend_dev_t device, const char *) {
    static ggml_guid guid = {'l', 'o', 'n', 'g', 'l', 'e', 'n', 's', ' ', 'd', 'o', 'u', 'b', 'l', 'e', 's'};
    auto backend = std::make_unique<ggml_backend>();
    *backend = {};
    backend->guid = &guid;
    backend->iface.get_name = backend_name;
    backend->iface.free = free_backend;
    backend->iface.graph_compute = compute_graph;
    backend->device = device;
    const ggml_backend_t cpu = ggml_backend_dev_init(cpu_device(), nullptr);
    backend->context = cpu;
    // More threads than idle cores wait for each other, spinning.
    const auto set_n_threads = reinterpret_cast<ggml_backend_set_n_threads_t>(
        ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(cpu_device()), "ggml_backend_set_n_threads"));
    set_n_threads(cpu, 1);
    return backend.release(); // freed by free_backend
}

// ---- device and registry ----

const char * device_name(ggml_backend_dev_t device) {
    return double_of(device).name.c_str();
}
const char * device_description(ggml_backend_dev_t) {
    return "test double of a GPU";
}
enum ggml_backend_dev_type device_kind(ggml_backend_dev_t) {
    return GGML_BACKEND_DEVICE_TYPE_GPU;
}
ggml_backend_buffer_type_t device_buffer_type(ggml_backend_dev_t device) {
    return &double_of(device).buffer_type;
}
bool device_supports_op(ggml_backend_dev_t, const ggml_tensor * op) {
    return ggml_backend_dev_supports_op(cpu_device(), op);
}
bool device_supports_buffer(ggml_backend_dev_t, ggml_backend_buffer_type_t type) {
    return ggml_backend_buft_is_host(type);
}

void device_memory(ggml_backend_dev_t device, size_t * free, size_t * total) {
    *free = double_of(device).free_bytes;
    *total = 4 * gibibyte;
}

void device_props(ggml_backend_dev_t device, ggml_backend_dev_props * props) {
    *props = {};
    props->name = device_name(device);
    props->description = device_description(device);
    props->type = device_kind(device);
    device_memory(device, &props->memory_free, &props->memory_total);
}

ggml_backend_reg_t the_registry();

void set_up(Double & made, const char * name, size_t free_bytes) {
    made.name = name;
    made.free_bytes = free_bytes;
    made.device = {};
    made.device.iface.get_name = device_name;
    made.device.iface.get_description = device_description;
    made.device.iface.get_memory = device_memory;
    made.device.iface.get_type = device_kind;
    made.device.iface.get_props = device_props;
    made.device.iface.init_backend = make_backend;
    made.device.iface.get_buffer_type = device_buffer_type;
    made.device.iface.supports_op = device_supports_op;
    made.device.iface.supports_buft = device_supports_buffer;
    made.device.reg = the_registry();
    made.device.context = &made;
    made.buffer_type = {};
    made.buffer_type.iface.get_name = buffer_type_name;
    made.buffer_type.iface.alloc_buffer = allocate_buffer;
    made.buffer_type.iface.get_alignment = buffer_alignment;
    made.buffer_type.iface.is_host = buffer_is_host;
    made.buffer_type.device = &made.device;
    made.buffer_type.context = &made;
}

std::array<Double, 2> & the_doubles() {
    static std::array<Double, 2> doubles;
    return doubles;
}

const char * registry_name(ggml_backend_reg_t) {
    return "DOUBLE";
}
size_t registry_size(ggml_backend_reg_t) {
    return the_doubles().size();
}
ggml_backend_dev_t registry_device(ggml_backend_reg_t, size_t index) {
    return &the_doubles()[index].device;
}
void * registry_function(ggml_backend_reg_t, const char *) {
    return nullptr;
}

ggml_backend_reg_t the_registry() {
    static ggml_backend_reg registry = {
        GGML_BACKEND_API_VERSION, {registry_name, registry_size, registry_device, registry_function}, nullptr};
    return &registry;
}

} // namespace

// What ggml_backend_load() looks for.
extern "C" __attribute__((visibility("default"))) ggml_backend_reg_t ggml_backend_init() {
    set_up(the_doubles()[0], "DOUBLE0", 3 * gibibyte);
    set_up(the_doubles()[1], "DOUBLE1", 1 * gibibyte);
    return the_registry();
}
