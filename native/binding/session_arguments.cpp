#include "binding/session_arguments.h"

#include "binding/arguments.h"

#include <limits>

namespace longlens {

namespace {

constexpr int32_t max_int = std::numeric_limits<int32_t>::max();

SamplingParams read_sampling(Napi::Value value, const std::string & name) {
    const ObjectReader reader(value, name);
    SamplingParams sampling;
    sampling.temperature = static_cast<float>(reader.number("temperature", 0, 100));
    sampling.top_k = reader.int32("topK", 0, max_int);
    sampling.top_p = static_cast<float>(reader.number("topP", 0, 1));
    sampling.min_p = static_cast<float>(reader.number("minP", 0, 1));
    sampling.repetition_penalty = static_cast<float>(reader.number("repetitionPenalty", 0.01, 100));
    sampling.repetition_window = reader.int32("repetitionWindow", 0, 1 << 20);
    sampling.seed = static_cast<uint32_t>(reader.integer("seed", 0, std::numeric_limits<uint32_t>::max()));
    return sampling;
}

CacheType read_cache_type(const ObjectReader & reader) {
    const std::string type = reader.text("cacheType");
    if (type == "f32") return CacheType::f32;
    if (type == "f16") return CacheType::f16;
    if (type == "q8_0") return CacheType::q8_0;
    reject_argument(reader.name_of("cacheType"), "f32, f16 or q8_0", reader.get("cacheType"));
}

} // namespace

SessionParams read_session_params(Napi::Value value, const std::string & name) {
    const ObjectReader reader(value, name);
    SessionParams params;
    params.n_context = reader.int32("contextTokens", 1, 1 << 24);
    params.n_batch = reader.int32("batchTokens", 1, 1 << 14);
    params.n_threads = reader.int32("threads", 1, 512);
    params.flash_attention = reader.flag("flashAttention");
    params.cache_type = read_cache_type(reader);
    params.n_sequences = reader.int32("maxSequences", 1, max_sequences);
    return params;
}

SequencePart read_part(Napi::Value value, const std::string & name) {
    const ObjectReader reader(value, name);
    const std::string kind = reader.text("kind");
    SequencePart part;
    if (kind == "tokens") {
        part.tokens = read_int32_array(reader.get("tokens"), reader.name_of("tokens"));
    } else if (kind == "embeddings") {
        part.embeddings = read_float32_array(reader.get("embeddings"), reader.name_of("embeddings"));
    } else {
        reject_argument(reader.name_of("kind"), "tokens or embeddings", reader.get("kind"));
    }
    return part;
}

std::vector<SequencePart> read_parts(Napi::Value value, const std::string & name) {
    if (!value.IsArray()) reject_argument(name, "an array", value);
    const auto array = value.As<Napi::Array>();
    std::vector<SequencePart> parts;
    for (uint32_t i = 0; i < array.Length(); i++)
        parts.push_back(read_part(array.Get(i), name + "[" + std::to_string(i) + "]"));
    return parts;
}

GenerateParams read_generate_params(Napi::Value value, const std::string & name) {
    const ObjectReader reader(value, name);
    GenerateParams params;
    params.sampling = read_sampling(reader.get("sampling"), reader.name_of("sampling"));
    params.max_tokens = reader.integer("maxTokens", 1, 1 << 24);
    params.min_tokens = reader.integer("minTokens", 0, 1 << 24);
    params.end_tokens = read_int32_array(reader.get("endTokens"), reader.name_of("endTokens"));
    params.stop_strings = reader.texts("stopStrings");
    for (const std::string & stop : params.stop_strings) {
        if (stop.empty()) {
            reject_argument(reader.name_of("stopStrings"), "strings that are not empty", reader.get("stopStrings"));
        }
    }
    return params;
}

} // namespace longlens
