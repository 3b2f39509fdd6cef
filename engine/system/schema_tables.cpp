#include "engine/system/schema_tables.h"

#include <fmt/format.h>

#include <set>

#include "engine/base/hash.h"
#include "engine/cql/terms/literal_value.h"
#include "engine/rows/serialization.h"
#include "engine/storage/storage_engine.h"
#include "engine/system/row_builder.h"
#include "engine/types/data_type.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

namespace engine::system {

namespace {

constexpr std::string_view kStrategyPrefix = "org.apache.cassandra.locator.";
constexpr std::string_view kSchemaKeyspace = "system_schema";

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

constexpr std::string_view kRowTables[] = {"keyspaces", "tables",  "columns", "column_masks", "dropped_columns",
                                           "types",     "indexes", "views",   "functions",    "aggregates"};

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

// ---- reading -----------------------------------------------------------------------------------

class SchemaReader {
public:
    SchemaReader(storage::StorageEngine& storage, const Schema& base, std::int64_t nowSeconds)
        : m_storage(storage), m_base(base), m_nowSeconds(nowSeconds) {}

    Result<Schema> load() {
        Schema out = m_base;
        // Once all rows are here, what goes wrong is their meaning and not the disk.
        for (const std::string_view table : kRowTables) {
            TRY(partitionOf(table, ""));  // Reads the whole table.
        }
        TRY_ASSIGN(const auto keyspaces, rowsOf("keyspaces"));
        for (const auto& [name, partition] : keyspaces) {
            const auto* known = m_base.findKeyspace(name);
            if (partition.rows.empty() || (known != nullptr && (*known)->isLocal())) {
                continue;
            }
            TRY_ASSIGN(auto keyspace, readKeyspace(name, partition.rows.front()));
            if (known != nullptr) {
                // Of the replicated system keyspaces only the replication can be altered.
                keyspace.tables = (*known)->tables;
            }
            out = out.with(std::make_shared<Keyspace>(std::move(keyspace)));
        }
        return out;
    }

    std::vector<std::string>& problems() { return m_problems; }

    /// Over all live rows of replicated keyspaces, whether or not they make sense: two nodes agree only
    /// if they hold the same (SchemaKeyspace.calculateSchemaDigest).
    Uuid version() const {
        ByteWriter out;
        for (const auto& [table, partitions] : m_cache) {
            for (const auto& [keyspace, partition] : partitions) {
                if (const auto* known = m_base.findKeyspace(keyspace); known != nullptr && (*known)->isLocal()) {
                    continue;
                }
                for (const rows::Row& row : partition.rows) {
                    out.longBlob(table);
                    out.longBlob(keyspace);
                    write(out, row);
                }
            }
        }
        return Uuid::nameBased(out.bytes());
    }

    Result<std::map<std::string, rows::Partition>> rowsOf(std::string_view table, bool live = true) {
        const TablePtr found = m_base.findTable(kSchemaKeyspace, table);
        ENSURE(found != nullptr);
        rows::ReadCommand command;
        command.table = found;
        command.nowSeconds = m_nowSeconds;
        TRY_ASSIGN(auto partitions, m_storage.readNow(command));
        std::map<std::string, rows::Partition> out;
        for (rows::Partition& partition : partitions) {
            if (live) {
                rows::filterLive(*found, partition, m_nowSeconds);
            }
            std::string key = partition.key.key;
            out.emplace(std::move(key), std::move(partition));
        }
        return out;
    }

private:
    Result<const rows::Partition*> partitionOf(std::string_view table, const std::string& keyspace) {
        auto it = m_cache.find(table);
        if (it == m_cache.end()) {
            TRY_ASSIGN(auto all, rowsOf(table));
            it = m_cache.emplace(std::string(table), std::move(all)).first;
        }
        const auto found = it->second.find(keyspace);
        return found == it->second.end() ? nullptr : &found->second;
    }
    static void write(ByteWriter& out, const rows::Row& row) {
        for (const Bytes& value : row.clustering) {
            out.longBlob(value);
        }
        for (const rows::Cell& cell : row.cells) {
            out.longBlob(cell.column);
            out.longBlob(cell.path);
            out.longBlob(cell.value);
        }
    }
    const Table& definition(std::string_view table) const {
        return *m_base.findTable(kSchemaKeyspace, table);
    }

