#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "engine/runtime/clock.h"

namespace engine::coordinator {

/// The newest read latencies of one table, to know when a replica is late
/// (PercentileSpeculativeRetryPolicy). Percentiles are computed anew every kWindow / 4 reads.
class LatencyTracker {
public:
    static constexpr std::size_t kWindow = 256;

    void add(runtime::Duration latency);
    /// The latency that `percent` of the reads stay below; zero while there are too few to tell.
    runtime::Duration percentile(double percent);

private:
    std::array<std::int64_t, kWindow> m_nanos{};
    std::size_t m_count = 0;
    std::size_t m_computedAt = 0;
    double m_percent = 0;
    runtime::Duration m_value{0};
};

/// After how long another replica is asked, by the table's speculative_retry: `99p`, `50ms`, ALWAYS,
/// NEVER, MIN(…), MAX(…). Negative: never.
runtime::Duration speculationDelay(std::string_view policy, LatencyTracker& latencies,
                                   runtime::Duration timeout);

}  // namespace engine::coordinator
