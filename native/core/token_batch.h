#pragma once

#include "core/text_session.h"

namespace longlens {

/// Reads parts one position after the other, as embeddings.
/// Borrows everything.
class PartReader {
public:
    PartReader(std::span<const SequencePart> parts, int64_t n_embd, EmbeddingTable & table);
    /// rows: [n, n_embd]; n is at most what is left. throws: io_failed.
    void read(std::span<float> rows, int32_t n);

private:
    std::span<const SequencePart> parts_;
    int64_t n_embd_;
    EmbeddingTable & table_;
    size_t part_ = 0;
    int64_t position_ = 0; // within the part
};

/// A llama_batch of one sequence: tokens, or embeddings when n_embd is not 0.
/// Owns:   its arrays.
class TokenBatch {
public:
    TokenBatch(int32_t capacity, int64_t n_embd, int32_t sequence);
    TokenBatch(const TokenBatch &) = delete;
    TokenBatch & operator=(const TokenBatch &) = delete;

    /// Positions first_position … first_position + n - 1, no logits wanted. n: at most the capacity.
    void start(int32_t first_position, int32_t n);
    void want_last_logits() { logits_[static_cast<size_t>(batch_.n_tokens) - 1] = 1; }
    void want_all_logits();
    void set_token(int32_t i, int32_t token) { tokens_[static_cast<size_t>(i)] = token; }
    /// [capacity, n_embd]
    std::span<float> embeddings() { return embeddings_; }
    const llama_batch & get() const { return batch_; }

private:
    int32_t sequence_;
    std::vector<int32_t> tokens_;
    std::vector<float> embeddings_;
    std::vector<llama_pos> positions_;
    std::vector<int32_t> n_sequence_ids_;
    std::vector<llama_seq_id *> sequence_ids_;
    std::vector<int8_t> logits_;
    llama_batch batch_ = {};
};

} // namespace longlens
