#include <set>

#include "engine/system/row_builder.h"
#include "engine/system/schema_row_tables.h"
#include "engine/system/schema_tables.h"
#include "engine/types/data_type.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

namespace engine::system {

namespace {

using schema::Keyspace;
using schema::Schema;
using schema::Table;
using schema::TablePtr;

/// Collects the updates of one keyspace's partition in the tables of system_schema.
class KeyspaceWriter {
public:
    KeyspaceWriter(const Schema& schema, std::string keyspace, std::int64_t timestamp)
        : m_schema(schema), m_keyspace(std::move(keyspace)), m_timestamp(timestamp) {}

    RowBuilder row(std::string_view table) const { return RowBuilder(*find(table), m_timestamp); }
    void put(std::string_view table, rows::Row row) {
        partition(table).rows.push_back(std::move(row));
    }
    /// Deletes the whole keyspace's partition, or one row.
    void drop(std::string_view table) { partition(table).deletion = deletionAt(m_timestamp); }
    /// Deletes what lies there from before.
    void clear(std::string_view table) {
        if (m_timestamp > 0) {
            partition(table).deletion = deletionAt(m_timestamp - 1);
        }
    }
    void clear(std::string_view table, const std::string& prefix) {
        if (m_timestamp > 0) {
            partition(table).rangeTombstones.push_back({{{{prefix}, true}, {{prefix}, true}}, deletionAt(m_timestamp - 1)});
        }
    }
    void drop(std::string_view table, rows::Clustering clustering) {
        rows::Row row;
        row.clustering = std::move(clustering);
        row.deletion = deletionAt(m_timestamp);
        partition(table).rows.push_back(std::move(row));
    }
    void dropRange(std::string_view table, const std::string& prefix) {
        partition(table).rangeTombstones.push_back(
            {{{{prefix}, true}, {{prefix}, true}}, deletionAt(m_timestamp)});
    }
    /// Rows sorted as their table wants; nothing when nothing was put.
    std::optional<rows::Mutation> take() {
        if (m_updates.empty()) {
            return std::nullopt;
        }
        rows::Mutation out;
        for (auto& [name, update] : m_updates) {
            const Table& table = *update.table;
            std::sort(update.partition.rows.begin(), update.partition.rows.end(),
                      [&table](const rows::Row& a, const rows::Row& b) {
                          return rows::compareClustering(table, a.clustering, b.clustering) < 0;
                      });
            out.updates.push_back(std::move(update));
        }
        return out;
    }

private:
    static rows::DeletionTime deletionAt(std::int64_t micros) { return {micros, micros / 1'000'000}; }
    TablePtr find(std::string_view table) const {
        TablePtr found = m_schema.findTable(kSchemaKeyspace, table);
        ENSURE(found != nullptr);
        return found;
    }
    rows::Partition& partition(std::string_view table) {
        auto [it, fresh] = m_updates.try_emplace(std::string(table));
        if (fresh) {
            it->second.table = find(table);
            it->second.partition.key = rows::decorate(m_keyspace);
        }
        return it->second.partition;
    }

