#include "binding/file_binding.h"

#include "binding/arguments.h"
#include "binding/jobs.h"
#include "binding/session_arguments.h"
#include "binding/vision_binding.h"
#include "core/libraries.h"
#include "core/memory_estimate.h"
#include "core/quantize.h"

namespace longlens {

namespace {

llama_ftype read_type(const ObjectReader & reader) {
    const std::string type = reader.text("type");
    if (type == "f16") return LLAMA_FTYPE_MOSTLY_F16;
    if (type == "bf16") return LLAMA_FTYPE_MOSTLY_BF16;
    if (type == "q8_0") return LLAMA_FTYPE_MOSTLY_Q8_0;
    if (type == "q4_k_m") return LLAMA_FTYPE_MOSTLY_Q4_K_M;
    reject_argument(reader.name_of("type"), "f16, bf16, q8_0 or q4_k_m", reader.get("type"));
}

} // namespace

Napi::Value quantize_file(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return promised(env, [&]() -> Napi::Value {
        require_libraries();
        const ObjectReader reader(info[0], "params");
        const QuantizeParams params = {reader.path("input"), reader.path("output"), read_type(reader),
                                       reader.int32("threads", 1, 512)};
        const JobOptions options = {read_cancel_token(info[1], "cancel"), nullptr, {}};
        return run_job(
            env, options, [params](JobContext & job) { quantize(params, job.cancel); }, answer_nothing);
    });
}

Napi::Value estimate_memory(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return promised(env, [&]() -> Napi::Value {
        require_libraries();
        const ObjectReader reader(info[0], "params");
        const std::string language_path = reader.path("languagePath");
        const SessionParams session = read_session_params(reader.get("session"), reader.name_of("session"));
        VisionParams vision = read_vision_params(reader.get("vision"), reader.name_of("vision"));
        vision.path = reader.path("visionPath");

        struct Estimate {
            LanguageMemory language;
            VisionMemory vision;
        };
        const auto work = [=](JobContext &) {
            return Estimate{estimate_language_memory(language_path, session), estimate_vision_memory(vision)};
        };
        return run_job(env, {}, work, [](Napi::Env env, const Estimate & estimate) {
            const LanguageMemory & language = estimate.language;
            const uint64_t vision_bytes = estimate.vision.weight_bytes + estimate.vision.compute_bytes;
            const uint64_t total_bytes = language.model_bytes + language.key_value_bytes + language.recurrent_bytes +
                                         language.compute_bytes + vision_bytes;
            Napi::Object answer = Napi::Object::New(env);
            answer.Set("modelBytes", static_cast<double>(language.model_bytes));
            answer.Set("keyValueBytes", static_cast<double>(language.key_value_bytes));
            answer.Set("recurrentBytes", static_cast<double>(language.recurrent_bytes));
            answer.Set("computeBytes", static_cast<double>(language.compute_bytes));
            answer.Set("visionBytes", static_cast<double>(vision_bytes));
            answer.Set("totalBytes", static_cast<double>(total_bytes));
            return answer;
        });
    });
}

} // namespace longlens
