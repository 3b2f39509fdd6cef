#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/masking/column_masks.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/schema_statements/schema_change.h"
#include "engine/cql/schema_statements/table_options.h"
#include "engine/cql/schema_statements/table_rules.h"
#include "engine/cql/type_ref.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using Alter = syntax::AlterTableStatement;
using schema::ColumnKind;

bool isKey(const schema::Column& column) {
    return column.kind == ColumnKind::PartitionKey || column.kind == ColumnKind::Clustering;
}

/// A table being changed.
struct Change {
    std::shared_ptr<schema::Table> table;
    const schema::Schema& schema;
    const ExecutionContext& context;
    bool masking = false;  // May be defined.
    bool hasViews = false;
    std::vector<std::pair<std::string, std::string>> renamed;

    std::string quoted() const { return fmt::format("'{}.{}'", table->keyspace, table->name); }
    schema::Column* find(const std::string& name) {
        for (schema::Column& column : table->columns) {
            if (column.name == name) {
                return &column;
            }
        }
        return nullptr;
    }
};

Result<void> checkReAdded(const schema::Column& column, const schema::Table& table) {
    for (const schema::DroppedColumn& dropped : table.dropped) {
        if (dropped.column.name != column.name) {
            continue;
        }
        // AbstractType.isSerializationCompatibleWith.
        const types::DataType& before = *dropped.column.type;
        if (!types::isValueCompatible(*column.type, before) ||
            column.type->fixedLength() != before.fixedLength() ||
            column.type->isMultiCell() != before.isMultiCell()) {
            return invalid(fmt::format("Cannot re-add previously dropped column '{}' of type {}, "
                                       "incompatible with previous type {}",
                                       column.name, types::cqlName(*column.type),
                                       types::cqlName(*dropped.column.type)));
        }
        if (column.kind != dropped.column.kind) {
            const auto word = [](ColumnKind kind) {
                return kind == ColumnKind::Static ? "STATIC" : "REGULAR";
            };
            return invalid(fmt::format("Cannot re-add previously dropped column '{}' of kind {}, "
                                       "incompatible with previous kind {}",
                                       column.name, word(column.kind), word(dropped.column.kind)));
        }
        if (dropped.column.type->isCounter()) {
            return invalid(
                fmt::format("Cannot re-add previously dropped counter column {}", column.name));
        }
    }
    return ok();
}

Result<void> addColumn(Change& change, const syntax::ColumnDefinition& definition,
                       bool ifNotExists) {
    schema::Table& table = *change.table;
    TRY_ASSIGN(auto type, resolveType(definition.type, change.schema, table.keyspace));
    TRY(guardVectors(*type, "Column " + definition.name.text, change.context.guardrails));
    if (change.find(definition.name.text) != nullptr) {
        if (ifNotExists) {
            return ok();
        }
        return invalidAt(definition.name.span,
                         fmt::format("Column with name '{}' already exists", definition.name.text));
    }
    if (definition.isStatic && table.clustering().empty()) {
        return invalid("Static columns are only useful (and thus allowed) if the table has at least one "
                       "clustering column");
    }
    if (hasNestedMultiCell(*type)) {
        return invalid(fmt::format("Non-frozen UDTs with nested non-frozen collections are not "
                                   "supported for column {}",
                                   definition.name.text));
    }
    schema::Column column{definition.name.text, std::move(type),
                          definition.isStatic ? ColumnKind::Static : ColumnKind::Regular, -1, false};
    TRY(checkReAdded(column, table));
    // Cassandra does not ask here whether masking is on.
    if (definition.mask) {
        TRY_ASSIGN(column.mask, prepareMask(*definition.mask, column.name, column.type, table.keyspace, table.name,
                                            change.schema));
    }
    if (column.type->isCounter() && !table.isCounter) {
        return configError(fmt::format(
            "{}.{}: Cannot have a counter column (\"{}\") in a non counter table", table.keyspace,
            table.name, column.name));
    }
    if (!column.type->isCounter() && table.isCounter) {
        return configError(fmt::format("{}.{}: Cannot have a non counter column (\"{}\") in a counter table",
                                       table.keyspace, table.name, column.name));
    }
    table.columns.push_back(std::move(column));
    return ok();
}

