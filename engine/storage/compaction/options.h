#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "engine/storage/compaction/shadow_kind.h"

namespace engine::storage::compaction {

enum class StrategyKind { SizeTiered, Leveled, TimeWindow, Unified };

/// A table's `compaction` map with Cassandra 5.0's defaults filled in. The schema has validated it;
/// what does not parse all the same is at its default (AbstractCompactionStrategy,
/// SizeTieredCompactionStrategyOptions, LeveledCompactionStrategy,
/// TimeWindowCompactionStrategyOptions, unified.Controller).
struct CompactionOptions {
    StrategyKind kind = StrategyKind::SizeTiered;
    std::string strategyName = "SizeTieredCompactionStrategy";  // Without the package.
    bool enabled = true;

    double tombstoneThreshold = 0.2;
    std::int64_t tombstoneIntervalSeconds = 86400;
    bool uncheckedTombstones = false;
    bool tombstoneCompactions = true;  // TimeWindow wants to be asked for them.
    bool dropsUncheckedExpired = false;  // unsafe_aggressive_sstable_expiration
    bool onlyPurgeRepaired = false;      // only_purge_repaired_tombstones
    ShadowKind shadows = ShadowKind::None;  // provide_overlapping_tombstones

    std::uint32_t minThreshold = 4;
    std::uint32_t maxThreshold = 32;
    std::uint64_t minSstableBytes = 50ull << 20;
    double bucketLow = 0.5;
    double bucketHigh = 1.5;

    std::uint64_t leveledBytes = 160ull << 20;  // sstable_size_in_mb
    std::uint32_t fanout = 10;
    bool singleUplevel = false;  // single_sstable_uplevel

    std::int64_t windowSeconds = 86400;
    std::int64_t timestampsPerSecond = 1000000;  // timestamp_resolution
    std::int64_t expiredCheckSeconds = 600;

    std::vector<std::int32_t> scaling{2};  // W by level; the last one holds for all above.
    std::uint64_t targetBytes = 1ull << 30;
    std::uint64_t unifiedMinBytes = 100ull << 20;
    double growth = 0.333;
    std::uint32_t baseShards = 4;
    std::uint32_t maxToCompact = std::numeric_limits<std::int32_t>::max();
    std::uint64_t flushSizeOverride = 0;
    enum class Overlaps { None, Single, Transitive } overlaps = Overlaps::Transitive;

    /// `isSystem`: a system table has one base shard.
    static CompactionOptions of(const std::map<std::string, std::string>& options, bool isSystem);
    bool operator==(const CompactionOptions&) const = default;
};

}  // namespace engine::storage::compaction
