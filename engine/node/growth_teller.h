#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "engine/observe/observer.h"
#include "engine/runtime/clock.h"
#include "engine/schema/table.h"

namespace engine::node {

/// Tells sizes that grow with every write: the newest of each at most once a period, so that a write
/// costs a few assignments while somebody watches. Lives on the node's thread.
class GrowthTeller {
public:
    static constexpr runtime::Duration kPeriod = std::chrono::milliseconds(50);

    GrowthTeller(runtime::Clock& clock, observe::Observer& observer) : m_clock(clock), m_observer(observer) {}
    ~GrowthTeller();
    GrowthTeller(const GrowthTeller&) = delete;
    GrowthTeller& operator=(const GrowthTeller&) = delete;

    void memtable(const schema::Table& table, std::uint64_t bytes, std::uint64_t rows);
    void activeSegment(std::uint64_t segment, std::uint64_t bytes);

private:
    void tellSoon();
    void tellAll();

    runtime::Clock& m_clock;
    observe::Observer& m_observer;
    std::map<Uuid, observe::MemtableGrew> m_memtables;
    std::map<std::uint64_t, observe::CommitLogSegment> m_segments;
    std::optional<runtime::TimerId> m_timer;
};

}  // namespace engine::node
