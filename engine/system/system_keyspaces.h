#pragma once

#include <string_view>

#include "engine/schema/schema.h"

namespace engine::system {

inline constexpr std::string_view kReleaseVersion = "5.0.6";
inline constexpr std::string_view kCqlVersion = "3.4.7";

/// The keyspaces every node has from the start, with the tables of Cassandra 5.0: system,
/// system_schema, system_auth, system_distributed, system_traces, system_views and
/// system_virtual_schema. Their definitions are the CQL texts in definitions/.
const schema::Schema& systemSchema();

/// TableId.forSystemTable: the same on every node.
Uuid systemTableId(std::string_view keyspace, std::string_view table);

}  // namespace engine::system
