#include "engine/cql/restrictions/statement_restrictions.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/syntax_text.h"
#include "engine/rows/index_rules.h"

namespace engine::cql {
namespace {

using RestrictionKind = Restriction::Kind;

bool hasLikeIndex(const schema::Table& table, const schema::Column& column) {
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const schema::Index& index) {
        return rows::supports(table, index, column.name, rows::Operator::LikePrefix);
    });
}

bool covers(const Restriction& restriction, const schema::Column& column) {
    return std::find(restriction.columns.begin(), restriction.columns.end(), &column) !=
           restriction.columns.end();
}

void insertSorted(std::vector<Restriction>& into, Restriction restriction) {
    const auto at = std::find_if(into.begin(), into.end(), [&](const Restriction& other) {
        return &other.first() > &restriction.first();
    });
    into.insert(at, std::move(restriction));
}

Result<void> addSingle(std::vector<Restriction>& into, Restriction restriction) {
    for (Restriction& existing : into) {
        if (covers(existing, restriction.first())) {
            return existing.merge(std::move(restriction));
        }
    }
    insertSorted(into, std::move(restriction));
    return ok();
}

}  // namespace

std::string_view toString(StatementKind kind) {
    switch (kind) {
        case StatementKind::Insert: return "INSERT";
        case StatementKind::Update: return "UPDATE";
        case StatementKind::Delete: return "DELETE";
        case StatementKind::Select: return "SELECT";
    }
    return "?";
}

Result<StatementRestrictions> StatementRestrictions::prepare(
    const std::vector<syntax::Relation>& where, const schema::Table& table, const Rules& rules,
    PrepareContext& context) {
    StatementRestrictions all(table);
    for (const syntax::Relation& relation : where) {
        const bool contains = relation.op == syntax::Operator::Contains ||
                              relation.op == syntax::Operator::ContainsKey;
        if (contains && rules.kind != StatementKind::Select) {
            return invalidAt(relation.span, fmt::format("Cannot use {} with {}",
                                                        toString(rules.kind), textOf(relation.op)));
        }
        TRY_ASSIGN(auto restriction, prepareRelation(relation, table, context));
        if (relation.op == syntax::Operator::Like &&
            (rules.kind != StatementKind::Select ||
             !hasLikeIndex(table, std::get<Restriction>(restriction).first()))) {
            return invalidAt(relation.span,
                             fmt::format("LIKE restriction is only supported on properly indexed columns. "
                                         "{} is not valid.",
                                         textOf(relation)));
        }
        if (auto* token = std::get_if<TokenRestriction>(&restriction)) {
            TRY(all.addToken(std::move(*token)));
        } else {
            TRY(all.add(std::move(std::get<Restriction>(restriction)), rules));
        }
    }
    if (rules.nearest != nullptr) {
        TRY(all.addNearest(*rules.nearest, context));
    }
    TRY(all.check(rules));
    return all;
}

Result<StatementRestrictions> StatementRestrictions::ofValues(
    std::vector<std::pair<const schema::Column*, Term>> values, const schema::Table& table,
    const Rules& rules) {
    StatementRestrictions all(table);
    for (auto& [column, term] : values) {
        Restriction restriction;
        restriction.columns = {column};
        restriction.eq.elements.push_back(std::move(term));
        TRY(all.add(std::move(restriction), rules));
    }
    TRY(all.check(rules));
    return all;
}

Result<void> StatementRestrictions::check(const Rules& rules) {
    if (rules.kind == StatementKind::Select && !m_table->indexes.empty()) {
        m_hasClusteringIndex = hasSupportingIndex(m_clustering);
        m_hasQueriableIndex = m_hasClusteringIndex || hasSupportingIndex(m_partition) ||
                              hasSupportingIndex(m_others);
    }
    TRY(checkPartitionKey(rules));
    if (rules.onlyStaticColumns && hasClustering()) {
        if (rules.kind == StatementKind::Update || rules.kind == StatementKind::Delete) {
            return invalid(fmt::format("Invalid restrictions on clustering columns since the {} "
                                       "statement modifies only static columns",
                                       toString(rules.kind)));
        }
        if (rules.kind == StatementKind::Select) {
            return invalid("Cannot restrict clustering columns when selecting only static columns");
        }
    }
    TRY(checkClustering(rules));
    m_usesIndex = m_usesIndex || (m_isKeyRange && m_hasClusteringIndex);
    m_filterClustering = m_filterClustering || (m_usesIndex && !m_clustering.empty());
    TRY(checkOthers(rules));
    if (m_usesIndex && keyIsIn()) {
        return invalid(
            "Select on indexed columns and with IN clause for the PRIMARY KEY are not supported");
    }
    m_needsFiltering = m_filterPartition || m_filterClustering || !m_others.empty();
    std::size_t equal = 0;
    for (const Restriction& restriction : m_clustering) {
        equal += restriction.kind == RestrictionKind::Eq ? restriction.columns.size() : 0;
    }
    m_allClusteringEq = equal == m_table->clustering().size();
    const auto isPlain = [](const Restriction& r) { return r.kind == RestrictionKind::Eq && !r.multi; };
    m_plainKey = !m_isKeyRange && m_partition.size() == m_table->partitionKey().size() &&
                 std::all_of(m_partition.begin(), m_partition.end(), isPlain);
    m_plainClustering = !m_clustering.empty() &&
                        m_clustering.size() == m_table->clustering().size() &&
                        std::all_of(m_clustering.begin(), m_clustering.end(), isPlain);
    return ok();
}

