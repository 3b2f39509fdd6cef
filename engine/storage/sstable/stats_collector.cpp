#include "engine/storage/sstable/stats_collector.h"

namespace engine::storage {

void StatsCollector::noteDeletionTime(std::int64_t localDeletionTime) {
    const std::int32_t seconds = toFileDeletionTime(localDeletionTime);
    if (!m_hasDeletionTimes) {
        m_hasDeletionTimes = true;
        m_stats.minLocalDeletionTime = seconds;
        m_stats.maxLocalDeletionTime = seconds;
    } else {
        m_stats.minLocalDeletionTime = std::min(m_stats.minLocalDeletionTime, seconds);
        m_stats.maxLocalDeletionTime = std::max(m_stats.maxLocalDeletionTime, seconds);
    }
    if (seconds != SstableStats::kNoDeletionTime) {
        m_stats.tombstoneDropTimes.add(seconds);
    }
}

void StatsCollector::noteTtl(std::int32_t ttl) {
    if (!m_hasTtls) {
        m_hasTtls = true;
        m_stats.minTtl = ttl;
        m_stats.maxTtl = ttl;
    } else {
        m_stats.minTtl = std::min(m_stats.minTtl, ttl);
        m_stats.maxTtl = std::max(m_stats.maxTtl, ttl);
    }
}

void StatsCollector::addDeletion(const rows::DeletionTime& deletion) {
    if (!deletion.isLive()) {
        note(deletion.markedForDeleteAt);
        noteDeletionTime(deletion.localDeletionTime);
    }
}

void StatsCollector::addContent(const rows::Row& row, std::uint32_t columnsSet) {
    if (!row.liveness.isEmpty()) {
        note(row.liveness.timestamp);
        noteTtl(row.liveness.ttl);
        noteDeletionTime(row.liveness.localExpirationTime);
    }
    addDeletion(row.deletion);
    for (const rows::Cell& cell : row.cells) {
        note(cell.timestamp);
        noteTtl(cell.ttl);
        noteDeletionTime(cell.localDeletionTime);
    }
    for (const rows::ComplexDeletion& complex : row.complexDeletions) {
        addDeletion(complex.deletion);
    }
    m_cells += static_cast<std::int64_t>(row.cells.size());
    m_stats.columnsSet += columnsSet;
    ++m_stats.rows;
}

void StatsCollector::beginPartition(const rows::DeletionTime& deletion) {
    m_cells = 0;
    m_isFirst = true;
    addDeletion(deletion);
}

void StatsCollector::add(const rows::Row& row, std::uint32_t columnsSet) {
    addContent(row, columnsSet);
    m_last.prefix = row.clustering;
    m_last.side = 0;
    if (m_isFirst) {
        noteClustering();
    }
}

void StatsCollector::add(const Marker& marker) {
    addDeletion(marker.before);
    addDeletion(marker.after);
    m_last.prefix = marker.prefix;
    m_last.side = marker.side;
    if (m_isFirst) {
        noteClustering();
    }
}

/// Takes in the place that came last: only the first and the last of a partition can matter.
void StatsCollector::noteClustering() {
    m_isFirst = false;
    if (!m_hasClusterings) {
        m_hasClusterings = true;
        m_min = m_last;
        m_max = m_last;
        return;
    }
    if (rows::comparePositions(m_table, m_last.position(), m_min.position()) < 0) {
        m_min = m_last;
    }
    if (rows::comparePositions(m_table, m_last.position(), m_max.position()) > 0) {
        m_max = m_last;
    }
}

void StatsCollector::endPartition(std::uint64_t bytes) {
    if (!m_isFirst) {
        noteClustering();
    }
    m_stats.partitionBytes.add(static_cast<std::int64_t>(bytes));
    m_stats.cellsPerPartition.add(m_cells);
}

SstableStats StatsCollector::finish() {
    m_stats.minClustering = m_min.prefix;
    m_stats.maxClustering = m_max.prefix;
    return m_stats;
}

}  // namespace engine::storage
