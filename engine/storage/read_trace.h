#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/rows/partition.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "engine/storage/sstable/sstable_trace.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

/// What one source handed to the merge. Filled in while it is merged.
struct SourceTrace {
    static constexpr std::size_t kRowsKept = 200;

    std::string name;  // "memtable", "nb-3"
    bool isThere = false;  // It has the partition.
    std::uint64_t generation = 0;  // 0: a memtable.
    std::uint64_t rows = 0;
    std::uint64_t markers = 0;  // Of range deletions.
    std::uint64_t cells = 0;
    rows::DeletionTime deletion;
    rows::Row staticRow;
    std::vector<rows::Row> kept;  // Its first rows, as it has them.
    std::int64_t rowsNanos = 0;   // In reading them.
};

/// One read of one partition on this node, step by step, for people to look at: the read itself notes it
/// where somebody asked. Outlives the read. On the node's thread.
struct ReadTrace {
    struct Sstable : SourceTrace {
        SstableTrace lookup;
        std::int64_t startNanos = 0;  // Since the read began; of those that were reached.
        std::int64_t lookupNanos = 0;
        std::int64_t minTimestamp = 0;
        std::int64_t maxTimestamp = 0;
        std::int32_t level = 0;
        std::uint64_t bytesOnDisk = 0;
    };

    std::function<std::int64_t()> clock;  // The machine's, in nanoseconds.
    std::int64_t begunNanos = 0;
    std::int64_t lookedUpNanos = 0;  // Since it began: when all sources were known,
    std::int64_t endNanos = 0;       // and when they were merged.
    /// Rows are asked for by name, so that it may end as soon as all is known.
    bool mayStop = false;
    std::vector<std::unique_ptr<SourceTrace>> memtables;  // The one written to, then the one being flushed.
    std::vector<std::unique_ptr<Sstable>> sstables;       // In the order in which they are looked at.
    std::uint64_t liveRows = 0;
    std::uint64_t tombstones = 0;

    void begin() { begunNanos = clock(); }
    std::int64_t elapsed() const { return clock() - begunNanos; }
    /// All of them, before any is looked at.
    void expect(const std::vector<const SstableReader*>& newestFirst);
};

/// A partition that notes what is read of it. Both outlive it.
std::unique_ptr<UnfilteredPartition> traced(const UnfilteredPartition& partition, SourceTrace& into, const ReadTrace& trace);

/// A cell of the answer or of a source, and who has which version of it. Deletions of rows are told as
/// tombstones of a column without name, and those of the partition as tombstones of no row.
struct TracedCell {
    struct Version {
        std::string source;
        rows::Cell cell;
        bool wins = false;
    };
    bool isStatic = false;  // Or of the partition.
    rows::Clustering clustering;
    std::vector<Version> versions;  // In the order of the sources. The first one that is in the answer wins.
};
/// The merge cell by cell, as far as the trace kept rows: rows in the table's order.
std::vector<TracedCell> mergeOf(const ReadTrace& trace, const schema::Table& table, const rows::Partition& answer);

}  // namespace engine::storage