Result<void> StatementRestrictions::addToken(TokenRestriction restriction) {
    if (m_token) {
        return m_token->merge(std::move(restriction));
    }
    m_token = std::move(restriction);
    return ok();
}

Result<void> StatementRestrictions::add(Restriction restriction, const Rules& rules) {
    switch (restriction.first().kind) {
        case schema::ColumnKind::PartitionKey: return addSingle(m_partition, std::move(restriction));
        case schema::ColumnKind::Clustering:
            return addClustering(std::move(restriction), rules.allowFiltering);
        case schema::ColumnKind::Regular: m_hasRegular = true; break;
        case schema::ColumnKind::Static: break;
    }
    return addSingle(m_others, std::move(restriction));
}

/// ClusteringColumnRestrictions.Builder.addRestriction.
Result<void> StatementRestrictions::addClustering(Restriction restriction, bool allowFiltering) {
    if (m_clustering.empty() || allowFiltering) {
        return mergeClustering(std::move(restriction));
    }
    const schema::Column& lastStart = m_clustering.back().first();
    const bool lastIsSlice = m_clustering.back().kind == RestrictionKind::Slice;
    const schema::Column& newStart = restriction.first();
    const bool newIsSlice = restriction.kind == RestrictionKind::Slice;
    TRY(mergeClustering(std::move(restriction)));
    if (lastIsSlice && newStart.position > lastStart.position) {
        return invalid(fmt::format("Clustering column \"{}\" cannot be restricted (preceding column "
                                   "\"{}\" is restricted by a non-EQ relation)",
                                   newStart.name, lastStart.name));
    }
    if (newStart.position < lastStart.position && newIsSlice) {
        const schema::Column* next = &lastStart;
        for (const Restriction& existing : m_clustering) {
            if (existing.first().position > newStart.position) {
                next = &existing.first();
                break;
            }
        }
        return invalid(fmt::format("PRIMARY KEY column \"{}\" cannot be restricted (preceding column "
                                   "\"{}\" is restricted by a non-EQ relation)",
                                   next->name, newStart.name));
    }
    return ok();
}

Result<void> StatementRestrictions::mergeClustering(Restriction restriction) {
    for (Restriction& existing : m_clustering) {
        for (const schema::Column* column : restriction.columns) {
            if (covers(existing, *column)) {
                return existing.merge(std::move(restriction));
            }
        }
    }
    insertSorted(m_clustering, std::move(restriction));
    return ok();
}

std::string StatementRestrictions::missing(std::span<const schema::Column> columns,
                                           const std::vector<Restriction>& restrictions) const {
    std::string names;
    for (const schema::Column& column : columns) {
        const bool restricted =
            std::any_of(restrictions.begin(), restrictions.end(),
                        [&](const Restriction& restriction) { return covers(restriction, column); });
        if (!restricted) {
            names += (names.empty() ? "" : ", ") + column.name;
        }
    }
    return names;
}

bool StatementRestrictions::partitionKeyNeedsFiltering() const {
    if (m_partition.empty()) {
        return false;
    }
    return m_partition.size() < m_table->partitionKey().size() ||
           std::any_of(m_partition.begin(), m_partition.end(), [](const Restriction& restriction) {
               return restriction.kind == RestrictionKind::Slice || restriction.kind == RestrictionKind::Contains;
           });
}

Result<void> StatementRestrictions::checkPartitionKey(const Rules& rules) {
    if (rules.kind != StatementKind::Select) {
        if (m_token) {
            return invalid(fmt::format("The token function cannot be used in WHERE clauses for {} "
                                       "statements",
                                       toString(rules.kind)));
        }
        const std::string names = missing(m_table->partitionKey(), m_partition);
        if (!names.empty()) {
            return invalid("Some partition key parts are missing: " + names);
        }
        for (const Restriction& restriction : m_partition) {
            if (restriction.kind == RestrictionKind::Slice) {
                return invalid(fmt::format("Only EQ and IN relation are supported on the partition key "
                                           "(unless you use the token() function) for {} statements",
                                           toString(rules.kind)));
            }
        }
        return ok();
    }
    m_isKeyRange = m_token || m_partition.empty();
    if (m_partition.empty() && !m_token) {
        m_usesIndex = m_hasQueriableIndex;
    }
    if (partitionKeyNeedsFiltering()) {
        if (!rules.allowFiltering && !m_hasQueriableIndex) {
            return invalid(std::string(kFilteringMessage));
        }
        m_isKeyRange = true;
        m_usesIndex = m_hasQueriableIndex;
        m_filterPartition = true;
    }
    // token() beside whole keys: the keys are found by their token, and checked.
    m_filterPartition = m_filterPartition || (m_token && !m_partition.empty());
    return ok();
}

