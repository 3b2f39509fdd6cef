#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/masking/column_masks.h"
#include "engine/cql/schema_statements/schema_change.h"
#include "engine/cql/schema_statements/table_options.h"
#include "engine/cql/schema_statements/table_rules.h"
#include "engine/cql/terms/function_context.h"
#include "engine/cql/type_ref.h"
#include "engine/schema/system_keyspaces.h"
#include "engine/types/data_type.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using schema::ColumnKind;
using Names = std::vector<syntax::Name>;

constexpr std::size_t kTableNameLength = 222;

Error existingTable(const std::string& keyspace, const std::string& table) {
    Error error = makeError(ErrorKind::AlreadyExists,
                            fmt::format("Cannot add already existing table \"{}\" to keyspace \"{}\"",
                                        table, keyspace));
    auto detail = std::make_shared<ErrorDetail>();
    detail->keyspace = keyspace;
    detail->table = table;
    error.detail = std::move(detail);
    return error;
}

schema::Column* columnOf(std::vector<schema::Column>& columns, const std::string& name) {
    for (schema::Column& column : columns) {
        if (column.name == name) {
            return &column;
        }
    }
    return nullptr;
}

/// Columns with their types, by name: the order in which Cassandra finds fault with them.
Result<std::vector<schema::Column>> readColumns(const syntax::CreateTableStatement& statement,
                                                const schema::Schema& current,
                                                const std::string& keyspace, bool masking) {
    std::map<std::string, const syntax::ColumnDefinition*> byName;
    for (const syntax::ColumnDefinition& definition : statement.columns) {
        byName[definition.name.text] = &definition;
    }
    std::vector<schema::Column> columns;
    for (const auto& [name, definition] : byName) {
        if (definition->mask && !masking) {
            return maskingIsOff();
        }
        TRY_ASSIGN(auto type, resolveType(definition->type, current, keyspace));
        columns.push_back({name, std::move(type),
                           definition->isStatic ? ColumnKind::Static : ColumnKind::Regular, -1, false});
    }
    for (const schema::Column& column : columns) {
        if (hasNestedMultiCell(*column.type)) {
            return invalid("Non-frozen UDTs with nested non-frozen collections are not supported");
        }
    }
    for (schema::Column& column : columns) {
        if (const auto& mask = byName[column.name]->mask) {
            TRY_ASSIGN(column.mask, prepareMask(*mask, column.name, column.type, keyspace, statement.table.name.text,
                                                current));
        }
    }
    return columns;
}

Result<void> checkKeyNames(const syntax::PrimaryKey& key, std::vector<schema::Column>& columns,
                           const std::string& table) {
    std::set<std::string> seen;
    for (const Names* names : {&key.partition, &key.clustering}) {
        for (const syntax::Name& name : *names) {
            if (columnOf(columns, name.text) == nullptr) {
                return invalidAt(name.span, fmt::format("Unknown column '{}' referenced in PRIMARY KEY "
                                                        "for table '{}'",
                                                        name.text, table));
            }
            if (!seen.insert(name.text).second) {
                return invalidAt(name.span,
                                 fmt::format("Duplicate column '{}' in PRIMARY KEY clause for table '{}'",
                                             name.text, table));
            }
        }
    }
    return ok();
}

Result<void> checkKeyType(const schema::Column& column) {
    const types::DataType& type = *column.type;
    if (type.isMultiCell() && type.isCollection()) {
        return invalid(fmt::format("Invalid non-frozen collection type {} for PRIMARY KEY column '{}'",
                                   types::cqlName(type), column.name));
    }
    if (type.isMultiCell()) {
        return invalid(fmt::format(
            "Invalid non-frozen user-defined type \"{}.{}\" for PRIMARY KEY column '{}'",
            type.udtKeyspace(), type.udtName(), column.name));
    }
    if (type.isCounter()) {
        return invalid(
            fmt::format("counter type is not supported for PRIMARY KEY column '{}'", column.name));
    }
    if (type.references(types::Kind::Duration)) {
        return invalid(
            fmt::format("duration type is not supported for PRIMARY KEY column '{}'", column.name));
    }
    if (column.kind == ColumnKind::Static) {
        return invalid(
            fmt::format("Static column '{}' cannot be part of the PRIMARY KEY", column.name));
    }
    return ok();
}

