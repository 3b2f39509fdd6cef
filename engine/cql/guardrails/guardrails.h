#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/cql/guardrails/guardrail_settings.h"

namespace engine::schema {
struct Replication;
}

namespace engine::cql {

/// The limits that hold for one request of an ordinary user (org.apache.cassandra.db.guardrails.Guardrails). What only
/// warrants a warning is told to the client; errors are InvalidRequest. Without settings nothing is checked: superusers
/// and clients of a node without log-in are exempt.
/// Both the settings and the list of warnings must outlive it. Cheap to copy.
class Guardrails {
public:
    Guardrails() = default;
    Guardrails(const GuardrailSettings& settings, std::vector<std::string>& warnings)
        : m_settings(&settings), m_warnings(&warnings) {}

    bool hold() const { return m_settings != nullptr; }

    // Definitions. Counts include what the statement would add.
    Result<void> keyspaces(std::size_t count, std::string_view keyspace) const;
    Result<void> tables(std::size_t count, std::string_view table) const;
    Result<void> columnsPerTable(std::size_t count, std::string_view table) const;
    /// `index` is empty when the statement names none.
    Result<void> secondaryIndexesPerTable(std::size_t count, std::string_view index, std::string_view table) const;
    Result<void> secondaryIndexes() const;
    Result<void> materializedViewsPerTable(std::size_t count, std::string_view view, std::string_view table) const;
    Result<void> fieldsPerUdt(std::size_t count, std::string_view type) const;
    /// `where` begins with a capital: "Column v", "Field v".
    Result<void> vector(std::size_t dimensions, std::string_view where) const;
    Result<void> replication(std::string_view keyspace, const schema::Replication& replication) const;
    Result<void> simpleStrategy() const;
    /// The names among `properties` that are to be left out.
    Result<std::set<std::string>> tableProperties(const std::set<std::string>& properties) const;
    Result<void> uncompressedTables() const;
    Result<void> compactTables() const;
    Result<void> zeroTtlOnTwcs() const;
    Result<void> alterTable() const;
    Result<void> dropTruncateTable() const;
    Result<void> dropKeyspace() const;

    // Reads.
    Result<void> allowFiltering() const;
    Result<void> groupBy() const;
    Result<void> nonPartitionRestrictedIndexQuery() const;
    /// Protocol codes.
    Result<void> readConsistency(std::uint16_t level) const;
    Result<void> pageSize(std::int32_t rows, std::string_view table) const;
    Result<void> partitionKeysInSelect(std::size_t keys, std::string_view table) const;
    /// `of` is "partition key" or "clustering key".
    Result<void> inSelectCartesianProduct(std::size_t values, std::string_view of) const;

    // Writes.
    Result<void> writeConsistency(std::uint16_t level, std::uint16_t serialLevel) const;
    Result<void> userTimestamps() const;
    Result<void> timestamp(std::int64_t micros, std::int64_t nowMicros, std::string_view table) const;
    /// "Setting of list items by index".
    Result<void> readBeforeWriteListOperation(std::string_view what) const;
    Result<void> itemsPerCollection(std::size_t items, std::string_view column) const;
    Result<void> collectionSize(std::size_t bytes, std::string_view column) const;
    Result<void> columnValueSize(std::size_t bytes, std::string_view column) const;
    enum class TermKind : std::uint8_t { String, Frozen, Vector };
    Result<void> saiTermSize(std::size_t bytes, std::string_view column, TermKind kind) const;

private:
    void warn(std::string_view guardrail, std::string text) const;
    Result<void> ensure(bool enabled, std::string_view guardrail, std::string_view what) const;
    Result<std::set<std::string>> guard(const GuardedValues& limits, const std::vector<std::string>& values,
                                        std::string_view guardrail, std::string_view what) const;
    template <typename Text>
    Result<void> most(Threshold GuardrailSettings::*limit, std::int64_t value, std::string_view guardrail,
                      Text text) const;

    const GuardrailSettings* m_settings = nullptr;
    std::vector<std::string>* m_warnings = nullptr;
};

}  // namespace engine::cql
