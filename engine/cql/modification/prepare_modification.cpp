#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/cql/modification/conditions.h"
#include "engine/cql/modification/json_insert.h"
#include "engine/cql/modification/modification.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/types/data_type.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

bool isKey(const schema::Column& column) {
    return column.kind == schema::ColumnKind::PartitionKey ||
           column.kind == schema::ColumnKind::Clustering;
}

bool onlyStatics(const std::vector<OperationPtr>& operations) {
    return !operations.empty() &&
           std::all_of(operations.begin(), operations.end(),
                       [](const OperationPtr& operation) { return operation->isStatic(); });
}

/// ModificationStatement.validate: what counters and conditions do not allow.
Result<void> checkAttributes(const schema::Table& table, const Attributes& attributes,
                             bool conditional) {
    if (conditional && attributes.hasTimestamp()) {
        return invalid("Cannot provide custom timestamp for conditional updates");
    }
    if (table.isCounter) {
        if (attributes.hasTimestamp()) {
            return invalid("Cannot provide custom timestamp for counter updates");
        }
        if (attributes.hasTtl()) {
            return invalid("Cannot provide custom TTL for counter updates");
        }
        if (conditional) {
            return invalid("Conditional updates are not supported on counter tables");
        }
    }
    if (table.isVirtual) {
        if (attributes.hasTimestamp()) {
            return invalid("Custom timestamp is not supported by virtual tables");
        }
        if (attributes.hasTtl()) {
            return invalid("Expiring columns are not supported by virtual tables");
        }
    }
    return ok();
}

syntax::Relation equal(const syntax::Name& column, const syntax::Term& value) {
    syntax::Relation relation;
    relation.columns = {column};
    relation.values = {value};
    relation.span = value.span;
    return relation;
}

using ModificationPtr = std::shared_ptr<const Modification>;

Result<ModificationPtr> finish(schema::TablePtr table, StatementKind kind,
                               StatementRestrictions restrictions,
                               std::vector<OperationPtr> operations, Attributes attributes,
                               Conditions conditions) {
    TRY(checkAttributes(*table, attributes, !conditions.empty()));
    return ModificationPtr(std::make_shared<Modification>(
        Modification::Parts{std::move(table), kind, std::move(restrictions), std::move(operations),
                            std::move(attributes), std::move(conditions)}));
}

Conditions ifNotExists(bool present) {
    Conditions out;
    out.existence = present ? Conditions::Existence::NotExists : Conditions::Existence::Any;
    return out;
}

Result<void> checkInsertColumns(const syntax::InsertStatement& insert, const schema::Table& table) {
    if (table.isCounter) {
        return invalid("INSERT statements are not allowed on counter tables, use UPDATE instead");
    }
    if (insert.columns.empty()) {
        return invalid("No columns provided to INSERT");
    }
    if (insert.columns.size() != insert.values.size()) {
        return invalid("Unmatched column names/values");
    }
    for (std::size_t i = 0; i < insert.columns.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (insert.columns[i] == insert.columns[j]) {
                return invalidAt(insert.columns[i].span, "The column names contains duplicates");
            }
        }
    }
    return ok();
}

/// A row without marker needs a value to be there (UpdateStatement.ParsedInsert).
Result<void> checkCompactInsert(const schema::Table& table, const std::vector<OperationPtr>& operations) {
    if (table.hasRowMarkers() || !operations.empty()) {
        return ok();
    }
    if (table.compact == schema::CompactStorage::Static) {
        return invalid("Some clustering keys are missing: column1");
    }
    return invalid(fmt::format("Column {} is mandatory for this COMPACT STORAGE table", table.regulars().front().name));
}

