#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/rows/partition.h"

namespace engine::rows {

/// (start, end] of tokens, wrapping when start >= end; {min, min} is the whole ring.
struct TokenRange {
    std::int64_t start = 0;
    std::int64_t end = 0;
    bool operator==(const TokenRange&) const = default;
};

/// One end of a range of partitions: a token, or a key when a page stopped within a token.
struct PartitionBound {
    std::int64_t token = 0;
    std::optional<Bytes> key;  // Absent: the token as a whole.
    bool inclusive = true;
    bool operator==(const PartitionBound&) const = default;
};
/// Never wraps. Absent ends are the ends of the ring.
struct PartitionRange {
    std::optional<PartitionBound> start;
    std::optional<PartitionBound> end;
    bool contains(const DecoratedKey& key) const;
    bool operator==(const PartitionRange&) const = default;
};

enum class Operator : std::uint8_t {
    Eq, Lt, Lte, Gt, Gte, In, Contains, ContainsKey, MapEntryEq, NotEq, IsNotNull,
    LikePrefix, LikeSuffix, LikeContains, LikeMatches
};

/// One condition on a column's value (of a non-frozen collection: on its elements), checked on each row (ALLOW FILTERING, index queries).
struct FilterExpression {
    std::string column;
    Operator op = Operator::Eq;
    Bytes value;              // In: not used.
    std::vector<Bytes> values;  // In: each value.
    Bytes mapKey;             // MapEntryEq.
    std::uint8_t analysis = 0;  // Of texts, before they are compared: bits of rows::Analysis.
};

/// ORDER BY column ANN OF vector: of all rows that pass, the nearest.
struct NearestTo {
    std::string column;
    Bytes vector;
    std::uint32_t limit = 0;
};

struct ReadLimits {
    static constexpr std::uint32_t kNone = 0x7fffffff;
    std::uint32_t rows = kNone;          // Live rows in all.
    std::uint32_t rowsPerPartition = kNone;
    /// DISTINCT: one row a partition, statics count as one.
    bool distinct = false;
};

/// Which rows of which partitions a replica is asked for; it answers with all versions' winners and
/// the tombstones needed to reconcile (org.apache.cassandra.db.ReadCommand).
struct ReadCommand {
    schema::TablePtr table;
    std::optional<DecoratedKey> key;  // Present: this partition; else `range`.
    PartitionRange range;
    ColumnSelection columns;
    /// Rows wanted: by full clustering when `names` is not empty (in table order), else by `slices`,
    /// disjoint and in table order also when `reversed` (empty: all rows). The static row always
    /// comes with them.
    std::vector<Clustering> names;
    std::vector<Slice> slices;
    /// Limits count from the last row backwards. An answer's rows are in table order all the same.
    bool reversed = false;
    /// The static row, and whether there is any row: the first live row is all that comes along
    /// (DISTINCT, conditions on static columns). Not for a SELECT of static columns without DISTINCT,
    /// which gives a row for each clustering row.
    bool staticOnly = false;
    /// Limits count only rows that pass. The rows that fail come along, since other replicas may
    /// know them otherwise, unless `filterAtReplica`.
    std::vector<FilterExpression> filters;
    /// The replica finds the rows by an index of the table that supports one of the filters.
    bool useIndex = false;
    /// The replica answers with its nearest rows, whatever the limits say; in ring order all the same.
    std::optional<NearestTo> nearest;
    bool filterAtReplica = false;  // One replica's answer is all there is to the read (ONE).
    ReadLimits limits;
    std::int64_t nowSeconds = 0;
};

/// Whether a live row passes every filter (RowFilter.isSatisfiedBy).
bool satisfies(const ReadCommand& command, const Partition& partition, const Row& row);

/// Whether a partition with nothing but a live static row is a row of the answer, and counts as one:
/// only when whole partitions are asked for, and its static values pass the filters.
bool staticRowCountsAlone(const ReadCommand& command, const Partition& partition);

/// Drops what is past the limits from reconciled live partitions; returns how many rows stay.
std::uint32_t applyLimits(const ReadCommand& command, std::vector<Partition>& partitions);

}  // namespace engine::rows