    Result<Keyspace> readKeyspace(const std::string& name, const rows::Row& row) {
        Keyspace out;
        out.name = name;
        const RowReader reader(definition("keyspaces"), row);
        out.durableWrites = reader.boolean("durable_writes", true);
        auto replication = reader.textMap("replication");
        std::string strategy = replication["class"];
        replication.erase("class");
        if (strategy.starts_with(kStrategyPrefix)) {
            strategy.erase(0, kStrategyPrefix.size());
        }
        out.replication = {strategy, replication};
        TRY(readTypes(out));
        TRY(readTables(out, "tables"));
        TRY(readTables(out, "views"));
        TRY(readFunctions(out));
        TRY(readAggregates(out));
        return out;
    }

    Result<std::vector<types::TypePtr>> parseTypes(const Keyspace& keyspace, const std::vector<std::string>& texts) {
        std::vector<types::TypePtr> out;
        for (const std::string& text : texts) {
            TRY_ASSIGN(auto type, parseType(keyspace, text));
            out.push_back(std::move(type));
        }
        return out;
    }

    Result<schema::UserFunction> readFunction(const Keyspace& keyspace, const rows::Row& row) {
        const RowReader reader(definition("functions"), row);
        schema::UserFunction out;
        out.keyspace = keyspace.name;
        out.name = reader.text("function_name");
        out.argumentNames = reader.textList("argument_names");
        TRY_ASSIGN(out.argumentTypes, parseTypes(keyspace, reader.textList("argument_types")));
        TRY_ASSIGN(out.returnType, parseType(keyspace, reader.text("return_type")));
        out.calledOnNullInput = reader.boolean("called_on_null_input");
        out.language = reader.text("language");
        out.body = reader.text("body");
        return out;
    }

    Result<schema::UserAggregate> readAggregate(const Keyspace& keyspace, const rows::Row& row) {
        const RowReader reader(definition("aggregates"), row);
        schema::UserAggregate out;
        out.keyspace = keyspace.name;
        out.name = reader.text("aggregate_name");
        TRY_ASSIGN(out.argumentTypes, parseTypes(keyspace, reader.textList("argument_types")));
        TRY_ASSIGN(out.returnType, parseType(keyspace, reader.text("return_type")));
        TRY_ASSIGN(out.stateType, parseType(keyspace, reader.text("state_type")));
        out.stateFunction = reader.text("state_func");
        out.finalFunction = reader.text("final_func");
        if (const auto initial = reader.get("initcond")) {
            TRY_ASSIGN(out.initialCondition, cql::literalValue(*initial, out.stateType));
        }
        return out;
    }

    Result<void> readFunctions(Keyspace& keyspace) {
        TRY_ASSIGN(const auto* partition, partitionOf("functions", keyspace.name));
        for (const rows::Row& row : partition != nullptr ? partition->rows : std::vector<rows::Row>{}) {
            auto function = readFunction(keyspace, row);
            if (function) {
                keyspace.functions.push_back(std::move(function).value());
            } else {
                m_problems.push_back(function.error().message);
            }
        }
        return ok();
    }

    Result<void> readAggregates(Keyspace& keyspace) {
        TRY_ASSIGN(const auto* partition, partitionOf("aggregates", keyspace.name));
        for (const rows::Row& row : partition != nullptr ? partition->rows : std::vector<rows::Row>{}) {
            auto aggregate = readAggregate(keyspace, row);
            if (aggregate) {
                keyspace.aggregates.push_back(std::move(aggregate).value());
            } else {
                m_problems.push_back(aggregate.error().message);
            }
        }
        return ok();
    }

