#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"
#include "engine/schema/schema.h"

namespace engine::rows {

/// The form in which partitions, mutations and commands travel between nodes and lie in the commit
/// log. Columns are named once a partition, values are length-prefixed; docs/formats.md has the
/// layout. Tables are named by id and looked up in `schema` when read: NotFound names the id.
void write(ByteWriter& out, const Partition& partition);
Result<Partition> readPartition(ByteReader& in);

void write(ByteWriter& out, const Mutation& mutation);
Result<Mutation> readMutation(ByteReader& in, const schema::Schema& schema);
/// Leaves out updates of tables that `schema` does not have, and notes their ids in `unknown`.
Result<Mutation> readMutation(ByteReader& in, const schema::Schema& schema,
                              std::vector<Uuid>& unknown);

void write(ByteWriter& out, const ReadCommand& command);
Result<ReadCommand> readReadCommand(ByteReader& in, const schema::Schema& schema);

}  // namespace engine::rows
