#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rows/partition.h"
#include "engine/types/codec.h"

namespace engine::storage {
class StorageEngine;
}

namespace engine::system {

/// Builds one row of a system table from C++ values, all with one timestamp. Columns are checked
/// against the table: a wrong name is a bug of ours.
class RowBuilder {
public:
    RowBuilder(const schema::Table& table, std::int64_t timestampMicros)
        : m_table(table), m_timestamp(timestampMicros) {
        m_row.liveness.timestamp = timestampMicros;
    }

    RowBuilder& clustering(Bytes value) {
        m_row.clustering.push_back(std::move(value));
        return *this;
    }
    /// A simple column; nullopt leaves a tombstone, so that an older value goes.
    RowBuilder& set(std::string_view column, std::optional<Bytes> value, std::int64_t nowSeconds = 0);
    RowBuilder& text(std::string_view column, std::string_view value) { return set(column, Bytes(value)); }
    RowBuilder& int32(std::string_view column, std::int32_t v) { return set(column, types::encodeInt(v)); }
    RowBuilder& bigint(std::string_view column, std::int64_t v) { return set(column, types::encodeBigint(v)); }
    RowBuilder& float64(std::string_view column, double v) { return set(column, types::encodeDouble(v)); }
    RowBuilder& boolean(std::string_view column, bool v) { return set(column, types::encodeBoolean(v)); }
    RowBuilder& uuid(std::string_view column, const Uuid& v) { return set(column, types::encodeUuid(v)); }
    RowBuilder& inet(std::string_view column, std::string_view v) { return set(column, types::encodeInet(v)); }
    /// Collections replace what was there, frozen or not.
    RowBuilder& textMap(std::string_view column, const std::map<std::string, std::string>& values);
    RowBuilder& textSet(std::string_view column, std::vector<std::string> values);

    rows::Row take();

private:
    void replaceCollection(const schema::Column& column);
    const schema::Column& find(std::string_view column) const;

    const schema::Table& m_table;
    std::int64_t m_timestamp;
    rows::Row m_row;
};

/// An update of one row, or of one whole partition.
rows::PartitionUpdate update(schema::TablePtr table, Bytes key, rows::Row row);
/// Writes it to this node alone.
Result<void> applyUpdate(storage::StorageEngine& storage, rows::PartitionUpdate update);
/// A partition key of several components (CompositeType) from their values; one alone is itself.
Bytes compositeKey(const std::vector<Bytes>& components);

/// Reads the cells of a row by column name.
class RowReader {
public:
    RowReader(const schema::Table& table, const rows::Row& row) : m_table(table), m_row(row) {}
    std::optional<Bytes> get(std::string_view column) const;
    std::string text(std::string_view column) const { return get(column).value_or(""); }
    std::int32_t int32(std::string_view column, std::int32_t otherwise = 0) const;
    double float64(std::string_view column, double otherwise = 0) const;
    bool boolean(std::string_view column, bool otherwise = false) const;
    std::map<std::string, std::string> textMap(std::string_view column) const;
    std::vector<std::string> textList(std::string_view column) const;  // Lists and sets.
    const rows::Clustering& clustering() const { return m_row.clustering; }

private:
    const schema::Table& m_table;
    const rows::Row& m_row;
};

}  // namespace engine::system
