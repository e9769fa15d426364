#include "core/text_session.h"

#include "core/complaints.h"
#include "core/decode_error.h"
#include "core/kernel_device.h"
#include "core/state_file.h"
#include "core/token_batch.h"

#include <cstring>

namespace longlens {

namespace {

ggml_type to_ggml_type(CacheType type) {
    switch (type) {
    case CacheType::f32:
        return GGML_TYPE_F32;
    case CacheType::q8_0:
        return GGML_TYPE_Q8_0;
    default:
        return GGML_TYPE_F16;
    }
}

// Lets a cancel token stop what the context computes, for one block of code.
class AbortWatch {
public:
    AbortWatch(llama_context * context, const CancelToken & cancel) : context_(context) {
        llama_set_abort_callback(context_, CancelToken::abort_callback, const_cast<CancelToken *>(&cancel));
    }
    ~AbortWatch() { llama_set_abort_callback(context_, nullptr, nullptr); }
    AbortWatch(const AbortWatch &) = delete;
    AbortWatch & operator=(const AbortWatch &) = delete;

private:
    llama_context * context_;
};

} // namespace

class TextSession::Cells {
public:
    Cells(std::shared_ptr<int32_t> n_used, int32_t n) : n_used_(std::move(n_used)), n_(n) { *n_used_ += n_; }
    ~Cells() { *n_used_ -= n_; }
    Cells(const Cells &) = delete;
    Cells & operator=(const Cells &) = delete;
    void grow(int32_t n) {
        n_ += n;
        *n_used_ += n;
    }
    int32_t n() const { return n_; }

private:
    std::shared_ptr<int32_t> n_used_;
    int32_t n_;
};

void check_session_params(const SessionParams & params, const ModelShape & shape) {
    if (params.cache_type != CacheType::q8_0) return;
    if (!params.flash_attention) {
        throw EngineError(ErrorCode::invalid_input, "cacheType: q8_0 needs flash attention");
    }
    if (shape.n_embd_head % ggml_blck_size(GGML_TYPE_Q8_0) != 0) {
        throw EngineError(ErrorCode::invalid_input, "cacheType: q8_0 needs heads of a multiple of 32 values, got " +
                                                        std::to_string(shape.n_embd_head));
    }
}

llama_context_params to_context_params(const SessionParams & params, int32_t n_outputs) {
    llama_context_params context = llama_context_default_params();
    context.n_ctx = static_cast<uint32_t>(params.n_context);
    context.n_batch = static_cast<uint32_t>(params.n_batch);
    context.n_ubatch = static_cast<uint32_t>(params.n_batch);
    context.n_seq_max = static_cast<uint32_t>(params.n_sequences);
    context.n_outputs_max = static_cast<uint32_t>(n_outputs);
    context.n_threads = params.n_threads;
    context.n_threads_batch = params.n_threads;
    context.flash_attn_type = params.flash_attention ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
    context.type_k = to_ggml_type(params.cache_type);
    context.type_v = to_ggml_type(params.cache_type);
    context.kv_unified = true;
    context.no_perf = true;
    return context;
}

void check_part(const SequencePart & part, const ModelShape & shape) {
    if (part.tokens.empty() && part.embeddings.empty()) {
        throw EngineError(ErrorCode::invalid_input, "expected at least one token or embedding, got an empty part");
    }
    for (const int32_t token : part.tokens) {
        if (token >= 0 && token < shape.n_vocab) continue;
        throw EngineError(ErrorCode::invalid_input, "expected tokens of 0 to " + std::to_string(shape.n_vocab - 1) +
                                                        ", got " + std::to_string(token));
    }
    if (part.embeddings.size() % static_cast<size_t>(shape.n_embd) != 0) {
        throw EngineError(ErrorCode::invalid_input, "expected rows of " + std::to_string(shape.n_embd) +
                                                        " values, got " + std::to_string(part.embeddings.size()) +
                                                        " values");
    }
}

TextSession::TextSession(Model & model, const SessionParams & params, std::shared_ptr<SequenceLengths> lengths)
    : model_(model), params_(params), lengths_(std::move(lengths)),
      sequences_(static_cast<size_t>(params.n_sequences)) {
    check_session_params(params_, model_.shape());
    tell_kernel_threads(params_.n_threads);
    const Complaints complaints;
    const BufferSizesReader reader;
    context_.reset(llama_init_from_model(model_.get(), to_context_params(params_, params_.n_sequences)));
    if (!context_) throw complaints.as_error(ErrorCode::fatal, "the context could not be made");
    buffer_sizes_ = reader.sizes();
    n_ubatch_ = static_cast<int32_t>(llama_n_ubatch(context_.get()));
}

void TextSession::require_room(int64_t n_tokens, int32_t n_free) const {
    if (n_tokens <= n_free) return;
    throw EngineError(ErrorCode::context_full,
                      "expected at most " + std::to_string(n_free) + " tokens, got " + std::to_string(n_tokens));
}

int32_t TextSession::n_freed_by_clearing(int32_t sequence) const {
    int32_t n_freed = 0;
    for (const auto & cells : at(sequence).cells)
        n_freed += cells.use_count() == 1 ? cells->n() : 0;
    return n_freed;
}

void TextSession::set_length(int32_t sequence, int32_t length) {
    (*lengths_)[static_cast<size_t>(sequence)].store(length);
}

void TextSession::occupy(int32_t sequence, int32_t n_tokens) {
    auto & cells = at(sequence).cells;
    const bool is_own = !cells.empty() && cells.back().use_count() == 1;
    if (is_own) {
        cells.back()->grow(n_tokens);
    } else {
        cells.push_back(std::make_shared<Cells>(n_used_, n_tokens));
    }
    set_length(sequence, length(sequence) + n_tokens);
}

void TextSession::decode(const TokenBatch & batch, int32_t sequence, const CancelToken & cancel) {
    cancel.check();
    tell_kernel_threads(params_.n_threads);
    const int32_t status = llama_decode(context_.get(), batch.get());
    if (status != 0) throw_decode_error(status);
    occupy(sequence, batch.get().n_tokens);
}

void TextSession::append(int32_t sequence, std::span<const SequencePart> parts, const CancelToken & cancel,
                         const Progress & progress) {
    const ModelShape & shape = model_.shape();
    int64_t n_total = 0;
    for (const SequencePart & part : parts) {
        check_part(part, shape);
        n_total += part.size(shape.n_embd);
    }
    if (n_total == 0) throw EngineError(ErrorCode::invalid_input, "expected at least one part");
    require_room(n_total, n_free());

    try {
        const AbortWatch watch(context_.get(), cancel);
        TokenBatch batch(n_ubatch_, shape.n_embd, sequence);
        PartReader reader(parts, shape.n_embd, model_.embedding_table());
        for (int64_t done = 0; done < n_total;) {
            const auto n = static_cast<int32_t>(std::min<int64_t>(n_ubatch_, n_total - done));
            batch.start(length(sequence), n);
            reader.read(batch.embeddings(), n);
            if (done + n == n_total) batch.want_last_logits();
            decode(batch, sequence, cancel);
            done += n;
            if (done < n_total) progress(done, n_total);
        }
        const float * logits = llama_get_logits_ith(context_.get(), -1);
        cancel.check();
        at(sequence).logits.assign(logits, logits + shape.n_vocab);
    } catch (...) {
        clear(sequence);
        throw;
    }
    progress(n_total, n_total);
}

void TextSession::append_token(int32_t sequence, int32_t token, const CancelToken & cancel) {
    require_room(1, n_free());
    try {
        const AbortWatch watch(context_.get(), cancel);
        TokenBatch batch(1, 0, sequence);
        batch.start(length(sequence), 1);
        batch.set_token(0, token);
        batch.want_last_logits();
        decode(batch, sequence, cancel);
        const float * logits = llama_get_logits_ith(context_.get(), -1);
        at(sequence).logits.assign(logits, logits + model_.shape().n_vocab);
    } catch (...) {
        clear(sequence);
        throw;
    }
}

std::span<const float> TextSession::last_logits(int32_t sequence) const {
    if (length(sequence) == 0) {
        throw EngineError(ErrorCode::invalid_input,
                          "sequence " + std::to_string(sequence) + ": expected at least one token, it is empty");
    }
    return at(sequence).logits;
}

void TextSession::branch(int32_t from, int32_t to) {
    if (from == to) return;
    clear(to);
    if (length(from) == 0) return;
    llama_memory_seq_cp(llama_get_memory(context_.get()), from, to, -1, -1);
    at(to) = at(from);
    set_length(to, length(from));
}

void TextSession::clear(int32_t sequence) {
    llama_memory_seq_rm(llama_get_memory(context_.get()), sequence, -1, -1);
    at(sequence) = Sequence{};
    set_length(sequence, 0);
}

std::vector<uint8_t> TextSession::snapshot(int32_t sequence, const std::string & key) {
    StateHeader header;
    header.n_vocab = static_cast<uint32_t>(model_.shape().n_vocab);
    header.key_hash = hash_key(key);
    header.n_tokens = static_cast<uint64_t>(length(sequence));
    if (header.n_tokens > 0) header.state_bytes = llama_state_seq_get_size(context_.get(), sequence);

    std::vector<uint8_t> sealed(sealed_bytes(header));
    if (header.n_tokens > 0) {
        std::memcpy(logits_part(header, sealed).data(), at(sequence).logits.data(), logits_part(header, sealed).size());
        const std::span<uint8_t> state = llama_part(header, sealed);
        if (llama_state_seq_get_data(context_.get(), state.data(), state.size(), sequence) != state.size()) {
            throw EngineError(ErrorCode::fatal, "llama.cpp could not copy the sequence's state");
        }
    }
    seal_state(header, sealed);
    return sealed;
}

void TextSession::restore(int32_t sequence, std::span<uint8_t> sealed, const std::string & key) {
    const StateHeader header = check_state(sealed, key, static_cast<uint32_t>(model_.shape().n_vocab));
    require_room(static_cast<int64_t>(header.n_tokens), n_free() + n_freed_by_clearing(sequence));
    clear(sequence);
    if (header.n_tokens == 0) return;

    const std::span<uint8_t> state = llama_part(header, sealed);
    const size_t n_read = llama_state_seq_set_data(context_.get(), state.data(), state.size(), sequence);
    const llama_pos last = llama_memory_seq_pos_max(llama_get_memory(context_.get()), sequence);
    if (n_read == 0 || static_cast<uint64_t>(last) + 1 != header.n_tokens) {
        clear(sequence);
        throw EngineError(ErrorCode::state_invalid, "llama.cpp refused it: other cache settings or another model");
    }
    occupy(sequence, static_cast<int32_t>(header.n_tokens));
    at(sequence).logits.resize(header.n_vocab);
    std::memcpy(at(sequence).logits.data(), logits_part(header, sealed).data(), logits_part(header, sealed).size());
}

} // namespace longlens
