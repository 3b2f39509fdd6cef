#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace storagetest {

using CompactionOptionsMap = std::map<std::string, std::string>;

/// Options that make a strategy act on files of a few hundred bytes. Class names are short ones.
inline const std::vector<std::pair<std::string, CompactionOptionsMap>>& smallStrategies() {
    static const std::vector<std::pair<std::string, CompactionOptionsMap>> kAll{
        {"size-tiered", {{"class", "SizeTieredCompactionStrategy"}, {"min_threshold", "2"},
                         {"min_sstable_size", "10"}, {"tombstone_compaction_interval", "1"}}},
        {"size-tiered with the deletions of others",
         {{"class", "SizeTieredCompactionStrategy"}, {"min_threshold", "2"}, {"min_sstable_size", "10"},
          {"provide_overlapping_tombstones", "cell"}}},
        {"leveled", {{"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "1"},
                     {"tombstone_compaction_interval", "1"}}},
        {"time-window", {{"class", "TimeWindowCompactionStrategy"}, {"min_threshold", "2"},
                         {"compaction_window_unit", "MINUTES"},
                         {"tombstone_compaction_interval", "1"},
                         {"expired_sstable_check_frequency_seconds", "1"}}},
        {"unified", {{"class", "UnifiedCompactionStrategy"}, {"scaling_parameters", "T2,L4"},
                     {"flush_size_override", "1KiB"}, {"min_sstable_size", "0B"},
                     {"expired_sstable_check_frequency_seconds", "1"}}}};
    return kAll;
}

/// The same as a table's options have it: with the class's full name.
inline CompactionOptionsMap withFullClass(CompactionOptionsMap options) {
    options["class"] = "org.apache.cassandra.db.compaction." + options["class"];
    return options;
}

}  // namespace storagetest
