#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/ensure.h"

namespace engine::runtime {

/// A lazily started coroutine with one awaiter. Lives on its node's one thread. Its frame is
/// destroyed with the Task; an exception inside one is a bug and stops the program.
///
/// Parameters are taken by value, or by reference to something that outlives the owner's stop().
/// Never a lambda that captures *and* awaits: make it a member coroutine.
template <typename T = void>
class [[nodiscard]] Task;

namespace detail {

struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
        const auto next = done.promise().continuation;
        return next ? next : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
};

struct PromiseBase {
    std::coroutine_handle<> continuation;
    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <typename T>
struct TaskPromise : PromiseBase {
    std::optional<T> value;
    Task<T> get_return_object();
    template <typename U>
    void return_value(U&& v) {
        value.emplace(std::forward<U>(v));
    }
    T take() { return std::move(*value); }
};

template <>
struct TaskPromise<void> : PromiseBase {
    Task<void> get_return_object();
    void return_void() const noexcept {}
    void take() const noexcept {}
};

}  // namespace detail

template <typename T>
class [[nodiscard]] Task {
public:
    using promise_type = detail::TaskPromise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    explicit Task(Handle handle) : m_handle(handle) {}
    Task(Task&& other) noexcept : m_handle(std::exchange(other.m_handle, {})) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            destroy();
            m_handle = std::exchange(other.m_handle, {});
        }
        return *this;
    }
    ~Task() { destroy(); }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept {
        m_handle.promise().continuation = awaiter;
        return m_handle;
    }
    T await_resume() { return m_handle.promise().take(); }

private:
    void destroy() {
        if (m_handle) {
            m_handle.destroy();
        }
    }
    Handle m_handle;
};

namespace detail {

template <typename T>
Task<T> TaskPromise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

}  // namespace detail

/// Runs coroutines nobody awaits, and knows when the last of them has ended. The owner's stop()
/// makes what they wait for end (closes connections, cancels timers), then awaits `drained()`.
/// Destroying a group whose tasks still wait destroys their frames, the youngest first; a task never
/// destroys the group it runs in.
class TaskGroup {
public:
    TaskGroup() : m_state(std::make_shared<State>()) {}
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;
    ~TaskGroup();

    /// Starts `task` at once; it runs until its first wait before spawn returns.
    void spawn(Task<void> task);
    std::size_t running() const { return m_state->running; }

    class Drained;
    /// `co_await group.drained()`: goes on once nothing runs and every frame is gone.
    Drained drained();

private:
    struct Detached;
    struct Frame {
        Frame* older = nullptr;
        Frame* younger = nullptr;
        std::coroutine_handle<> handle;
    };
    struct State {
        Frame* youngest = nullptr;
        std::size_t running = 0;
        std::vector<std::coroutine_handle<>> drainWaiters;

        void add(Frame& frame);
        void remove(Frame& frame);
    };
    static Detached run(const std::shared_ptr<State>& state, Task<void> task);

    std::shared_ptr<State> m_state;
};

class TaskGroup::Drained {
public:
    explicit Drained(std::shared_ptr<State> state) : m_state(std::move(state)) {}
    Drained(const Drained&) = delete;
    Drained& operator=(const Drained&) = delete;
    ~Drained();
    bool await_ready() const { return m_state->running == 0; }
    void await_suspend(std::coroutine_handle<> waiter) {
        m_waiter = waiter;
        m_state->drainWaiters.push_back(waiter);
    }
    void await_resume() { m_waiter = {}; }

private:
    std::shared_ptr<State> m_state;
    std::coroutine_handle<> m_waiter;
};

inline TaskGroup::Drained TaskGroup::drained() { return Drained(m_state); }

/// A value set once and awaited by at most one coroutine: the bridge from callbacks to `co_await`.
/// Copies share the value. The waiter is resumed inside set(); a waiter whose frame was destroyed is
/// forgotten.
template <typename T>
class Promise {
    struct State {
        std::optional<T> value;
        std::coroutine_handle<> waiter;
    };

public:
    Promise() : m_state(std::make_shared<State>()) {}

    bool isSet() const { return m_state->value.has_value(); }
    /// The first value wins; later ones are dropped (a timeout and an answer may race).
    void set(T value) const {
        if (m_state->value) {
            return;
        }
        m_state->value.emplace(std::move(value));
        if (const auto waiter = std::exchange(m_state->waiter, {})) {
            waiter.resume();
        }
    }

    class Awaiter {
    public:
        explicit Awaiter(std::shared_ptr<State> state) : m_state(std::move(state)) {}
        Awaiter(const Awaiter&) = delete;
        Awaiter& operator=(const Awaiter&) = delete;
        ~Awaiter() {
            if (m_waiting) {
                m_state->waiter = {};
            }
        }
        bool await_ready() const { return m_state->value.has_value(); }
        void await_suspend(std::coroutine_handle<> waiter) {
            ENSURE(!m_state->waiter);
            m_state->waiter = waiter;
            m_waiting = true;
        }
        T await_resume() {
            m_waiting = false;
            return std::move(*m_state->value);
        }

    private:
        std::shared_ptr<State> m_state;
        bool m_waiting = false;
    };
    Awaiter operator co_await() const { return Awaiter(m_state); }

private:
    std::shared_ptr<State> m_state;
};

}  // namespace engine::runtime
