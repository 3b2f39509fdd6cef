#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/schema_statements/index_options.h"
#include "engine/cql/schema_statements/properties.h"
#include "engine/cql/schema_statements/schema_change.h"
#include "engine/rows/index_rules.h"
#include "engine/types/data_type.h"
#include "engine/types/type_names.h"

/// CREATE INDEX and DROP INDEX (CreateIndexStatement, IndexAttributes, IndexTarget).
namespace engine::cql {
namespace {

using rows::IndexOn;
using types::Kind;
using Target = rows::IndexTarget;

constexpr std::string_view kLegacyName = "legacy_local_table";

/// What USING and WITH OPTIONS say.
struct Attributes {
    bool custom = false;
    std::string className;
    OptionMap options;
};

Result<Attributes> readAttributes(const syntax::CreateIndexStatement& statement, const Features& features) {
    TRY_ASSIGN(const Properties properties, Properties::read(statement.properties, {"options"}));
    TRY_ASSIGN(auto options, properties.map("options"));
    Attributes out;
    out.custom = statement.custom;
    out.className = statement.usingClass.value_or(features.defaultIndex);
    out.options = options.value_or(OptionMap());
    if (!out.custom && lowerCase(out.className) != kLegacyName) {
        out.custom = true;
    }
    if (!out.custom && !statement.properties.empty()) {
        return invalid("Cannot specify options for a non-CUSTOM index");
    }
    for (const char* name : {"class_name", "target"}) {
        if (out.options.contains(name)) {
            return invalid(fmt::format("Cannot specify {} as a CUSTOM option", name));
        }
    }
    return out;
}

bool isStorageAttached(const std::string& className) {
    return lowerCase(className) == "sai" || className == "StorageAttachedIndex" ||
           className == rows::kStorageAttachedClass;
}

/// IndexMetadata.validateCustomIndexOptions: is there such a class, and is it one of an index?
Result<void> checkClass(const std::string& className) {
    if (isStorageAttached(className) || className == rows::kSasiClass) {
        return ok();
    }
    if (className.starts_with("org.apache.cassandra.db.marshal.")) {
        return configError(fmt::format("Specified Indexer class ({}) does not implement the Indexer interface",
                                       className));
    }
    return configError(fmt::format("Unable to find custom indexer class '{}'", className));
}

Result<Target> readTarget(const syntax::IndexTarget& written, const schema::Table& table) {
    TRY_ASSIGN(const schema::Column* column, existingColumn(table, written.column));
    using Raw = syntax::IndexTarget::Kind;
    switch (written.kind) {
        case Raw::Keys: return Target{IndexOn::Keys, column->name};
        case Raw::Values: return Target{IndexOn::Values, column->name};
        case Raw::Entries: return Target{IndexOn::Entries, column->name};
        case Raw::Full: return Target{IndexOn::Full, column->name};
        case Raw::Simple: break;
    }
    return Target{column->type->isCollection() ? IndexOn::Values : IndexOn::Value, column->name};
}

Error onDuration(const types::DataType& type) {
    const char* what = type.isCollection()             ? "collections containing durations"
                       : type.kind() == Kind::Udt      ? "UDTs containing durations"
                       : type.kind() == Kind::Tuple    ? "tuples containing durations"
                                                       : "duration columns";
    return invalid(fmt::format("Secondary indexes are not supported on {}", what));
}

/// CreateIndexStatement.validateIndexTarget.
Result<void> checkTarget(const schema::Table& table, const Target& target) {
    const schema::Column& column = *table.find(target.column);
    if (table.compact == schema::CompactStorage::Dense && column.kind == schema::ColumnKind::Regular) {
        return invalid("Secondary indexes are not supported on compact value column of COMPACT STORAGE tables");
    }
    const types::DataType& type = *column.type;
    const std::string on(rows::toString(target.on));
    const bool frozenCollection = type.isCollection() && type.isFrozen();
    if (type.references(Kind::Duration)) {
        return onDuration(type);
    }
    if (column.kind == schema::ColumnKind::PartitionKey && table.partitionKey().size() == 1) {
        return invalid("Cannot create secondary index on the only partition key column " + column.name);
    }
    if (frozenCollection && target.on != IndexOn::Full) {
        return invalid(fmt::format("Cannot create {0}() index on frozen column {1}. Frozen collections are "
                                   "immutable and must be fully indexed by using the 'full({1})' modifier",
                                   on, column.name));
    }
    if (!frozenCollection && target.on == IndexOn::Full) {
        return invalid("full() indexes can only be created on frozen collections");
    }
    if (!type.isCollection() && target.on != IndexOn::Value) {
        return invalid(fmt::format("Cannot create {}() index on {}. Non-collection columns only support simple "
                                   "indexes",
                                   on, column.name));
    }
    const bool ofMap = type.kind() == Kind::Map && type.isMultiCell();
    if (!ofMap && (target.on == IndexOn::Keys || target.on == IndexOn::Entries)) {
        return invalid(fmt::format("Cannot create index on {} of column {} with non-map type", on, column.name));
    }
    if (type.kind() == Kind::Udt && type.isMultiCell()) {
        return invalid("Cannot create index on non-frozen UDT column " + column.name);
    }
    return ok();
}

std::string textOf(const Target& target) {
    const std::string name = types::maybeQuote(target.column);
    return target.on == IndexOn::Value ? name : fmt::format("{}({})", rows::toString(target.on), name);
}

const schema::Index* findIndex(const schema::Keyspace& keyspace, std::string_view name) {
    for (const auto& [tableName, table] : keyspace.tables) {
        for (const schema::Index& index : table->indexes) {
            if (index.name == name) {
                return &index;
            }
        }
    }
    return nullptr;
}

std::string freeName(const schema::Keyspace& keyspace, const std::string& table,
                     const std::vector<Target>& targets) {
    std::string base = table;
    for (const Target& target : targets) {
        base += "_";
        std::copy_if(target.column.begin(), target.column.end(), std::back_inserter(base),
                     [](char c) { return isWord(std::string_view(&c, 1)); });
    }
    base += "_idx";
    std::string name = base;
    for (int i = 1; findIndex(keyspace, name) != nullptr; ++i) {
        name = fmt::format("{}_{}", base, i);
    }
    return name;
}

Result<std::vector<Target>> readTargets(const syntax::CreateIndexStatement& statement,
                                        const schema::Table& table, bool custom) {
    std::vector<Target> targets;
    for (const syntax::IndexTarget& written : statement.targets) {
        TRY_ASSIGN(Target target, readTarget(written, table));
        targets.push_back(std::move(target));
    }
    if (targets.empty() && !custom) {
        return invalid("Only CUSTOM indexes can be created without specifying a target column");
    }
    if (targets.size() > 1) {
        if (!custom) {
            return invalid("Only CUSTOM indexes support multiple columns");
        }
        for (std::size_t i = 0; i < targets.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (targets[i].column == targets[j].column) {
                    return invalid(fmt::format("Duplicate column '{}' in index target list", targets[i].column));
                }
            }
        }
    }
    for (const Target& target : targets) {
        TRY(checkTarget(table, target));
    }
    return targets;
}

}  // namespace