    /// Types may use one another, so a type is read once those that it uses are.
    Result<void> readTypes(Keyspace& keyspace) {
        TRY_ASSIGN(const auto* partition, partitionOf("types", keyspace.name));
        std::vector<const rows::Row*> left;
        if (partition != nullptr) {
            for (const rows::Row& row : partition->rows) {
                left.push_back(&row);
            }
        }
        while (!left.empty()) {
            std::vector<const rows::Row*> again;
            std::optional<Error> problem;
            for (const rows::Row* row : left) {
                const RowReader reader(definition("types"), *row);
                schema::UserType type{keyspace.name, reader.text("type_name"), reader.textList("field_names"), {}};
                bool complete = true;
                for (const std::string& text : reader.textList("field_types")) {
                    auto parsed = parseType(keyspace, text);
                    if (!parsed) {
                        problem = std::move(parsed).error();
                        complete = false;
                        break;
                    }
                    type.fieldTypes.push_back(std::move(parsed).value());
                }
                if (complete) {
                    std::string typeName = type.name;
                    keyspace.types.emplace(std::move(typeName), std::move(type));
                } else {
                    again.push_back(row);
                }
            }
            if (again.size() == left.size()) {
                m_problems.push_back(fmt::format("types of keyspace {}: {}", keyspace.name, problem->message));
                break;
            }
            left = std::move(again);
        }
        return ok();
    }

    static Result<types::TypePtr> parseType(const Keyspace& keyspace, const std::string& text) {
        return types::parseCqlType(
            text, keyspace.name, [&keyspace](std::string_view, std::string_view name) -> types::TypePtr {
                const auto it = keyspace.types.find(std::string(name));
                if (it == keyspace.types.end()) {
                    return nullptr;
                }
                const schema::UserType& t = it->second;
                return types::udt(t.keyspace, t.name, t.fieldNames, t.fieldTypes, false);
            });
    }

    Result<void> readTables(Keyspace& keyspace, std::string_view from) {
        TRY_ASSIGN(const auto* partition, partitionOf(from, keyspace.name));
        if (partition == nullptr) {
            return ok();
        }
        for (const rows::Row& row : partition->rows) {
            auto table = readTable(keyspace, row, from == "views");
            if (!table) {
                m_problems.push_back(table.error().message);
                continue;
            }
            std::string name = table.value().name;
            keyspace.tables.emplace(std::move(name), std::make_shared<Table>(std::move(table).value()));
        }
        return ok();
    }

    Result<Table> readTable(const Keyspace& keyspace, const rows::Row& row, bool isView) {
        const RowReader reader(definition(isView ? "views" : "tables"), row);
        Table out;
        out.keyspace = keyspace.name;
        out.name = reader.text(isView ? "view_name" : "table_name");
        const auto id = Uuid::fromBytes(reader.text("id"));
        if (!id) {
            return makeError(ErrorKind::Corrupt,
                             fmt::format("system_schema.tables: {}.{} has no id", keyspace.name, out.name));
        }
        out.id = *id;
        if (isView) {
            out.view = schema::ViewOf{Uuid::fromBytes(reader.text("base_table_id")).value_or(Uuid()),
                                      reader.text("base_table_name"), reader.text("where_clause"),
                                      reader.boolean("include_all_columns")};
        } else {
            const auto flags = reader.textList("flags");
            const auto has = [&flags](const char* flag) {
                return std::find(flags.begin(), flags.end(), flag) != flags.end();
            };
            out.isCounter = has("counter");
            out.compact = has("dense")      ? schema::CompactStorage::Dense
                          : has("compound") ? schema::CompactStorage::None
                                            : schema::CompactStorage::Static;
        }
        readOptions(out.options, reader);
        TRY(readColumns(keyspace, out));
        TRY(readMasks(keyspace, out));
        TRY(readDropped(keyspace, out));
        TRY(readIndexes(keyspace, out));
        out.finish();
        if (isView) {
            const auto base = keyspace.tables.find(out.view->baseName);
            out.view->strictLiveness = base != keyspace.tables.end() && schema::isStrict(out, *base->second);
        }
        if (out.partitionKey().empty()) {
            return makeError(ErrorKind::Corrupt, fmt::format("{} has no partition key", out.qualifiedName()));
        }
        return out;
    }

