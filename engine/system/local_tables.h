#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ring/node_info.h"
#include "engine/runtime/task.h"
#include "engine/storage/storage_engine.h"

/// What a node remembers of itself and of its peers in the system keyspace, where drivers read it
/// (SYS-01 to SYS-03, org.apache.cassandra.db.SystemKeyspace).
namespace engine::system {

struct LocalState {
    Uuid hostId;
    std::vector<std::int64_t> tokens;
    std::int32_t generation = 0;
    bool bootstrapped = false;
};

struct LocalAddresses {
    std::string clusterName;
    runtime::Endpoint internode;
    runtime::Endpoint native;
    std::string datacenter;
    std::string rack;
};

/// Empty on a node's first start.
Result<std::optional<LocalState>> loadLocal(storage::StorageEngine& storage, std::int64_t nowSeconds);

/// The row of system.local; safe on disk when it returns.
runtime::Task<Result<void>> saveLocal(storage::StorageEngine& storage, LocalState state,
                                      LocalAddresses addresses, Uuid schemaVersion,
                                      std::int64_t nowMicros);
/// Only the column schema_version.
Result<void> saveSchemaVersion(storage::StorageEngine& storage, const Uuid& version, std::int64_t nowMicros);

struct PeerRow {
    ring::NodeInfo node;
    Uuid schemaVersion;
    std::string release;
};
/// Writes the rows of system.peers and peers_v2, and deletes those of peers that are gone.
Result<void> savePeers(storage::StorageEngine& storage, const std::vector<PeerRow>& before,
                       const std::vector<PeerRow>& after, std::int64_t nowMicros);
/// The peers of the last life.
Result<std::vector<PeerRow>> loadPeers(storage::StorageEngine& storage, std::int64_t nowSeconds);

}  // namespace engine::system
