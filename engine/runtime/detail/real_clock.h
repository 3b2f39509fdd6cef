#pragma once

#include <boost/asio/steady_timer.hpp>

#include "engine/runtime/detail/loop.h"
#include "engine/runtime/dilated_clock.h"

namespace engine::runtime::detail {

/// The machine's clocks, and all timers of the node above one timer of the system.
class RealClock : public DilatedClock {
public:
    explicit RealClock(Loop& loop);
    ~RealClock() override;

    std::int64_t wallMicros() const override;
    std::int64_t machineNanos() const override;
    /// Drops every timer; its captures are destroyed here.
    void clear() { dropTimers(); }

protected:
    void arm(std::int64_t at) override;

private:
    boost::asio::steady_timer m_timer;
};

}  // namespace engine::runtime::detail
