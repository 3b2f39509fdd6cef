#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/storage/memtable.h"
#include "engine/storage/sstable/sstable_writer.h"

namespace engine::storage {

/// What a flush needs beside the memtable.
struct FlushTarget {
    std::string folder;
    std::shared_ptr<std::atomic<std::uint64_t>> generations;
    schema::TablePtr table;  // As it is now; its options decide.
    LogPosition upTo;        // The memtable holds all that the commit log has before it.
    Uuid origin;             // Of the node.
    std::vector<std::int64_t> boundaries;  // Last tokens of all files but the last; empty: one file.
    Uuid transaction;                      // Where there are several.
    std::uint64_t columnIndexBytes = 64 * 1024;
};

/// Writes all of a memtable, as one SSTable or cut at the boundaries; then all files come at once, as each
/// says that the commit log is covered. What the memtable's own deletions hide is left out. Blocks.
Result<std::vector<SstableDescriptor>> writeMemtable(runtime::FileSystem& files, const Memtable& memtable,
                                     const FlushTarget& target);

}  // namespace engine::storage
