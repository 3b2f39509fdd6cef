#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "engine/observe/observer.h"
#include "engine/runtime/clock.h"
#include "engine/schema/table.h"

namespace engine::node {

/// Tells sizes that grow with every write: the newest of each at most once a period, so that a write
/// costs a few assignments while somebody watches. Lives on the node's thread.
class GrowthTeller {
public:
    static constexpr runtime::Duration kPeriod = std::chrono::milliseconds(50);

    /// The segments as they are when it is time to tell.
    using Segments = std::function<std::vector<observe::CommitLogSegment>()>;

    GrowthTeller(runtime::Clock& clock, observe::Observer& observer, Segments segments)
        : m_clock(clock), m_observer(observer), m_askSegments(std::move(segments)) {}
    ~GrowthTeller();
    GrowthTeller(const GrowthTeller&) = delete;
    GrowthTeller& operator=(const GrowthTeller&) = delete;

    void memtable(const schema::Table& table, std::uint64_t bytes, std::uint64_t rows);
    void segmentsChanged();

private:
    void tellSoon();
    void tellAll();
    void tellSegments();

    runtime::Clock& m_clock;
    observe::Observer& m_observer;
    std::map<Uuid, observe::MemtableGrew> m_memtables;
    Segments m_askSegments;
    bool m_segmentsChanged = false;
    std::map<std::uint64_t, observe::CommitLogSegment> m_toldSegments;  // What differs is told.
    std::optional<runtime::TimerId> m_timer;
};

}  // namespace engine::node
