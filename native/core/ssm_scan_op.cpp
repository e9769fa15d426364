#include "core/ssm_scan_op.h"

#include "core/ssm_scan.h"

#include "ggml.h"

namespace longlens {

namespace {

int64_t floats(size_t n_bytes) {
    return static_cast<int64_t>(n_bytes / sizeof(float));
}

} // namespace

bool can_scan(const SsmScanKernel & kernel, const ggml_tensor * op, int n_ggml_threads) {
    if (kernel.run == nullptr || n_ggml_threads > kernel.max_ggml_threads) return false;
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

void compute_scan(const SsmScanKernel & kernel, const ggml_tensor * op) {
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

} // namespace longlens
