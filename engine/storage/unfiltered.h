#pragma once

#include <memory>
#include <vector>

#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/rows/range_tombstones.h"

namespace engine::storage {

/// A place between rows at which the range deletion in force changes: a bound of a range tombstone,
/// or a boundary of two (org.apache.cassandra.db.rows.RangeTombstoneMarker). `before` and `after`
/// are meant in table order, also when a cursor walks against it; one of them may be live.
struct Marker {
    rows::Clustering prefix;
    int side = -1;  // Before (-1) or behind (+1) all rows whose clustering begins with the prefix.
    rows::DeletionTime before;
    rows::DeletionTime after;

    rows::Position position() const { return {&prefix, side}; }
};

enum class UnfilteredKind : std::uint8_t { End, Row, Marker };

/// Walks rows and markers of one partition in clustering order, or against it
/// (UnfilteredRowIterator). A range that reaches beyond a slice is cut to it: there is a marker at
/// the slice's end as well, so that whatever is opened is closed. Of two neighbouring slices each
/// has its own. Unusable once its source is gone.
class UnfilteredCursor {
public:
    virtual ~UnfilteredCursor() = default;
    virtual UnfilteredKind kind() const = 0;
    /// Only on a row. Stays until advance(), which may use its memory again.
    virtual const rows::Row& row() const = 0;
    /// The same row for keeps. Call advance() next.
    virtual rows::Row takeRow() = 0;
    /// Only on a marker. Stays until advance().
    virtual const Marker& marker() const = 0;
    virtual Result<void> advance() = 0;
};

/// What one memtable or one file holds of one partition; rows are read as they are asked for.
class UnfilteredPartition {
public:
    virtual ~UnfilteredPartition() = default;
    virtual const rows::DecoratedKey& key() const = 0;
    virtual const rows::DeletionTime& deletion() const = 0;
    virtual const rows::Row& staticRow() const = 0;
    /// Rows and markers within the slices, which are disjoint, in table order, and outlive the
    /// cursor. No slice at all: none; one with empty bounds: all.
    virtual Result<std::unique_ptr<UnfilteredCursor>> unfiltereds(
        const std::vector<rows::Slice>& slices, bool reversed) const = 0;
};
/// The whole partition, as a list of slices.
const std::vector<rows::Slice>& allRows();

/// Walks partitions in ring order.
class PartitionScan {
public:
    virtual ~PartitionScan() = default;
    /// Null at the end.
    virtual const rows::DecoratedKey* key() const = 0;
    /// The partition it stands on; valid until advance(). In a bulk scan at most one cursor at a
    /// time, forwards.
    virtual const UnfilteredPartition& partition() const = 0;
    virtual Result<void> advance() = 0;
    /// How many bytes of the file, before compression, lie before what was read last; 0: not known.
    virtual std::uint64_t position() const { return 0; }
};

/// Where the cursor's thing lies: rows are at their clustering (side 0).
inline rows::Position positionOf(const UnfilteredCursor& cursor) {
    return cursor.kind() == UnfilteredKind::Marker ? cursor.marker().position()
                                                   : rows::Position{&cursor.row().clustering, 0};
}

}  // namespace engine::storage
