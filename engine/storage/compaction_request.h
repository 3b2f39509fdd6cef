#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/rows/read_command.h"
#include "engine/storage/compaction/shadow_kind.h"

namespace engine::storage {

/// cassandra.yaml's names are in the comments; changed while the node runs.
struct CompactionSettings {
    std::uint32_t concurrent = 2;                      // concurrent_compactors
    std::uint64_t bytesPerSecond = 64ull << 20;        // compaction_throughput; 0: no limit.
    bool automatic = true;                             // Background compactions at all.
};

/// What somebody asks for, beside what strategies decide.
struct CompactionRequest {
    enum class Kind {
        Major,        // All files into as few as the strategy keeps.
        UserDefined,  // The files named in `generations`.
        Cleanup,      // Each file without what is not in `owned`.
        Scrub,        // Each file, without what cannot be read.
        Upgrade,      // Each file, written anew.
        GarbageCollect,  // Each file, without what other files delete of it, as `shadows` says.
        Background,   // What the strategy wants; not asked for by anyone.
    } kind = Kind::Major;
    bool splitOutput = false;
    std::vector<std::uint64_t> generations;
    std::vector<rows::TokenRange> owned;
    /// Major of what overlaps these ranges only (`-st`, `-et`, `--partition`); empty: all.
    std::vector<rows::TokenRange> ranges;
    /// Partitions whose tombstones need not wait for gc_grace_seconds (nodetool forcecompact).
    std::set<Bytes> graceless;
    compaction::ShadowKind shadows = compaction::ShadowKind::Row;
};

/// What became of it; sums over all compactions it took.
struct CompactionSummary {
    std::uint64_t compactions = 0;
    std::vector<std::uint64_t> outputs;
    std::uint64_t readBytes = 0;
    std::uint64_t writtenBytes = 0;
    std::uint64_t partitionsSkipped = 0;
    std::uint64_t corruptPartitions = 0;
};

/// A row of system.compaction_history.
struct CompactionHistoryEntry {
    Uuid id;
    std::string keyspace;
    std::string table;
    std::int64_t compactedAtMillis = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::map<int, std::uint64_t> rowsMerged;
    std::string type;  // compaction_properties' compaction_type.
};

/// A row of system_views.sstable_tasks.
struct RunningCompaction {
    Uuid id;
    Uuid tableId;
    std::string keyspace;
    std::string table;
    std::string kind;  // `compaction`, `cleanup`, ... in small letters, as the view has it.
    std::string type;  // `Compaction`, `Cleanup`, ... as nodetool has it.
    std::uint64_t progressBytes = 0;
    std::uint64_t totalBytes = 0;
    std::uint64_t sstables = 0;
};

struct CompactionTotals {
    std::uint64_t completed = 0;
    std::uint64_t completedLately = 0;  // In the last 15 minutes.
    std::uint64_t bytesCompacted = 0;  // Read.
    std::uint64_t bytesWritten = 0;
    std::uint64_t aborted = 0;
    std::uint64_t expiredDropped = 0;
};

}  // namespace engine::storage
