#include "engine/runtime/dilated_clock.h"

#include <utility>

namespace engine::runtime {

namespace {

/// Farther off than any process lives; keeps sums of times from overflowing.
constexpr double kFarthest = 4e18;

}  // namespace

Instant DilatedClock::now() const {
    const std::int64_t passed = machineNanos() - m_machineBase;
    if (m_factor == 1) {
        return {m_base.nanos + passed};
    }
    return {m_base.nanos + static_cast<std::int64_t>(static_cast<double>(passed) / m_factor)};
}

std::int64_t DilatedClock::machineTimeOf(Instant when) const {
    const double exact = static_cast<double>(m_machineBase) +
                         (static_cast<double>(when.nanos) - static_cast<double>(m_base.nanos)) * m_factor;
    if (exact >= kFarthest) {
        return static_cast<std::int64_t>(kFarthest);
    }
    if (m_factor == 1) {
        return m_machineBase + (when.nanos - m_base.nanos);
    }
    // Rounded up: an alarm a little late beats one that finds nothing due.
    return m_machineBase + 1 +
           static_cast<std::int64_t>(static_cast<double>(when.nanos - m_base.nanos) * m_factor);
}

TimerId DilatedClock::callAt(Instant when, Callback callback) {
    const TimerId id = m_timers.add(when.nanos, std::move(callback));
    armForFirst();
    return id;
}

void DilatedClock::cancel(TimerId id) { m_timers.cancel(id); }

void DilatedClock::setDilation(double factor) {
    ENSURE(factor > 0);
    m_base = now();
    m_machineBase = machineNanos();
    m_factor = factor;
    m_armedFor = kNever;
    armForFirst();
}

void DilatedClock::armForFirst() {
    if (m_timers.empty()) {
        return;
    }
    // An alarm that rings early is cheaper than moving it for every cancelled timeout.
    const std::int64_t at = machineTimeOf({m_timers.firstTime()});
    if (at < m_armedFor) {
        m_armedFor = at;
        arm(at);
    }
}

void DilatedClock::fireDue() {
    m_armedFor = kNever;
    const Instant reached = now();
    const std::uint64_t laterSequence = m_timers.nextSequence();
    while (!m_timers.empty() && m_timers.firstTime() <= reached.nanos &&
           m_timers.firstSequence() < laterSequence) {
        const Callback due = m_timers.takeFirst();
        due();
    }
    armForFirst();
}

void DilatedClock::dropTimers() {
    while (!m_timers.empty()) {
        m_timers.takeFirst();
    }
    m_armedFor = kNever;
}

}  // namespace engine::runtime