Result<void> apply(Change& change, const Alter::AddColumns& add) {
    TRY(change.context.guardrails.alterTable());
    if (change.table->compact != schema::CompactStorage::None) {
        return invalid("Cannot add new column to a COMPACT STORAGE table");
    }
    for (const syntax::ColumnDefinition& definition : add.columns) {
        TRY(addColumn(change, definition, add.ifColumnNotExists));
    }
    return change.context.guardrails.columnsPerTable(change.table->columns.size(), change.table->name);
}

Result<void> apply(Change& change, const Alter::DropColumns& drop) {
    TRY(change.context.guardrails.alterTable());
    schema::Table& table = *change.table;
    const std::int64_t when =
        drop.timestamp ? *drop.timestamp : change.context.uniqueMicros();
    for (const syntax::Name& name : drop.columns) {
        schema::Column* column = change.find(name.text);
        if (column == nullptr) {
            if (drop.ifColumnExists) {
                continue;
            }
            return invalidAt(name.span, fmt::format("Column {} was not found in table {}", name.text,
                                                    change.quoted()));
        }
        if (isKey(*column)) {
            return invalidAt(name.span, fmt::format("Cannot drop PRIMARY KEY column {}", name.text));
        }
        if (change.hasViews) {
            return invalidAt(name.span, fmt::format("Cannot drop column {} on base table {} with materialized views",
                                                    name.text, table.name));
        }
        if (const std::string indexes = dependentIndexes(table, name.text); !indexes.empty()) {
            return invalidAt(name.span,
                             fmt::format("Cannot drop column {} because it has dependent secondary indexes ({})",
                                         name.text, indexes));
        }
        if (change.table->compact == schema::CompactStorage::Dense) {
            // Cassandra fails over it, too.
            return makeError(ErrorKind::Server, "java.lang.IndexOutOfBoundsException: 0 not in range [0..0)");
        }
        // A re-added column could not tell its old fields' types.
        if (column->type->kind() == types::Kind::Udt && column->type->isMultiCell()) {
            return invalidAt(name.span,
                             fmt::format("Cannot drop non-frozen column {} of user type {}", name.text,
                                         column->type->udtName()));
        }
        std::erase_if(table.dropped, [&](const schema::DroppedColumn& dropped) {
            return dropped.column.name == name.text;
        });
        schema::Column dropped = *column;
        table.dropped.push_back({std::move(dropped), when});
        table.columns.erase(table.columns.begin() + (column - table.columns.data()));
    }
    return ok();
}

/// Cassandra keeps renames in a Java HashMap of 16 places and takes them in its order, so which of two that are
/// in each other's way is refused depends on the names (HashMap.hash, ByteBuffer.hashCode).
std::uint32_t placeOf(const std::string& name) {
    constexpr std::uint32_t kPlaces = 16;
    std::uint32_t hash = 1;
    for (auto byte = name.rbegin(); byte != name.rend(); ++byte) {
        hash = 31 * hash + static_cast<std::uint32_t>(static_cast<signed char>(*byte));
    }
    return (hash ^ (hash >> 16)) % kPlaces;
}

Result<void> apply(Change& change, const Alter::RenameColumns& rename) {
    TRY(change.context.guardrails.alterTable());
    auto columns = rename.columns;
    std::stable_sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) {
        return placeOf(a.first.text) < placeOf(b.first.text);
    });
    for (const auto& [from, to] : columns) {
        schema::Column* column = change.find(from.text);
        if (column == nullptr) {
            return invalidAt(from.span,
                             fmt::format("Undefined column name {} in table {}.{}",
                                         types::maybeQuote(from.text), change.table->keyspace,
                                         change.table->name));
        }
        if (!isKey(*column)) {
            return invalidAt(from.span,
                             fmt::format("Cannot rename non PRIMARY KEY column {}", from.text));
        }
        if (change.find(to.text) != nullptr) {
            return invalidAt(to.span, fmt::format("Cannot rename column {} to {} in table {}; another "
                                                  "column with that name already exists",
                                                  from.text, to.text, change.quoted()));
        }
        if (const std::string indexes = dependentIndexes(*change.table, from.text); !indexes.empty()) {
            return invalidAt(from.span,
                             fmt::format("Can't rename column {} because it has dependent secondary indexes ({})",
                                         from.text, indexes));
        }
        column->name = to.text;
        change.renamed.emplace_back(from.text, to.text);
    }
    return ok();
}

