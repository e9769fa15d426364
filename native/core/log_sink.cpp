#include "core/log_sink.h"

#include "llama.h"

#include <atomic>
#include <cstring>

#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

namespace longlens {

namespace {

std::atomic<std::shared_ptr<const LogListener>> process_listener;
thread_local LogSink::Capture * innermost_capture = nullptr;
// A line may come in pieces (GGML_LOG_LEVEL_CONT); each thread puts its own together.
thread_local std::string unfinished_line;
thread_local ggml_log_level unfinished_level = GGML_LOG_LEVEL_INFO;

const char * level_name(ggml_log_level level) {
    switch (level) {
    case GGML_LOG_LEVEL_ERROR:
        return "error";
    case GGML_LOG_LEVEL_WARN:
        return "warn";
    case GGML_LOG_LEVEL_INFO:
        return "info";
    default:
        return "debug";
    }
}

void deliver(ggml_log_level level, const std::string & line) {
    if (const auto listener = process_listener.load()) (*listener)(level_name(level), line);
    for (const auto * capture = innermost_capture; capture != nullptr; capture = capture->outer)
        capture->listener(level_name(level), line);
}

void on_log(ggml_log_level level, const char * text, void *) {
    if (level != GGML_LOG_LEVEL_CONT) unfinished_level = level;
    unfinished_line += text;
    size_t end = 0;
    while ((end = unfinished_line.find('\n')) != std::string::npos) {
        const std::string line = unfinished_line.substr(0, end);
        unfinished_line.erase(0, end + 1);
        if (!line.empty()) deliver(unfinished_level, line);
    }
}

// The process ends when this returns, so messages to JavaScript may never arrive: stderr, which the supervisor
// keeps, is the sure way.
void on_abort(const char * message) {
    const std::string line = std::string(message) + "\n";
#ifdef _WIN32
    _write(2, line.data(), static_cast<unsigned>(line.size()));
#else
    if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;
#endif
    deliver(GGML_LOG_LEVEL_ERROR, message);
}

} // namespace

void LogSink::listen(std::shared_ptr<const LogListener> listener) {
    process_listener.store(std::move(listener));
}

void LogSink::warn(const std::string & line) {
    deliver(GGML_LOG_LEVEL_WARN, line);
}

LogSink::Capture::Capture(LogListener listener) : listener(std::move(listener)), outer(innermost_capture) {
    innermost_capture = this;
}

LogSink::Capture::~Capture() {
    innermost_capture = outer;
}

void LogSink::install() {
    llama_log_set(on_log, nullptr);
    ggml_set_abort_callback(on_abort);
}

} // namespace longlens
