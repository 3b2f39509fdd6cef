#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "engine/runtime/clock.h"
#include "engine/runtime/task.h"

namespace engine::runtime {

/// The node's one thread, and the pool behind it for blocking or heavy work.
class Executor {
public:
    virtual ~Executor() = default;

    /// Runs later on the node's thread, in order of posting.
    virtual void post(Callback callback) = 0;
    /// Runs `work` on the pool (in the simulator: inline, at a virtual delay), then `done` on the
    /// node's thread. `work` touches nothing but what it was given.
    virtual void runBlocking(Callback work, Callback done) = 0;
};

/// `co_await offload(executor, f)`: f runs on the pool, its result comes back to the node's thread.
template <typename F>
Task<std::invoke_result_t<F>> offload(Executor& executor, F f) {
    using T = std::invoke_result_t<F>;
    struct Awaiter {
        Executor& executor;
        F& f;
        std::optional<T> value;
        bool await_ready() const { return false; }
        void await_suspend(std::coroutine_handle<> waiter) {
            executor.runBlocking([this] { value.emplace(f()); }, [waiter] { waiter.resume(); });
        }
        T await_resume() { return std::move(*value); }
    };
    co_return co_await Awaiter{executor, f, std::nullopt};
}

/// `co_await yield(executor)`: lets everything already posted run first.
struct Yield {
    Executor& executor;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) const {
        executor.post([waiter] { waiter.resume(); });
    }
    void await_resume() const {}
};
inline Yield yield(Executor& executor) { return Yield{executor}; }

}  // namespace engine::runtime
