#include <algorithm>

#include "engine/base/hash.h"
#include "engine/rows/merge.h"
#include "engine/rows/partition.h"
#include "engine/rows/serialization.h"

namespace engine::rows {

namespace {

/// What `merged` holds and `replica` holds otherwise or not at all; both are of one clustering.
Row rowDifference(const schema::Table& table, const Row& merged, const Row& replica) {
    Row out;
    out.clustering = merged.clustering;
    if (merged.liveness != replica.liveness) {
        out.liveness = merged.liveness;
    }
    if (merged.deletion != replica.deletion) {
        out.deletion = merged.deletion;
    }
    std::set_difference(merged.complexDeletions.begin(), merged.complexDeletions.end(),
                        replica.complexDeletions.begin(), replica.complexDeletions.end(),
                        std::back_inserter(out.complexDeletions), [](const auto& a, const auto& b) {
                            return a.column < b.column ||
                                   (a.column == b.column && a.deletion.supersedes(b.deletion));
                        });
    auto theirs = replica.cells.begin();
    for (const Cell& cell : merged.cells) {
        while (theirs != replica.cells.end() && compareCells(table, *theirs, cell) < 0) {
            ++theirs;
        }
        if (theirs == replica.cells.end() || *theirs != cell) {
            out.cells.push_back(cell);
        }
    }
    return out;
}

}  // namespace

// org.apache.cassandra.service.reads.repair.RowIteratorMergeListener.
Partition difference(const schema::Table& table, const Partition& merged,
                     const Partition& replica) {
    Partition out;
    out.key = merged.key;
    if (merged.deletion != replica.deletion) {
        out.deletion = merged.deletion;
    }
    out.staticRow = rowDifference(table, merged.staticRow, replica.staticRow);
    auto theirs = replica.rows.begin();
    const Row none;
    for (const Row& row : merged.rows) {
        while (theirs != replica.rows.end() &&
               compareClustering(table, theirs->clustering, row.clustering) < 0) {
            ++theirs;
        }
        const bool same = theirs != replica.rows.end() &&
                          compareClustering(table, theirs->clustering, row.clustering) == 0;
        Row missing = rowDifference(table, row, same ? *theirs : none);
        if (!missing.isEmpty()) {
            out.rows.push_back(std::move(missing));
        }
    }
    for (const RangeTombstone& tombstone : merged.rangeTombstones) {
        if (std::find(replica.rangeTombstones.begin(), replica.rangeTombstones.end(), tombstone) ==
            replica.rangeTombstones.end()) {
            out.rangeTombstones.push_back(tombstone);
        }
    }
    return out;
}

Bytes digest(const Partition& partition) {
    ByteWriter out;
    write(out, partition);
    return md5(out.bytes());
}

Bytes digest(const std::vector<Partition>& partitions) {
    ByteWriter out;
    for (const Partition& partition : partitions) {
        write(out, partition);
    }
    return md5(out.bytes());
}

}  // namespace engine::rows
