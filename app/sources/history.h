#pragma once

#include <QString>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "engine/observe/cluster_state.h"

namespace app::sources {

enum class MarkKind { Fault, Lab, Flush };

/// A named moment on the timeline.
struct TimeMark {
    std::int64_t nanos = 0;
    MarkKind kind = MarkKind::Fault;
    QString label;
};

/// Events of one stretch of time, counted by family.
struct TimeBucket {
    std::int64_t start = 0;
    std::uint32_t write = 0;
    std::uint32_t read = 0;
    std::uint32_t other = 0;
    std::uint64_t lost = 0;
};

/// What is kept of the past so that the timeline can be drawn and scrubbed: counters for a bar each
/// half second, marks, and events with checkpoints to fold from. Bounded; GUI thread.
class History {
public:
    static constexpr std::int64_t kBucketNanos = 500'000'000;
    static constexpr std::int64_t kCheckpointNanos = 5'000'000'000;
    static constexpr std::size_t kBucketsMax = 2400;  // Twenty minutes.
    static constexpr std::size_t kEventsMax = 200'000;
    static constexpr std::size_t kMarksMax = 200;

    /// `after` is the state with the event folded in.
    void add(const engine::observe::Event& event, const engine::observe::ClusterState& after);
    void mark(TimeMark mark);
    void clear();

    const std::deque<TimeBucket>& buckets() const { return m_buckets; }
    const std::deque<TimeMark>& marks() const { return m_marks; }
    /// The earliest moment stateAt() can answer for.
    std::int64_t earliest() const;
    /// The nearest moment before (`direction` < 0) or after `nanos` at which something happened to a request,
    /// or a node was judged, began or ended: what a step goes to. 0: none is kept.
    std::int64_t neighbour(std::int64_t nanos, int direction) const;
    /// The state as it was: the nearest checkpoint before, and the events up to `nanos`.
    engine::observe::ClusterState stateAt(std::int64_t nanos) const;

private:
    struct Checkpoint {
        std::uint64_t index = 0;  // Of the first event after it.
        std::int64_t nanos = 0;
        engine::observe::ClusterState state;
    };
    TimeBucket& bucketOf(std::int64_t nanos);
    void dropOldest();

    std::deque<TimeBucket> m_buckets;
    std::deque<TimeMark> m_marks;
    std::deque<engine::observe::Event> m_events;
    std::uint64_t m_firstIndex = 0;  // Of m_events.front().
    std::deque<Checkpoint> m_checkpoints;
};

}  // namespace app::sources
