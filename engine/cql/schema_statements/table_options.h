#pragma once

#include "engine/cql/schema_statements/properties.h"
#include "engine/schema/table.h"

namespace engine::cql {

/// Options of a table out of WITH, over what it had before (TableAttributes, TableParams.validate).
/// Kept as system_schema.tables shows them.
Result<schema::TableOptions> readTableOptions(const std::vector<syntax::Property>& properties,
                                              schema::TableOptions before, bool isNew);

/// Full class name, thresholds filled in (CompactionParams, and each strategy's validateOptions).
Result<OptionMap> readCompaction(OptionMap options);
/// Full class name, chunk length filled in (CompressionParams.fromMap).
Result<OptionMap> readCompression(OptionMap options);
/// A policy of speculative_retry or additional_write_policy, in its canonical spelling.
/// Errors name speculative_retry whichever of the two it is, as Cassandra's do.
Result<std::string> readSpeculation(const std::string& text);

}  // namespace engine::cql
