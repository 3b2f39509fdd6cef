#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/storage/sstable/sstable_cache.h"
#include "engine/storage/sstable/sstable_reader.h"

/// Takes SSTables of elsewhere into a table (SSTableImporter). Blocks; runs on the pool.
namespace engine::storage {

struct ImportJob {
    schema::TablePtr table;
    std::string tableFolder;
    std::vector<std::string> folders;  // Whose SSTables are taken.
    std::shared_ptr<std::atomic<std::uint64_t>> generations;
    Uuid id;
    bool keepLevel = false;
    bool keepRepaired = false;
    bool verifies = true;  // Every byte is read first.
    bool copies = false;   // The files stay where they were, too.
};

/// All of them or none: a crash leaves what was not taken where it was. The level and what it says of
/// repairs are forgotten unless told otherwise, and its place in a commit log always.
Result<std::vector<std::shared_ptr<const SstableReader>>> importSstables(
    runtime::FileSystem& files, SstableCache& cache, const ImportJob& job);

/// Reads a file from its first byte to its last, by chunk and by row; keys must be in ring order.
Result<void> verifySstable(runtime::FileSystem& files, const SstableDescriptor& sstable,
                           const schema::TablePtr& table);

}  // namespace engine::storage
