#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"

namespace engine::runtime {

/// The real doors and the loop that serves them: this machine's clock, TCP, disk and chance. What
/// the doors are asked for and call back belongs to the thread that runs the loop; before run() the
/// constructing thread may set things up. Destroyed after everything that uses its doors.
class RealRuntime {
public:
    RealRuntime();
    ~RealRuntime();
    RealRuntime(const RealRuntime&) = delete;
    RealRuntime& operator=(const RealRuntime&) = delete;

    Runtime doors();

    /// Serves until stop(); may be called again.
    void run();
    /// From any thread, or from a callback.
    void stop();
    /// Runs `callback` on the loop's thread; from any thread.
    void post(Callback callback);

    /// Calls back on the loop's thread each time the process gets `signal`, instead of what the
    /// signal would do.
    void onSignal(int signal, Callback callback);
    /// Calls back once standard input ends, as it does when the parent that holds its other end dies.
    /// Never, where standard input is a file or /dev/null.
    void onStdinClosed(Callback callback);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

namespace detail {

template <typename T>
Task<void> finishInto(Task<T> task, std::optional<T>& out, RealRuntime& runtime) {
    out.emplace(co_await task);
    runtime.stop();
}

}  // namespace detail

/// Runs the loop until `task` has ended: for programs and tests whose main() is one coroutine.
template <typename T>
T runUntilDone(RealRuntime& runtime, Task<T> task) {
    std::optional<T> out;
    TaskGroup group;
    runtime.post([&] { group.spawn(detail::finishInto(std::move(task), out, runtime)); });
    runtime.run();
    ENSURE(out.has_value());  // Nobody else stops this loop.
    return std::move(*out);
}

}  // namespace engine::runtime
