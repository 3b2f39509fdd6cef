#include "engine/cql/guardrails/guardrails.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/cql/consistency_names.h"
#include "engine/cql/schema_statements/properties.h"
#include "engine/schema/schema.h"

namespace engine::cql {
namespace {

Error violated(std::string_view guardrail, std::string_view text) {
    return invalid(fmt::format("Guardrail {} violated: {}", guardrail, text));
}

constexpr std::string_view wordOf(bool warns) { return warns ? "warning" : "failure"; }

}  // namespace

void Guardrails::warn(std::string_view guardrail, std::string text) const {
    std::string warning = fmt::format("Guardrail {} violated: {}", guardrail, text);
    // A round of Paxos may work out several times what it writes.
    if (std::find(m_warnings->begin(), m_warnings->end(), warning) == m_warnings->end()) {
        m_warnings->push_back(std::move(warning));
    }
}

/// EnableFlag.ensureEnabled.
Result<void> Guardrails::ensure(bool enabled, std::string_view guardrail, std::string_view what) const {
    return enabled ? ok() : Result<void>(violated(guardrail, what));
}

/// MaxThreshold.guard. `text` gets whether it is a warning and the threshold.
template <typename Text>
Result<void> Guardrails::most(Threshold GuardrailSettings::*limit, std::int64_t value, std::string_view guardrail,
                              Text text) const {
    if (!hold()) {
        return ok();
    }
    const Threshold& threshold = m_settings->*limit;
    if (threshold.fail >= 0 && value > threshold.fail) {
        return violated(guardrail, text(false, threshold.fail));
    }
    if (threshold.warn >= 0 && value > threshold.warn) {
        warn(guardrail, text(true, threshold.warn));
    }
    return ok();
}

/// Values.guard.
Result<std::set<std::string>> Guardrails::guard(const GuardedValues& limits, const std::vector<std::string>& values,
                                                std::string_view guardrail, std::string_view what) const {
    const auto among = [&values](const std::vector<std::string>& listed) {
        std::vector<std::string> out;
        std::copy_if(values.begin(), values.end(), std::back_inserter(out), [&listed](const std::string& value) {
            return std::find(listed.begin(), listed.end(), value) != listed.end();
        });
        return out;
    };
    if (const auto found = among(limits.disallowed); !found.empty()) {
        return violated(guardrail, fmt::format("Provided values [{}] are not allowed for {} (disallowed values are: [{}])",
                                               fmt::join(found, ", "), what, fmt::join(limits.disallowed, ", ")));
    }
    const auto ignored = among(limits.ignored);
    if (!ignored.empty()) {
        warn(guardrail, fmt::format("Ignoring provided values [{}] as they are not supported for {} (ignored values "
                                    "are: [{}])",
                                    fmt::join(ignored, ", "), what, fmt::join(limits.ignored, ", ")));
    }
    if (const auto found = among(limits.warned); !found.empty()) {
        warn(guardrail, fmt::format("Provided values [{}] are not recommended for {} (warned values are: [{}])",
                                    fmt::join(found, ", "), what, fmt::join(limits.warned, ", ")));
    }
    return std::set<std::string>(ignored.begin(), ignored.end());
}

// ---- definitions -------------------------------------------------------------------------------

Result<void> Guardrails::keyspaces(std::size_t count, std::string_view keyspace) const {
    return most(&GuardrailSettings::keyspaces, static_cast<std::int64_t>(count), "keyspaces",
                [&](bool warns, std::int64_t limit) {
                    return warns ? fmt::format("Creating keyspace {}, current number of keyspaces {} exceeds warning "
                                               "threshold of {}.",
                                               keyspace, count, limit)
                                 : fmt::format("Cannot have more than {} keyspaces, aborting the creation of keyspace {}",
                                               limit, keyspace);
                });
}

Result<void> Guardrails::tables(std::size_t count, std::string_view table) const {
    return most(&GuardrailSettings::tables, static_cast<std::int64_t>(count), "tables",
                [&](bool warns, std::int64_t limit) {
                    return warns ? fmt::format("Creating table {}, current number of tables {} exceeds warning threshold "
                                               "of {}.",
                                               table, count, limit)
                                 : fmt::format("Cannot have more than {} tables, aborting the creation of table {}", limit,
                                               table);
                });
}

Result<void> Guardrails::columnsPerTable(std::size_t count, std::string_view table) const {
    return most(&GuardrailSettings::columnsPerTable, static_cast<std::int64_t>(count), "columns_per_table",
                [&](bool warns, std::int64_t limit) {
                    return warns ? fmt::format("The table {} has {} columns, this exceeds the warning threshold of {}.",
                                               table, count, limit)
                                 : fmt::format("Tables cannot have more than {} columns, but {} provided for table {}",
                                               limit, count, table);
                });
}

Result<void> Guardrails::secondaryIndexesPerTable(std::size_t count, std::string_view index,
                                                  std::string_view table) const {
    const std::string what = fmt::format("{}{}on table {}", index, index.empty() ? "" : " ", table);
    return most(&GuardrailSettings::secondaryIndexesPerTable, static_cast<std::int64_t>(count),
                "secondary_indexes_per_table", [&](bool warns, std::int64_t limit) {
                    return warns ? fmt::format("Creating secondary index {}, current number of indexes {} exceeds warning "
                                               "threshold of {}.",
                                               what, count, limit)
                                 : fmt::format("Tables cannot have more than {} secondary indexes, aborting the creation "
                                               "of secondary index {}",
                                               limit, what);
                });
}

Result<void> Guardrails::secondaryIndexes() const {
    return ensure(!hold() || m_settings->secondaryIndexes, "secondary_indexes",
                  "Creating secondary indexes is not allowed");
}

Result<void> Guardrails::materializedViewsPerTable(std::size_t count, std::string_view view,
                                                   std::string_view table) const {
    return most(&GuardrailSettings::materializedViewsPerTable, static_cast<std::int64_t>(count),
                "materialized_views_per_table", [&](bool warns, std::int64_t limit) {
                    return warns ? fmt::format("Creating materialized view {} on table {}, current number of views {} "
                                               "exceeds warning threshold of {}.",
                                               view, table, count, limit)
                                 : fmt::format("Tables cannot have more than {} materialized views, aborting the creation "
                                               "of materialized view {} on table {}",
                                               limit, view, table);
                });
}

Result<void> Guardrails::fieldsPerUdt(std::size_t count, std::string_view type) const {
    return most(&GuardrailSettings::fieldsPerUdt, static_cast<std::int64_t>(count), "fields_per_udt",
                [&](bool warns, std::int64_t limit) {
                    return warns ? fmt::format("The user type {} has {} columns, this exceeds the warning threshold of {}.",
                                               type, count, limit)
                                 : fmt::format("User types cannot have more than {} columns, but {} provided for user type "
                                               "{}.",
                                               limit, count, type);
                });
}

Result<void> Guardrails::vector(std::size_t dimensions, std::string_view where) const {
    TRY(ensure(!hold() || m_settings->vectorType, "vector_type_enabled", fmt::format("{} is not allowed", where)));
    return most(&GuardrailSettings::vectorDimensions, static_cast<std::int64_t>(dimensions), "vector_dimensions",
                [&](bool warns, std::int64_t limit) {
                    return fmt::format("{} has a vector of {} dimensions, this exceeds the {} threshold of {}.", where,
                                       dimensions, wordOf(warns), limit);
                });
}

/// AbstractReplicationStrategy.maybeWarnOnOptions of both strategies.
Result<void> Guardrails::replication(std::string_view keyspace, const schema::Replication& replication) const {
    if (!hold()) {
        return ok();
    }
    for (const auto& [name, text] : replication.options) {
        const std::int64_t factor = parseInteger(text).value_or(0);
        const Threshold& least = m_settings->minimumReplicationFactor;
        const auto below = [&](bool warns, std::int64_t limit) {
            return fmt::format("The keyspace {} has a replication factor of {}, below the {} threshold of {}.", keyspace,
                               factor, wordOf(warns), limit);
        };
        if (least.fail >= 0 && factor < least.fail) {
            return violated("minimum_replication_factor", below(false, least.fail));
        }
        if (least.warn >= 0 && factor < least.warn) {
            warn("minimum_replication_factor", below(true, least.warn));
        }
        TRY(most(&GuardrailSettings::maximumReplicationFactor, factor, "maximum_replication_factor",
                 [&](bool warns, std::int64_t limit) {
                     return fmt::format("The keyspace {} has a replication factor of {}, above the {} threshold of {}.",
                                        keyspace, factor, wordOf(warns), limit);
                 }));
    }
    return ok();
}

Result<void> Guardrails::simpleStrategy() const {
    return ensure(!hold() || m_settings->simpleStrategy, "simplestrategy", "SimpleStrategy is not allowed");
}

Result<std::set<std::string>> Guardrails::tableProperties(const std::set<std::string>& properties) const {
    if (!hold()) {
        return std::set<std::string>();
    }
    return guard(m_settings->tableProperties, std::vector<std::string>(properties.begin(), properties.end()),
                 "table_properties", "Table Properties");
}

Result<void> Guardrails::uncompressedTables() const {
    return ensure(!hold() || m_settings->uncompressedTables, "uncompressed_tables_enabled",
                  "Uncompressed table is not allowed");
}

Result<void> Guardrails::compactTables() const {
    return ensure(!hold() || m_settings->compactTables, "compact_tables",
                  "Creation of new COMPACT STORAGE tables is not allowed");
}

Result<void> Guardrails::zeroTtlOnTwcs() const {
    if (!hold()) {
        return ok();
    }
    const auto text = [](std::string_view is) {
        return fmt::format("0 default_time_to_live on a table with TimeWindowCompactionStrategy compaction strategy is not "
                           "{}. It is suspicious to use default_time_to_live set to 0 with such compaction strategy. "
                           "Please keep in mind that data will not start to automatically expire after they are older "
                           "than a respective compaction window unit of a certain size. Please set TTL for your INSERT "
                           "or UPDATE statements if you expect data to be expired as table settings will not do it. ",
                           is);
    };
    TRY(ensure(m_settings->zeroTtlOnTwcs, "zero_ttl_on_twcs", text("allowed")));
    if (m_settings->zeroTtlOnTwcsWarned) {
        warn("zero_ttl_on_twcs", text("recommended"));
    }
    return ok();
}

Result<void> Guardrails::alterTable() const {
    return ensure(!hold() || m_settings->alterTable, "alter_table", "ALTER TABLE changing columns is not allowed");
}

Result<void> Guardrails::dropTruncateTable() const {
    return ensure(!hold() || m_settings->dropTruncateTable, "drop_truncate_table_enabled",
                  "DROP and TRUNCATE TABLE functionality is not allowed");
}

Result<void> Guardrails::dropKeyspace() const {
    return ensure(!hold() || m_settings->dropKeyspace, "drop_keyspace_enabled",
                  "DROP KEYSPACE functionality is not allowed");
}

// ---- reads -------------------------------------------------------------------------------------

Result<void> Guardrails::allowFiltering() const {
    return ensure(!hold() || m_settings->allowFiltering, "allow_filtering",
                  "Querying with ALLOW FILTERING is not allowed. ALLOW FILTERING can potentially visit all the data in "
                  "the table and have unpredictable performance.");
}

Result<void> Guardrails::groupBy() const {
    return ensure(!hold() || m_settings->groupBy, "group_by", "GROUP BY functionality is not allowed");
}

Result<void> Guardrails::nonPartitionRestrictedIndexQuery() const {
    return ensure(!hold() || m_settings->nonPartitionRestrictedIndexQuery,
                  "non_partition_restricted_index_query_enabled",
                  "Non-partition key restricted query is not allowed. Executing a query on secondary indexes without "
                  "partition key restriction might degrade performance");
}

Result<void> Guardrails::readConsistency(std::uint16_t level) const {
    if (hold()) {
        TRY(guard(m_settings->readConsistencyLevels, {std::string(consistencyName(level))}, "read_consistency_levels",
                  "read consistency levels"));
    }
    return ok();
}

Result<void> Guardrails::pageSize(std::int32_t rows, std::string_view table) const {
    return most(&GuardrailSettings::pageSize, rows, "page_size", [&](bool warns, std::int64_t limit) {
        return warns ? fmt::format("Query for table {} with page size {} exceeds warning threshold of {}.", table, rows,
                                   limit)
                     : fmt::format("Aborting query for table {}, page size {} exceeds fail threshold of {}.", table, rows,
                                   limit);
    });
}

Result<void> Guardrails::partitionKeysInSelect(std::size_t keys, std::string_view table) const {
    return most(&GuardrailSettings::partitionKeysInSelect, static_cast<std::int64_t>(keys), "partition_keys_in_select",
                [&](bool warns, std::int64_t limit) {
                    return warns ? fmt::format("Query with partition keys in IN clause on table {}, with number of "
                                               "partition keys {} exceeds warning threshold of {}.",
                                               table, keys, limit)
                                 : fmt::format("Aborting query with partition keys in IN clause on table {}, number of "
                                               "partition keys {} exceeds fail threshold of {}.",
                                               table, keys, limit);
                });
}

Result<void> Guardrails::inSelectCartesianProduct(std::size_t values, std::string_view of) const {
    return most(&GuardrailSettings::inSelectCartesianProduct, static_cast<std::int64_t>(values),
                "in_select_cartesian_product", [&](bool warns, std::int64_t limit) {
                    return warns ? fmt::format("The cartesian product of the IN restrictions on {} produces {} values, "
                                               "this exceeds warning threshold of {}.",
                                               of, values, limit)
                                 : fmt::format("Aborting query because the cartesian product of the IN restrictions on {} "
                                               "produces {} values, this exceeds fail threshold of {}.",
                                               of, values, limit);
                });
}

// ---- writes ------------------------------------------------------------------------------------

Result<void> Guardrails::writeConsistency(std::uint16_t level, std::uint16_t serialLevel) const {
    if (hold()) {
        TRY(guard(m_settings->writeConsistencyLevels, {std::string(consistencyName(level)), std::string(consistencyName(serialLevel))}, "write_consistency_levels",
                  "write consistency levels"));
    }
    return ok();
}

Result<void> Guardrails::userTimestamps() const {
    return ensure(!hold() || m_settings->userTimestamps, "user_timestamps",
                  "User provided timestamps (USING TIMESTAMP) is not allowed");
}

Result<void> Guardrails::timestamp(std::int64_t micros, std::int64_t nowMicros, std::string_view table) const {
    if (!hold()) {
        return ok();
    }
    const auto check = [&](const Threshold& distance, bool isMaximum) -> Result<void> {
        const std::string_view guardrail = isMaximum ? "maximum_timestamp" : "minimum_timestamp";
        const auto beyond = [&](std::int64_t by) {
            return by >= 0 && (isMaximum ? micros > nowMicros + by : micros < nowMicros - by);
        };
        const auto text = [&](bool warns, std::int64_t by) {
            return fmt::format("The modification to table {} has a timestamp {} {} the {} allowable {} threshold {}. {}",
                               table, micros, isMaximum ? "after" : "before", isMaximum ? "maximum" : "minimum",
                               wordOf(warns), isMaximum ? nowMicros + by : nowMicros - by,
                               isMaximum ? "Timestamps too far in the future can lead to data that can't be easily "
                                           "overwritten"
                                         : "Timestamps too far in the past can cause writes can be unexpectedly lost");
        };
        if (beyond(distance.fail)) {
            return violated(guardrail, text(false, distance.fail));
        }
        if (beyond(distance.warn)) {
            warn(guardrail, text(true, distance.warn));
        }
        return ok();
    };
    TRY(check(m_settings->maximumTimestamp, true));
    return check(m_settings->minimumTimestamp, false);
}

Result<void> Guardrails::readBeforeWriteListOperation(std::string_view what) const {
    return ensure(!hold() || m_settings->readBeforeWriteListOperations, "read_before_write_list_operations",
                  fmt::format("{} requiring read before write is not allowed", what));
}

Result<void> Guardrails::itemsPerCollection(std::size_t items, std::string_view column) const {
    return most(&GuardrailSettings::itemsPerCollection, static_cast<std::int64_t>(items), "items_per_collection",
                [&](bool warns, std::int64_t limit) {
                    return fmt::format("Detected collection {} with {} items, this exceeds the {} threshold of {}.", column,
                                       items, wordOf(warns), limit);
                });
}

Result<void> Guardrails::collectionSize(std::size_t bytes, std::string_view column) const {
    return most(&GuardrailSettings::collectionSize, static_cast<std::int64_t>(bytes), "collection_size",
                [&](bool warns, std::int64_t limit) {
                    return fmt::format("Detected collection {} of size {}, this exceeds the {} threshold of {}.", column,
                                       bytes, wordOf(warns), limit);
                });
}

namespace {

auto valueSizeText(std::string_view column, std::size_t bytes) {
    return [column, bytes](bool warns, std::int64_t limit) {
        return fmt::format("Value of column '{}' has size {}, this exceeds the {} threshold of {}.", column, bytes,
                           wordOf(warns), limit);
    };
}

}  // namespace

Result<void> Guardrails::columnValueSize(std::size_t bytes, std::string_view column) const {
    return most(&GuardrailSettings::columnValueSize, static_cast<std::int64_t>(bytes), "column_value_size",
                valueSizeText(column, bytes));
}

Result<void> Guardrails::saiTermSize(std::size_t bytes, std::string_view column, TermKind kind) const {
    const auto size = static_cast<std::int64_t>(bytes);
    const auto text = valueSizeText(column, bytes);
    switch (kind) {
        case TermKind::String: return most(&GuardrailSettings::saiStringTermSize, size, "sai_string_term_size", text);
        case TermKind::Frozen: return most(&GuardrailSettings::saiFrozenTermSize, size, "sai_frozen_term_size", text);
        case TermKind::Vector: return most(&GuardrailSettings::saiVectorTermSize, size, "sai_vector_term_size", text);
    }
    return ok();
}

}  // namespace engine::cql
