#pragma once

#include <chrono>

namespace longlens {

/// Lets something through at most 20 times a second. The first is let through at once.
class Throttle {
public:
    bool ready() {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_) return false;
        next_ = now + std::chrono::milliseconds(50);
        return true;
    }

private:
    std::chrono::steady_clock::time_point next_{};
};

} // namespace longlens
