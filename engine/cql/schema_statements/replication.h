#pragma once

#include "engine/cql/schema_statements/properties.h"
#include "engine/cql/statement.h"

namespace engine::cql {

/// What `replication = {…}` means (ReplicationParams, AbstractReplicationStrategy): names checked,
/// factors filled in. `previous` is what ALTER KEYSPACE starts from, null for CREATE.
Result<schema::Replication> readReplication(OptionMap options, const std::string& keyspace,
                                            const schema::Replication* previous,
                                            const ClusterFacts& cluster);

/// Warnings where a factor is above the number of nodes.
std::vector<std::string> replicationWarnings(const schema::Replication& replication,
                                             const std::string& keyspace,
                                             const ClusterFacts& cluster);

}  // namespace engine::cql
