#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace longlens {

/// Puts the bytes of tokens together to UTF-8 text: whole characters only. What can never become a character turns
/// into one U+FFFD each ("maximal subparts", as browsers do).
class Utf8Assembler {
public:
    /// returns: the characters that are complete now.
    std::string feed(std::string_view bytes);
    /// The unfinished character, if there is one, as U+FFFD.
    std::string finish();

private:
    std::string unfinished_;
};

/// Finds the first stop string in a text that comes in pieces. Holds text back only while it could still become one.
class StopMatcher {
public:
    /// stops: not empty each.
    explicit StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {}

    /// returns: text that is certain not to be part of a stop string. After a match nothing more comes.
    std::string feed(std::string_view text);
    /// What was held back.
    std::string finish();
    bool has_matched() const { return has_matched_; }

private:
    std::vector<std::string> stops_;
    std::string held_;
    bool has_matched_ = false;
};

} // namespace longlens