    static void readOptions(schema::TableOptions& o, const RowReader& reader) {
        const auto flag = [&reader](std::string_view column) -> std::optional<bool> {
            const auto value = reader.get(column);
            return value ? std::optional<bool>(types::decodeBoolean(*value)) : std::nullopt;
        };
        o.additionalWritePolicy = reader.text("additional_write_policy");
        o.allowAutoSnapshot = flag("allow_auto_snapshot");
        o.bloomFilterFpChance = reader.float64("bloom_filter_fp_chance", o.bloomFilterFpChance);
        o.caching = reader.textMap("caching");
        o.cdc = flag("cdc");
        o.comment = reader.text("comment");
        o.compaction = reader.textMap("compaction");
        o.compression = reader.textMap("compression");
        o.crcCheckChance = reader.float64("crc_check_chance", 1.0);
        o.defaultTimeToLive = reader.int32("default_time_to_live");
        o.extensions = reader.textMap("extensions");
        o.gcGraceSeconds = reader.int32("gc_grace_seconds");
        o.incrementalBackups = flag("incremental_backups");
        o.maxIndexInterval = reader.int32("max_index_interval", o.maxIndexInterval);
        o.memtable = reader.get("memtable");
        o.memtableFlushPeriodMillis = reader.int32("memtable_flush_period_in_ms");
        o.minIndexInterval = reader.int32("min_index_interval", o.minIndexInterval);
        o.readRepair = reader.text("read_repair");
        o.speculativeRetry = reader.text("speculative_retry");
    }

    static schema::ColumnKind kindOf(const std::string& text) {
        using K = schema::ColumnKind;
        for (const K kind : {K::PartitionKey, K::Clustering, K::Static}) {
            if (text == schema::toString(kind)) {
                return kind;
            }
        }
        return K::Regular;
    }

    /// Undoes storedColumns.
    static bool isHidden(schema::CompactStorage compact, schema::ColumnKind kind, const std::string& type) {
        switch (compact) {
            case schema::CompactStorage::None: return false;
            case schema::CompactStorage::Static:
                return kind == schema::ColumnKind::Clustering || kind == schema::ColumnKind::Regular;
            case schema::CompactStorage::Dense: return type == "empty";
        }
        return false;
    }

    Result<void> readColumns(const Keyspace& keyspace, Table& table) {
        TRY_ASSIGN(const auto* partition, partitionOf("columns", keyspace.name));
        for (const rows::Row& row : partition != nullptr ? partition->rows : std::vector<rows::Row>{}) {
            const RowReader reader(definition("columns"), row);
            if (reader.text("table_name") != table.name) {
                continue;
            }
            const schema::ColumnKind kind = kindOf(reader.text("kind"));
            const std::string typeText = reader.text("type");
            if (isHidden(table.compact, kind, typeText)) {
                continue;
            }
            TRY_ASSIGN(auto type, parseType(keyspace, typeText));
            const bool isStatic = table.compact == schema::CompactStorage::Static && kind == schema::ColumnKind::Static;
            table.columns.push_back({reader.text("column_name"), std::move(type),
                                     isStatic ? schema::ColumnKind::Regular : kind, reader.int32("position", -1),
                                     reader.text("clustering_order") == "desc"});
        }
        return ok();
    }

    Result<void> readMasks(const Keyspace& keyspace, Table& table) {
        TRY_ASSIGN(const auto* partition, partitionOf("column_masks", keyspace.name));
        for (const rows::Row& row : partition != nullptr ? partition->rows : std::vector<rows::Row>{}) {
            const RowReader reader(definition("column_masks"), row);
            const std::string name = reader.text("column_name");
            const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                             [&name](const schema::Column& c) { return c.name == name; });
            if (reader.text("table_name") != table.name || column == table.columns.end()) {
                continue;
            }
            auto mask = std::make_shared<schema::ColumnMask>();
            mask->keyspace = reader.text("function_keyspace");
            mask->function = reader.text("function_name");
            TRY_ASSIGN(mask->argumentTypes, parseTypes(keyspace, reader.textList("function_argument_types")));
            const auto values = reader.textList("function_argument_values");
            const auto nulls = reader.textList("function_argument_nulls");
            for (std::size_t i = 0; i < mask->argumentTypes.size() && i < values.size() && i < nulls.size(); ++i) {
                if (types::decodeBoolean(nulls[i])) {
                    mask->arguments.emplace_back();
                } else {
                    TRY_ASSIGN(auto value, types::fromString(*mask->argumentTypes[i], values[i]));
                    mask->arguments.emplace_back(std::move(value));
                }
            }
            column->mask = std::move(mask);
        }
        return ok();
    }

