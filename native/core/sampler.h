#pragma once

#include "llama-cpp.h"

#include <cstdint>
#include <span>
#include <vector>

namespace longlens {

/// See SamplingParams in app/engine/engine-binding.ts.
struct SamplingParams {
    float temperature = 0.0F;
    int32_t top_k = 0;
    float top_p = 1.0F;
    float min_p = 0.0F;
    float repetition_penalty = 1.0F;
    int32_t repetition_window = 0;
    uint32_t seed = 0;
};

/// Chooses tokens: penalties, top-k, top-p, min-p, temperature, then by chance; or the best one at temperature 0.
/// Owns:   llama's sampler chain, whose penalties look at the tokens chosen here.
class Sampler {
public:
    Sampler(const SamplingParams & params, int32_t n_vocab);

    /// logits: [n_vocab]. excluded: tokens that may not be chosen this time.
    /// throws: fatal (no finite logit is left).
    int32_t choose(std::span<const float> logits, std::span<const int32_t> excluded);

private:
    llama_sampler_ptr chain_;
    std::vector<llama_token_data> candidates_;
};

} // namespace longlens
