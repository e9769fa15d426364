#include "binding/vision_binding.h"

#include "binding/arguments.h"
#include "binding/jobs.h"
#include "core/libraries.h"
#include "core/log_sink.h"
#include "core/vision_tower.h"

namespace longlens {

namespace {

/// JavaScript's half of a tower. Thread: as ModelHandle.
struct TowerHandle {
    TowerHandle() = default;
    // Also the net under a tower that was never disposed.
    ~TowerHandle() {
        if (close() && is_made) LogSink::warn("a vision tower was never disposed");
    }
    TowerHandle(const TowerHandle &) = delete;
    TowerHandle & operator=(const TowerHandle &) = delete;

    /// Cancels what runs and frees the tower. returns: false when that was done before.
    bool close() {
        if (disposing->exchange(true)) return false;
        EngineThread::instance().post([slot = slot] { slot->reset(); });
        return true;
    }

    std::shared_ptr<Slot<VisionTower>> slot = EngineThread::instance().make_slot<VisionTower>();
    CancelFlag disposing = make_cancel_flag();
    bool is_made = false;
};

using Handle = std::shared_ptr<TowerHandle>;

JobOptions owned_by(const Handle & handle) {
    return {nullptr, handle->disposing, {}, handle};
}

VisionTower & tower_in(const std::shared_ptr<Slot<VisionTower>> & slot) {
    return slot->get("vision tower");
}

Napi::Value answer_values(Napi::Env env, std::vector<float> & values) {
    return to_float32_array(env, values);
}

Napi::Value encode(const Handle & handle, const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return promised(env, [&] {
        auto pixels = std::make_shared<const std::vector<uint8_t>>(read_bytes(info[0], "pixels"));
        const JobOptions options = {read_cancel_token(info[1], "cancel"), handle->disposing,
                                    read_callback(info[2], "onProgress"), handle};
        const auto work = [pixels, slot = handle->slot](JobContext & job) {
            return tower_in(slot).encode(*pixels, job.cancel,
                                         [&job](int64_t done, int64_t total) { job.progress(done, total); });
        };
        return run_job(env, options, work, answer_values);
    });
}

Napi::Value pixel_values(const Handle & handle, const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return promised(env, [&] {
        auto pixels = std::make_shared<const std::vector<uint8_t>>(read_bytes(info[0], "pixels"));
        const auto work = [pixels, slot = handle->slot](JobContext &) { return tower_in(slot).pixel_values(*pixels); };
        return run_job(env, owned_by(handle), work, answer_values);
    });
}

/// Runs the tower from a stage on. answer: Napi::Value(Napi::Env, VisionStages &).
template <class Answer>
Napi::Value run_from(const Handle & handle, const Napi::CallbackInfo & info, VisionStage from, const char * name,
                     Answer answer) {
    const Napi::Env env = info.Env();
    return promised(env, [&] {
        auto values = std::make_shared<const std::vector<float>>(read_float32_array(info[0], name));
        const auto work = [values, from, slot = handle->slot](JobContext & job) {
            return tower_in(slot).run_from(from, *values, job.cancel);
        };
        return run_job(env, owned_by(handle), work, answer);
    });
}

Napi::Value stages_from_pixel_values(const Handle & handle, const Napi::CallbackInfo & info) {
    return run_from(handle, info, VisionStage::pixel_values, "pixelValues", [](Napi::Env env, VisionStages & stages) {
        Napi::Object answer = Napi::Object::New(env);
        answer.Set("features", to_float32_array(env, stages.features));
        answer.Set("pooled", to_float32_array(env, stages.pooled));
        answer.Set("projected", to_float32_array(env, stages.projected));
        return answer;
    });
}

Napi::Value pool_and_project(const Handle & handle, const Napi::CallbackInfo & info) {
    return run_from(handle, info, VisionStage::features, "features", [](Napi::Env env, VisionStages & stages) {
        Napi::Object answer = Napi::Object::New(env);
        answer.Set("pooled", to_float32_array(env, stages.pooled));
        answer.Set("projected", to_float32_array(env, stages.projected));
        return answer;
    });
}

Napi::Value project(const Handle & handle, const Napi::CallbackInfo & info) {
    return run_from(handle, info, VisionStage::pooled, "pooled",
                    [](Napi::Env env, VisionStages & stages) { return to_float32_array(env, stages.projected); });
}

Napi::Value dispose(const Handle & handle, const Napi::CallbackInfo & info) {
    return promised(info.Env(), [&] {
        (void)handle->close();
        // The tower was queued to be freed before this, now or by an earlier call.
        return run_job(
            info.Env(), {}, [](JobContext &) {}, answer_nothing);
    });
}

Napi::Object make_tower_object(Napi::Env env, const Handle & handle, const VisionConfig & config,
                               const VisionMemory & memory) {
    handle->is_made = true;
    Napi::Object object = Napi::Object::New(env);
    const auto add = [&](const char * name, auto method) {
        object.Set(name,
                   Napi::Function::New(
                       env, [handle, method](const Napi::CallbackInfo & info) { return method(handle, info); }, name));
    };
    object.Set("side", static_cast<double>(config.image_size));
    object.Set("tokensPerImage", static_cast<double>(config.tokens_per_image()));
    object.Set("embeddingLength", static_cast<double>(config.projection_length));
    object.Set("memoryBytes", static_cast<double>(memory.weight_bytes + memory.compute_bytes));
    add("encode", encode);
    add("pixelValues", pixel_values);
    add("stagesFromPixelValues", stages_from_pixel_values);
    add("poolAndProject", pool_and_project);
    add("project", project);
    add("dispose", dispose);
    object.Freeze();
    return object;
}

struct TowerFacts {
    VisionConfig config;
    VisionMemory memory;
};

} // namespace

static VisionKernels read_kernels(const ObjectReader & reader) {
    if (reader.get("kernels").IsUndefined()) return VisionKernels::best;
    const std::string name = reader.text("kernels");
    if (name == "best") return VisionKernels::best;
    if (name == "avx512") return VisionKernels::avx512;
    if (name == "avx2") return VisionKernels::avx2;
    if (name == "ggml") return VisionKernels::ggml;
    reject_argument(reader.name_of("kernels"), "best, avx512, avx2, ggml or nothing", reader.get("kernels"));
}

VisionParams read_vision_params(Napi::Value value, const std::string & name) {
    const ObjectReader reader(value, name);
    return {.path = reader.path("path"),
            .n_threads = reader.int32("threads", 1, 512),
            .flash_attention = reader.flag("flashAttention") ? FlashAttention::on : FlashAttention::off,
            .batch_images = reader.integer("batchImages", 1, 1024),
            .device = reader.text("device"),
            .kernels = read_kernels(reader)};
}

Napi::Value load_vision_tower(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return promised(env, [&] {
        require_libraries();
        const VisionParams params = read_vision_params(info[0], "params");
        const JobOptions options = {read_cancel_token(info[1], "cancel"), nullptr, {}};
        const auto handle = std::make_shared<TowerHandle>();
        const auto work = [params, slot = handle->slot](JobContext & job) {
            auto tower = std::make_unique<VisionTower>(params, job.cancel);
            const TowerFacts facts{tower->config(), tower->memory()};
            slot->fill(std::move(tower));
            return facts;
        };
        const auto answer = [handle](Napi::Env env, TowerFacts & facts) -> Napi::Value {
            return make_tower_object(env, handle, facts.config, facts.memory);
        };
        return run_job(env, options, work, answer);
    });
}

} // namespace longlens