Result<ModificationPtr> prepareInsert(const syntax::InsertStatement& insert, schema::TablePtr table,
                                      PrepareContext& context) {
    TRY(checkInsertColumns(insert, *table));
    TRY_ASSIGN(auto attributes,
               Attributes::prepare(insert.using_, table->keyspace, table->name, context));
    std::vector<syntax::Relation> where;
    std::vector<OperationPtr> operations;
    bool hasClustering = false;
    for (std::size_t i = 0; i < insert.columns.size(); ++i) {
        TRY_ASSIGN(const schema::Column* column, existingColumn(*table, insert.columns[i]));
        hasClustering = hasClustering || column->kind == schema::ColumnKind::Clustering;
        if (isKey(*column)) {
            where.push_back(equal(insert.columns[i], insert.values[i]));
            continue;
        }
        TRY_ASSIGN(auto operation, prepareSet(*table, *column, insert.values[i], context));
        operations.push_back(std::move(operation));
    }
    const StatementRestrictions::Rules rules{StatementKind::Insert,
                                             !hasClustering && onlyStatics(operations), false};
    TRY_ASSIGN(auto restrictions, StatementRestrictions::prepare(where, *table, rules, context));
    TRY(checkCompactInsert(*table, operations));
    return finish(std::move(table), StatementKind::Insert, std::move(restrictions),
                  std::move(operations), std::move(attributes), ifNotExists(insert.ifNotExists));
}

/// ModificationStatement.validateWhereClauseForConditions.
Result<void> checkConditionalKeys(const StatementRestrictions& restrictions, bool conditional,
                                  std::string_view what) {
    if (conditional && restrictions.keyIsIn()) {
        return invalid(
            fmt::format("IN on the partition key is not supported with conditional {}", what));
    }
    if (conditional && restrictions.clusteringIsIn()) {
        return invalid(
            fmt::format("IN on the clustering key columns is not supported with conditional {}", what));
    }
    return ok();
}

Result<ModificationPtr> prepareUpdate(const syntax::UpdateStatement& update, schema::TablePtr table,
                                      PrepareContext& context) {
    TRY_ASSIGN(auto attributes,
               Attributes::prepare(update.using_, table->keyspace, table->name, context));
    const bool conditional = update.ifExists || !update.conditions.empty();
    std::vector<OperationPtr> operations;
    for (const syntax::Assignment& assignment : update.assignments) {
        TRY_ASSIGN(const schema::Column* column, existingColumn(*table, assignment.column));
        if (isKey(*column)) {
            return invalidAt(assignment.column.span,
                             fmt::format("PRIMARY KEY part {} found in SET part", column->name));
        }
        TRY_ASSIGN(auto operation,
                   prepareAssignment(*table, *column, assignment, conditional, context));
        operations.push_back(std::move(operation));
    }
    TRY_ASSIGN(auto conditions, prepareConditions(update.conditions, *table, context));
    if (update.ifExists) {
        conditions.existence = Conditions::Existence::Exists;
    }
    const StatementRestrictions::Rules rules{
        StatementKind::Update, onlyStatics(operations) && conditions.onRegular.empty(), false};
    TRY_ASSIGN(auto restrictions, StatementRestrictions::prepare(update.where, *table, rules, context));
    TRY(checkConditionalKeys(restrictions, conditional, "updates"));
    return finish(std::move(table), StatementKind::Update, std::move(restrictions),
                  std::move(operations), std::move(attributes), std::move(conditions));
}

/// All of the primary key must be given by `=` where conditions or regular columns need the row.
Result<void> checkConditionalDelete(const StatementRestrictions& restrictions,
                                    const schema::Table& table, bool deletesRegular,
                                    bool conditionsOnRegular) {
    bool allEqual = true;
    for (const schema::Column& column : table.partitionKey()) {
        allEqual = allEqual && restrictions.isEqualTo(column);
    }
    for (const schema::Column& column : table.clustering()) {
        allEqual = allEqual && restrictions.isEqualTo(column);
    }
    if (allEqual) {
        return ok();
    }
    if (deletesRegular) {
        return invalid("DELETE statements must restrict all PRIMARY KEY columns with equality relations "
                       "in order to delete non static columns");
    }
    if (conditionsOnRegular) {
        return invalid("DELETE statements must restrict all PRIMARY KEY columns with equality relations "
                       "in order to use IF condition on non static columns");
    }
    return ok();
}

