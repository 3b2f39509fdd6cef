#include "engine/runtime/task.h"

#include <algorithm>

namespace engine::runtime {

/// A coroutine that owns itself: registered in the group while it runs.
struct TaskGroup::Detached {
    struct promise_type {
        std::shared_ptr<State> state;
        promise_type(std::shared_ptr<State> s, Task<void>&) : state(std::move(s)) {}
        ~promise_type() {
            auto& frames = state->frames;
            const auto self = std::coroutine_handle<promise_type>::from_promise(*this);
            const auto it = std::find(frames.begin(), frames.end(), std::coroutine_handle<>(self));
            if (it != frames.end()) {
                *it = frames.back();
                frames.pop_back();
            }
            if (frames.empty()) {
                for (const auto waiter : std::exchange(state->drainWaiters, {})) {
                    waiter.resume();
                }
            }
        }
        Detached get_return_object() {
            state->frames.push_back(std::coroutine_handle<promise_type>::from_promise(*this));
            return {};
        }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
};

TaskGroup::Detached TaskGroup::run(std::shared_ptr<State>, Task<void> task) {
    co_await std::move(task);
}

void TaskGroup::spawn(Task<void> task) { run(m_state, std::move(task)); }

TaskGroup::~TaskGroup() {
    m_state->drainWaiters.clear();
    while (!m_state->frames.empty()) {
        const auto frame = m_state->frames.back();
        m_state->frames.pop_back();
        frame.destroy();
    }
}

}  // namespace engine::runtime
