#pragma once

#include <functional>
#include <memory>
#include <string>

namespace longlens {

/// Takes whole lines of llama.cpp's and ggml's log, from any thread. `level` is debug, info, warn or error.
using LogListener = std::function<void(const char * level, const std::string & line)>;

/// Where the lines of the whole process go. Nothing is listening at first.
class LogSink {
public:
    /// Replaces the listener; null stops listening. Any thread.
    static void listen(std::shared_ptr<const LogListener> listener);
    /// A further listener for one block of code on one thread, e.g. to learn why a backend did not load. May throw.
    class Capture {
    public:
        explicit Capture(LogListener listener);
        ~Capture();
        Capture(const Capture &) = delete;
        Capture & operator=(const Capture &) = delete;
        LogListener listener;

        Capture * const outer;
    };
    /// A line of our own. Any thread.
    static void warn(const std::string & line);
    /// Hands llama's and ggml's log and last words to this sink. Needs the libraries.
    static void install();
};

} // namespace longlens
