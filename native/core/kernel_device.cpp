#include "core/kernel_device.h"

#include "core/attention_op.h"
#include "core/ssm_scan_op.h"

#include "ggml-backend-impl.h"
#include "ggml-cpu.h"

#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <string>

namespace longlens {

namespace {

SsmScanKernel scan_kernel;
const DenseKernels * attention_kernels = nullptr;
int n_ggml_threads = 1;

bool is_ours(const ggml_tensor * op) {
    switch (op->op) {
    case GGML_OP_SSM_SCAN:
        return can_scan(scan_kernel, op, n_ggml_threads);
    case GGML_OP_FLASH_ATTN_EXT:
        return can_attend(attention_kernels, op);
    default:
        return false;
    }
}

void compute(const ggml_tensor * op) {
    if (op->op == GGML_OP_SSM_SCAN) compute_scan(scan_kernel, op);
    if (op->op == GGML_OP_FLASH_ATTN_EXT) compute_attention(*attention_kernels, op, n_ggml_threads);
}

ggml_backend_dev_t the_device();

const char * backend_name(ggml_backend_t) {
    return "KERNELS";
}

void free_backend(ggml_backend_t backend) {
    const std::unique_ptr<ggml_backend> owned(backend);
}

// Nothing may be thrown through ggml's C code.
ggml_status compute_graph(ggml_backend_t, ggml_cgraph * graph) try {
    for (int i = 0; i < ggml_graph_n_nodes(graph); i++) {
        const ggml_tensor * node = ggml_graph_node(graph, i);
        if ((node->flags & GGML_TENSOR_FLAG_COMPUTE) != 0) compute(node);
    }
    return GGML_STATUS_SUCCESS;
} catch (const std::bad_alloc &) {
    return GGML_STATUS_ALLOC_FAILED;
} catch (const std::exception &) {
    return GGML_STATUS_FAILED;
}

ggml_backend_t make_backend(ggml_backend_dev_t device, const char *) {
    static ggml_guid guid = {'l', 'o', 'n', 'g', 'l', 'e', 'n', 's', ' ', 'k', 'e', 'r', 'n', 'e', 'l', 's'};
    auto backend = std::make_unique<ggml_backend>();
    *backend = {};
    backend->guid = &guid;
    backend->iface.get_name = backend_name;
    backend->iface.free = free_backend;
    backend->iface.graph_compute = compute_graph;
    backend->device = device;
    return backend.release(); // freed by free_backend
}

const char * device_name(ggml_backend_dev_t) {
    return "KERNELS";
}
const char * device_description(ggml_backend_dev_t) {
    return "selective scan and attention on the CPU";
}
enum ggml_backend_dev_type device_kind(ggml_backend_dev_t) {
    return GGML_BACKEND_DEVICE_TYPE_ACCEL;
}
ggml_backend_buffer_type_t device_buffer_type(ggml_backend_dev_t) {
    return ggml_backend_cpu_buffer_type();
}

void device_memory(ggml_backend_dev_t, size_t * free, size_t * total) {
    *free = 0;
    *total = 0;
}

void device_props(ggml_backend_dev_t device, ggml_backend_dev_props * props) {
    *props = {};
    props->name = device_name(device);
    props->description = device_description(device);
    props->type = device_kind(device);
    props->caps.buffer_from_host_ptr = true;
    props->caps.mmap_support = true;
}

ggml_backend_buffer_t device_buffer_from(ggml_backend_dev_t, void * data, size_t size, size_t) {
    return ggml_backend_cpu_buffer_from_ptr(data, size);
}

bool device_supports_op(ggml_backend_dev_t, const ggml_tensor * op) {
    return is_ours(op);
}

bool device_supports_buffer(ggml_backend_dev_t, ggml_backend_buffer_type_t type) {
    return ggml_backend_buft_is_host(type);
}

const char * registry_name(ggml_backend_reg_t) {
    return "KERNELS";
}
size_t registry_size(ggml_backend_reg_t) {
    return 1;
}
ggml_backend_dev_t registry_device(ggml_backend_reg_t, size_t) {
    return the_device();
}
void * registry_function(ggml_backend_reg_t, const char *) {
    return nullptr;
}

ggml_backend_reg_t the_registry() {
    static ggml_backend_reg registry = {
        GGML_BACKEND_API_VERSION, {registry_name, registry_size, registry_device, registry_function}, nullptr};
    return &registry;
}

ggml_backend_dev_t the_device() {
    static ggml_backend_device device = [] {
        ggml_backend_device made = {};
        made.iface.get_name = device_name;
        made.iface.get_description = device_description;
        made.iface.get_memory = device_memory;
        made.iface.get_type = device_kind;
        made.iface.get_props = device_props;
        made.iface.init_backend = make_backend;
        made.iface.get_buffer_type = device_buffer_type;
        made.iface.buffer_from_host_ptr = device_buffer_from;
        made.iface.supports_op = device_supports_op;
        made.iface.supports_buft = device_supports_buffer;
        made.reg = the_registry();
        return made;
    }();
    return &device;
}

std::string setting(const char * name) {
    const char * value = std::getenv(name);
    return value == nullptr ? "" : value;
}

SsmScanKernel choose_scan(const std::string & wanted) {
    if (wanted == "off") return {};
    return choose_ssm_scan_kernel(wanted == "avx2" ? SsmScanChoice::avx2 : SsmScanChoice::fastest);
}

const DenseKernels * choose_attention(const std::string & wanted) {
    if (wanted == "off") return nullptr;
    return wanted == "avx2" ? find_dense_kernels(DenseKernelsKind::avx2) : find_best_dense_kernels();
}

} // namespace

KernelNames register_kernel_device() {
    const bool has_gpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_GPU) != nullptr ||
                         ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_IGPU) != nullptr;
    if (has_gpu) return {};
    scan_kernel = choose_scan(setting("LONGLENS_SSM_SCAN"));
    attention_kernels = choose_attention(setting("LONGLENS_ATTENTION"));
    if (scan_kernel.run == nullptr && attention_kernels == nullptr) return {};
    ggml_backend_register(the_registry());
    return {scan_kernel.run == nullptr ? "" : scan_kernel.name,
            attention_kernels == nullptr ? "" : attention_kernels->name};
}

void tell_kernel_threads(int n_threads) {
    n_ggml_threads = n_threads;
}

} // namespace longlens
