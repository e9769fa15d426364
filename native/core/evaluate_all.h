#pragma once

#include "core/text_session.h"

#include <map>

namespace longlens {

/// An intermediate tensor of the graph as F32, in ggml's order of dimensions, without trailing ones.
struct RecordedTensor {
    std::vector<int64_t> shape;
    std::vector<float> data;
};

struct Evaluation {
    std::vector<float> logits; // [n, n_vocab]
    std::map<std::string, RecordedTensor> tensors;
};

/// Runs a part from an empty state and records logits at every position and the named tensors, for parity checks. Runs
/// on a context of its own with the session's settings, because watching tensors slows every later decode of a
/// context; memory grows with n. Tokens are looked up by llama.cpp itself.
/// names: llama.cpp's own, e.g. `l_out-3`. throws: invalid_input (also for names that never occur), context_full,
/// out_of_memory, cancelled, fatal.
Evaluation evaluate_all(Model & model, SessionParams params, const SequencePart & part,
                        const std::vector<std::string> & names, const CancelToken & cancel);

} // namespace longlens
