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

void GrowthTeller::segmentsChanged() {
    if (m_observer.wants(observe::Category::Storage)) {
        m_segmentsChanged = true;
        tellSoon();
    }
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
    if (std::exchange(m_segmentsChanged, false)) {
        tellSegments();
    }
}

void GrowthTeller::tellSegments() {
    std::map<std::uint64_t, observe::CommitLogSegment> now;
    for (observe::CommitLogSegment& segment : m_askSegments()) {
        now.emplace(segment.segment, std::move(segment));
    }
    for (auto& [id, segment] : m_toldSegments) {
        if (!now.contains(id)) {
            segment.state = "discarded";
            segment.tables.clear();
            m_observer.tell(std::move(segment));
        }
    }
    for (const auto& [id, segment] : now) {
        const auto told = m_toldSegments.find(id);
        if (told == m_toldSegments.end() || told->second.bytes != segment.bytes ||
            told->second.state != segment.state || told->second.tables != segment.tables) {
            m_observer.tell(segment);
        }
    }
    m_toldSegments = std::move(now);
}

}  // namespace engine::node