Result<void> apply(Change& change, const Alter::SetProperties& set) {
    for (const syntax::Property& property : set.properties) {
        if (property.name.text == "id") {
            return configError(Uuid::parse(property.value) ? "Cannot alter table id."
                                                           : "Invalid table id");
        }
    }
    TRY_ASSIGN(const auto properties, guardedProperties(set.properties, change.context.guardrails));
    if (properties.size() != set.properties.size()) {
        // Cassandra fails over what it is told to leave out of an ALTER, too.
        return makeError(ErrorKind::Server, "Properties that guardrails ignore cannot be left out of ALTER");
    }
    // Cassandra checks what is written against the defaults first, then against the table.
    TRY(readTableOptions(properties, {}, true));
    TRY_ASSIGN(change.table->options, readTableOptions(properties, change.table->options, false));
    if (!isCompressed(change.table->options)) {
        TRY(change.context.guardrails.uncompressedTables());
    }
    if (change.hasViews && change.table->options.gcGraceSeconds == 0) {
        return invalid("Cannot alter gc_grace_seconds of the base table of a materialized view to 0, since this "
                       "value is used to TTL undelivered updates. Setting gc_grace_seconds too low might cause "
                       "undelivered updates to expire before being replayed.");
    }
    if (change.table->isCounter && change.table->options.defaultTimeToLive > 0) {
        return invalid("Cannot set default_time_to_live on a table with counters");
    }
    return ok();
}

Result<void> apply(Change&, const Alter::AlterColumnType&) {
    return invalid("Altering column types is no longer supported");
}

Result<void> apply(Change& change, const Alter::MaskColumn& mask) {
    if (mask.mask && !change.masking) {
        return maskingIsOff();
    }
    schema::Column* column = change.find(mask.column.text);
    if (column == nullptr) {
        if (mask.ifColumnExists) {
            return ok();
        }
        return invalidAt(mask.column.span,
                         fmt::format("Column with name '{}' doesn't exist on table '{}'",
                                     mask.column.text, change.table->name));
    }
    if (!mask.mask) {
        column->mask.reset();
        return ok();
    }
    TRY_ASSIGN(column->mask, prepareMask(*mask.mask, column->name, column->type, change.table->keyspace,
                                         change.table->name, change.schema));
    return ok();
}

Result<void> apply(Change&, const Alter::DropCompactStorage&) {
    return invalid("DROP COMPACT STORAGE is disabled. Enable in cassandra.yaml to use.");
}

}  // namespace

Result<SchemaTransformation> alterTable(const syntax::AlterTableStatement& statement,
                                        const std::string& keyspaceName, const schema::Schema& current,
                                        const ClusterFacts& cluster, const ExecutionContext& context) {
    const std::string& name = statement.table.name.text;
    TRY(guardSystemKeyspace(keyspaceName, "ALTER", fmt::format("<table {}.{}>", keyspaceName, name)));
    const schema::TablePtr before = current.findTable(keyspaceName, name);
    if (!before) {
        if (statement.ifExists) {
            return unchanged();
        }
        return invalidAt(statement.table.name.span,
                         fmt::format("Table '{}.{}' doesn't exist", keyspaceName, name));
    }
    if (before->view) {
        return invalidAt(statement.table.name.span, "Cannot use ALTER TABLE on a materialized view; use ALTER "
                                                    "MATERIALIZED VIEW instead");
    }
    Change change{std::make_shared<schema::Table>(*before), current, context, cluster.features.dataMasking};
    change.hasViews = !viewsOf(**current.findKeyspace(keyspaceName), *before).empty();
    TRY(std::visit([&](const auto& what) { return apply(change, what); }, statement.change));
    change.table->finish();
    if (*change.table == *before) {
        return unchanged();
    }
    auto next = copyOf(**current.findKeyspace(keyspaceName));
    const std::shared_ptr<schema::Table> after = change.table;
    next->tables[name] = std::move(change.table);
    TRY(followBase(*next, *before, *after, change.renamed));
    SchemaTransformation out =
        changed(current, std::move(next), {"UPDATED", "TABLE", keyspaceName, name, {}});
    if (out.next->findTable(keyspaceName, name)->columns != before->columns && hasVectorIndex(*before)) {
        out.warnings.emplace_back(kVectorIndexWarning);
    }
    return out;
}

}  // namespace engine::cql
