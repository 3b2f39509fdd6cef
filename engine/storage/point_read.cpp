#include "engine/storage/point_read.h"

#include <algorithm>

#include "engine/storage/partition_merger.h"
#include "engine/types/data_type.h"

namespace engine::storage {

void PointRead::add(const UnfilteredPartition& memtable) {
    m_sources.push_back(&memtable);
    if (memtable.deletion().supersedes(m_deletion)) {
        m_deletion = memtable.deletion();
    }
}

/// False when a file can add nothing: it has no rows there, and nothing that concerns the partition
/// as a whole.
bool PointRead::mayMatter(const SstableReader& sstable) const {
    return sstable.mayHaveRowsIn(m_slices) || !sstable.header().statics.empty() ||
           !sstable.stats().tombstoneDropTimes.bins().empty();
}

Result<void> PointRead::addFrom(
    const std::vector<std::shared_ptr<const SstableReader>>& sstables) {
    std::vector<const SstableReader*> newestFirst;
    newestFirst.reserve(sstables.size());
    for (auto it = sstables.rbegin(); it != sstables.rend(); ++it) {
        newestFirst.push_back(it->get());
    }
    std::stable_sort(newestFirst.begin(), newestFirst.end(), [](const auto* a, const auto* b) {
        return a->stats().maxTimestamp > b->stats().maxTimestamp;
    });
    const bool mayStop = isForWholeRows();
    for (const SstableReader* sstable : newestFirst) {
        const std::int64_t newest = sstable->stats().maxTimestamp;
        if (sstable->stats().hasTimestamps() && newest < m_deletion.markedForDeleteAt) {
            break;  // All of it, and of those behind it, is deleted. At a tie a deletion may matter.
        }
        if (!mayMatter(*sstable)) {
            continue;
        }
        if (mayStop && !m_sources.empty() && sstable->stats().hasTimestamps() &&
            sstable->mayContain(*m_command.key)) {
            TRY_ASSIGN(const bool isAnswered, isAnsweredBy(newest));
            if (isAnswered) {
                break;
            }
        }
        TRY_ASSIGN(auto found, sstable->find(*m_command.key));
        if (found) {
            add(*found);
            m_owned.push_back(std::move(found));
        }
    }
    return ok();
}

/// Rows are asked for by name, and what is asked of them is in single cells. What a counter is, all
/// its versions tell together.
bool PointRead::isForWholeRows() const {
    const schema::Table& table = *m_command.table;
    const bool byName = !m_command.names.empty() ||
                        (table.clustering().empty() && m_command.slices.empty());
    return byName && !table.isCounter && table.dropped.empty() && table.statics().empty() &&
           m_command.filters.empty() &&
           std::none_of(table.regulars().begin(), table.regulars().end(),
                        [](const schema::Column& column) { return column.type->isMultiCell(); });
}

/// Whether what was found so far is newer than anything a file with such timestamps may say.
Result<bool> PointRead::isAnsweredBy(std::int64_t olderThan) const {
    PartitionMerger merger(m_command);
    TRY_ASSIGN(const rows::Partition found, merger.read(*m_command.key, m_sources));
    const std::size_t wanted = m_command.names.empty() ? 1 : m_command.names.size();
    return found.rows.size() == wanted &&
           std::all_of(found.rows.begin(), found.rows.end(), [&](const rows::Row& row) {
               return isComplete(row, olderThan);
           });
}

bool PointRead::isComplete(const rows::Row& row, std::int64_t olderThan) const {
    if (row.liveness.isEmpty() || row.liveness.timestamp <= olderThan) {
        return false;
    }
    for (const schema::Column& column : m_command.table->regulars()) {
        const auto cell = std::find_if(row.cells.begin(), row.cells.end(), [&](const auto& c) {
            return c.column == column.name;
        });
        if (cell == row.cells.end() || cell->timestamp <= olderThan) {
            return false;
        }
    }
    return true;
}

}  // namespace engine::storage
