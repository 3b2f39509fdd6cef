#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/cql/modification/modification.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/select/select_plan.h"
#include "engine/cql/selection/selection_builder.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using schema::ColumnKind;

bool onlyStaticColumns(const Selection& selection, const syntax::SelectStatement& select) {
    if (select.items.empty()) {
        return false;
    }
    bool statics = false;
    for (const schema::Column* column : selection.columns) {
        if (column->kind == ColumnKind::Static) {
            statics = true;
        } else if (column->kind != ColumnKind::PartitionKey) {
            return false;
        }
    }
    return statics;
}

Result<void> checkDistinct(const SelectPlan& plan, const syntax::SelectStatement& select) {
    if (select.perPartitionLimit) {
        return invalid("PER PARTITION LIMIT is not allowed with SELECT DISTINCT queries");
    }
    const StatementRestrictions& restrictions = *plan.restrictions;
    if (restrictions.hasClustering() || restrictions.hasRegular()) {
        return invalid("SELECT DISTINCT with WHERE clause only supports restriction by partition key "
                       "and/or static columns.");
    }
    for (const schema::Column* column : plan.selection.columns) {
        if (column->kind != ColumnKind::PartitionKey && column->kind != ColumnKind::Static) {
            return invalid(fmt::format("SELECT DISTINCT queries must only request partition key columns "
                                       "and/or static columns (not {})",
                                       column->name));
        }
    }
    if (!restrictions.isKeyRange()) {
        return ok();
    }
    for (const schema::Column& column : plan.table->partitionKey()) {
        const auto& columns = plan.selection.columns;
        if (std::find(columns.begin(), columns.end(), &column) == columns.end()) {
            return invalid(fmt::format(
                "SELECT DISTINCT queries must request all the partition key columns (missing {})",
                column.name));
        }
    }
    return ok();
}

bool isMonotonic(const std::string& function) {
    static constexpr std::string_view kNames[] = {
        "floor",        "to_date",       "to_timestamp",    "to_unix_timestamp", "todate",
        "totimestamp",  "tounixtimestamp", "min_timeuuid",  "max_timeuuid",      "mintimeuuid",
        "maxtimeuuid"};
    return std::find(std::begin(kNames), std::end(kNames), function) != std::end(kNames);
}

/// The one clustering column under a function of GROUP BY; the function joins the grouping.
Result<const schema::Column*> groupByFunction(const syntax::Selector& item, SelectPlan& plan,
                                              Grouping& grouping, PrepareContext& context) {
    Selection own;
    TRY_ASSIGN(SelectorPtr probe, prepareExpression(item, *plan.table, own, context));
    const auto* call = std::get_if<syntax::CallSelector>(&item.node);
    if (own.isAggregate()) {
        const std::string name = std::holds_alternative<syntax::CountRowsSelector>(item.node)
                                     ? "system.count_rows"
                                     : own.aggregates.back().function->name().toString();
        return invalidAt(item.span, "Aggregate functions are not supported within the GROUP BY clause, "
                                    "got: " + name);
    }
    if (own.columns.empty()) {
        return invalidAt(item.span,
                         "GROUP BY functions must have one clustering column name as parameter");
    }
    if (own.columns.size() > 1) {
        std::string names;
        for (const schema::Column* column : own.columns) {
            names += (names.empty() ? "" : ",") + column->name;
        }
        return invalidAt(item.span, "GROUP BY functions accept only one clustering column as parameter, "
                                    "got: " + names);
    }
    if (own.columns[0]->kind != ColumnKind::Clustering) {
        return invalidAt(item.span,
                         fmt::format("Group by functions are only supported on clustering columns, got {}",
                                     own.columns[0]->name));
    }
    if (call == nullptr || !isMonotonic(call->function.name.text)) {
        const types::TypePtr& argument = own.columns[0]->type;
        return invalidAt(item.span,
                         fmt::format("Only monotonic functions are supported in the GROUP BY clause. "
                                     "Got: system.{} : ({}) -> {} ",
                                     call != nullptr ? call->function.name.text : "",
                                     types::cqlName(*argument), types::cqlName(*probe->type())));
    }
    TRY_ASSIGN(grouping.lastFunction, prepareExpression(item, *plan.table, plan.selection, context));
    plan.selection.plain = false;
    return own.columns[0];
}

