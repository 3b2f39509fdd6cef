#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace engine::cql {

/// Up to where a count or a size is warned of and refused. Negative: it is not.
struct Threshold {
    std::int64_t warn = -1;
    std::int64_t fail = -1;
};

/// Values that are warned of, left out with a warning, and refused, in the order of the file.
struct GuardedValues {
    std::vector<std::string> warned;
    std::vector<std::string> ignored;
    std::vector<std::string> disallowed;
};

/// The limits of cassandra.yaml that keep ordinary users from what hurts a cluster
/// (org.apache.cassandra.config.GuardrailsOptions). Sizes are bytes, times are microseconds of distance from now.
struct GuardrailSettings {
    Threshold keyspaces;
    Threshold tables;
    Threshold columnsPerTable;
    Threshold secondaryIndexesPerTable;
    Threshold materializedViewsPerTable;
    Threshold fieldsPerUdt;
    Threshold vectorDimensions;
    Threshold minimumReplicationFactor;
    Threshold maximumReplicationFactor;
    Threshold pageSize;
    Threshold partitionKeysInSelect;
    Threshold inSelectCartesianProduct;
    Threshold itemsPerCollection;
    Threshold collectionSize;
    Threshold columnValueSize;
    Threshold minimumTimestamp;
    Threshold maximumTimestamp;
    Threshold saiStringTermSize{1024, 8192};
    Threshold saiFrozenTermSize{1024, 8192};
    Threshold saiVectorTermSize{16384, 32768};
    GuardedValues tableProperties;
    GuardedValues readConsistencyLevels;
    GuardedValues writeConsistencyLevels;
    bool allowFiltering = true;
    bool groupBy = true;
    bool userTimestamps = true;
    bool uncompressedTables = true;
    bool compactTables = true;
    bool simpleStrategy = true;
    bool alterTable = true;
    bool dropTruncateTable = true;
    bool dropKeyspace = true;
    bool secondaryIndexes = true;
    bool readBeforeWriteListOperations = true;
    bool nonPartitionRestrictedIndexQuery = true;
    bool vectorType = true;
    bool zeroTtlOnTwcs = true;
    bool zeroTtlOnTwcsWarned = true;
};

}  // namespace engine::cql
