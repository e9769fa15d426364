#pragma once

#include "binding/addon_instance.h"
#include "core/engine_error.h"
#include "core/engine_thread.h"
#include "core/throttle.h"

#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace longlens {

/// Whatever core/ may throw, as an EngineError. To be called inside a catch block.
inline EngineError current_engine_error() {
    try {
        throw;
    } catch (const EngineError & error) {
        return error;
    } catch (const std::bad_alloc &) {
        return {ErrorCode::out_of_memory, "an allocation failed"};
    } catch (const std::exception & error) {
        return {ErrorCode::fatal, error.what()};
    }
}

/// Runs a synchronous method; what core/ throws becomes a JavaScript Error with its code.
template <class Body>
auto guarded(Napi::Env env, Body body) -> decltype(body()) {
    try {
        return body();
    } catch (const Napi::Error &) {
        throw;
    } catch (...) {
        throw make_error(env, current_engine_error());
    }
}

/// Runs a method that returns a promise; whatever is thrown before the job is queued rejects it.
template <class Body>
Napi::Value promised(Napi::Env env, Body body) {
    const auto reject = [env](const Napi::Error & error) -> Napi::Value {
        const auto deferred = Napi::Promise::Deferred::New(env);
        deferred.Reject(error.Value());
        return deferred.Promise();
    };
    try {
        return body();
    } catch (const Napi::Error & error) {
        return reject(error);
    } catch (...) {
        return reject(make_error(env, current_engine_error()));
    }
}

/// What a running job may do besides its work. Thread: engine thread.
class JobContext {
public:
    JobContext(CancelToken cancel, std::shared_ptr<Mailbox> mailbox, uint64_t job)
        : cancel(std::move(cancel)), mailbox_(std::move(mailbox)), job_(job) {}

    const CancelToken cancel;

    /// Calls the job's progress callback with (done, total), at most 20 times a second; the last is always told.
    void progress(int64_t done, int64_t total) {
        const bool may_tell = throttle_.ready();
        if (!may_tell && done != total) return;
        report([done, total](Napi::Env env, const Napi::FunctionReference & callback) {
            callback.Call({Napi::Number::New(env, static_cast<double>(done)),
                           Napi::Number::New(env, static_cast<double>(total))});
        });
    }

    /// The same with a share of the whole, 0 to 1.
    void progress_fraction(float fraction) {
        if (!throttle_.ready() && fraction < 1.0F) return;
        report([fraction](Napi::Env env, const Napi::FunctionReference & callback) {
            callback.Call({Napi::Number::New(env, static_cast<double>(fraction))});
        });
    }

    /// Calls the job's progress callback; not throttled.
    void report(std::function<void(Napi::Env, const Napi::FunctionReference &)> call) {
        mailbox_->post([job = job_, call = std::move(call)](Napi::Env env, AddonInstance & instance) {
            instance.report(job, [&](const Napi::FunctionReference & callback) { call(env, callback); });
        });
    }

private:
    std::shared_ptr<Mailbox> mailbox_;
    uint64_t job_;
    Throttle throttle_;
};

struct JobOptions {
    CancelFlag cancel;          // the caller's, may be null
    CancelFlag owner;           // set when the object the job works on is disposed, may be null
    Napi::Function on_progress; // may be empty
    // JavaScript's half of the object the job works on: it may be forgotten only when the job is done.
    std::shared_ptr<void> keep = nullptr;
};

/// The result of work that returns nothing.
struct Nothing {};

inline Napi::Value answer_nothing(Napi::Env env, const Nothing &) {
    return env.Undefined();
}

template <class Work>
auto run_work(Work & work, JobContext & context) {
    if constexpr (std::is_void_v<decltype(work(context))>) {
        work(context);
        return Nothing{};
    } else {
        return work(context);
    }
}

/// Queues `work` on the engine thread and returns a promise of its answer.
/// work:   Result(JobContext &) or void(JobContext &), on the engine thread; copies everything it needs.
/// answer: Napi::Value(Napi::Env, Result &), on JavaScript's thread, where it also stays; for void: answer_nothing.
template <class Work, class Answer>
Napi::Value run_job(Napi::Env env, JobOptions options, Work work, Answer answer) {
    using Result = decltype(run_work(work, std::declval<JobContext &>()));
    AddonInstance & instance = AddonInstance::of(env);
    const uint64_t job = instance.open_job(env, options.on_progress,
                                           [answer, keep = options.keep](Napi::Env env, void * result) -> Napi::Value {
                                               return answer(env, *static_cast<Result *>(result));
                                           });
    const CancelToken cancel{options.cancel, options.owner, instance.closing()};

    EngineThread::instance().post([work, job, cancel, owner = options.owner, mailbox = instance.mailbox()]() mutable {
        JobContext context(cancel, mailbox, job);
        try {
            if (owner && owner->load()) throw EngineError(ErrorCode::disposed, "disposed before the job began");
            cancel.check();
            const auto result = std::make_shared<Result>(run_work(work, context));
            mailbox->post([job, result](Napi::Env env, AddonInstance & instance) {
                instance.resolve_job(env, job, result.get());
            });
        } catch (...) {
            mailbox->post([job, error = current_engine_error()](Napi::Env env, AddonInstance & instance) {
                instance.reject_job(env, job, error);
            });
        }
    });
    return instance.promise_of(job);
}

} // namespace longlens
