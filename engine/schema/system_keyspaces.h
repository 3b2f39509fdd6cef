#pragma once

#include <string_view>

/// The names of the keyspaces every node has from the start (org.apache.cassandra.schema.SchemaConstants).
namespace engine::schema {

/// The node's own: never replicated, the virtual ones among them.
constexpr bool isLocalSystemKeyspace(std::string_view name) {
    return name == "system" || name == "system_schema" || name == "system_views" || name == "system_virtual_schema";
}

constexpr bool isReplicatedSystemKeyspace(std::string_view name) {
    return name == "system_auth" || name == "system_distributed" || name == "system_traces";
}

constexpr bool isSystemKeyspace(std::string_view name) { return isLocalSystemKeyspace(name) || isReplicatedSystemKeyspace(name); }

}  // namespace engine::schema
