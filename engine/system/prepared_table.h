#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/storage_engine.h"

/// system.prepared_statements: what clients prepared, so that a node knows it again after a restart
/// (SystemKeyspace.writePreparedStatement, loadPreparedStatements).
namespace engine::system {

struct PreparedRow {
    Bytes id;
    std::string keyspace;  // Empty: none was in use.
    std::string text;
};

Result<void> savePrepared(storage::StorageEngine& storage, const PreparedRow& row, std::int64_t nowMicros);
Result<void> deletePrepared(storage::StorageEngine& storage, const Bytes& id, std::int64_t nowMicros);
Result<std::vector<PreparedRow>> loadPrepared(storage::StorageEngine& storage, std::int64_t nowSeconds);

}  // namespace engine::system