Result<const schema::Column*> groupByColumn(const syntax::Selector& item, SelectPlan& plan,
                                            Grouping& grouping, PrepareContext& context) {
    const auto* written = std::get_if<syntax::ColumnSelector>(&item.node);
    if (written == nullptr) {
        if (!isCall(item) || std::holds_alternative<syntax::CastSelector>(item.node)) {
            return makeError(ErrorKind::Server, "GROUP BY takes columns and functions of them");
        }
        return groupByFunction(item, plan, grouping, context);
    }
    TRY_ASSIGN(const schema::Column* column, existingColumn(*plan.table, written->column));
    if (column->kind != ColumnKind::PartitionKey && column->kind != ColumnKind::Clustering) {
        return invalidAt(item.span,
                         fmt::format("Group by is currently only supported on the columns of the "
                                     "PRIMARY KEY, got {}",
                                     column->name));
    }
    if (grouping.lastFunction) {
        return invalidAt(item.span,
                         "Functions are only supported on the last element of the GROUP BY clause");
    }
    return column;
}

/// SelectStatement.getAggregationSpecFactory.
Result<void> prepareGrouping(const syntax::SelectStatement& select, SelectPlan& plan,
                             PrepareContext& context) {
    if (select.groupBy.empty()) {
        return ok();
    }
    constexpr auto kOutOfOrder =
        "Group by currently only support groups of columns following their declared order in the "
        "PRIMARY KEY";
    Grouping grouping;
    const std::size_t keyColumns = plan.table->partitionKey().size();
    const std::size_t primaryKeyColumns = keyColumns + plan.table->clustering().size();
    std::size_t next = 0;
    for (const syntax::Selector& item : select.groupBy) {
        TRY_ASSIGN(const schema::Column* column, groupByColumn(item, plan, grouping, context));
        while (true) {
            if (next == primaryKeyColumns) {
                return invalid(kOutOfOrder);
            }
            const schema::Column& candidate = plan.table->columns[next++];
            if (&candidate == column) {
                break;
            }
            if (!plan.restrictions->isEqualTo(candidate)) {
                return invalid(kOutOfOrder);
            }
        }
    }
    if (next < keyColumns) {
        return invalid("Group by is not supported on only a part of the partition key");
    }
    grouping.clusteringColumns = next - keyColumns;
    if (grouping.clusteringColumns > 0 && select.distinct) {
        return invalid("Grouping on clustering columns is not allowed for SELECT DISTINCT queries");
    }
    plan.grouping = std::move(grouping);
    return ok();
}