Result<void> placeKey(const Names& names, ColumnKind kind, std::vector<schema::Column>& columns) {
    int position = 0;
    for (const syntax::Name& name : names) {
        schema::Column& column = *columnOf(columns, name.text);
        TRY(checkKeyType(column));
        column.kind = kind;
        column.position = position++;
    }
    return ok();
}

Result<void> placeOrder(const syntax::CreateTableStatement& statement, const Names& clustering,
                        std::vector<schema::Column>& columns) {
    const auto isClustering = [&](const std::string& name) {
        return std::any_of(clustering.begin(), clustering.end(),
                           [&](const syntax::Name& own) { return own.text == name; });
    };
    std::string others;
    for (const syntax::ClusteringOrder& order : statement.clusteringOrder) {
        if (!isClustering(order.column.text)) {
            others += (others.empty() ? "" : ", ") + order.column.text;
        }
    }
    if (!others.empty()) {
        return invalid(fmt::format("Only clustering key columns can be defined in CLUSTERING ORDER "
                                   "directive: [{}] are not clustering columns",
                                   others));
    }
    for (std::size_t i = 0; i < statement.clusteringOrder.size(); ++i) {
        const syntax::ClusteringOrder& order = statement.clusteringOrder[i];
        const std::string& expected = clustering[i].text;
        if (order.column.text != expected) {
            const bool later = std::any_of(
                statement.clusteringOrder.begin(), statement.clusteringOrder.end(),
                [&](const syntax::ClusteringOrder& other) { return other.column.text == expected; });
            return invalidAt(order.column.span,
                             later ? fmt::format("The order of columns in the CLUSTERING ORDER directive "
                                                 "must match that of the clustering columns ({} must "
                                                 "appear before {})",
                                                 expected, order.column.text)
                                   : fmt::format("Missing CLUSTERING ORDER for column {}", expected));
        }
        columnOf(columns, expected)->descending = order.descending;
    }
    return ok();
}

Result<void> checkOthers(const std::vector<schema::Column>& columns, bool hasClustering,
                         bool& isCounter) {
    bool counters = false;
    bool others = false;
    for (const schema::Column& column : columns) {
        if (column.kind == ColumnKind::Static && !hasClustering) {
            return invalid("Static columns are only useful (and thus allowed) if the table has at least "
                           "one clustering column");
        }
        if (column.kind == ColumnKind::Static || column.kind == ColumnKind::Regular) {
            (column.type->isCounter() ? counters : others) = true;
        }
    }
    if (counters && others) {
        return invalid("Cannot mix counter and non counter columns in the same table");
    }
    isCounter = counters;
    return ok();
}

/// CreateTableStatement.validateCompactTable.
Result<schema::CompactStorage> compactStorage(const std::vector<schema::Column>& columns, bool simpleKey) {
    std::vector<std::string> others;
    for (const schema::Column& column : columns) {
        if (column.type->isMultiCell()) {
            return invalid("Non-frozen collections and UDTs are not supported with COMPACT STORAGE");
        }
    }
    for (const schema::Column& column : columns) {
        if (column.kind == ColumnKind::Static) {
            return invalid("Static columns are not supported in COMPACT STORAGE tables");
        }
        if (column.kind == ColumnKind::Regular) {
            others.push_back(column.name);
        }
    }
    if (simpleKey && others.empty()) {
        return invalid("No definition found that is not part of the PRIMARY KEY");
    }
    if (!simpleKey && others.size() > 1) {
        return invalid(fmt::format("COMPACT STORAGE with composite PRIMARY KEY allows no more than one "
                                   "column not part of the PRIMARY KEY (got: {})",
                                   fmt::join(others, ", ")));
    }
    return simpleKey ? schema::CompactStorage::Static : schema::CompactStorage::Dense;
}

std::size_t userTables(const schema::Schema& schema) {
    std::size_t count = 0;
    for (const auto& [name, keyspace] : schema.keyspaces()) {
        count += schema::isSystemKeyspace(name) ? 0 : keyspace->tables.size();
    }
    return count;
}

