#include "engine/storage/point_read.h"

#include <algorithm>

#include "engine/types/data_type.h"

namespace engine::storage {

PointRead::PointRead(const rows::ReadCommand& command, const std::vector<rows::Slice>& slices,
                     ReadTrace* trace)
    : m_command(command), m_slices(slices), m_trace(trace) {
    if (m_trace != nullptr) {
        m_trace->begin();
    }
}

void PointRead::addMemtable(const UnfilteredPartition* memtable) {
    SourceTrace* trace = nullptr;
    if (m_trace != nullptr) {
        trace = m_trace->memtables.emplace_back(std::make_unique<SourceTrace>()).get();
        trace->name = m_trace->memtables.size() == 1 ? "memtable" : "memtable being flushed";
    }
    if (memtable != nullptr) {
        add(*memtable, trace);
    }
}

void PointRead::add(const UnfilteredPartition& source, SourceTrace* trace) {
    if (trace != nullptr) {
        m_sources.push_back(m_noting.emplace_back(traced(source, *trace, *m_trace)).get());
    } else {
        m_sources.push_back(&source);
    }
    if (source.deletion().supersedes(m_deletion)) {
        m_deletion = source.deletion();
    }
}

void PointRead::finish(const ReadMeter& meter) {
    if (m_trace != nullptr) {
        m_trace->liveRows = meter.liveRows;
        m_trace->tombstones = meter.tombstones;
        m_trace->endNanos = m_trace->elapsed();
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
    if (m_trace != nullptr) {
        m_trace->mayStop = mayStop;
        m_trace->expect(newestFirst);
    }
    for (std::size_t i = 0; i < newestFirst.size(); ++i) {
        const SstableReader& sstable = *newestFirst[i];
        ReadTrace::Sstable* trace = m_trace != nullptr ? m_trace->sstables[i].get() : nullptr;
        if (trace != nullptr) {
            trace->startNanos = m_trace->elapsed();
        }
        TRY_ASSIGN(const Next next, decide(sstable, mayStop, trace != nullptr ? &trace->lookup : nullptr));
        if (next == Next::Stop) {
            break;
        }
        if (next == Next::Look) {
            TRY(look(sstable, trace));
        }
    }
    if (m_trace != nullptr) {
        m_trace->lookedUpNanos = m_trace->elapsed();
    }
    return ok();
}

/// By what is known of a file without looking into it.
Result<PointRead::Next> PointRead::decide(const SstableReader& sstable, bool mayStop, SstableTrace* trace) const {
    using Outcome = SstableTrace::Outcome;
    const auto note = [trace](Outcome outcome, Next next) {
        if (trace != nullptr) {
            trace->outcome = outcome;
        }
        return next;
    };
    const std::int64_t newest = sstable.stats().maxTimestamp;
    if (sstable.stats().hasTimestamps() && newest < m_deletion.markedForDeleteAt) {
        // All of it, and of those behind it, is deleted. At a tie a deletion may matter.
        return note(Outcome::AllDeleted, Next::Stop);
    }
    if (!mayMatter(sstable)) {
        return note(Outcome::NoRows, Next::Skip);
    }
    if (mayStop && !m_sources.empty() && sstable.stats().hasTimestamps() &&
        sstable.mayContain(*m_command.key)) {
        TRY_ASSIGN(const bool isAnswered, isAnsweredBy(newest));
        if (isAnswered) {
            return note(Outcome::Answered, Next::Stop);
        }
    }
    return Next::Look;
}

Result<void> PointRead::look(const SstableReader& sstable, ReadTrace::Sstable* trace) {
    TRY_ASSIGN(auto found, sstable.find(*m_command.key, trace != nullptr ? &trace->lookup : nullptr));
    if (trace != nullptr) {
        trace->lookupNanos = m_trace->elapsed() - trace->startNanos;
    }
    if (found) {
        add(*found, trace);
        m_owned.push_back(std::move(found));
    }
    return ok();
}

/// Rows are asked for by name, and what is asked of them is in single cells. Without clustering columns a
/// partition has one row, however it is asked for. What a counter is, all its versions tell together.
bool PointRead::isForWholeRows() const {
    const schema::Table& table = *m_command.table;
    const bool byName = !m_command.names.empty() || table.clustering().empty();
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
