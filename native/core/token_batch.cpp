#include "core/token_batch.h"

#include <algorithm>
#include <numeric>

namespace longlens {

PartReader::PartReader(std::span<const SequencePart> parts, int64_t n_embd, EmbeddingTable & table)
    : parts_(parts), n_embd_(n_embd), table_(table) {}

void PartReader::read(std::span<float> rows, int32_t n) {
    for (int64_t done = 0; done < n;) {
        const SequencePart & part = parts_[part_];
        const int64_t n_here = std::min<int64_t>(n - done, part.size(n_embd_) - position_);
        const auto target = rows.subspan(static_cast<size_t>(done * n_embd_), static_cast<size_t>(n_here * n_embd_));
        if (part.tokens.empty()) {
            const auto first = part.embeddings.begin() + position_ * n_embd_;
            std::copy(first, first + n_here * n_embd_, target.begin());
        } else {
            for (int64_t i = 0; i < n_here; i++) {
                table_.look_up(part.tokens[static_cast<size_t>(position_ + i)],
                               target.subspan(static_cast<size_t>(i * n_embd_), static_cast<size_t>(n_embd_)));
            }
        }
        done += n_here;
        position_ += n_here;
        if (position_ == part.size(n_embd_)) {
            part_++;
            position_ = 0;
        }
    }
}

TokenBatch::TokenBatch(int32_t capacity, int64_t n_embd, int32_t sequence)
    : sequence_(sequence), tokens_(n_embd == 0 ? static_cast<size_t>(capacity) : 0),
      embeddings_(static_cast<size_t>(capacity * n_embd)), positions_(static_cast<size_t>(capacity)),
      n_sequence_ids_(static_cast<size_t>(capacity), 1), sequence_ids_(static_cast<size_t>(capacity), &sequence_),
      logits_(static_cast<size_t>(capacity)) {
    batch_.token = n_embd == 0 ? tokens_.data() : nullptr;
    batch_.embd = n_embd == 0 ? nullptr : embeddings_.data();
    batch_.pos = positions_.data();
    batch_.n_seq_id = n_sequence_ids_.data();
    batch_.seq_id = sequence_ids_.data();
    batch_.logits = logits_.data();
}

void TokenBatch::start(int32_t first_position, int32_t n) {
    batch_.n_tokens = n;
    std::iota(positions_.begin(), positions_.end(), first_position);
    std::fill(logits_.begin(), logits_.end(), int8_t{0});
}

void TokenBatch::want_all_logits() {
    std::fill_n(logits_.begin(), batch_.n_tokens, int8_t{1});
}

} // namespace longlens