    Result<void> readDropped(const Keyspace& keyspace, Table& table) {
        TRY_ASSIGN(const auto* partition, partitionOf("dropped_columns", keyspace.name));
        for (const rows::Row& row : partition != nullptr ? partition->rows : std::vector<rows::Row>{}) {
            const RowReader reader(definition("dropped_columns"), row);
            if (reader.text("table_name") != table.name) {
                continue;
            }
            TRY_ASSIGN(auto type, parseType(keyspace, reader.text("type")));
            const std::int64_t millis = types::decodeBigint(reader.text("dropped_time"));
            table.dropped.push_back(
                {{reader.text("column_name"), std::move(type), kindOf(reader.text("kind")), -1, false},
                 millis * 1000});
        }
        return ok();
    }

    Result<void> readIndexes(const Keyspace& keyspace, Table& table) {
        TRY_ASSIGN(const auto* partition, partitionOf("indexes", keyspace.name));
        for (const rows::Row& row : partition != nullptr ? partition->rows : std::vector<rows::Row>{}) {
            const RowReader reader(definition("indexes"), row);
            if (reader.text("table_name") == table.name) {
                table.indexes.push_back(
                    {reader.text("index_name"), reader.text("kind"), reader.textMap("options")});
            }
        }
        return ok();
    }

    storage::StorageEngine& m_storage;
    const Schema& m_base;
    std::int64_t m_nowSeconds;
    std::vector<std::string> m_problems;
    std::map<std::string, std::map<std::string, rows::Partition>, std::less<>> m_cache;
};

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

Result<Schema> loadSchema(storage::StorageEngine& storage, const Schema& base, std::int64_t nowSeconds,
                          std::vector<std::string>& problems) {
    SchemaReader reader(storage, base, nowSeconds);
    TRY_ASSIGN(auto loaded, reader.load());
    problems = std::move(reader.problems());
    return loaded.withVersion(reader.version());
}

namespace {

std::int64_t newestTimestamp(const rows::Row& row) {
    std::int64_t out = std::max(row.liveness.timestamp, row.deletion.markedForDeleteAt);
    for (const rows::Cell& cell : row.cells) {
        out = std::max(out, cell.timestamp);
    }
    for (const rows::ComplexDeletion& complex : row.complexDeletions) {
        out = std::max(out, complex.deletion.markedForDeleteAt);
    }
    return out;
}

}  // namespace

std::int64_t newestTimestamp(const std::vector<rows::Mutation>& mutations) {
    std::int64_t out = 0;
    for (const rows::Mutation& mutation : mutations) {
        for (const rows::PartitionUpdate& update : mutation.updates) {
            const rows::Partition& partition = update.partition;
            out = std::max({out, partition.deletion.markedForDeleteAt, newestTimestamp(partition.staticRow)});
            for (const rows::RangeTombstone& tombstone : partition.rangeTombstones) {
                out = std::max(out, tombstone.deletion.markedForDeleteAt);
            }
            for (const rows::Row& row : partition.rows) {
                out = std::max(out, newestTimestamp(row));
            }
        }
    }
    return out;
}

Result<std::vector<rows::Mutation>> allSchemaRows(storage::StorageEngine& storage, const Schema& base,
                                                  std::int64_t nowSeconds) {
    SchemaReader reader(storage, base, nowSeconds);
    std::map<std::string, rows::Mutation> byKeyspace;
    for (const std::string_view name : kRowTables) {
        const TablePtr table = base.findTable(kSchemaKeyspace, name);
        TRY_ASSIGN(auto partitions, reader.rowsOf(name, false));
        for (auto& [keyspace, partition] : partitions) {
            const auto* known = base.findKeyspace(keyspace);
            if (known == nullptr || !(*known)->isLocal()) {
                byKeyspace[keyspace].updates.push_back({table, std::move(partition)});
            }
        }
    }
    std::vector<rows::Mutation> out;
    for (auto& [keyspace, mutation] : byKeyspace) {
        out.push_back(std::move(mutation));
    }
    return out;
}

}  // namespace engine::system
