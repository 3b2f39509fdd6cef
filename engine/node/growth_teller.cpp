#include "engine/node/growth_teller.h"

#include <utility>

namespace engine::node {

GrowthTeller::~GrowthTeller() {
    if (m_timer) {
        m_clock.cancel(*m_timer);
    }
}

void GrowthTeller::memtable(const schema::Table& table, std::uint64_t bytes, std::uint64_t rows) {
    if (!m_observer.wants(observe::Category::Storage)) {
        return;
    }
    auto [it, fresh] = m_memtables.try_emplace(table.id);
    if (fresh) {
        it->second.keyspace = table.keyspace;
        it->second.table = table.name;
    }
    it->second.bytes = bytes;
    it->second.rows = rows;
    tellSoon();
}

void GrowthTeller::activeSegment(std::uint64_t segment, std::uint64_t bytes) {
    if (!m_observer.wants(observe::Category::Storage)) {
        return;
    }
    m_segments[segment] = {segment, bytes, "active"};
    tellSoon();
}

void GrowthTeller::tellSoon() {
    if (!m_timer) {
        m_timer = m_clock.callAt(m_clock.now() + kPeriod, [this] {
            m_timer.reset();
            tellAll();
        });
    }
}

void GrowthTeller::tellAll() {
    for (auto& [id, event] : std::exchange(m_memtables, {})) {
        m_observer.tell(std::move(event));
    }
    for (auto& [id, event] : std::exchange(m_segments, {})) {
        m_observer.tell(std::move(event));
    }
}

}  // namespace engine::node
