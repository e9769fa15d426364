#include "core/sampler.h"

#include "core/engine_error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace longlens {

Sampler::Sampler(const SamplingParams & params, int32_t n_vocab)
    : chain_(llama_sampler_chain_init(llama_sampler_chain_default_params())),
      candidates_(static_cast<size_t>(n_vocab)) {
    llama_sampler * chain = chain_.get();
    llama_sampler_chain_add(
        chain, llama_sampler_init_penalties(n_vocab, params.repetition_window, params.repetition_penalty, 0.0F, 0.0F));
    if (params.temperature == 0.0F) {
        llama_sampler_chain_add(chain, llama_sampler_init_greedy());
        return;
    }
    llama_sampler_chain_add(chain, llama_sampler_init_top_k(params.top_k));
    llama_sampler_chain_add(chain, llama_sampler_init_top_p(params.top_p, 1));
    llama_sampler_chain_add(chain, llama_sampler_init_min_p(params.min_p, 1));
    llama_sampler_chain_add(chain, llama_sampler_init_temp(params.temperature));
    // llama.cpp takes the largest seed as "any": it may not, or the same request would give two answers.
    const uint32_t seed = params.seed == LLAMA_DEFAULT_SEED ? LLAMA_DEFAULT_SEED - 1 : params.seed;
    llama_sampler_chain_add(chain, llama_sampler_init_dist(seed));
}

int32_t Sampler::choose(std::span<const float> logits, std::span<const int32_t> excluded) {
    constexpr float never = -std::numeric_limits<float>::infinity();
    for (size_t i = 0; i < candidates_.size(); i++)
        candidates_[i] = {static_cast<llama_token>(i), logits[i], 0.0F};
    for (const int32_t token : excluded)
        candidates_[static_cast<size_t>(token)].logit = never;
    const bool is_usable = std::none_of(candidates_.begin(), candidates_.end(),
                                        [](const auto & candidate) { return std::isnan(candidate.logit); }) &&
                           std::any_of(candidates_.begin(), candidates_.end(),
                                       [](const auto & candidate) { return std::isfinite(candidate.logit); });
    if (!is_usable) throw EngineError(ErrorCode::fatal, "the model's logits are not numbers");

    llama_token_data_array array = {candidates_.data(), candidates_.size(), -1, false};
    llama_sampler_apply(chain_.get(), &array);
    if (array.selected < 0) throw EngineError(ErrorCode::fatal, "the sampler chose nothing");
    const llama_token token = array.data[array.selected].id;
    llama_sampler_accept(chain_.get(), token);
    return token;
}

} // namespace longlens
