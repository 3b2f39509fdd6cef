#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/cql/result.h"
#include "engine/types/data_type.h"

namespace engine::native {

/// The protocol's [option] of a type (native_protocol_v5.spec 4.2.5.2). Types that `version` does
/// not know yet, vectors and classes are sent as Custom with their class name.
void writeType(ByteWriter& out, int version, const types::DataType& type);
/// Collections and user types are read as multi-cell: the protocol does not say.
Result<types::TypePtr> readType(ByteReader& in);

/// Columns of Rows and Prepared metadata: the table once where all share it, else with each.
bool allInSameTable(const std::vector<cql::ColumnSpec>& columns);
void writeColumns(ByteWriter& out, int version, const std::vector<cql::ColumnSpec>& columns,
                  bool globalTable);
Result<std::vector<cql::ColumnSpec>> readColumns(ByteReader& in, std::int32_t count,
                                                 bool globalTable);

/// [string]; what does not fit into its 16-bit length is cut off.
void writeString(ByteWriter& out, BytesView text);
void writeStringList(ByteWriter& out, const std::vector<std::string>& list);
std::vector<std::string> readStringList(ByteReader& in);

}  // namespace engine::native