bool hasVectorIndex(const schema::Table& table) {
    return std::any_of(table.indexes.begin(), table.indexes.end(),
                       [&](const schema::Index& index) { return rows::isNearestIndex(table, index); });
}

std::string dependentIndexes(const schema::Table& table, std::string_view column) {
    std::string out;
    for (const schema::Index& index : table.indexes) {
        if (rows::targetOf(index).column == column) {
            out += (out.empty() ? "" : ", ") + index.name;
        }
    }
    return out;
}

Result<SchemaTransformation> createIndex(const syntax::CreateIndexStatement& statement,
                                         const std::string& keyspaceName, const schema::Schema& current,
                                         const ClusterFacts& cluster, const ExecutionContext& context) {
    const std::string& tableName = statement.table.name.text;
    TRY(guardSystemKeyspace(keyspaceName, "ALTER", fmt::format("<table {}.{}>", keyspaceName, tableName)));
    TRY(context.guardrails.secondaryIndexes());
    TRY_ASSIGN(const Attributes attributes, readAttributes(statement, cluster.features));
    if (attributes.custom && attributes.className == rows::kSasiClass && !cluster.features.sasiIndexes) {
        return invalid("SASI indexes are disabled. Enable in cassandra.yaml to use.");
    }
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace == nullptr) {
        return invalidAt(statement.table.keyspace.span, fmt::format("Keyspace '{}' doesn't exist", keyspaceName));
    }
    const schema::TablePtr table = current.findTable(keyspaceName, tableName);
    if (table == nullptr) {
        return invalidAt(statement.table.name.span, fmt::format("Table '{}' doesn't exist", tableName));
    }
    const std::string& given = statement.index.text;
    if (!statement.index.absent() && findIndex(**keyspace, given) != nullptr) {
        if (statement.ifNotExists) {
            return unchanged();
        }
        return invalidAt(statement.index.span, fmt::format("Index '{}' already exists", given));
    }
    if (table->isCounter) {
        return invalid("Secondary indexes on counter tables aren't supported");
    }
    if (table->view) {
        return invalid("Secondary indexes on materialized views aren't supported");
    }
    TRY(context.guardrails.secondaryIndexesPerTable(table->indexes.size() + 1, given, tableName));
    TRY_ASSIGN(const auto targets, readTargets(statement, *table, attributes.custom));
    schema::Index index;
    index.name = statement.index.absent() ? freeName(**keyspace, tableName, targets) : given;
    index.kind = attributes.custom ? "CUSTOM" : "COMPOSITES";
    if (attributes.custom) {
        index.options = attributes.options;
        index.options["class_name"] = attributes.className;
    }
    std::string target;
    for (const Target& one : targets) {
        target += (target.empty() ? "" : ", ") + textOf(one);
    }
    index.options["target"] = target;
    for (const schema::Index& other : table->indexes) {
        if (other.kind == index.kind && other.options == index.options) {
            if (statement.ifNotExists) {
                return unchanged();
            }
            return invalid(fmt::format("Index {} is a duplicate of existing index {}", index.name, other.name));
        }
    }
    if (!isWord(index.name) || index.name.empty()) {
        return configError("Illegal index name " + index.name);
    }
    auto changedTable = std::make_shared<schema::Table>(*table);
    changedTable->indexes.push_back(index);
    std::sort(changedTable->indexes.begin(), changedTable->indexes.end(),
              [](const schema::Index& a, const schema::Index& b) { return a.name < b.name; });
    if (attributes.custom) {
        TRY(checkClass(attributes.className));
        TRY(checkCustomIndex(*changedTable, index));
    }
    const bool vectors = hasVectorIndex(*changedTable);
    auto next = copyOf(**keyspace);
    next->tables[tableName] = std::move(changedTable);
    SchemaTransformation out =
        changed(current, std::move(next), {"UPDATED", "TABLE", keyspaceName, tableName, {}});
    if (attributes.className == rows::kSasiClass) {
        out.warnings.emplace_back("SASI indexes are experimental and are not recommended for production use.");
    }
    if (vectors) {
        out.warnings.emplace_back(kVectorIndexWarning);
    }
    return out;
}

