#pragma once

#include <memory>
#include <vector>

#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"

namespace engine::storage {

/// Walks rows in clustering order, or against it. Unusable once its source is gone.
class RowCursor {
public:
    virtual ~RowCursor() = default;
    /// The row it stands on; null at the end.
    virtual const rows::Row* current() const = 0;
    /// The same row for keeps. Call advance() next.
    virtual rows::Row take() = 0;
    virtual Result<void> advance() = 0;
};

/// What one memtable or one file holds of one partition; rows are read as they are asked for.
class PartitionSource {
public:
    virtual ~PartitionSource() = default;
    virtual const rows::DeletionTime& deletion() const = 0;
    virtual const rows::Row& staticRow() const = 0;
    virtual const std::vector<rows::RangeTombstone>& rangeTombstones() const = 0;
    /// Rows within the slices, which are disjoint, in table order, and outlive the cursor.
    virtual Result<std::unique_ptr<RowCursor>> rows(const std::vector<rows::Slice>& slices,
                                                    bool reversed) const = 0;
};

/// Walks partitions in ring order.
class PartitionCursor {
public:
    virtual ~PartitionCursor() = default;
    /// Null at the end.
    virtual const rows::DecoratedKey* key() const = 0;
    /// The partition it stands on; valid until advance().
    virtual const PartitionSource& partition() const = 0;
    virtual Result<void> advance() = 0;
};

}  // namespace engine::storage
