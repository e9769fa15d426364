#include "binding/addon_instance.h"

#include "binding/jobs.h"
#include "core/engine_thread.h"
#include "core/log_sink.h"

namespace longlens {

Napi::Error make_error(Napi::Env env, const EngineError & error) {
    Napi::Error made = Napi::Error::New(env, error.what());
    made.Set("code", Napi::String::New(env, to_string(error.code())));
    return made;
}

Mailbox::Mailbox(Napi::Env env, AddonInstance * instance) : channel_(Channel::New(env, "longlens", 0, 1, instance)) {
    channel_.Unref(env); // only pending jobs keep the process alive
}

void Mailbox::post(Message message) {
    if (is_closed_) return;
    auto payload = std::make_unique<Message>(std::move(message));
    Message * const in_flight = payload.release();
    if (channel_.NonBlockingCall(in_flight) != napi_ok) payload.reset(in_flight);
}

void Mailbox::keep_alive(Napi::Env env) {
    channel_.Ref(env);
}

void Mailbox::let_go(Napi::Env env) {
    channel_.Unref(env);
}

void Mailbox::close() {
    if (!is_closed_.exchange(true)) channel_.Abort();
}

void Mailbox::deliver(Napi::Env env, Napi::Function, AddonInstance * instance, Message * message) {
    const std::unique_ptr<Message> payload(message);
    // When the environment is going away, the message is freed and nobody is told.
    if (env != nullptr && !instance->mailbox()->is_closed_) (*payload)(env, *instance);
}

AddonInstance::AddonInstance(Napi::Env env) : mailbox_(std::make_shared<Mailbox>(env, this)) {
    EngineThread::instance().add_user();
    // Hooks run last in, first out: this one before the mailbox's own and before every finalizer.
    env.AddCleanupHook(clean_up, this);
}

AddonInstance & AddonInstance::of(Napi::Env env) {
    return *env.GetInstanceData<AddonInstance>();
}

void AddonInstance::clean_up(AddonInstance * instance) {
    instance->closing_->store(true);
    EngineThread::instance().remove_user();
    if (instance->listens_to_log_) LogSink::listen(nullptr);
    instance->mailbox_->close();
    instance->pending_.clear();
    instance->log_listener_.Reset();
}

uint64_t AddonInstance::open_job(Napi::Env env, Napi::Function on_progress, AnswerMaker make_answer) {
    if (pending_.empty()) mailbox_->keep_alive(env);
    const uint64_t job = next_job_++;
    Napi::FunctionReference callback;
    if (!on_progress.IsEmpty()) callback = Napi::Persistent(on_progress);
    pending_.emplace(job, PendingJob{Napi::Promise::Deferred::New(env), std::move(callback), std::move(make_answer)});
    return job;
}

Napi::Promise AddonInstance::promise_of(uint64_t job) {
    return pending_.at(job).deferred.Promise();
}

std::optional<PendingJob> AddonInstance::close_job(Napi::Env env, uint64_t job) {
    const auto found = pending_.find(job);
    if (found == pending_.end()) return std::nullopt;
    std::optional<PendingJob> closed(std::move(found->second));
    pending_.erase(found);
    if (pending_.empty()) mailbox_->let_go(env);
    return closed;
}

void AddonInstance::resolve_job(Napi::Env env, uint64_t job, void * result) {
    const auto pending = close_job(env, job);
    if (!pending) return;
    try {
        pending->deferred.Resolve(pending->make_answer(env, result));
    } catch (const Napi::Error & error) {
        pending->deferred.Reject(error.Value());
    } catch (...) {
        pending->deferred.Reject(make_error(env, current_engine_error()).Value());
    }
}

void AddonInstance::reject_job(Napi::Env env, uint64_t job, const EngineError & error) {
    const auto pending = close_job(env, job);
    if (pending) pending->deferred.Reject(make_error(env, error).Value());
}

void AddonInstance::report(uint64_t job, const std::function<void(const Napi::FunctionReference &)> & call) {
    const auto found = pending_.find(job);
    if (found != pending_.end() && !found->second.on_progress.IsEmpty()) call(found->second.on_progress);
}

void AddonInstance::listen_to_log(Napi::Function listener) {
    log_listener_ = Napi::Persistent(listener);
    listens_to_log_ = true;
    LogSink::listen(
        std::make_shared<const LogListener>([mailbox = mailbox_](const char * level, const std::string & line) {
            mailbox->post([level, line](Napi::Env env, AddonInstance & instance) {
                instance.log_listener_.Call({Napi::String::New(env, level), Napi::String::New(env, line)});
            });
        }));
}

} // namespace longlens