/// SelectStatement.isReversed, and what ORDER BY allows.
Result<void> prepareOrdering(const syntax::SelectStatement& select, SelectPlan& plan) {
    if (select.orderBy.empty() || plan.nearest() != nullptr) {
        return ok();
    }
    std::vector<std::pair<const schema::Column*, bool>> columns;
    for (const syntax::Ordering& ordering : select.orderBy) {
        TRY_ASSIGN(const schema::Column* column, existingColumn(*plan.table, ordering.column));
        const auto it = std::find_if(columns.begin(), columns.end(),
                                     [&](const auto& entry) { return entry.first == column; });
        if (it != columns.end()) {
            it->second = ordering.descending;
        } else {
            columns.emplace_back(column, ordering.descending);
        }
    }
    if (plan.restrictions->usesIndex()) {
        return invalid("ORDER BY with 2ndary indexes is not supported, except for ANN queries.");
    }
    if (plan.restrictions->isKeyRange()) {
        return invalid(
            "ORDER BY is only supported when the partition key is restricted by an EQ or an IN.");
    }
    int position = 0;
    std::optional<bool> reversed;
    bool mixed = false;
    for (const auto& [column, descending] : columns) {
        if (column->kind != ColumnKind::Clustering) {
            return invalid(fmt::format("Order by is currently only supported on the clustered columns "
                                       "of the PRIMARY KEY, got {}",
                                       column->name));
        }
        while (position != column->position) {
            const auto& clustering = plan.table->clustering();
            if (static_cast<std::size_t>(position) >= clustering.size() ||
                !plan.restrictions->isEqualTo(clustering[static_cast<std::size_t>(position++)])) {
                return invalid("Order by currently only supports the ordering of columns following "
                               "their declared order in the PRIMARY KEY");
            }
        }
        ++position;
        const bool own = descending != column->descending;
        mixed = mixed || (reversed && *reversed != own);
        reversed = reversed.value_or(own);
        plan.sortColumns.push_back(column);
    }
    if (mixed) {
        return invalid("Unsupported order by relation");
    }
    plan.reversed = reversed.value_or(false);
    return ok();
}

/// The one ANN OF of ORDER BY, or null (StatementRestrictions.addOrderingRestrictions).
Result<const syntax::Ordering*> nearestOrdering(const syntax::SelectStatement& select) {
    const syntax::Ordering* found = nullptr;
    for (const syntax::Ordering& ordering : select.orderBy) {
        if (!ordering.annOf) {
            continue;
        }
        if (found != nullptr) {
            return invalidAt(ordering.column.span, "Cannot specify more than one ANN ordering");
        }
        found = &ordering;
    }
    if (found != nullptr && select.orderBy.size() > 1) {
        return invalidAt(found->column.span, "ANN ordering does not support any other ordering");
    }
    if (found != nullptr && found->descending) {
        return invalidAt(found->column.span, "Descending ANN ordering is not supported");
    }
    return found;
}

/// The column of ANN OF is read with the others: the answers are put in order by it.
Result<void> prepareNearest(const syntax::SelectStatement& select, const SelectPlan& plan) {
    if (plan.nearest() == nullptr) {
        return ok();
    }
    if (select.perPartitionLimit) {
        return invalid("Top-K queries do not support per-partition limits");
    }
    if (plan.aggregates()) {
        return invalid("Top-K queries can not be run with aggregation");
    }
    return ok();
}

Result<void> prepareLimits(const syntax::SelectStatement& select, SelectPlan& plan,
                           PrepareContext& context) {
    const auto spec = [&](const char* name) {
        return ColumnSpec{plan.table->keyspace, plan.table->name, name, types::int32()};
    };
    if (select.limit) {
        TRY_ASSIGN(plan.limit, prepareTerm(*select.limit, spec("[limit]"), context));
    }
    if (select.perPartitionLimit) {
        TRY_ASSIGN(plan.perPartitionLimit,
                   prepareTerm(*select.perPartitionLimit, spec("[per_partition_limit]"), context));
    }
    return ok();
}

ResultMetadataPtr metadataOf(const SelectPlan& plan) {
    auto metadata = std::make_shared<ResultMetadata>();
    if (plan.selection.json) {
        metadata->columns.push_back(
            {plan.table->keyspace, plan.table->name, "[json]", types::text()});
    } else {
        metadata->columns = plan.selection.specs;
    }
    metadata->id = resultMetadataId(metadata->columns);
    return metadata;
}

