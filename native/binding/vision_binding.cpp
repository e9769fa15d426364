#include "binding/vision_binding.h"

#include "binding/arguments.h"
#include "binding/jobs.h"
#include "core/libraries.h"
#include "core/vision_tower.h"

namespace longlens {

namespace {

/// What JavaScript's object and the jobs on it share.
struct TowerHandle {
    std::shared_ptr<Slot<VisionTower>> slot = EngineThread::instance().make_slot<VisionTower>();
    CancelFlag disposed = make_cancel_flag();

    VisionTower & tower() const { return slot->get("vision tower"); }
};

using SharedTower = std::shared_ptr<TowerHandle>;

JobOptions options_of(const SharedTower & handle) {
    return {.cancel = nullptr, .owner = handle->disposed, .on_progress = {}};
}

Napi::Value answer_values(Napi::Env env, std::vector<float> & values) {
    return to_float32_array(env, values);
}

Napi::Value encode(const SharedTower & handle, const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return promised(env, [&] {
        auto pixels = std::make_shared<const std::vector<uint8_t>>(read_bytes(info[0], "pixels"));
        const JobOptions options{.cancel = read_cancel_token(info[1], "cancel"),
                                 .owner = handle->disposed,
                                 .on_progress = read_callback(info[2], "onProgress")};
        const auto work = [handle, pixels](JobContext & job) {
            return handle->tower().encode(*pixels, job.cancel,
                                          [&job](int64_t done, int64_t total) { job.progress(done, total); });
        };
        return run_job(env, options, work, answer_values);
    });
}

Napi::Value pixel_values(const SharedTower & handle, const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return promised(env, [&] {
        auto pixels = std::make_shared<const std::vector<uint8_t>>(read_bytes(info[0], "pixels"));
        const auto work = [handle, pixels](JobContext &) { return handle->tower().pixel_values(*pixels); };
        return run_job(env, options_of(handle), work, answer_values);
    });
}

/// Runs the tower from a stage on. answer: Napi::Value(Napi::Env, VisionStages &).
template <class Answer>
Napi::Value run_from(const SharedTower & handle, const Napi::CallbackInfo & info, VisionStage from, const char * name,
                     Answer answer) {
    const Napi::Env env = info.Env();
    return promised(env, [&] {
        auto values = std::make_shared<const std::vector<float>>(read_float32_array(info[0], name));
        const auto work = [handle, values, from](JobContext & job) {
            return handle->tower().run_from(from, *values, job.cancel);
        };
        return run_job(env, options_of(handle), work, answer);
    });
}

Napi::Value stages_from_pixel_values(const SharedTower & handle, const Napi::CallbackInfo & info) {
    return run_from(handle, info, VisionStage::pixel_values, "pixelValues", [](Napi::Env env, VisionStages & stages) {
        Napi::Object answer = Napi::Object::New(env);
        answer.Set("features", to_float32_array(env, stages.features));
        answer.Set("pooled", to_float32_array(env, stages.pooled));
        answer.Set("projected", to_float32_array(env, stages.projected));
        return answer;
    });
}

Napi::Value pool_and_project(const SharedTower & handle, const Napi::CallbackInfo & info) {
    return run_from(handle, info, VisionStage::features, "features", [](Napi::Env env, VisionStages & stages) {
        Napi::Object answer = Napi::Object::New(env);
        answer.Set("pooled", to_float32_array(env, stages.pooled));
        answer.Set("projected", to_float32_array(env, stages.projected));
        return answer;
    });
}

Napi::Value project(const SharedTower & handle, const Napi::CallbackInfo & info) {
    return run_from(handle, info, VisionStage::pooled, "pooled",
                    [](Napi::Env env, VisionStages & stages) { return to_float32_array(env, stages.projected); });
}

Napi::Value dispose(const SharedTower & handle, const Napi::CallbackInfo & info) {
    handle->disposed->store(true); // stops what is running; what is queued is refused
    const auto work = [handle](JobContext &) { handle->slot->reset(); };
    return run_job(info.Env(), {.cancel = nullptr, .owner = nullptr, .on_progress = {}}, work, answer_nothing);
}

/// The net below dispose(): a tower that JavaScript has forgotten is freed, on the engine thread.
void free_forgotten(napi_env, void * data, void *) {
    const std::unique_ptr<SharedTower> held(static_cast<SharedTower *>(data));
    (*held)->disposed->store(true);
    EngineThread::instance().post([handle = *held] { handle->slot->reset(); });
}

Napi::Object make_tower_object(Napi::Env env, const SharedTower & handle, const VisionConfig & config,
                               const VisionMemory & memory) {
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

    auto held = std::make_unique<SharedTower>(handle);
    if (napi_wrap(env, object, held.get(), free_forgotten, nullptr, nullptr) != napi_ok) throw Napi::Error::New(env);
    (void)held.release(); // freed with the object
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
        const SharedTower handle = std::make_shared<TowerHandle>();
        const JobOptions options{
            .cancel = read_cancel_token(info[1], "cancel"), .owner = handle->disposed, .on_progress = {}};
        const auto work = [handle, params](JobContext & job) {
            handle->slot->fill(std::make_unique<VisionTower>(params, job.cancel));
            return TowerFacts{handle->tower().config(), handle->tower().memory()};
        };
        const auto answer = [handle](Napi::Env env, TowerFacts & facts) -> Napi::Value {
            return make_tower_object(env, handle, facts.config, facts.memory);
        };
        return run_job(env, options, work, answer);
    });
}

} // namespace longlens
