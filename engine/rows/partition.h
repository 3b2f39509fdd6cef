#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/rows/cell.h"
#include "engine/schema/table.h"

namespace engine::rows {

/// A partition key's serialised bytes and its Murmur3 token. Ordered as the ring and the files are:
/// by token, then by unsigned bytes.
struct DecoratedKey {
    std::int64_t token = 0;
    Bytes key;
    auto operator<=>(const DecoratedKey&) const = default;
};
/// Murmur3Partitioner.getToken: the hash's first half, Long.MIN_VALUE mapped to MAX.
std::int64_t tokenOf(BytesView key);
DecoratedKey decorate(Bytes key);

/// Values of the clustering columns, in order, each as its type serialises it.
using Clustering = std::vector<Bytes>;

/// A deletion that covers many rows, complex columns' deletions, and so on, live in a Row or
/// Partition; absence is `isLive()`.
struct ComplexDeletion {
    ColumnName column;
    DeletionTime deletion;
    bool operator==(const ComplexDeletion&) const = default;
};

struct Row {
    Clustering clustering;  // Empty for the static row.
    LivenessInfo liveness;
    DeletionTime deletion;
    std::vector<Cell> cells;  // By column name, then path in the order of its type.
    std::vector<ComplexDeletion> complexDeletions;  // By column name.

    bool isEmpty() const {
        return liveness.isEmpty() && deletion.isLive() && cells.empty() && complexDeletions.empty();
    }
    /// Something for a SELECT to return: a live marker or a live cell.
    bool hasLiveData(std::int64_t nowSeconds) const;
    bool operator==(const Row&) const = default;
};

/// The marker of what a view no longer has: it expired when it was written, and wins over others of
/// its time (LivenessInfo.EXPIRED_LIVENESS_TTL).
inline constexpr std::int32_t kExpiredTtl = 0x7fffffff;
/// Whether a row of the table is there for readers: in views that are strict the marker decides.
bool isThere(const schema::Table& table, const Row& row, std::int64_t nowSeconds);

/// One end of a range of rows: a prefix of the clustering, included or not. An empty prefix is the
/// partition's end on that side.
struct ClusteringBound {
    Clustering prefix;
    bool inclusive = true;
    bool operator==(const ClusteringBound&) const = default;
};
struct Slice {
    ClusteringBound start;
    ClusteringBound end;
    bool operator==(const Slice&) const = default;
};
struct RangeTombstone {
    Slice slice;
    DeletionTime deletion;
    bool operator==(const RangeTombstone&) const = default;
};

/// Rows and deletions of one partition: what a write adds, what a memtable or file holds, what a
/// replica answers. Rows and tombstones are in clustering order, without duplicates or overlaps.
struct Partition {
    DecoratedKey key;
    DeletionTime deletion;
    Row staticRow;
    std::vector<Row> rows;
    std::vector<RangeTombstone> rangeTombstones;

    bool isEmpty() const {
        return deletion.isLive() && staticRow.isEmpty() && rows.empty() && rangeTombstones.empty();
    }
    bool operator==(const Partition&) const = default;
};

/// A partition and the table it belongs to.
struct PartitionUpdate {
    schema::TablePtr table;
    Partition partition;
};

/// What one write does to one partition key of one keyspace; applied on a replica as a whole.
struct Mutation {
    std::vector<PartitionUpdate> updates;
    const DecoratedKey& key() const { return updates.front().partition.key; }
    const std::string& keyspace() const { return updates.front().table->keyspace; }
};

/// Negative, zero or positive; descending columns are taken into account (ClusteringComparator).
int compareClustering(const schema::Table& table, const Clustering& a, const Clustering& b);
/// Where a row lies: negative before the bound, positive after it. `isStart` tells which side of
/// the rows with exactly this prefix the bound stands on.
int compareToBound(const schema::Table& table, const Clustering& row, const ClusteringBound& bound,
                   bool isStart);
bool contains(const schema::Table& table, const Slice& slice, const Clustering& row);

/// `into` becomes the reconciliation of both (Rows.merge, Partition update): newest cells win,
/// deletions shadow what they cover. Both belong to `table`.
void merge(const schema::Table& table, Partition& into, Partition from);
/// The same for one row; cells shadowed by the merged row deletion are dropped.
void merge(const schema::Table& table, Row& into, Row from);

/// What a client may see: expired and deleted cells gone, rows without live data gone.
/// Keeps nothing that only matters for reconciliation.
void filterLive(const schema::Table& table, Partition& partition, std::int64_t nowSeconds);
/// Tombstones older than `gcBefore` (seconds) are dropped.
void purge(Partition& partition, std::int64_t gcBefore, std::int64_t nowSeconds);

/// What `newer` has that `older` lacks: what a read repair sends (an empty partition when nothing).
Partition difference(const schema::Table& table, const Partition& merged, const Partition& replica);

/// MD5 over what a read at `nowSeconds` reconciles; equal for replicas that agree.
Bytes digest(const Partition& partition);
Bytes digest(const std::vector<Partition>& partitions);

}  // namespace engine::rows