/// CreateTableStatement.validate, before anything is looked up.
Result<void> guardCreation(const syntax::CreateTableStatement& statement, const schema::TableOptions& options,
                           const schema::Schema& current, const std::string& keyspace, const Guardrails& guardrails) {
    if (!guardrails.hold()) {
        return ok();
    }
    const std::string& name = statement.table.name.text;
    TRY(guardrails.tables(userTables(current) + 1, name));
    TRY(guardrails.columnsPerTable(statement.columns.size(), name));
    for (const syntax::ColumnDefinition& column : statement.columns) {
        // Types that do not resolve are refused afterwards.
        if (const auto type = resolveType(column.type, current, keyspace)) {
            TRY(guardVectors(*type.value(), "Column " + column.name.text, guardrails));
        }
    }
    if (statement.compactStorage) {
        TRY(guardrails.compactTables());
    }
    if (options.defaultTimeToLive == 0 && options.compaction.at("class").ends_with("TimeWindowCompactionStrategy")) {
        TRY(guardrails.zeroTtlOnTwcs());
    }
    return ok();
}

Result<Uuid> tableId(const syntax::CreateTableStatement& statement, const ExecutionContext& context) {
    for (const syntax::Property& property : statement.properties) {
        if (property.name.text == "id") {
            const auto id = Uuid::parse(property.value);
            if (!id) {
                return configError("Invalid table id");
            }
            return *id;
        }
    }
    return nextTimeuuid(context);
}

}  // namespace

/// ColumnMask.ensureEnabled.
Error maskingIsOff() {
    return invalid("Cannot mask columns because dynamic data masking is not enabled. You can enable it "
                   "with the dynamic_data_masking_enabled property on cassandra.yaml");
}

bool hasNestedMultiCell(const types::DataType& type) {
    return type.kind() == types::Kind::Udt && type.isMultiCell() &&
           std::any_of(type.elements().begin(), type.elements().end(),
                       [](const types::TypePtr& field) { return field->isMultiCell(); });
}

bool isCompressed(const schema::TableOptions& options) {
    const auto it = options.compression.find("enabled");
    return it == options.compression.end() || it->second != "false";
}

Result<void> guardVectors(const types::DataType& type, std::string_view where, const Guardrails& guardrails) {
    if (type.kind() == types::Kind::Udt) {
        return ok();  // Guarded where it was made.
    }
    if (type.kind() == types::Kind::Vector) {
        TRY(guardrails.vector(static_cast<std::size_t>(type.dimension()), where));
    }
    for (const types::TypePtr& element : type.elements()) {
        TRY(guardVectors(*element, where, guardrails));
    }
    return ok();
}

Result<std::vector<syntax::Property>> guardedProperties(const std::vector<syntax::Property>& properties,
                                                        const Guardrails& guardrails) {
    std::set<std::string> names;
    for (const syntax::Property& property : properties) {
        names.insert(property.name.text);
    }
    TRY_ASSIGN(const auto ignored, guardrails.tableProperties(names));
    std::vector<syntax::Property> out;
    std::copy_if(properties.begin(), properties.end(), std::back_inserter(out),
                 [&ignored](const syntax::Property& property) { return !ignored.contains(property.name.text); });
    return out;
}

Result<void> checkTableName(const std::string& keyspace, const std::string& name) {
    if (name.empty() || !isWord(name)) {
        return configError(fmt::format("{}.{}: Table name must not be empty or not contain "
                                       "non-alphanumeric-underscore characters (got \"{}\")",
                                       keyspace, name, name));
    }
    if (name.size() > kTableNameLength) {
        return configError(fmt::format("{}.{}: Table name must not be more than {} characters long (got "
                                       "{} characters for \"{}\")",
                                       keyspace, name, kTableNameLength, name.size(), name));
    }
    return ok();
}

Result<void> checkCreateTable(const syntax::CreateTableStatement& statement) {
    const std::string& table = statement.table.name.text;
    for (std::size_t i = 0; i < statement.columns.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (statement.columns[i].name == statement.columns[j].name) {
                return invalidAt(statement.columns[i].name.span,
                                 fmt::format("Duplicate column '{}' declaration for table '{}'",
                                             statement.columns[i].name.text, table));
            }
        }
    }
    if (statement.primaryKeys.size() != 1) {
        return invalid(fmt::format("{} PRIMARY KEY {} for table '{}' (exactly one required)",
                                   statement.primaryKeys.empty() ? "No" : "Multiple",
                                   statement.primaryKeys.empty() ? "specifed" : "specified", table));
    }
    for (std::size_t i = 0; i < statement.clusteringOrder.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (statement.clusteringOrder[i].column == statement.clusteringOrder[j].column) {
                return invalid(fmt::format(
                    "Duplicate column '{}' in CLUSTERING ORDER BY clause for table '{}'",
                    statement.clusteringOrder[i].column.text, table));
            }
        }
    }
    return ok();
}