Result<ModificationPtr> prepareDelete(const syntax::DeleteStatement& statement,
                                      schema::TablePtr table, PrepareContext& context) {
    TRY_ASSIGN(auto attributes,
               Attributes::prepare(statement.using_, table->keyspace, table->name, context));
    std::vector<OperationPtr> operations;
    for (const syntax::Deletion& deletion : statement.columns) {
        TRY_ASSIGN(const schema::Column* column, existingColumn(*table, deletion.column));
        if (isKey(*column)) {
            return invalidAt(deletion.column.span,
                             fmt::format("Invalid identifier {} for deletion (should not be a PRIMARY "
                                         "KEY part)",
                                         column->name));
        }
        TRY_ASSIGN(auto operation, prepareDeletion(*table, *column, deletion, context));
        operations.push_back(std::move(operation));
    }
    const bool conditional = statement.ifExists || !statement.conditions.empty();
    TRY_ASSIGN(auto conditions, prepareConditions(statement.conditions, *table, context));
    if (statement.ifExists) {
        conditions.existence = Conditions::Existence::Exists;
    }
    const StatementRestrictions::Rules rules{
        StatementKind::Delete, onlyStatics(operations) && conditions.onRegular.empty(), false};
    TRY_ASSIGN(auto restrictions,
               StatementRestrictions::prepare(statement.where, *table, rules, context));
    TRY(checkConditionalKeys(restrictions, conditional, "deletions"));
    if (conditional) {
        const bool regular = operations.empty() || !onlyStatics(operations);
        TRY(checkConditionalDelete(restrictions, *table, regular, !conditions.onRegular.empty()));
    }
    return finish(std::move(table), StatementKind::Delete, std::move(restrictions),
                  std::move(operations), std::move(attributes), std::move(conditions));
}

Result<ModificationPtr> prepareJson(const syntax::InsertJsonStatement& insert, schema::TablePtr table,
                                    PrepareContext& context) {
    if (table->isCounter) {
        return invalid("INSERT statements are not allowed on counter tables, use UPDATE instead");
    }
    TRY_ASSIGN(auto attributes,
               Attributes::prepare(insert.using_, table->keyspace, table->name, context));
    return prepareJsonInsert(insert, std::move(table), std::move(attributes), context);
}

}  // namespace

Result<schema::TablePtr> tableOf(const syntax::QualifiedName& name, const std::string& sessionKeyspace,
                                 const schema::Schema& schema) {
    const std::string& keyspace = name.keyspace.absent() ? sessionKeyspace : name.keyspace.text;
    if (keyspace.empty()) {
        return invalidAt(name.name.span,
                         "No keyspace has been specified. USE a keyspace, or explicitly specify "
                         "keyspace.tablename");
    }
    if (schema.findKeyspace(keyspace) == nullptr) {
        return invalidAt(name.keyspace.span, fmt::format("keyspace {} does not exist", keyspace));
    }
    if (name.name.text.empty()) {
        return invalidAt(name.name.span, "non-empty table is required");
    }
    schema::TablePtr table = schema.findTable(keyspace, name.name.text);
    if (!table) {
        return invalidAt(name.name.span, fmt::format("table {} does not exist", name.name.text));
    }
    return table;
}

Result<std::shared_ptr<const Modification>> prepareModification(const syntax::Modification& statement,
                                                                const std::string& sessionKeyspace,
                                                                PrepareContext& context) {
    const auto& name =
        std::visit([](const auto& s) -> const syntax::QualifiedName& { return s.table; }, statement);
    TRY_ASSIGN(auto table, tableOf(name, sessionKeyspace, context.schema));
    if (table->view) {
        return invalidAt(name.name.span, "Cannot directly modify a materialized view");
    }
    context.keyspace = table->keyspace;
    if (const auto* insert = std::get_if<syntax::InsertStatement>(&statement)) {
        return prepareInsert(*insert, std::move(table), context);
    }
    if (const auto* json = std::get_if<syntax::InsertJsonStatement>(&statement)) {
        return prepareJson(*json, std::move(table), context);
    }
    if (const auto* update = std::get_if<syntax::UpdateStatement>(&statement)) {
        return prepareUpdate(*update, std::move(table), context);
    }
    return prepareDelete(std::get<syntax::DeleteStatement>(statement), std::move(table), context);
}

}  // namespace engine::cql
