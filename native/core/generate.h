#pragma once

#include "core/sampler.h"
#include "core/text_session.h"

namespace longlens {

struct GenerateParams {
    SamplingParams sampling;
    int64_t max_tokens = 0;
    /// End tokens may not be chosen before this many tokens.
    int64_t min_tokens = 0;
    std::vector<int32_t> end_tokens;
    std::vector<std::string> stop_strings; // not empty each
};

struct GenerateResult {
    std::vector<int32_t> tokens; // without the end token
    std::string text;            // without the stop string
    const char * reason = "";    // end, length, stop_string, context_full
};

/// Continues a sequence from its last position. Afterwards the sequence holds exactly what it held before and
/// `tokens`, ready to be continued.
/// on_text: whole characters, in order, at most 20 times a second; put together they are the text.
/// throws: invalid_input (empty sequence, wrong token; nothing changed), cancelled, out_of_memory, fatal (the sequence
/// is then empty).
GenerateResult generate(TextSession & session, int32_t sequence, const GenerateParams & params,
                        const CancelToken & cancel,
                        const std::function<void(const std::string & text, int64_t n_tokens)> & on_text);

} // namespace longlens
