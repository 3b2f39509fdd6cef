#include <fmt/format.h>

#include "engine/cql/terms/literal_value.h"
#include "engine/rows/serialization.h"
#include "engine/storage/storage_engine.h"
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
        TRY(readDeclared(out, "functions", out.functions, &SchemaReader::readFunction));
        TRY(readDeclared(out, "aggregates", out.aggregates, &SchemaReader::readAggregate));
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

    /// `read` makes one of a row; what cannot be made is named in the problems.
    template <typename Declared>
    Result<void> readDeclared(const Keyspace& keyspace, std::string_view table, std::vector<Declared>& into,
                              Result<Declared> (SchemaReader::*read)(const Keyspace&, const rows::Row&)) {
        TRY_ASSIGN(const auto* partition, partitionOf(table, keyspace.name));
        for (const rows::Row& row : partition != nullptr ? partition->rows : std::vector<rows::Row>{}) {
            auto declared = (this->*read)(keyspace, row);
            if (declared) {
                into.push_back(std::move(declared).value());
            } else {
                m_problems.push_back(declared.error().message);
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
