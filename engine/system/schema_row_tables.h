#pragma once

#include <string_view>

/// What the two directions of schema_tables.h share.
namespace engine::system {

inline constexpr std::string_view kSchemaKeyspace = "system_schema";
/// system_schema.keyspaces names a strategy by its class.
inline constexpr std::string_view kStrategyPrefix = "org.apache.cassandra.locator.";

/// The tables of system_schema that hold rows of user keyspaces.
inline constexpr std::string_view kRowTables[] = {"keyspaces", "tables",  "columns", "column_masks", "dropped_columns",
                                                  "types",     "indexes", "views",   "functions",    "aggregates"};

}  // namespace engine::system
