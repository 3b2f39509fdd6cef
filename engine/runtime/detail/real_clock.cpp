#include "engine/runtime/detail/real_clock.h"

#include <chrono>

namespace engine::runtime::detail {

namespace {

std::int64_t steadyNanos() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

RealClock::RealClock(Loop& loop) : DilatedClock(steadyNanos()), m_timer(loop.context()) {}

RealClock::~RealClock() = default;

std::int64_t RealClock::machineNanos() const { return steadyNanos(); }

std::int64_t RealClock::wallMicros() const {
    const auto wall = std::chrono::system_clock::now().time_since_epoch() + jumped();
    return std::chrono::duration_cast<std::chrono::microseconds>(wall).count();
}

void RealClock::arm(std::int64_t at) {
    m_timer.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(at)));
    m_timer.async_wait([this](const boost::system::error_code& failure) {
        if (!failure) {
            fireDue();
        }
    });
}

}  // namespace engine::runtime::detail
