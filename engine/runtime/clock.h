#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>

namespace engine::runtime {

using Duration = std::chrono::nanoseconds;
/// A moment of the node's monotonic clock, which dilation slows and the simulator owns.
struct Instant {
    std::int64_t nanos = 0;
    auto operator<=>(const Instant&) const = default;
    Instant operator+(Duration d) const { return {nanos + d.count()}; }
    Instant operator-(Duration d) const { return {nanos - d.count()}; }
    Duration operator-(Instant other) const { return Duration(nanos - other.nanos); }
};

using Callback = std::function<void()>;
using TimerId = std::uint64_t;

/// The first door: time. One per node, on the node's thread.
class Clock {
public:
    virtual ~Clock() = default;

    virtual Instant now() const = 0;
    /// Microseconds since 1970 as this node believes; skewed and jumped per node.
    virtual std::int64_t wallMicros() const = 0;
    /// The machine's monotonic clock in nanoseconds, the same for all processes and never dilated:
    /// the time stamp of events only.
    virtual std::int64_t machineNanos() const = 0;

    /// Calls back on the node's thread once `when` is reached; never inside this call.
    virtual TimerId callAt(Instant when, Callback callback) = 0;
    /// The callback will not run; its captures are dropped. Unknown ids are ignored.
    virtual void cancel(TimerId id) = 0;

    /// Time runs slower than on the wall by this factor (1 = as on the wall).
    virtual void setDilation(double factor) = 0;
    virtual double dilation() const = 0;
    /// Moves the wall clock; timers stay.
    virtual void jump(Duration by) = 0;

    std::int64_t wallSeconds() const { return wallMicros() / 1'000'000; }
    std::int64_t wallMillis() const { return wallMicros() / 1000; }
};

/// `co_await sleep(clock, 1s)`. The frame that waits must outlive the timer or be destroyed with
/// it: destruction cancels.
class Sleep {
public:
    Sleep(Clock& clock, Duration duration) : m_clock(clock), m_duration(duration) {}
    Sleep(const Sleep&) = delete;
    Sleep& operator=(const Sleep&) = delete;
    ~Sleep() {
        if (m_armed) {
            m_clock.cancel(m_timer);
        }
    }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
        m_armed = true;
        m_timer = m_clock.callAt(m_clock.now() + m_duration, [this, waiter] {
            m_armed = false;
            waiter.resume();
        });
    }
    void await_resume() const {}

private:
    Clock& m_clock;
    Duration m_duration;
    TimerId m_timer = 0;
    bool m_armed = false;
};

inline Sleep sleep(Clock& clock, Duration duration) { return Sleep(clock, duration); }

}  // namespace engine::runtime
