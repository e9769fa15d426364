#pragma once

#include "core/buffer_sizes.h"
#include "core/cancel_token.h"
#include "core/live_counts.h"
#include "core/model.h"

#include "llama-cpp.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace longlens {

constexpr int32_t max_sequences = 16;

enum class CacheType { f32, f16, q8_0 };

struct SessionParams {
    int32_t n_context = 0;
    /// Tokens per physical batch; bounds the wait for a cancel where a running graph cannot be stopped.
    int32_t n_batch = 512;
    int32_t n_threads = 1;
    bool flash_attention = true;
    CacheType cache_type = CacheType::f16;
    int32_t n_sequences = 1;
};

/// throws: invalid_input (a quantized cache without flash attention, or with heads it does not divide).
void check_session_params(const SessionParams & params, const ModelShape & shape);

/// llama.cpp's parameters. n_outputs: positions of one batch whose logits are wanted, at most.
llama_context_params to_context_params(const SessionParams & params, int32_t n_outputs);

/// Token ids, or embeddings [n, n_embd]: one of the two is empty.
struct SequencePart {
    std::vector<int32_t> tokens;
    std::vector<float> embeddings;

    int64_t size(int64_t n_embd) const {
        return static_cast<int64_t>(tokens.size()) + static_cast<int64_t>(embeddings.size()) / n_embd;
    }
};

/// throws: invalid_input (nothing in it, a token outside the vocabulary, half a row).
void check_part(const SequencePart & part, const ModelShape & shape);

/// Lengths of all sequences, which JavaScript's thread may read at any time.
using SequenceLengths = std::array<std::atomic<int32_t>, max_sequences>;

class TokenBatch;

/// Several sequences over one llama_context with a unified key-value cache.
/// Owns:   the context and its caches. Borrows `model`, which must outlive the session.
/// Thread: engine thread only.
/// Errors: throws EngineError. After `cancelled`, `out_of_memory` or `fatal` the sequence is empty: a recurrent state
///         cannot be rolled back. Other sequences are as they were.
class TextSession {
public:
    using Progress = std::function<void(int64_t done_tokens, int64_t total_tokens)>;

    /// throws: invalid_input, out_of_memory.
    TextSession(Model & model, const SessionParams & params, std::shared_ptr<SequenceLengths> lengths);

    const BufferSizes & buffer_sizes() const { return buffer_sizes_; }
    Model & model() const { return model_; }
    const SessionParams & params() const { return params_; }

    int32_t length(int32_t sequence) const { return (*lengths_)[static_cast<size_t>(sequence)].load(); }
    /// Tokens that still fit, whichever sequence they go to.
    int32_t n_free() const { return params_.n_context - *n_used_; }

    /// Appends parts in order and runs the model over them, in full batches.
    /// throws: invalid_input, context_full (nothing changed by either), io_failed, cancelled, out_of_memory, fatal (the
    /// sequence is empty).
    void append(int32_t sequence, std::span<const SequencePart> parts, const CancelToken & cancel,
                const Progress & progress);
    /// Appends one token. throws: as append().
    void append_token(int32_t sequence, int32_t token, const CancelToken & cancel);

    /// [n_vocab] of the last position; valid until the sequence changes. throws: invalid_input (empty sequence).
    std::span<const float> last_logits(int32_t sequence) const;

    /// Makes `to` a copy of `from`: keys and values shared, the recurrent state copied when either goes on.
    void branch(int32_t from, int32_t to);
    void clear(int32_t sequence);

    /// The sequence's state, sealed (state_file.h) under `key`. throws: fatal.
    std::vector<uint8_t> snapshot(int32_t sequence, const std::string & key);
    /// Replaces the sequence. `sealed` may be written to.
    /// throws: state_invalid, context_full (nothing changed by either when found in the checks; else empty).
    void restore(int32_t sequence, std::span<uint8_t> sealed, const std::string & key);

private:
    // Cells of the key-value cache that some sequences share; given back when the last of them lets go.
    class Cells;
    struct Sequence {
        std::vector<float> logits;
        std::vector<std::shared_ptr<Cells>> cells;
    };

    Sequence & at(int32_t sequence) { return sequences_[static_cast<size_t>(sequence)]; }
    const Sequence & at(int32_t sequence) const { return sequences_[static_cast<size_t>(sequence)]; }
    void require_room(int64_t n_tokens, int32_t n_free) const;
    int32_t n_freed_by_clearing(int32_t sequence) const;
    void decode(const TokenBatch & batch, int32_t sequence, const CancelToken & cancel);
    void set_length(int32_t sequence, int32_t length);
    void occupy(int32_t sequence, int32_t n_tokens);

    LiveCount live_count_{LiveCounts::instance().sessions};
    Model & model_;
    SessionParams params_;
    std::shared_ptr<SequenceLengths> lengths_;
    std::shared_ptr<int32_t> n_used_ = std::make_shared<int32_t>(0);
    std::vector<Sequence> sequences_;
    BufferSizes buffer_sizes_;
    llama_context_ptr context_;
    int32_t n_ubatch_ = 0;
};

} // namespace longlens
