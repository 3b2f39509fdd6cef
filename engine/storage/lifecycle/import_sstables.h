#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/storage/sstable/sstable_cache.h"
#include "engine/storage/sstable/sstable_reader.h"

/// Takes SSTables of elsewhere into a table (SSTableImporter). Blocks; runs on the pool.
namespace engine::storage {

struct VerifyOptions {
    bool onlyKeys = false;  // Not every row of every partition.
    /// Every partition must lie in one of these, if given.
    std::optional<std::vector<rows::TokenRange>> owned;
};

/// Reads a file from its first byte to its last, by chunk and by row; keys must be in ring order.
Result<void> verifySstable(runtime::FileSystem& files, const SstableDescriptor& sstable,
                           const schema::TablePtr& table, const VerifyOptions& options = {});

/// Opens a file, and closes it again.
Result<void> checkOpens(runtime::FileSystem& files, const SstableDescriptor& sstable,
                        const schema::TablePtr& table);

struct ImportJob {
    schema::TablePtr table;
    std::string tableFolder;
    std::shared_ptr<std::atomic<std::uint64_t>> generations;
    Uuid id;
    bool keepLevel = false;
    bool keepRepaired = false;
    bool copies = false;  // The files stay where they were, too.
};

/// What lies in a folder, each file opened and, where `verify` is there, read; an error names the one
/// that is not good.
Result<std::vector<SstableDescriptor>> checkImport(runtime::FileSystem& files,
                                                   const std::string& folder,
                                                   const schema::TablePtr& table,
                                                   const std::optional<VerifyOptions>& verify);
/// What lies in the table's own folder, is complete, and is no one's: neither of the table's files
/// (`live`, by their ids) nor in a transaction.
Result<std::vector<SstableDescriptor>> listStrays(runtime::FileSystem& files,
                                                  const std::string& tableFolder,
                                                  const std::vector<std::string>& live);

struct ImportedFiles {
    std::vector<std::shared_ptr<const SstableReader>> readers;
    /// Why files that were taken are still where they were, too; of the table's own folder they go at the
    /// next start.
    Result<void> sourcesGone = ok();
};

/// All of them or none: a crash leaves what was not taken where it was. The level and what it says of
/// repairs are forgotten unless told otherwise, and its place in a commit log always.
Result<ImportedFiles> importSstables(
    runtime::FileSystem& files, SstableCache& cache, const ImportJob& job,
    const std::vector<SstableDescriptor>& sources);

}  // namespace engine::storage
