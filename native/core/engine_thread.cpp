#include "core/engine_thread.h"

#include <algorithm>
#include <future>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace longlens {

void return_free_memory() {
#ifdef __GLIBC__
    // glibc keeps freed blocks of up to 32 MiB, which is the size of compute buffers.
    malloc_trim(0);
#endif
}

EngineThread & EngineThread::instance() {
    // Never destroyed: a static destructor would race with the environment's cleanup at exit.
    static EngineThread * const engine = std::make_unique<EngineThread>().release();
    return *engine;
}

void EngineThread::add_user() {
    const std::lock_guard lock(mutex_);
    n_users_++;
    if (n_users_ > 1) return;
    is_stopping_ = false;
    thread_ = std::thread([this] { run(); });
}

void EngineThread::remove_user() {
    auto reached = std::make_shared<std::promise<void>>();
    auto wait = reached->get_future();
    post([reached] { reached->set_value(); });
    wait.wait();

    std::thread ending;
    {
        const std::lock_guard lock(mutex_);
        n_users_--;
        if (n_users_ > 0) return;
        is_stopping_ = true;
        ending = std::move(thread_);
    }
    wake_.notify_one();
    ending.join();
}

void EngineThread::post(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (n_users_ == 0) return;
        queue_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void EngineThread::run() {
    while (true) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
            if (queue_.empty()) break;
            job = std::move(queue_.front());
            queue_.pop_front();
        }
        job();
    }
    free_slots();
}

void EngineThread::remember(const std::shared_ptr<SlotBase> & slot) {
    const std::lock_guard lock(mutex_);
    std::erase_if(slots_, [](const auto & known) { return known.expired(); });
    slots_.push_back(slot);
}

void EngineThread::free_slots() {
    std::vector<std::weak_ptr<SlotBase>> slots;
    {
        const std::lock_guard lock(mutex_);
        slots.swap(slots_);
    }
    // Newest first: a session goes before the model it borrows.
    std::for_each(slots.rbegin(), slots.rend(), [](const auto & known) {
        if (const auto slot = known.lock()) slot->reset();
    });
}

} // namespace longlens
