#include "core/ssm_scan_device.h"

#include "core/ssm_scan.h"

#include "ggml-backend-impl.h"
#include "ggml-cpu.h"

#include <cstdlib>
#include <memory>
#include <string>

namespace longlens {

namespace {

SsmScanKernel kernel;
int n_ggml_threads = 1;

int64_t floats(size_t n_bytes) {
    return static_cast<int64_t>(n_bytes / sizeof(float));
}

// ggml_ssm_scan: sources s, x, dt, A, B, C, ids; the result is y and then the new states.
bool is_ours(const ggml_tensor * op) {
    if (op->op != GGML_OP_SSM_SCAN || n_ggml_threads > kernel.max_ggml_threads) return false;
    const ggml_tensor * s = op->src[0];
    const ggml_tensor * x = op->src[1];
    const ggml_tensor * a = op->src[3];
    const ggml_tensor * b = op->src[4];
    const bool is_mamba_1 = s->ne[0] == ssm_d_state && s->ne[1] == 1 && x->ne[0] == 1 && a->ne[0] == ssm_d_state &&
                            b->ne[1] == 1 && op->op_params[0] == 1;
    for (int i = 0; i < 6; i++) {
        if (op->src[i]->type != GGML_TYPE_F32 || op->src[i]->nb[0] != sizeof(float)) return false;
    }
    return is_mamba_1 && x->ne[1] % 16 == 0 && x->nb[1] == sizeof(float) && x->ne[2] > 1;
}

void compute_scan(const ggml_tensor * op) {
    const ggml_tensor * s = op->src[0];
    const ggml_tensor * x = op->src[1];
    const ggml_tensor * dt = op->src[2];
    const ggml_tensor * b = op->src[4];
    const ggml_tensor * c = op->src[5];
    const auto * ids = static_cast<const int32_t *>(op->src[6]->data);
    const auto at = [](const ggml_tensor * tensor, size_t offset) {
        return reinterpret_cast<const float *>(static_cast<const char *>(tensor->data) + offset);
    };

    SsmScan scan;
    scan.n_channels = x->ne[1];
    scan.n_tokens = x->ne[2];
    scan.x_stride = floats(x->nb[2]);
    scan.dt_stride = floats(dt->nb[1]);
    scan.b_stride = floats(b->nb[2]);
    scan.c_stride = floats(c->nb[2]);
    scan.a = at(op->src[3], 0);
    auto * y = static_cast<float *>(op->data);
    for (int64_t i = 0; i < x->ne[3]; i++) {
        const auto n = static_cast<size_t>(i);
        scan.x = at(x, n * x->nb[3]);
        scan.dt = at(dt, n * dt->nb[2]);
        scan.b = at(b, n * b->nb[3]);
        scan.c = at(c, n * c->nb[3]);
        scan.state_in = at(s, static_cast<size_t>(ids[i]) * s->nb[3]);
        scan.state_out = y + ggml_nelements(x) + i * floats(s->nb[3]);
        scan.y = y + i * scan.n_tokens * scan.n_channels;
        kernel.run(scan);
    }
}

ggml_backend_dev_t the_device();

const char * backend_name(ggml_backend_t) {
    return "SSM";
}

void free_backend(ggml_backend_t backend) {
    const std::unique_ptr<ggml_backend> owned(backend);
}

ggml_status compute_graph(ggml_backend_t, ggml_cgraph * graph) {
    for (int i = 0; i < ggml_graph_n_nodes(graph); i++) {
        const ggml_tensor * node = ggml_graph_node(graph, i);
        if (node->op == GGML_OP_SSM_SCAN && (node->flags & GGML_TENSOR_FLAG_COMPUTE) != 0) compute_scan(node);
    }
    return GGML_STATUS_SUCCESS;
}

ggml_backend_t make_backend(ggml_backend_dev_t device, const char *) {
    static ggml_guid guid = {'l', 'o', 'n', 'g', 'l', 'e', 'n', 's', ' ', 's', 's', 'm', ' ', 's', 'c', 'n'};
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
    return "SSM";
}
const char * device_description(ggml_backend_dev_t) {
    return "selective scan on the CPU";
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
    return "SSM";
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

std::string wanted_kernel() {
    const char * value = std::getenv("LONGLENS_SSM_SCAN");
    return value == nullptr ? "" : value;
}

} // namespace

const char * register_ssm_scan_device() {
    const bool has_gpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_GPU) != nullptr ||
                         ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_IGPU) != nullptr;
    if (has_gpu || wanted_kernel() == "off") return nullptr;
    kernel = choose_ssm_scan_kernel(wanted_kernel() == "avx2" ? SsmScanChoice::avx2 : SsmScanChoice::fastest);
    if (kernel.run == nullptr) return nullptr;
    ggml_backend_register(the_registry());
    return kernel.name;
}

void tell_ssm_scan_threads(int n_threads) {
    n_ggml_threads = n_threads;
}

} // namespace longlens
