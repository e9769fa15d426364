#pragma once

#include "core/engine_error.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace longlens {

/// Hands memory that was freed back to the system where the allocator would keep it.
void return_free_memory();

/// A place for one engine object, shared between JavaScript's handle and the jobs that use it.
/// Thread: the object inside is made, used and freed on the engine thread only; an empty slot means "disposed".
class SlotBase {
public:
    virtual ~SlotBase() = default;
    virtual void reset() = 0;
};

template <class Object>
class Slot : public SlotBase {
public:
    void fill(std::unique_ptr<Object> object) { object_ = std::move(object); }
    void reset() override {
        if (!object_) return;
        object_.reset();
        return_free_memory();
    }
    /// throws: disposed. `name` is what the message calls it, e.g. "session".
    Object & get(const char * name) const {
        if (!object_) throw EngineError(ErrorCode::disposed, std::string(name) + " was disposed");
        return *object_;
    }

private:
    std::unique_ptr<Object> object_;
};

/// The one thread that owns every llama and ggml handle of the process. Jobs run one after another, in order.
/// Owns:   the thread, the queue and (through weak references) the end of every slot.
/// Thread: every method may be called from any thread; they hold the only mutex of the addon.
class EngineThread {
public:
    using Job = std::function<void()>;

    static EngineThread & instance();

    /// One call per JavaScript environment; the first starts the thread.
    void add_user();
    /// Waits until everything queued so far has run. The last user frees every object that is left and ends the thread.
    /// The caller sets its cancel flags first, so that this does not take long.
    void remove_user();
    /// Queues a job; it must not throw. Dropped when no user is left.
    void post(Job job);

    /// A slot whose object is freed at the latest when the thread ends.
    template <class Object>
    std::shared_ptr<Slot<Object>> make_slot() {
        auto slot = std::make_shared<Slot<Object>>();
        remember(slot);
        return slot;
    }

private:
    void run();
    void remember(const std::shared_ptr<SlotBase> & slot);
    void free_slots();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> queue_;
    std::vector<std::weak_ptr<SlotBase>> slots_;
    std::thread thread_;
    int n_users_ = 0;
    bool is_stopping_ = false;
};

} // namespace longlens
