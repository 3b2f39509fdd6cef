#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"

namespace engine::coordinator {

/// Tables whose rows are made when they are read (system_views, system_virtual_schema).
class VirtualTables {
public:
    virtual ~VirtualTables() = default;
    /// All rows of the table, partitions ordered by comparePartitionKeys(), rows as they cluster.
    virtual std::vector<rows::Partition> rows(const schema::Table& table) = 0;
    /// Writing, which most tables refuse (AbstractVirtualTable).
    virtual Result<void> apply(const schema::Table& table, const rows::Partition& update);
    virtual Result<void> truncate(const schema::Table& table);
};

/// The order of a virtual table's partitions: its keys' values, not tokens (LocalPartitioner).
int comparePartitionKeys(const schema::Table& table, BytesView a, BytesView b);

/// What the command asks of a virtual table. A page goes on behind the key it stopped at. Cells are of this moment, in
/// milliseconds (AbstractVirtualTable.SimpleDataSet).
std::vector<rows::Partition> readVirtual(VirtualTables& tables, const rows::ReadCommand& command,
                                         std::int64_t nowMillis);

}  // namespace engine::coordinator
