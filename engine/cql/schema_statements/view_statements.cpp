#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/cql/errors.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/restrictions/statement_restrictions.h"
#include "engine/cql/schema_statements/schema_change.h"
#include "engine/cql/schema_statements/table_options.h"
#include "engine/cql/schema_statements/table_rules.h"
#include "engine/cql/syntax/parser.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/function_context.h"
#include "engine/types/type_names.h"

/// CREATE, ALTER and DROP of materialized views.
namespace engine::cql {
namespace {

using schema::ColumnKind;
using Names = std::vector<std::string>;

/// What a selector that is no plain column is called.
std::string classOf(const syntax::Selector& selector) {
    const bool writetime = std::holds_alternative<syntax::MetadataSelector>(selector.node);
    return writetime ? "org.apache.cassandra.cql3.selection.Selectable$WritetimeOrTTL$Raw"
                     : "org.apache.cassandra.cql3.selection.Selectable$WithFunction$Raw";
}

Result<std::set<std::string>> selectedColumns(const syntax::CreateViewStatement& statement,
                                              const schema::Table& base) {
    std::set<std::string> out;
    if (statement.items.empty()) {
        for (const schema::Column& column : base.columns) {
            out.insert(column.name);
        }
    }
    for (const syntax::SelectItem& item : statement.items) {
        if (item.alias) {
            return invalid("Cannot use aliases when defining a materialized view (got "
                           "org.apache.cassandra.cql3.selection.RawSelector@0)");
        }
        const auto* column = std::get_if<syntax::ColumnSelector>(&item.selector.node);
        if (column == nullptr) {
            return invalid(fmt::format("Can only select columns by name when defining a materialized view (got {}@0)",
                                       classOf(item.selector)));
        }
        TRY_ASSIGN(const schema::Column* found, existingColumn(base, column->column));
        out.insert(found->name);
    }
    for (const std::string& name : out) {
        if (base.find(name)->kind == ColumnKind::Static) {
            return invalid(fmt::format("Cannot include static column '{}' in materialized view '{}'", name,
                                       statement.view.name.text));
        }
    }
    return out;
}

Result<void> checkKeyColumn(const schema::Column& column) {
    const types::DataType& type = *column.type;
    if (type.isMultiCell()) {
        return invalid(fmt::format("Invalid non-frozen {} type '{}' for PRIMARY KEY column '{}'",
                                   type.isCollection() ? "collection" : "user-defined", types::className(type),
                                   column.name));
    }
    if (type.isCounter()) {
        return invalid(fmt::format("counter type is not supported for PRIMARY KEY column '{}'", column.name));
    }
    if (type.references(types::Kind::Duration)) {
        return invalid(fmt::format("duration type is not supported for PRIMARY KEY column '{}'", column.name));
    }
    return ok();
}

/// The key columns' names, in order, checked against the base.
Result<Names> checkedKey(const syntax::CreateViewStatement& statement, const schema::Table& base,
                         const std::set<std::string>& selected) {
    const std::string& view = statement.view.name.text;
    Names key;
    for (const auto* part : {&statement.primaryKey.partition, &statement.primaryKey.clustering}) {
        for (const syntax::Name& name : *part) {
            const schema::Column* column = base.find(name.text);
            if (column == nullptr || !selected.contains(name.text)) {
                return invalidAt(name.span,
                                 fmt::format("Unknown column '{}' referenced in PRIMARY KEY for materialized view '{}'",
                                             name.text, view));
            }
            if (std::find(key.begin(), key.end(), name.text) != key.end()) {
                return invalidAt(name.span,
                                 fmt::format("Duplicate column '{}' in PRIMARY KEY clause for materialized view '{}'",
                                             name.text, view));
            }
            key.push_back(name.text);
            TRY(checkKeyColumn(*column));
        }
    }
    Names ordered;
    Names clustering;
    for (const syntax::ClusteringOrder& order : statement.clusteringOrder) {
        ordered.push_back(order.column.text);
    }
    for (const syntax::Name& name : statement.primaryKey.clustering) {
        clustering.push_back(name.text);
    }
    if (!ordered.empty() && ordered != clustering) {
        return invalid("Clustering key columns must exactly match columns in CLUSTERING ORDER BY directive");
    }
    Names missing;
    Names others;
    for (const schema::Column& column : base.columns) {
        const bool inView = std::find(key.begin(), key.end(), column.name) != key.end();
        if (column.position >= 0 && !inView) {
            missing.push_back(column.name);
        } else if (column.position < 0 && inView) {
            others.push_back(column.name);
        }
    }
    if (!missing.empty()) {
        return invalid(fmt::format("Cannot create materialized view '{}' without primary key columns {} from base "
                                   "table '{}'",
                                   view, fmt::join(missing, ", "), base.name));
    }
    if (others.size() > 1) {
        return invalid(fmt::format("Cannot include more than one non-primary key column in materialized view primary "
                                   "key (got {})",
                                   fmt::join(others, ", ")));
    }
    return key;
}

Result<void> checkWhere(const std::vector<syntax::Relation>& where, const schema::Table& base, const Names& key,
                        const schema::Schema& current) {
    std::set<std::string> notNull;
    std::vector<syntax::Relation> conditions;
    for (const syntax::Relation& relation : where) {
        if (relation.kind == syntax::Relation::Kind::Token) {
            return invalidAt(relation.span, "Cannot use token relation when defining a materialized view");
        }
        if (relation.op == syntax::Operator::IsNotNull) {
            TRY_ASSIGN(const schema::Column* column, existingColumn(base, relation.columns[0]));
            notNull.insert(column->name);
        } else {
            conditions.push_back(relation);
        }
    }
    const std::vector<syntax::BindMarker> markers;
    std::vector<ColumnSpec> variables;
    std::vector<std::string> warnings;
    PrepareContext context{current, base.keyspace, markers, variables, warnings};
    StatementRestrictions::Rules rules;
    rules.allowFiltering = true;
    TRY_ASSIGN(const auto restrictions, StatementRestrictions::prepare(conditions, base, rules, context));
    Names free;
    for (const std::string& name : key) {
        if (!notNull.contains(name) && !restrictions.isRestricted(*base.find(name))) {
            free.push_back(name);
        }
    }
    if (!free.empty()) {
        std::sort(free.begin(), free.end());
        return invalid(fmt::format("Primary key columns {} must be restricted with 'IS NOT NULL' or otherwise",
                                   fmt::join(free, ", ")));
    }
    const Names others = restrictions.restrictedOthers();
    if (!others.empty()) {
        return invalid(fmt::format("Non-primary key columns can only be restricted with 'IS NOT NULL' (got: {} "
                                   "restricted illegally)",
                                   fmt::join(others, ",")));
    }
    return ok();
}

std::string whereText(const std::vector<syntax::Relation>& where) {
    std::string out;
    for (const syntax::Relation& relation : where) {
        out += (out.empty() ? "" : " AND ") + textOf(relation);
    }
    return out;
}

/// The view's columns: kinds and places are the view's own.
std::vector<schema::Column> columnsOf(const syntax::CreateViewStatement& statement, const schema::Table& base,
                                      const std::set<std::string>& selected) {
    std::vector<schema::Column> out;
    const auto placeOf = [](const std::vector<syntax::Name>& names, const std::string& name) {
        const auto it = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.text == name; });
        return it == names.end() ? -1 : static_cast<int>(it - names.begin());
    };
    for (const schema::Column& own : base.columns) {
        if (!selected.contains(own.name)) {
            continue;
        }
        schema::Column column{own.name, own.type, ColumnKind::Regular, -1, false, own.mask};
        if (const int at = placeOf(statement.primaryKey.partition, own.name); at >= 0) {
            column.kind = ColumnKind::PartitionKey;
            column.position = at;
        } else if (const int place = placeOf(statement.primaryKey.clustering, own.name); place >= 0) {
            column.kind = ColumnKind::Clustering;
            column.position = place;
            column.descending = own.descending;
            for (const syntax::ClusteringOrder& order : statement.clusteringOrder) {
                column.descending = order.column.text == own.name ? order.descending : column.descending;
            }
        }
        out.push_back(std::move(column));
    }
    return out;
}

