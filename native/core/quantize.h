#pragma once

#include "core/cancel_token.h"

#include "llama.h"

#include <string>

namespace longlens {

struct QuantizeParams {
    std::string input;
    std::string output;
    llama_ftype type = LLAMA_FTYPE_MOSTLY_F16;
    int32_t n_threads = 1;
};

/// Rewrites a language.gguf with another weight type; what is there under the output's name is replaced.
/// llama_model_quantize has no way to stop it: it is left, by an exception out of its log callback, as soon as the
/// tensor at work is done, so a cancel waits for one tensor. Whatever goes wrong, no output file is left behind.
/// throws: invalid_input (the output is the input), io_failed, model_invalid, model_unsupported, out_of_memory,
/// cancelled.
void quantize(const QuantizeParams & params, const CancelToken & cancel);

} // namespace longlens
