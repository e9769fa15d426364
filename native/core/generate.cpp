#include "core/generate.h"

#include "core/text_stream.h"
#include "core/throttle.h"

#include <algorithm>

namespace longlens {

namespace {

/// Collects the text, and passes it on in turns.
class TextSink {
public:
    using OnText = std::function<void(const std::string & text, int64_t n_tokens)>;
    explicit TextSink(const OnText & on_text) : on_text_(on_text) {}

    void add(const std::string & text, int64_t n_tokens) {
        text_ += text;
        waiting_ += text;
        if (!waiting_.empty() && throttle_.ready()) flush(n_tokens);
    }
    void flush(int64_t n_tokens) {
        if (!waiting_.empty()) on_text_(waiting_, n_tokens);
        waiting_.clear();
    }
    const std::string & text() const { return text_; }

private:
    const OnText & on_text_;
    Throttle throttle_;
    std::string text_;
    std::string waiting_;
};

void check_end_tokens(const GenerateParams & params, int64_t n_vocab) {
    for (const int32_t token : params.end_tokens) {
        if (token >= 0 && token < n_vocab) continue;
        throw EngineError(ErrorCode::invalid_input, "endTokens: expected tokens of 0 to " +
                                                        std::to_string(n_vocab - 1) + ", got " + std::to_string(token));
    }
}

GenerateResult continue_sequence(TextSession & session, int32_t sequence, const GenerateParams & params,
                                 const CancelToken & cancel, const TextSink::OnText & on_text) {
    const llama_vocab * vocabulary = session.model().vocabulary();
    Sampler sampler(params.sampling, static_cast<int32_t>(session.model().shape().n_vocab));
    Utf8Assembler assembler;
    StopMatcher matcher(params.stop_strings);
    TextSink sink(on_text);
    GenerateResult result;
    result.reason = "length";
    const auto n_tokens = [&] { return static_cast<int64_t>(result.tokens.size()); };

    while (n_tokens() < params.max_tokens) {
        if (session.n_free() < 1) {
            result.reason = "context_full";
            break;
        }
        const bool may_end = n_tokens() >= params.min_tokens;
        const std::span<const int32_t> excluded =
            may_end ? std::span<const int32_t>{} : std::span<const int32_t>(params.end_tokens);
        const int32_t token = sampler.choose(session.last_logits(sequence), excluded);
        if (std::find(params.end_tokens.begin(), params.end_tokens.end(), token) != params.end_tokens.end()) {
            result.reason = "end";
            break;
        }
        result.tokens.push_back(token);
        sink.add(matcher.feed(assembler.feed(token_bytes(vocabulary, token))), n_tokens());
        session.append_token(sequence, token, cancel);
        if (matcher.has_matched()) {
            result.reason = "stop_string";
            break;
        }
    }
    if (!matcher.has_matched()) {
        sink.add(matcher.feed(assembler.finish()), n_tokens());
        // The replacement character of an unfinished one may complete a stop string.
        if (matcher.has_matched()) result.reason = "stop_string";
        sink.add(matcher.finish(), n_tokens());
    }
    sink.flush(n_tokens());
    result.text = sink.text();
    return result;
}

} // namespace

GenerateResult generate(TextSession & session, int32_t sequence, const GenerateParams & params,
                        const CancelToken & cancel,
                        const std::function<void(const std::string & text, int64_t n_tokens)> & on_text) {
    check_end_tokens(params, session.model().shape().n_vocab);
    (void)session.last_logits(sequence); // an empty sequence has nothing to continue
    try {
        return continue_sequence(session, sequence, params, cancel, on_text);
    } catch (...) {
        session.clear(sequence);
        throw;
    }
}

} // namespace longlens
