#pragma once

#include "core/cancel_token.h"
#include "core/engine_error.h"

#include <functional>
#include <map>
#include <memory>
#include <napi.h>
#include <optional>

namespace longlens {

class AddonInstance;

/// A JavaScript Error with the code of an EngineError.
Napi::Error make_error(Napi::Env env, const EngineError & error);

/// Something to do on JavaScript's thread.
using Message = std::function<void(Napi::Env, AddonInstance &)>;

/// The way from the engine thread (and log callbacks) back to JavaScript. Messages arrive in the order of posting, so
/// that what a job reports is delivered before its promise settles.
/// Thread: post() from any thread, the rest on JavaScript's.
class Mailbox {
public:
    explicit Mailbox(Napi::Env env, AddonInstance * instance);

    /// Never waits. Dropped once the environment is going away.
    void post(Message message);
    /// While something is pending the process stays alive.
    void keep_alive(Napi::Env env);
    void let_go(Napi::Env env);
    /// After this nothing may be posted.
    void close();

private:
    static void deliver(Napi::Env env, Napi::Function, AddonInstance * instance, Message * message);
    using Channel = Napi::TypedThreadSafeFunction<AddonInstance, Message, deliver>;

    Channel channel_;
    std::atomic<bool> is_closed_ = false;
};

/// Makes the answer of a job from the result that `run_job` knows the type of.
using AnswerMaker = std::function<Napi::Value(Napi::Env, void * result)>;

/// A promise that JavaScript waits for, with everything that must stay on JavaScript's thread.
struct PendingJob {
    Napi::Promise::Deferred deferred;
    Napi::FunctionReference on_progress; // may be empty
    AnswerMaker make_answer;
};

/// What the addon keeps for one JavaScript environment (the main thread, or a worker).
/// Owns:   the pending jobs, the log listener and the mailbox.
/// Thread: JavaScript's thread of that environment.
class AddonInstance {
public:
    explicit AddonInstance(Napi::Env env);
    static AddonInstance & of(Napi::Env env);

    /// Opens a promise. `on_progress` may be an empty function.
    uint64_t open_job(Napi::Env env, Napi::Function on_progress, AnswerMaker make_answer);
    Napi::Promise promise_of(uint64_t job);
    void resolve_job(Napi::Env env, uint64_t job, void * result);
    void reject_job(Napi::Env env, uint64_t job, const EngineError & error);
    /// Calls the job's progress callback, if it has one and is still pending.
    void report(uint64_t job, const std::function<void(const Napi::FunctionReference &)> & call);

    void listen_to_log(Napi::Function listener);

    int32_t n_pending() const { return static_cast<int32_t>(pending_.size()); }
    const std::shared_ptr<Mailbox> & mailbox() const { return mailbox_; }
    /// Set when the environment goes away; part of every job's cancel token.
    const CancelFlag & closing() const { return closing_; }

private:
    std::optional<PendingJob> close_job(Napi::Env env, uint64_t job);
    static void clean_up(AddonInstance * instance);

    CancelFlag closing_ = make_cancel_flag();
    std::shared_ptr<Mailbox> mailbox_;
    std::map<uint64_t, PendingJob> pending_;
    uint64_t next_job_ = 1;
    Napi::FunctionReference log_listener_;
    bool listens_to_log_ = false;
};

} // namespace longlens