void warnOfAggregation(SelectPlan& plan, const syntax::SelectStatement& select) {
    if (!plan.aggregates()) {
        return;
    }
    const bool keyRestricted = std::any_of(
        select.where.begin(), select.where.end(), [&](const syntax::Relation& relation) {
            const schema::Column* column =
                relation.columns.empty() ? nullptr : plan.table->find(relation.columns[0].text);
            return relation.kind == syntax::Relation::Kind::Token ||
                   (column != nullptr && column->kind == ColumnKind::PartitionKey);
        });
    if (!keyRestricted) {
        plan.warnings.push_back("Aggregation query used without partition key");
    } else if (plan.restrictions->keyIsIn()) {
        plan.warnings.push_back(
            "Aggregation query used on multiple partition keys (IN restriction)");
    }
}

Result<void> prepareMasks(SelectPlan& plan, const schema::Schema& schema) {
    const auto isMasked = [](const schema::Column* column) { return column->mask != nullptr; };
    const std::vector<const schema::Column*>& selected = plan.selection.columns;
    if (std::any_of(selected.begin(), selected.end(), isMasked)) {
        plan.masks.resize(selected.size());
        for (std::size_t i = 0; i < selected.size(); ++i) {
            if (isMasked(selected[i])) {
                TRY_ASSIGN(plan.masks[i], MaskCall::resolve(*selected[i], *plan.table, schema));
            }
        }
    }
    for (const schema::Column& column : plan.table->columns) {
        if (isMasked(&column) && (plan.restrictions->isRestricted(column) ||
                                  (plan.restrictions->onToken() && column.kind == ColumnKind::PartitionKey))) {
            plan.restrictedMasked.push_back(column.name);
        }
    }
    return ok();
}

/// VirtualTable.allowFilteringImplicitly: virtual tables are small, but for the log.
bool filtersImplicitly(const schema::Table& table) {
    return table.isVirtual && table.name != "system_logs";
}

}  // namespace

Result<SelectPlanPtr> prepareSelect(const syntax::SelectStatement& select,
                                    const std::string& sessionKeyspace, PrepareContext& context) {
    auto plan = std::make_shared<SelectPlan>();
    TRY_ASSIGN(plan->table, tableOf(select.table, sessionKeyspace, context.schema));
    context.keyspace = plan->table->keyspace;
    plan->distinct = select.distinct;
    TRY_ASSIGN(plan->selection, prepareSelection(select, *plan->table, context));
    plan->allowsFiltering = select.allowFiltering;
    const bool allowFiltering = select.allowFiltering || filtersImplicitly(*plan->table);
    for (const syntax::Ordering& ordering : select.orderBy) {
        TRY(existingColumn(*plan->table, ordering.column));
    }
    TRY_ASSIGN(const syntax::Ordering* nearest, nearestOrdering(select));
    const StatementRestrictions::Rules rules{
        StatementKind::Select, onlyStaticColumns(plan->selection, select), allowFiltering, nearest};
    TRY_ASSIGN(plan->restrictions,
               StatementRestrictions::prepare(select.where, *plan->table, rules, context));
    if (select.distinct) {
        TRY(checkDistinct(*plan, select));
    }
    TRY(prepareGrouping(select, *plan, context));
    if (plan->selection.isAggregate() && !plan->grouping && select.perPartitionLimit) {
        return invalid("PER PARTITION LIMIT is not allowed with aggregate queries.");
    }
    TRY(prepareOrdering(select, *plan));
    // SelectStatement.checkNeedsFiltering: rows of many partitions are looked at one by one.
    TRY(prepareNearest(select, *plan));
    if (!allowFiltering && plan->restrictions->needsAllowFiltering()) {
        return invalid(std::string(StatementRestrictions::kFilteringMessage));
    }
    TRY(prepareLimits(select, *plan, context));
    for (const schema::Column* column : plan->selection.columns) {
        plan->usesKey = plan->usesKey || column->kind == ColumnKind::PartitionKey;
    }
    TRY(prepareMasks(*plan, context.schema));
    plan->metadata = metadataOf(*plan);
    plan->markers = context.markers.size();
    warnOfAggregation(*plan, select);
    return SelectPlanPtr(std::move(plan));
}

}  // namespace engine::cql
