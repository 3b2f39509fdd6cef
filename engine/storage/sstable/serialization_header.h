#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/types/data_type.h"

namespace engine::storage {

/// The smallest timestamp, deletion time and TTL of a file: what its numbers are told relative to
/// (org.apache.cassandra.db.rows.EncodingStats). They may be lower than what is there.
struct EncodingStats {
    static constexpr std::int64_t kEpochMicros = 1442880000000000;  // 2015-09-22T00:00:00Z
    static constexpr std::int32_t kEpochSeconds = 1442880000;

    std::int64_t minTimestamp = kEpochMicros;
    std::int32_t minLocalDeletionTime = kEpochSeconds;
    std::int32_t minTtl = 0;
    bool operator==(const EncodingStats&) const = default;
};

/// The schema that a file was written with (SerializationHeader): its part HEADER. Columns are in
/// the order of their cells: simple ones by name, then those of many cells by name.
struct SerializationHeader {
    struct Column {
        std::string name;
        types::TypePtr type;
        bool isComplex() const { return type->isMultiCell(); }
    };
    struct ClusteringColumn {
        types::TypePtr type;
        bool descending = false;
    };

    EncodingStats stats;
    std::vector<types::TypePtr> keyTypes;
    std::vector<ClusteringColumn> clustering;
    std::vector<Column> statics;
    std::vector<Column> regulars;

    /// Of a table with all its columns.
    static SerializationHeader of(const schema::Table& table);
    /// Puts the columns in the order of their cells.
    void sortColumns();
    void write(ByteWriter& out) const;
    static Result<SerializationHeader> read(ByteReader& in);
};

/// The header of a file that takes in others: their columns that `table` still has, the lowest of
/// their minima.
SerializationHeader joinHeaders(const schema::Table& table,
                                const std::vector<const SerializationHeader*>& headers);

/// Gathers what a header needs from rows before they are written.
class HeaderCollector {
public:
    explicit HeaderCollector(const schema::Table& table);

    void add(const rows::DeletionTime& deletion);
    /// `isStatic` tells which columns the cells are of.
    void add(const rows::Row& row, bool isStatic);
    SerializationHeader finish() const;

private:
    void note(std::int64_t timestamp, std::int64_t localDeletionTime, std::int32_t ttl);

    struct Known {
        rows::ColumnName name;
        bool used = false;
    };

    const schema::Table& m_table;
    std::vector<Known> m_statics;   // By name, dropped columns among them.
    std::vector<Known> m_regulars;
    std::int64_t m_minTimestamp;
    std::int64_t m_minLocalDeletionTime;
    std::int32_t m_minTtl;
};

}  // namespace engine::storage
