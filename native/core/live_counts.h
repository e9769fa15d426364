#pragma once

#include <atomic>
#include <cstdint>

namespace longlens {

/// How many engine objects exist, for `liveHandles()`.
struct LiveCounts {
    std::atomic<int32_t> models{0};
    std::atomic<int32_t> sessions{0};
    std::atomic<int32_t> vision_towers{0};

    static LiveCounts & instance() {
        static LiveCounts counts;
        return counts;
    }
};

/// A member of every counted class: counts it from construction to destruction.
class LiveCount {
public:
    explicit LiveCount(std::atomic<int32_t> & counter) : counter_(counter) { counter_.fetch_add(1); }
    ~LiveCount() { counter_.fetch_sub(1); }
    LiveCount(const LiveCount &) = delete;
    LiveCount & operator=(const LiveCount &) = delete;

private:
    std::atomic<int32_t> & counter_;
};

} // namespace longlens