Result<Uuid> viewId(const std::vector<syntax::Property>& properties, const ExecutionContext& context) {
    for (const syntax::Property& property : properties) {
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

constexpr auto kViewWarning = "Materialized views are experimental and are not recommended for production use.";

}  // namespace

std::vector<schema::TablePtr> viewsOf(const schema::Keyspace& keyspace, const schema::Table& base) {
    std::vector<schema::TablePtr> out;
    for (const auto& [name, table] : keyspace.tables) {
        if (table->view && table->view->baseId == base.id) {
            out.push_back(table);
        }
    }
    return out;
}

Result<void> followBase(schema::Keyspace& keyspace, const schema::Table& before, const schema::Table& after,
                        const std::vector<std::pair<std::string, std::string>>& renamed) {
    for (const schema::TablePtr& view : viewsOf(keyspace, before)) {
        auto next = std::make_shared<schema::Table>(*view);
        for (const auto& [from, to] : renamed) {
            for (schema::Column& column : next->columns) {
                column.name = column.name == from ? to : column.name;
            }
            TRY_ASSIGN(auto where, syntax::parseWhere(next->view->where));
            for (syntax::Relation& relation : where) {
                for (syntax::Name& name : relation.columns) {
                    name.text = name.text == from ? to : name.text;
                }
            }
            next->view->where = whereText(where);
        }
        for (const schema::Column& column : after.columns) {
            if (next->view->allColumns && column.kind == ColumnKind::Regular && next->find(column.name) == nullptr) {
                next->columns.push_back({column.name, column.type, ColumnKind::Regular, -1, false, column.mask});
            }
        }
        for (schema::Column& column : next->columns) {
            if (const schema::Column* own = after.find(column.name)) {
                column.mask = own->mask;
            }
        }
        next->finish();
        if (!(*next == *view)) {
            keyspace.tables[view->name] = std::move(next);
        }
    }
    return ok();
}

Result<void> checkCreateView(const syntax::CreateViewStatement& statement, const std::string& keyspace) {
    if (!statement.baseTable.keyspace.absent() && statement.baseTable.keyspace.text != keyspace) {
        return invalidAt(statement.baseTable.keyspace.span,
                         "Cannot create a materialized view on a table in a different keyspace");
    }
    return ok();
}

Result<SchemaTransformation> createView(const syntax::CreateViewStatement& statement,
                                        const std::string& keyspaceName, const schema::Schema& current,
                                        const ClusterFacts& cluster, const ExecutionContext& context) {
    const std::string& name = statement.view.name.text;
    const std::string& baseName = statement.baseTable.name.text;
    if (!cluster.features.materializedViews) {
        return invalid("Materialized views are disabled. Enable in cassandra.yaml to use.");
    }
    TRY(guardSystemKeyspace(keyspaceName, "CREATE", fmt::format("<keyspace {}>", keyspaceName)));
    TRY_ASSIGN(const auto properties, guardedProperties(statement.properties, context.guardrails));
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace == nullptr) {
        return invalidAt(statement.view.keyspace.span, fmt::format("Keyspace '{}' doesn't exist", keyspaceName));
    }
    const schema::TablePtr base = current.findTable(keyspaceName, baseName);
    if (base == nullptr || base->view) {
        return invalidAt(statement.baseTable.name.span, fmt::format("Base table '{}' doesn't exist", baseName));
    }
    if (const schema::TablePtr existing = current.findTable(keyspaceName, name)) {
        if (!existing->view) {
            return invalidAt(statement.view.name.span,
                             fmt::format("Cannot create materialized view '{}' - a table with the same name already "
                                         "exists",
                                         name));
        }
        if (statement.ifNotExists) {
            SchemaTransformation out = unchanged();
            out.warnings.emplace_back(kViewWarning);
            return out;
        }
        Error error = makeError(ErrorKind::AlreadyExists,
                                fmt::format("Cannot add already existing table \"{}\" to keyspace \"{}\"", name,
                                            keyspaceName));
        auto detail = std::make_shared<ErrorDetail>();
        detail->keyspace = keyspaceName;
        detail->table = name;
        error.detail = std::move(detail);
        return error;
    }
    if (base->isCounter) {
        return invalid("Materialized views are not supported on counter tables");
    }
    if (base->options.gcGraceSeconds == 0) {
        return invalid(fmt::format("Cannot create materialized view '{}' for base table '{}' with gc_grace_seconds of "
                                   "0, since this value is used to TTL undelivered updates. Setting gc_grace_seconds "
                                   "too low might cause undelivered updates to expire before being replayed.",
                                   name, baseName));
    }
    TRY(context.guardrails.materializedViewsPerTable(viewsOf(**keyspace, *base).size() + 1, name, baseName));
    TRY_ASSIGN(const auto selected, selectedColumns(statement, *base));
    TRY_ASSIGN(const Names key, checkedKey(statement, *base, selected));
    TRY(checkWhere(statement.where, *base, key, current));
    for (const syntax::Property& property : statement.properties) {
        if (property.name.text == "default_time_to_live" && property.value != "0") {
            return invalid("Cannot set default_time_to_live for a materialized view. Data in a materialized view "
                           "always expire at the same time than the corresponding data in the parent table.");
        }
    }
    TRY(checkTableName(keyspaceName, name));
    auto view = std::make_shared<schema::Table>();
    TRY_ASSIGN(view->options, readTableOptions(properties, {}, true));
    TRY_ASSIGN(view->id, viewId(statement.properties, context));
    view->keyspace = keyspaceName;
    view->name = name;
    view->columns = columnsOf(statement, *base, selected);
    view->view = schema::ViewOf{base->id, baseName, whereText(statement.where), statement.items.empty(), false};
    view->finish();
    view->view->strictLiveness = schema::isStrict(*view, *base);
    auto next = copyOf(**keyspace);
    next->tables[name] = std::move(view);
    SchemaTransformation out = changed(current, std::move(next), {"CREATED", "TABLE", keyspaceName, name, {}});
    out.warnings.emplace_back(kViewWarning);
    return out;
}

