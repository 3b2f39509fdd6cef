#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/schema/schema.h"

namespace engine::storage {
class StorageEngine;
}

/// Keyspaces, tables and types as rows of system_schema, and back
/// (org.apache.cassandra.schema.SchemaKeyspace). The rows are the truth: they are what nodes exchange
/// and reconcile, so that two changes made at once end the same everywhere.
namespace engine::system {

/// What must be written so that system_schema goes from one schema to the next: one mutation a
/// keyspace. What is made anew is emptied first, one microsecond before: changes of its namesake that
/// came late may lie there. Local and virtual keyspaces are written too when `withSystem`.
std::vector<rows::Mutation> schemaMutations(const schema::Schema& before, const schema::Schema& after,
                                            std::int64_t timestampMicros, bool withSystem = false);

/// `base` (the system keyspaces) and every keyspace found in system_schema's rows. What changes made
/// on several nodes at once left without sense (a table whose type was dropped) is left out, the same
/// on every node, and named in `problems`. Its version is a digest of all those rows.
Result<schema::Schema> loadSchema(storage::StorageEngine& storage, const schema::Schema& base,
                                  std::int64_t nowSeconds, std::vector<std::string>& problems);

/// Of everything written in these rows, deletions too; 0 when there is nothing.
std::int64_t newestTimestamp(const std::vector<rows::Mutation>& mutations);

/// Every user keyspace's rows as one list of mutations: what a node that lags is sent.
Result<std::vector<rows::Mutation>> allSchemaRows(storage::StorageEngine& storage,
                                                  const schema::Schema& base, std::int64_t nowSeconds);

}  // namespace engine::system