    const Schema& m_schema;
    std::string m_keyspace;
    std::int64_t m_timestamp;
    std::map<std::string, rows::PartitionUpdate> m_updates;
};

void writeKeyspaceRow(KeyspaceWriter& out, const Keyspace& keyspace) {
    auto replication = keyspace.replication.options;
    replication["class"] = std::string(kStrategyPrefix) + keyspace.replication.strategy;
    out.put("keyspaces", out.row("keyspaces")
                             .boolean("durable_writes", keyspace.durableWrites)
                             .textMap("replication", replication)
                             .take());
}

std::optional<Bytes> booleanOrNull(const std::optional<bool>& value) {
    return value ? std::optional<Bytes>(types::encodeBoolean(*value)) : std::nullopt;
}

/// Columns that compact tables have for their storage's sake, which CQL does not show: of Static ones a clustering
/// and a value, beside which the others are static; of those that are all key an empty value.
std::vector<schema::Column> storedColumns(const Table& table) {
    std::vector<schema::Column> out = table.columns;
    if (table.compact == schema::CompactStorage::Static) {
        for (schema::Column& column : out) {
            column.kind = column.kind == schema::ColumnKind::Regular ? schema::ColumnKind::Static : column.kind;
        }
        out.push_back({"column1", types::text(), schema::ColumnKind::Clustering, 0});
        out.push_back({"value", table.isCounter ? types::counter() : types::blob()});
    } else if (table.compact == schema::CompactStorage::Dense && table.regulars().empty()) {
        out.push_back({"value", types::empty()});
    }
    return out;
}

std::vector<std::string> flagsOf(const Table& table) {
    std::vector<std::string> flags;
    if (table.compact == schema::CompactStorage::None ||
        (table.compact == schema::CompactStorage::Dense && table.clustering().size() > 1)) {
        flags.push_back("compound");
    }
    if (table.isCounter) {
        flags.push_back("counter");
    }
    if (table.compact == schema::CompactStorage::Dense) {
        flags.push_back("dense");
    }
    return flags;
}

void writeColumnRow(KeyspaceWriter& out, const Table& table, const schema::Column& column) {
    const bool clustering = column.kind == schema::ColumnKind::Clustering;
    out.put("columns", out.row("columns")
                           .clustering(table.name)
                           .clustering(column.name)
                           .text("clustering_order", !clustering         ? "none"
                                                     : column.descending ? "desc"
                                                                         : "asc")
                           .text("column_name_bytes", column.name)
                           .text("kind", schema::toString(column.kind))
                           .int32("position", column.position)
                           .text("type", types::cqlName(column.type))
                           .take());
}

std::vector<std::string> typeNames(const std::vector<types::TypePtr>& types) {
    std::vector<std::string> out;
    for (const types::TypePtr& type : types) {
        out.push_back(types::cqlName(type));
    }
    return out;
}

/// A column that has no mask any more loses its row; one that is dropped keeps it, as Cassandra has it.
void writeMaskRow(KeyspaceWriter& out, const Table& table, const schema::Column& column, bool wasMasked) {
    if (column.mask == nullptr) {
        if (wasMasked) {
            out.drop("column_masks", {table.name, column.name});
        }
        return;
    }
    const schema::ColumnMask& mask = *column.mask;
    std::vector<std::string> values;
    std::vector<Bytes> nulls;
    for (std::size_t i = 0; i < mask.arguments.size(); ++i) {
        values.push_back(mask.arguments[i] ? types::toText(*mask.argumentTypes[i], *mask.arguments[i]) : "");
        nulls.push_back(types::encodeBoolean(!mask.arguments[i]));
    }
    out.put("column_masks", out.row("column_masks")
                                .clustering(table.name)
                                .clustering(column.name)
                                .set("function_argument_nulls", types::packList(nulls))
                                .textSet("function_argument_types", typeNames(mask.argumentTypes))
                                .textSet("function_argument_values", values)
                                .text("function_keyspace", mask.keyspace)
                                .text("function_name", mask.function)
                                .take());
}

/// A view has a table of its own, with what it is made of in place of the flags.
std::string_view rowsTableOf(const Table& table) { return table.view ? "views" : "tables"; }

void writeTableRows(KeyspaceWriter& out, const Table& table, const Table* before) {
    const schema::TableOptions& o = table.options;
    RowBuilder row = out.row(rowsTableOf(table));
    if (table.view) {
        row.uuid("base_table_id", table.view->baseId)
            .text("base_table_name", table.view->baseName)
            .boolean("include_all_columns", table.view->allColumns)
            .text("where_clause", table.view->where);
    } else {
        row.textSet("flags", flagsOf(table));
    }
    out.put(rowsTableOf(table),
            row.clustering(table.name)
                .text("additional_write_policy", o.additionalWritePolicy)
                .set("allow_auto_snapshot", booleanOrNull(o.allowAutoSnapshot))
                .float64("bloom_filter_fp_chance", o.bloomFilterFpChance)
                .textMap("caching", o.caching)
                .set("cdc", booleanOrNull(o.cdc))
                .text("comment", o.comment)
                .textMap("compaction", o.compaction)
                .textMap("compression", o.compression)
                .float64("crc_check_chance", o.crcCheckChance)
                .float64("dclocal_read_repair_chance", 0)
                .int32("default_time_to_live", o.defaultTimeToLive)
                .textMap("extensions", o.extensions)
                .int32("gc_grace_seconds", o.gcGraceSeconds)
                .uuid("id", table.id)
                .set("incremental_backups", booleanOrNull(o.incrementalBackups))
                .int32("max_index_interval", o.maxIndexInterval)
                .set("memtable", o.memtable)
                .int32("memtable_flush_period_in_ms", o.memtableFlushPeriodMillis)
                .int32("min_index_interval", o.minIndexInterval)
                .text("read_repair", o.readRepair)
                .float64("read_repair_chance", 0)
                .text("speculative_retry", o.speculativeRetry)
                .take());
    for (const schema::Column& column : storedColumns(table)) {
        writeColumnRow(out, table, column);
        writeMaskRow(out, table, column, before != nullptr);
    }
    for (const schema::DroppedColumn& dropped : table.dropped) {
        out.put("dropped_columns", out.row("dropped_columns")
                                       .clustering(table.name)
                                       .clustering(dropped.column.name)
                                       .bigint("dropped_time", dropped.droppedAtMicros / 1000)
                                       .text("kind", schema::toString(dropped.column.kind))
                                       .text("type", types::cqlName(dropped.column.type))
                                       .take());
    }
    for (const schema::Index& index : table.indexes) {
        out.put("indexes", out.row("indexes")
                               .clustering(table.name)
                               .clustering(index.name)
                               .text("kind", index.kind)
                               .textMap("options", index.options)
                               .take());
    }
}

void dropTableRows(KeyspaceWriter& out, const Table& table) {
    out.drop(rowsTableOf(table), {table.name});
    for (const char* rows : {"columns", "column_masks", "dropped_columns", "indexes"}) {
        out.dropRange(rows, table.name);
    }
}

/// Columns, dropped columns and indexes that the next version no longer has.
void dropGoneParts(KeyspaceWriter& out, const Table& before, const Table& after) {
    for (const schema::Column& column : before.columns) {
        if (after.find(column.name) == nullptr) {
            out.drop("columns", {before.name, column.name});
        }
    }
    const auto contains = [](const auto& items, const auto& name, auto nameOf) {
        return std::any_of(items.begin(), items.end(), [&](const auto& i) { return nameOf(i) == name; });
    };
    for (const schema::Index& index : before.indexes) {
        if (!contains(after.indexes, index.name, [](const schema::Index& i) { return i.name; })) {
            out.drop("indexes", {before.name, index.name});
        }
    }
    for (const schema::DroppedColumn& dropped : before.dropped) {
        if (!contains(after.dropped, dropped.column.name,
                      [](const schema::DroppedColumn& d) { return d.column.name; })) {
            out.drop("dropped_columns", {before.name, dropped.column.name});
        }
    }
}

void writeTypeRow(KeyspaceWriter& out, const schema::UserType& type) {
    std::vector<std::string> fieldTypes;
    for (const types::TypePtr& field : type.fieldTypes) {
        fieldTypes.push_back(types::cqlName(field));
    }
    out.put("types", out.row("types")
                         .clustering(type.name)
                         .textSet("field_names", type.fieldNames)
                         .textSet("field_types", fieldTypes)
                         .take());
}

template <typename Declared>
rows::Clustering signatureOf(const Declared& function) {
    const std::vector<std::string> names = typeNames(function.argumentTypes);
    return {function.name, types::packList(std::vector<Bytes>(names.begin(), names.end()))};
}

void writeFunctionRow(KeyspaceWriter& out, const schema::UserFunction& function) {
    const rows::Clustering key = signatureOf(function);
    out.put("functions", out.row("functions")
                             .clustering(key[0])
                             .clustering(key[1])
                             .textSet("argument_names", function.argumentNames)
                             .text("body", function.body)
                             .boolean("called_on_null_input", function.calledOnNullInput)
                             .text("language", function.language)
                             .text("return_type", types::cqlName(function.returnType))
                             .take());
}

void writeFunctionRow(KeyspaceWriter& out, const schema::UserAggregate& aggregate) {
    const rows::Clustering key = signatureOf(aggregate);
    std::optional<Bytes> initial;
    if (aggregate.initialCondition) {
        initial = types::toCqlLiteral(*aggregate.stateType, *aggregate.initialCondition);
    }
    out.put("aggregates",
            out.row("aggregates")
                .clustering(key[0])
                .clustering(key[1])
                .set("final_func", aggregate.finalFunction.empty() ? std::nullopt
                                                                   : std::optional<Bytes>(aggregate.finalFunction))
                .set("initcond", initial)
                .text("return_type", types::cqlName(aggregate.returnType))
                .text("state_func", aggregate.stateFunction)
                .text("state_type", types::cqlName(aggregate.stateType))
                .take());
}

/// Those gone dropped, those new or changed written; `table` is functions or aggregates.
template <typename Declared>
void writeFunctions(KeyspaceWriter& out, std::string_view table, const std::vector<Declared>& before,
                    const std::vector<Declared>& after) {
    const auto find = [](const std::vector<Declared>& all, const Declared& wanted) {
        return std::find_if(all.begin(), all.end(), [&](const Declared& other) {
            return signatureOf(other) == signatureOf(wanted);
        });
    };
    for (const Declared& old : before) {
        if (find(after, old) == after.end()) {
            out.drop(table, signatureOf(old));
        }
    }
    for (const Declared& next : after) {
        const auto old = find(before, next);
        if (old == before.end() || !(*old == next)) {
            writeFunctionRow(out, next);
        }
    }
}

std::optional<rows::Mutation> keyspaceDifference(const Schema& schema, const Keyspace* before,
                                                 const Keyspace* after, std::int64_t timestamp) {
    KeyspaceWriter out(schema, after != nullptr ? after->name : before->name, timestamp);
    if (after == nullptr) {
        for (const std::string_view table : kRowTables) {
            out.drop(table);
        }
        return out.take();
    }
    if (before == nullptr) {
        for (const std::string_view table : kRowTables) {
            out.clear(table);
        }
    }
    if (before == nullptr || before->durableWrites != after->durableWrites ||
        before->replication != after->replication) {
        writeKeyspaceRow(out, *after);
    }
    static const Keyspace nothing;
    const Keyspace& old = before != nullptr ? *before : nothing;
    for (const auto& [name, type] : old.types) {
        if (!after->types.contains(name)) {
            out.drop("types", {name});
        }
    }
    for (const auto& [name, type] : after->types) {
        const auto it = old.types.find(name);
        if (it == old.types.end() || !(it->second == type)) {
            writeTypeRow(out, type);
        }
    }
    for (const auto& [name, table] : old.tables) {
        if (!after->tables.contains(name)) {
            dropTableRows(out, *table);
        }
    }
    for (const auto& [name, table] : after->tables) {
        const auto it = old.tables.find(name);
        if (it != old.tables.end() && it->second == table) {
            continue;
        }
        if (it != old.tables.end()) {
            dropGoneParts(out, *it->second, *table);
        } else if (before != nullptr) {
            for (const char* rows : {"tables", "columns", "column_masks", "dropped_columns", "indexes", "views"}) {
                out.clear(rows, name);
            }
        }
        writeTableRows(out, *table, it != old.tables.end() ? it->second.get() : nullptr);
    }
    writeFunctions(out, "functions", old.functions, after->functions);
    writeFunctions(out, "aggregates", old.aggregates, after->aggregates);
    return out.take();
}

}  // namespace

std::vector<rows::Mutation> schemaMutations(const Schema& before, const Schema& after,
                                            std::int64_t timestampMicros, bool withSystem) {
    std::set<std::string> names;
    for (const Schema* schema : {&before, &after}) {
        for (const auto& [name, keyspace] : schema->keyspaces()) {
            if (!keyspace->isVirtual && (withSystem || !keyspace->isLocal())) {
                names.insert(name);
            }
        }
    }
    std::vector<rows::Mutation> out;
    for (const std::string& name : names) {
        const auto* old = before.findKeyspace(name);
        const auto* next = after.findKeyspace(name);
        if (old != nullptr && next != nullptr && *old == *next) {
            continue;
        }
        // The rows' own tables are found in whichever schema has them.
        const Schema& tables = after.findKeyspace(kSchemaKeyspace) != nullptr ? after : before;
        auto mutation = keyspaceDifference(tables, old != nullptr ? old->get() : nullptr,
                                           next != nullptr ? next->get() : nullptr, timestampMicros);
        if (mutation) {
            out.push_back(std::move(*mutation));
        }
    }
    return out;
}

}  // namespace engine::system
