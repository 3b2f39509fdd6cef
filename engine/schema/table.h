#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/uuid.h"

namespace engine::types {
class DataType;
using TypePtr = std::shared_ptr<const DataType>;
}  // namespace engine::types

namespace engine::schema {

enum class ColumnKind : std::uint8_t { PartitionKey, Clustering, Static, Regular };

/// What others see in the place of a column's values: a function of them and of some constants
/// (org.apache.cassandra.cql3.functions.masking.ColumnMask).
struct ColumnMask {
    std::string keyspace;  // The function's.
    std::string function;
    std::vector<types::TypePtr> argumentTypes;  // Of the constants; the first argument is the column itself.
    std::vector<std::optional<Bytes>> arguments;
    bool operator==(const ColumnMask& other) const;
};

struct Column {
    std::string name;
    types::TypePtr type;
    ColumnKind kind = ColumnKind::Regular;
    int position = -1;        // Within its kind for key columns, -1 for the others.
    bool descending = false;  // Clustering columns only.
    std::shared_ptr<const ColumnMask> mask = nullptr;  // Null: everybody sees the values.
    /// By value: types are compared by what they are, not by where they lie.
    bool operator==(const Column& other) const;
};

/// `partition_key`, `clustering`, `static`, `regular`, as system_schema.columns spells them.
std::string_view toString(ColumnKind kind);

struct DroppedColumn {
    Column column;
    std::int64_t droppedAtMicros = 0;
    bool operator==(const DroppedColumn&) const = default;
};

/// Options of a table (compatibility OPT-01 to OPT-18), at Cassandra 5.0's defaults. Maps are kept
/// as system_schema.tables shows them: full class names, thresholds filled in.
struct TableOptions {
    std::string additionalWritePolicy = "99p";
    std::optional<bool> allowAutoSnapshot;
    double bloomFilterFpChance = 0.01;
    std::map<std::string, std::string> caching{{"keys", "ALL"}, {"rows_per_partition", "NONE"}};
    std::optional<bool> cdc;
    std::string comment;
    std::map<std::string, std::string> compaction{
        {"class", "org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy"},
        {"max_threshold", "32"},
        {"min_threshold", "4"}};
    std::map<std::string, std::string> compression{
        {"chunk_length_in_kb", "16"}, {"class", "org.apache.cassandra.io.compress.LZ4Compressor"}};
    double crcCheckChance = 1.0;
    std::int32_t defaultTimeToLive = 0;
    std::map<std::string, std::string> extensions;
    std::int32_t gcGraceSeconds = 864000;
    std::optional<bool> incrementalBackups;
    std::int32_t maxIndexInterval = 2048;
    std::int32_t memtableFlushPeriodMillis = 0;
    std::int32_t minIndexInterval = 128;
    std::optional<std::string> memtable;
    std::string readRepair = "BLOCKING";
    std::string speculativeRetry = "99p";
    bool operator==(const TableOptions&) const = default;
};

/// A secondary index as declared.
struct Index {
    std::string name;
    std::string kind;  // COMPOSITES, CUSTOM, KEYS.
    std::map<std::string, std::string> options;  // `target`, `class_name`, ...
    bool operator==(const Index&) const = default;
};

/// What a materialized view is made of (org.apache.cassandra.schema.ViewMetadata).
struct ViewOf {
    Uuid baseId;
    std::string baseName;  // Of the same keyspace.
    std::string where;     // The WHERE clause, as written.
    bool allColumns = false;
    /// A column that is no key of the base is one of the view's: its rows live by their marker alone
    /// (TableMetadata.enforceStrictLiveness). Worked out, not stored.
    bool strictLiveness = false;
    bool operator==(const ViewOf&) const = default;
};

/// WITH COMPACT STORAGE: rows have no marker of their own, the columns are fixed. Static: without clustering columns
/// (TableMetadata.isStaticCompactTable); Dense: one value, or none, under each clustering.
enum class CompactStorage : std::uint8_t { None, Static, Dense };

/// One table's definition. Immutable once published in a Schema; share it as TablePtr.
struct Table {
    Uuid id;
    std::string keyspace;
    std::string name;
    /// Partition key, clustering, static, regular; the first two by position, the others by name.
    /// Call `finish()` after filling.
    std::vector<Column> columns;
    TableOptions options;
    std::vector<DroppedColumn> dropped;
    std::vector<Index> indexes;
    bool isVirtual = false;
    bool isCounter = false;
    CompactStorage compact = CompactStorage::None;
    std::optional<ViewOf> view;  // A materialized view: a table that is written by its base alone.

    /// Sorts the columns and finds where each kind begins.
    void finish();

    std::span<const Column> partitionKey() const { return {columns.data(), m_clusteringAt}; }
    std::span<const Column> clustering() const {
        return {columns.data() + m_clusteringAt, m_staticAt - m_clusteringAt};
    }
    std::span<const Column> statics() const {
        return {columns.data() + m_staticAt, m_regularAt - m_staticAt};
    }
    std::span<const Column> regulars() const {
        return {columns.data() + m_regularAt, columns.size() - m_regularAt};
    }
    /// Null when there is none of that name.
    const Column* find(std::string_view column) const;
    /// A row that was inserted is there even when all its columns are null.
    bool hasRowMarkers() const { return compact == CompactStorage::None || regulars().empty(); }
    std::string qualifiedName() const { return keyspace + '.' + name; }
    bool operator==(const Table&) const = default;

private:
    std::size_t m_clusteringAt = 0;
    std::size_t m_staticAt = 0;
    std::size_t m_regularAt = 0;
};
using TablePtr = std::shared_ptr<const Table>;

/// Whether a key column of the view is none of its base's key.
bool isStrict(const Table& view, const Table& base);

}  // namespace engine::schema