Result<SchemaTransformation> createTable(const syntax::CreateTableStatement& statement,
                                         const std::string& keyspaceName,
                                         const schema::Schema& current, const ClusterFacts& cluster,
                                         const ExecutionContext& context) {
    const std::string& name = statement.table.name.text;
    TRY(guardSystemKeyspace(keyspaceName, "CREATE", fmt::format("<all tables in {}>", keyspaceName)));
    TRY_ASSIGN(const auto properties, guardedProperties(statement.properties, context.guardrails));
    if (context.guardrails.hold()) {
        TRY_ASSIGN(const auto options, readTableOptions(properties, {}, true));
        TRY(guardCreation(statement, options, current, keyspaceName, context.guardrails));
    }
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace == nullptr) {
        return invalidAt(statement.table.keyspace.span,
                         fmt::format("Keyspace '{}' doesn't exist", keyspaceName));
    }
    if ((*keyspace)->tables.contains(name)) {
        if (statement.ifNotExists) {
            return unchanged();
        }
        return existingTable(keyspaceName, name);
    }
    auto table = std::make_shared<schema::Table>();
    TRY_ASSIGN(table->options, readTableOptions(properties, {}, true));
    if (!isCompressed(table->options)) {
        TRY(context.guardrails.uncompressedTables());
    }
    TRY_ASSIGN(table->columns, readColumns(statement, current, keyspaceName, cluster.features.dataMasking));
    const syntax::PrimaryKey& key = statement.primaryKeys[0];
    TRY(checkKeyNames(key, table->columns, name));
    TRY(placeKey(key.partition, ColumnKind::PartitionKey, table->columns));
    TRY(placeKey(key.clustering, ColumnKind::Clustering, table->columns));
    TRY(placeOrder(statement, key.clustering, table->columns));
    if (statement.compactStorage) {
        TRY_ASSIGN(table->compact, compactStorage(table->columns, key.clustering.empty()));
    }
    TRY(checkOthers(table->columns, !key.clustering.empty(), table->isCounter));
    TRY(checkTableName(keyspaceName, name));
    if (table->isCounter && table->options.defaultTimeToLive > 0) {
        return invalid("Cannot set default_time_to_live on a table with counters");
    }
    TRY_ASSIGN(table->id, tableId(statement, context));
    table->keyspace = keyspaceName;
    table->name = name;
    table->finish();
    auto next = copyOf(**keyspace);
    next->tables[name] = std::move(table);
    return changed(current, std::move(next), {"CREATED", "TABLE", keyspaceName, name, {}});
}

Result<SchemaTransformation> dropTable(const syntax::DropTableStatement& statement,
                                       const std::string& keyspaceName, const schema::Schema& current,
                                       const ClusterFacts&, const ExecutionContext& context) {
    const std::string& name = statement.table.name.text;
    TRY(guardSystemKeyspace(keyspaceName, "DROP", fmt::format("<table {}.{}>", keyspaceName, name)));
    TRY(context.guardrails.dropTruncateTable());
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace == nullptr || !(*keyspace)->tables.contains(name)) {
        if (statement.ifExists) {
            return unchanged();
        }
        return invalidAt(statement.table.name.span,
                         fmt::format("Table '{}.{}' doesn't exist", keyspaceName, name));
    }
    const schema::Table& table = *(*keyspace)->tables.at(name);
    if (table.view) {
        return invalidAt(statement.table.name.span, "Cannot use DROP TABLE on a materialized view. Please use "
                                                    "DROP MATERIALIZED VIEW instead.");
    }
    if (!viewsOf(**keyspace, table).empty()) {
        return invalidAt(statement.table.name.span,
                         fmt::format("Cannot drop a table when materialized views still depend on it ({})",
                                     keyspaceName));
    }
    auto next = copyOf(**keyspace);
    next->tables.erase(name);
    return changed(current, std::move(next), {"DROPPED", "TABLE", keyspaceName, name, {}});
}

}  // namespace engine::cql
