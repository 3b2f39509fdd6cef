#include "engine/runtime/task.h"

#include <algorithm>

namespace engine::runtime {

/// A coroutine that owns itself: registered in the group while it runs.
struct TaskGroup::Detached {
    struct promise_type : Frame {
        std::shared_ptr<State> state;
        promise_type(const std::shared_ptr<State>& s, Task<void>&) : state(s) {}
        ~promise_type() { state->remove(*this); }
        Detached get_return_object() {
            handle = std::coroutine_handle<promise_type>::from_promise(*this);
            state->add(*this);
            return {};
        }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
};

TaskGroup::Detached TaskGroup::run(const std::shared_ptr<State>&, Task<void> task) {
    // The task's frame goes before this one's promise reports the end: who awaits drained() may
    // then free whatever the task referred to.
    Task<void> owned = std::move(task);
    co_await owned;
}

void TaskGroup::State::add(Frame& frame) {
    frame.older = youngest;
    if (youngest != nullptr) {
        youngest->younger = &frame;
    }
    youngest = &frame;
    ++running;
}

void TaskGroup::State::remove(Frame& frame) {
    if (frame.older != nullptr) {
        frame.older->younger = frame.younger;
    }
    if (frame.younger != nullptr) {
        frame.younger->older = frame.older;
    } else {
        youngest = frame.older;
    }
    --running;
    while (running == 0 && !drainWaiters.empty()) {
        const auto waiter = drainWaiters.front();
        drainWaiters.erase(drainWaiters.begin());
        waiter.resume();
    }
}

void TaskGroup::spawn(Task<void> task) { run(m_state, std::move(task)); }

TaskGroup::~TaskGroup() {
    m_state->drainWaiters.clear();
    while (m_state->youngest != nullptr) {
        m_state->youngest->handle.destroy();
    }
}

TaskGroup::Drained::~Drained() {
    if (m_waiter) {
        std::erase(m_state->drainWaiters, m_waiter);
    }
}

}  // namespace engine::runtime
