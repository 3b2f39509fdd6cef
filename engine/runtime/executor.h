#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

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

    /// Of the process behind the node, for its metrics; 0 where there is none (simulator).
    virtual std::uint32_t processId() const { return 0; }
    virtual std::uint64_t residentBytes() const { return 0; }
};

namespace detail {

/// What pool and coroutine share while `f` runs; it outlives a frame destroyed meanwhile.
template <typename F>
struct OffloadState {
    using Value = std::invoke_result_t<F>;
    F f;
    std::optional<std::conditional_t<std::is_void_v<Value>, std::monostate, Value>> value;
    std::coroutine_handle<> waiter;

    explicit OffloadState(F work) : f(std::move(work)) {}
    void work() {
        if constexpr (std::is_void_v<Value>) {
            f();
            value.emplace();
        } else {
            value.emplace(f());
        }
    }
};

template <typename F>
struct OffloadAwaiter {
    Executor& executor;
    std::shared_ptr<OffloadState<F>> state;

    OffloadAwaiter(Executor& e, std::shared_ptr<OffloadState<F>> s)
        : executor(e), state(std::move(s)) {}
    OffloadAwaiter(const OffloadAwaiter&) = delete;
    OffloadAwaiter& operator=(const OffloadAwaiter&) = delete;
    ~OffloadAwaiter() { state->waiter = {}; }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
        state->waiter = waiter;
        executor.runBlocking([s = state] { s->work(); },
                             [s = state] {
                                 if (const auto resumed = std::exchange(s->waiter, {})) {
                                     resumed.resume();
                                 }
                             });
    }
    void await_resume() const {}
};

}  // namespace detail

/// `co_await offload(executor, f)`: f runs on the pool, its result comes back to the node's thread.
/// A frame destroyed meanwhile is not resumed; f then still runs to its end.
template <typename F>
Task<std::invoke_result_t<F>> offload(Executor& executor, F f) {
    const auto state = std::make_shared<detail::OffloadState<F>>(std::move(f));
    detail::OffloadAwaiter<F> done(executor, state);
    co_await done;
    if constexpr (!std::is_void_v<std::invoke_result_t<F>>) {
        co_return std::move(*state->value);
    }
}

/// `co_await yield(executor)`: lets everything already posted run first.
class Yield {
public:
    explicit Yield(Executor& executor) : m_executor(executor) {}
    Yield(const Yield&) = delete;
    Yield& operator=(const Yield&) = delete;
    ~Yield() {
        if (m_waiter) {
            *m_waiter = {};
        }
    }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
        m_waiter = std::make_shared<std::coroutine_handle<>>(waiter);
        m_executor.post([w = m_waiter] {
            if (const auto resumed = std::exchange(*w, {})) {
                resumed.resume();
            }
        });
    }
    void await_resume() const {}

private:
    Executor& m_executor;
    std::shared_ptr<std::coroutine_handle<>> m_waiter;
};
inline Yield yield(Executor& executor) { return Yield(executor); }

}  // namespace engine::runtime