Result<SchemaTransformation> dropIndex(const syntax::DropIndexStatement& statement,
                                       const std::string& keyspaceName, const schema::Schema& current,
                                       const ClusterFacts&, const ExecutionContext&) {
    const std::string& name = statement.index.name.text;
    TRY(guardSystemKeyspace(keyspaceName, "ALTER", fmt::format("<keyspace {}>", keyspaceName)));
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace != nullptr) {
        for (const auto& [tableName, table] : (*keyspace)->tables) {
            const auto it = std::find_if(table->indexes.begin(), table->indexes.end(),
                                         [&](const schema::Index& index) { return index.name == name; });
            if (it == table->indexes.end()) {
                continue;
            }
            auto changedTable = std::make_shared<schema::Table>(*table);
            changedTable->indexes.erase(changedTable->indexes.begin() + (it - table->indexes.begin()));
            auto next = copyOf(**keyspace);
            next->tables[tableName] = std::move(changedTable);
            return changed(current, std::move(next), {"UPDATED", "TABLE", keyspaceName, tableName, {}});
        }
    }
    if (statement.ifExists) {
        return unchanged();
    }
    return invalidAt(statement.index.name.span,
                     fmt::format("Index '{}.{}' doesn't exist'", keyspaceName, name));
}

}  // namespace engine::cql
