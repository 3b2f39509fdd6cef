#pragma once

#include <cstdint>
#include <limits>

#include "engine/runtime/clock.h"
#include "engine/runtime/timer_queue.h"

namespace engine::runtime {

/// What the real and the simulated clock share: timers, dilation and jumps, above a monotonic
/// nanosecond count (`machineNanos()`) and one alarm. Lives on the node's thread.
///
/// Dilation slows `now()` and with it every timer. The wall clock keeps the pace of the machine's,
/// or processes slowed at different times would disagree about the date.
class DilatedClock : public Clock {
public:
    Instant now() const override;
    TimerId callAt(Instant when, Callback callback) override;
    void cancel(TimerId id) override;
    void setDilation(double factor) override;
    double dilation() const override { return m_factor; }
    void jump(Duration by) override { m_jumped += by; }

protected:
    explicit DilatedClock(std::int64_t machineNow) : m_machineBase(machineNow), m_base{machineNow} {}

    /// Calls fireDue() soon after machineNanos() reaches `at`; replaces what was armed before.
    virtual void arm(std::int64_t at) = 0;
    /// Runs what is due, then arms for what is next. Timers set meanwhile wait for the next call.
    void fireDue();
    void dropTimers();
    Duration jumped() const { return m_jumped; }

private:
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

    std::int64_t machineTimeOf(Instant when) const;
    void armForFirst();

    TimerQueue<Callback> m_timers;
    double m_factor = 1;
    std::int64_t m_machineBase;  // The moment at which the factor was set,
    Instant m_base;              // and what now() was then.
    Duration m_jumped{0};
    std::int64_t m_armedFor = kNever;
};

}  // namespace engine::runtime
