#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/clock.h"

namespace engine::gossip {

/// Gaps between a peer's heartbeats as they reached this node
/// (org.apache.cassandra.gms.ArrivalWindow). Pure.
class ArrivalWindow {
public:
    static constexpr std::size_t kSamplesMax = 1000;

    /// `initialGap` stands for the first gap, which is not known yet, and longer ones are not
    /// counted: they tell of a failure, not of the rhythm.
    explicit ArrivalWindow(runtime::Duration initialGap) : m_gapMax(initialGap) {}

    void add(runtime::Instant now);
    runtime::Duration mean() const;
    runtime::Duration since(runtime::Instant now) const;
    /// Time since the last heartbeat in units of the mean gap.
    double phi(runtime::Instant now) const;

private:
    runtime::Duration m_gapMax;
    std::optional<runtime::Instant> m_last;
    std::vector<std::int64_t> m_gaps;  // A ring once it is full.
    std::size_t m_next = 0;
    std::int64_t m_sum = 0;
};

/// Suspects peers by the silence since their last heartbeat (FailureDetector, after Hayashibara's
/// phi-accrual detector with an exponential distribution). Pure: `now` is always a parameter.
/// Suspicion is given in units of the threshold: -log10 of the chance that the heartbeat is merely
/// late.
class FailureDetector {
public:
    static constexpr runtime::Duration kLocalPauseMax = std::chrono::seconds(5);

    struct Sample {
        double phi = 0;
        runtime::Duration mean{0};
        runtime::Duration sinceHeartbeat{0};
    };

    FailureDetector(runtime::Duration interval, double threshold)
        : m_initialGap(2 * interval), m_threshold(threshold) {}

    void report(const std::string& node, runtime::Instant now);
    void remove(std::string_view node);
    /// Empty for a node never heard of.
    std::optional<Sample> sample(std::string_view node, runtime::Instant now) const;

    /// Begins a round of judgement. After a pause of this process itself (it was stopped, or
    /// starved) its own silence looks like everybody else's: nobody is convicted for a while.
    void beginRound(runtime::Instant now);
    bool isPaused(runtime::Instant now) const;
    /// Whether the node's silence is too long, by what beginRound() found.
    bool convicts(std::string_view node, runtime::Instant now) const;

    double threshold() const { return m_threshold; }
    void setThreshold(double threshold) { m_threshold = threshold; }

private:
    runtime::Duration m_initialGap;
    double m_threshold;
    std::map<std::string, ArrivalWindow, std::less<>> m_windows;
    std::optional<runtime::Instant> m_lastRound;
    std::optional<runtime::Instant> m_lastPause;
};

}  // namespace engine::gossip
