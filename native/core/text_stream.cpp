#include "core/text_stream.h"

#include <algorithm>
#include <cstdint>

namespace longlens {

namespace {

constexpr const char * replacement = "\xEF\xBF\xBD"; // U+FFFD

struct Lead {
    size_t length;      // bytes of the character; 0: cannot begin one
    uint8_t second_min; // range of the second byte (no overlong forms, no surrogates)
    uint8_t second_max;
};

Lead classify(uint8_t byte) {
    if (byte < 0x80) return {1, 0, 0};
    if (byte < 0xC2 || byte > 0xF4) return {0, 0, 0};
    if (byte < 0xE0) return {2, 0x80, 0xBF};
    if (byte < 0xF0)
        return {3, static_cast<uint8_t>(byte == 0xE0 ? 0xA0 : 0x80), static_cast<uint8_t>(byte == 0xED ? 0x9F : 0xBF)};
    return {4, static_cast<uint8_t>(byte == 0xF0 ? 0x90 : 0x80), static_cast<uint8_t>(byte == 0xF4 ? 0x8F : 0xBF)};
}

// How many bytes from `at` on belong to one character, as far as they are there.
size_t valid_prefix(std::string_view bytes, const Lead & lead) {
    size_t n = 1;
    while (n < lead.length && n < bytes.size()) {
        const auto byte = static_cast<uint8_t>(bytes[n]);
        const uint8_t min = n == 1 ? lead.second_min : 0x80;
        const uint8_t max = n == 1 ? lead.second_max : 0xBF;
        if (byte < min || byte > max) break;
        n++;
    }
    return n;
}

// Length of the longest end of `text` that `stop` begins with, not all of it.
size_t overlap(std::string_view text, std::string_view stop) {
    for (size_t n = std::min(text.size(), stop.size() - 1); n > 0; n--) {
        if (text.substr(text.size() - n) == stop.substr(0, n)) return n;
    }
    return 0;
}

} // namespace

std::string Utf8Assembler::feed(std::string_view bytes) {
    unfinished_ += bytes;
    std::string_view rest = unfinished_;
    std::string text;
    while (!rest.empty()) {
        const Lead lead = classify(static_cast<uint8_t>(rest[0]));
        const size_t n = valid_prefix(rest, lead);
        if (n == lead.length) {
            text += rest.substr(0, n);
        } else if (lead.length > 0 && n == rest.size()) {
            break; // the next token may finish it
        } else {
            text += replacement;
        }
        rest.remove_prefix(n);
    }
    unfinished_ = std::string(rest);
    return text;
}

std::string Utf8Assembler::finish() {
    const bool is_unfinished = !unfinished_.empty();
    unfinished_.clear();
    return is_unfinished ? replacement : "";
}

std::string StopMatcher::feed(std::string_view text) {
    if (has_matched_) return "";
    held_ += text;
    size_t first = std::string::npos;
    size_t n_held = 0;
    for (const std::string & stop : stops_) {
        first = std::min(first, held_.find(stop));
        n_held = std::max(n_held, overlap(held_, stop));
    }
    if (first != std::string::npos) {
        has_matched_ = true;
        std::string before = held_.substr(0, first);
        held_.clear();
        return before;
    }
    std::string certain = held_.substr(0, held_.size() - n_held);
    held_.erase(0, certain.size());
    return certain;
}

std::string StopMatcher::finish() {
    std::string rest = std::move(held_);
    held_.clear();
    return rest;
}

} // namespace longlens
