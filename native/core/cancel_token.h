#pragma once

#include "core/engine_error.h"

#include <atomic>
#include <initializer_list>
#include <memory>
#include <vector>

namespace longlens {

/// A flag that any thread may set, once. Shared by whoever may cancel and whatever is to stop.
using CancelFlag = std::shared_ptr<std::atomic<bool>>;

inline CancelFlag make_cancel_flag() {
    return std::make_shared<std::atomic<bool>>(false);
}

/// What a job looks at to know whether to stop: the caller's flag, its owner's (dispose) and the process's (exit).
class CancelToken {
public:
    CancelToken() = default;
    /// Null flags are left out.
    CancelToken(std::initializer_list<CancelFlag> flags) {
        for (const CancelFlag & flag : flags) {
            if (flag) flags_.push_back(flag);
        }
    }

    bool is_set() const {
        for (const CancelFlag & flag : flags_) {
            if (flag->load(std::memory_order_relaxed)) return true;
        }
        return false;
    }

    /// throws: cancelled.
    void check() const {
        if (is_set()) throw EngineError(ErrorCode::cancelled, "stopped by its cancel token");
    }

    /// For llama_set_abort_callback and its like: `data` is a CancelToken.
    static bool abort_callback(void * data) { return static_cast<const CancelToken *>(data)->is_set(); }

private:
    std::vector<CancelFlag> flags_;
};

} // namespace longlens