bool StatementRestrictions::clusteringNeedsFiltering() const {
    int position = 0;
    for (const Restriction& restriction : m_clustering) {
        if (restriction.kind == RestrictionKind::Contains || restriction.kind == RestrictionKind::Like ||
            restriction.first().position != position) {
            return true;
        }
        if (restriction.kind != RestrictionKind::Slice) {
            position = restriction.last().position + 1;
        }
    }
    return false;
}

Result<void> StatementRestrictions::checkClustering(const Rules& rules) {
    const bool slicesAllowed =
        rules.kind == StatementKind::Select || rules.kind == StatementKind::Delete;
    if (!slicesAllowed) {
        if (hasClusteringSlice()) {
            return invalid(fmt::format("Slice restrictions are not supported on the clustering columns "
                                       "in {} statements",
                                       toString(rules.kind)));
        }
        const std::string names = missing(m_table->clustering(), m_clustering);
        if (!rules.onlyStaticColumns && !names.empty()) {
            return invalid("Some clustering keys are missing: " + names);
        }
        return ok();
    }
    const bool contains =
        std::any_of(m_clustering.begin(), m_clustering.end(),
                    [](const Restriction& restriction) { return restriction.kind == RestrictionKind::Contains; });
    if (contains && !rules.allowFiltering && !m_hasQueriableIndex) {
        return invalid(
            "Clustering columns can only be restricted with CONTAINS with a secondary index or filtering");
    }
    m_filterClustering = clusteringNeedsFiltering();
    if (m_filterClustering && m_hasQueriableIndex) {
        m_usesIndex = true;
        return ok();
    }
    if (!m_filterClustering || rules.allowFiltering) {
        return ok();
    }
    std::size_t i = 0;
    for (const Restriction& restriction : m_clustering) {
        for (const schema::Column* column : restriction.columns) {
            const schema::Column& expected = m_table->clustering()[i++];
            if (column != &expected) {
                return invalid(fmt::format("PRIMARY KEY column \"{}\" cannot be restricted as preceding "
                                           "column \"{}\" is not restricted",
                                           column->name, expected.name));
            }
        }
    }
    return ok();
}

Result<void> StatementRestrictions::checkOthers(const Rules& rules) {
    if (m_others.empty()) {
        return ok();
    }
    if (rules.kind != StatementKind::Select) {
        std::string names;
        for (const Restriction& restriction : m_others) {
            names += (names.empty() ? "" : ", ") + restriction.first().name;
        }
        return invalid("Non PRIMARY KEY columns found in where clause: " + names + " ");
    }
    TRY(checkNearest());
    if (m_hasQueriableIndex) {
        m_usesIndex = true;
    } else if (!rules.allowFiltering) {
        return invalid(std::string(kFilteringMessage));
    }
    return ok();
}

bool StatementRestrictions::hasClusteringSlice() const {
    return std::any_of(m_clustering.begin(), m_clustering.end(), [](const Restriction& restriction) {
        return restriction.kind == RestrictionKind::Slice;
    });
}

bool StatementRestrictions::keyIsIn() const {
    return std::any_of(m_partition.begin(), m_partition.end(), [](const Restriction& restriction) {
        return restriction.kind == RestrictionKind::In;
    });
}

bool StatementRestrictions::clusteringIsIn() const {
    return std::any_of(m_clustering.begin(), m_clustering.end(), [](const Restriction& restriction) {
        return restriction.kind == RestrictionKind::In;
    });
}

bool StatementRestrictions::isEqualTo(const schema::Column& column) const {
    const auto in = [&](const std::vector<Restriction>& restrictions) {
        return std::any_of(restrictions.begin(), restrictions.end(), [&](const Restriction& r) {
            return r.kind == RestrictionKind::Eq && covers(r, column);
        });
    };
    return in(m_partition) || in(m_clustering) || in(m_others);
}

std::vector<std::size_t> StatementRestrictions::partitionKeyMarkers() const {
    std::vector<std::size_t> markers;
    if (!m_plainKey) {
        return markers;
    }
    for (const Restriction& restriction : m_partition) {
        const Term& term = restriction.eq.elements[0];
        if (!term.isMarker()) {
            return {};
        }
        markers.push_back(term.markerIndex());
    }
    return markers;
}

bool StatementRestrictions::isRestricted(const schema::Column& column) const {
    const auto in = [&](const std::vector<Restriction>& restrictions) {
        return std::any_of(restrictions.begin(), restrictions.end(),
                           [&](const Restriction& r) { return covers(r, column); });
    };
    return in(m_partition) || in(m_clustering) || in(m_others);
}

std::vector<std::string> StatementRestrictions::restrictedOthers() const {
    std::vector<std::string> out;
    for (const Restriction& restriction : m_others) {
        out.push_back(restriction.first().name);
    }
    return out;
}

}  // namespace engine::cql
