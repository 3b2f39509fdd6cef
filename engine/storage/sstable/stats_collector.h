#pragma once

#include "engine/storage/sstable/index_entry.h"
#include "engine/storage/sstable/statistics.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

/// Gathers an SSTable's statistics while it is written, as Cassandra's MetadataCollector does.
class StatsCollector {
public:
    explicit StatsCollector(const schema::Table& table) : m_table(table) {}

    void beginPartition(const rows::DeletionTime& deletion);
    /// A static row that is not empty; `columnsSet` of its columns have cells.
    void addStatic(const rows::Row& row, std::uint32_t columnsSet) { addContent(row, columnsSet); }
    void add(const rows::Row& row, std::uint32_t columnsSet);
    void add(const Marker& marker);
    void endPartition(std::uint64_t bytes);
    SstableStats finish();

private:
    void addContent(const rows::Row& row, std::uint32_t columnsSet);
    void addDeletion(const rows::DeletionTime& deletion);
    void note(std::int64_t timestamp) {
        m_stats.minTimestamp = std::min(m_stats.minTimestamp, timestamp);
        m_stats.maxTimestamp = std::max(m_stats.maxTimestamp, timestamp);
    }
    void noteDeletionTime(std::int64_t localDeletionTime);
    void noteTtl(std::int32_t ttl);
    void noteClustering();

    const schema::Table& m_table;
    SstableStats m_stats;
    bool m_hasDeletionTimes = false;
    bool m_hasTtls = false;
    std::int64_t m_cells = 0;  // Of the partition.
    /// The partition's first and last places; the largest and smallest ones of the file.
    bool m_isFirst = true;
    IndexPlace m_last;
    bool m_hasClusterings = false;
    IndexPlace m_min;
    IndexPlace m_max;
};

}  // namespace engine::storage
