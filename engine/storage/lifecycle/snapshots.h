#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/runtime/file_system.h"
#include "engine/storage/sstable/descriptor.h"

/// Snapshots and incremental backups of one table: hard links to its files in
/// `<table>/snapshots/<tag>/` and `<table>/backups/`, as Cassandra has them (service.snapshot). All
/// of it blocks.
namespace engine::storage {

struct SnapshotInfo {
    std::string tag;
    std::string keyspace;
    std::string table;
    std::uint64_t bytes = 0;      // Of all files in it.
    std::uint64_t trueBytes = 0;  // Of those that only the snapshot keeps.
    std::int64_t createdMillis = 0;
    std::optional<std::int64_t> expiresMillis;
    std::string folder;
};

struct SnapshotPlan {
    std::string tableFolder;
    std::string tag;
    std::vector<SstableDescriptor> sstables;
    std::string schemaText;  // schema.cql; empty: none.
    std::int64_t createdMillis = 0;
    std::optional<std::int64_t> expiresMillis;
};

/// Links, then manifest.json and schema.cql, synced. A snapshot of that name must not be there.
Result<void> takeSnapshot(runtime::FileSystem& files, const SnapshotPlan& plan);
bool hasSnapshot(const runtime::FileSystem& files, const std::string& tableFolder,
                 const std::string& tag);
/// Of a table's folder; `live`: the table's files, which a snapshot does not keep alone.
Result<std::vector<SnapshotInfo>> listSnapshots(runtime::FileSystem& files,
                                                const std::string& tableFolder,
                                                const std::vector<SstableDescriptor>& live);
/// An empty tag: all of them. One that is not there is none.
Result<void> clearSnapshots(runtime::FileSystem& files, const std::string& tableFolder,
                            const std::string& tag);

/// Links a new file into `backups/` (incremental_backups).
Result<void> backUp(runtime::FileSystem& files, const SstableDescriptor& sstable);

/// A dropped table's folder, but for its snapshots, where it has some.
Result<void> removeAllButSnapshots(runtime::FileSystem& files, const std::string& tableFolder);

/// `2026-11-21T12:33:21.671Z`
std::string isoMillis(std::int64_t millis);
std::optional<std::int64_t> parseIsoMillis(const std::string& text);

}  // namespace engine::storage
