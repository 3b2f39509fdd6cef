#pragma once

#include "engine/storage/memtable.h"
#include "engine/storage/sstable/sstable_writer.h"

namespace engine::storage {

/// What a flush needs beside the memtable.
struct FlushTarget {
    SstableDescriptor descriptor;
    schema::TablePtr table;  // As it is now; its options decide.
    LogPosition upTo;        // The memtable holds all that the commit log has before it.
    Uuid origin;             // Of the node.
};

/// Writes all of a memtable as one SSTable. What its own deletions hide is left out. Blocks.
Result<WrittenSstable> writeMemtable(runtime::FileSystem& files, const Memtable& memtable,
                                     const FlushTarget& target);

}  // namespace engine::storage