namespace {

Result<schema::TablePtr> findView(const syntax::QualifiedName& named, const std::string& keyspace,
                                  const schema::Schema& current, bool ifExists) {
    const schema::TablePtr view = current.findTable(keyspace, named.name.text);
    if (view != nullptr && view->view) {
        return view;
    }
    if (ifExists) {
        return schema::TablePtr();
    }
    return invalidAt(named.name.span,
                     fmt::format("Materialized view '{}.{}' doesn't exist", keyspace, named.name.text));
}

}  // namespace

Result<SchemaTransformation> alterView(const syntax::AlterViewStatement& statement,
                                       const std::string& keyspaceName, const schema::Schema& current,
                                       const ClusterFacts&, const ExecutionContext& context) {
    TRY_ASSIGN(const auto properties, guardedProperties(statement.properties, context.guardrails));
    TRY_ASSIGN(const schema::TablePtr view, findView(statement.view, keyspaceName, current, statement.ifExists));
    if (view == nullptr) {
        return unchanged();
    }
    auto next = std::make_shared<schema::Table>(*view);
    TRY(readTableOptions(properties, {}, true));
    TRY_ASSIGN(next->options, readTableOptions(properties, next->options, false));
    if (next->options.gcGraceSeconds == 0) {
        return invalid("Cannot alter gc_grace_seconds of a materialized view to 0, since this value is used to TTL "
                       "undelivered updates. Setting gc_grace_seconds too low might cause undelivered updates to "
                       "expire before being replayed.");
    }
    if (next->options.defaultTimeToLive > 0) {
        return invalid("Forbidden default_time_to_live detected for a materialized view. Data in a materialized view "
                       "always expire at the same time than the corresponding data in the parent table. "
                       "default_time_to_live must be set to zero, see CASSANDRA-12868 for more information");
    }
    if (*next == *view) {
        return unchanged();
    }
    auto keyspace = copyOf(**current.findKeyspace(keyspaceName));
    keyspace->tables[view->name] = std::move(next);
    return changed(current, std::move(keyspace), {"UPDATED", "TABLE", keyspaceName, view->name, {}});
}

Result<SchemaTransformation> dropView(const syntax::DropViewStatement& statement,
                                      const std::string& keyspaceName, const schema::Schema& current,
                                      const ClusterFacts&, const ExecutionContext&) {
    TRY_ASSIGN(const schema::TablePtr view, findView(statement.view, keyspaceName, current, statement.ifExists));
    if (view == nullptr) {
        return unchanged();
    }
    auto keyspace = copyOf(**current.findKeyspace(keyspaceName));
    keyspace->tables.erase(view->name);
    return changed(current, std::move(keyspace), {"DROPPED", "TABLE", keyspaceName, view->name, {}});
}

}  // namespace engine::cql
