#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/restrictions/statement_restrictions.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/rows/index_rules.h"
#include "engine/types/data_type.h"

/// StatementRestrictions and the table's indexes: what they serve, and what is left to filter.
namespace engine::cql {
namespace {

using RestrictionKind = Restriction::Kind;

constexpr auto kNearestNeedsIndexedColumns =
    "ANN ordering by vector requires all restricted column(s) to be indexed";

rows::Operator operatorOf(const ContainsCondition& condition) {
    switch (condition.kind) {
        case ContainsCondition::Kind::Element: return rows::Operator::Contains;
        case ContainsCondition::Kind::Key: return rows::Operator::ContainsKey;
        case ContainsCondition::Kind::Entry: return rows::Operator::MapEntryEq;
    }
    return rows::Operator::Contains;
}

/// Restriction.isSupportedBy.
bool isSupportedBy(const schema::Table& table, const schema::Index& index, const Restriction& restriction) {
    const auto serves = [&](const schema::Column& column, rows::Operator op) {
        return rows::supports(table, index, column.name, op);
    };
    switch (restriction.kind) {
        case RestrictionKind::Eq:
            return std::any_of(restriction.columns.begin(), restriction.columns.end(),
                               [&](const schema::Column* column) { return serves(*column, rows::Operator::Eq); });
        case RestrictionKind::In: return false;
        case RestrictionKind::Slice:
            return (restriction.lower &&
                    serves(restriction.first(), restriction.lowerInclusive ? rows::Operator::Gte : rows::Operator::Gt)) ||
                   (restriction.upper &&
                    serves(restriction.first(), restriction.upperInclusive ? rows::Operator::Lte : rows::Operator::Lt));
        case RestrictionKind::Contains:
            return std::any_of(restriction.contains.begin(), restriction.contains.end(), [&](const auto& c) {
                return serves(restriction.first(), operatorOf(c));
            });
        case RestrictionKind::Like: return serves(restriction.first(), rows::Operator::LikePrefix);
        case RestrictionKind::Nearest:
            return rows::isNearestIndex(table, index) &&
                   rows::targetOf(index).column == restriction.first().name;
    }
    return false;
}

bool isIndexed(const schema::Table& table, const schema::Column& column) {
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const schema::Index& index) {
        return rows::targetOf(index).column == column.name;
    });
}

/// Storage-attached indexes of a table are asked together, every other one alone (Index.Group).
std::vector<std::vector<const schema::Index*>> groupsOf(const schema::Table& table) {
    std::vector<std::vector<const schema::Index*>> out;
    std::vector<const schema::Index*> attached;
    for (const schema::Index& index : table.indexes) {
        if (rows::classOf(index) == rows::IndexClass::StorageAttached) {
            attached.push_back(&index);
        } else {
            out.push_back({&index});
        }
    }
    if (!attached.empty()) {
        out.push_back(std::move(attached));
    }
    return out;
}

/// Several CONTAINS on one column: but for storage-attached ones an index answers one of them.
bool servesAll(const schema::Table& table, const std::vector<const schema::Index*>& group,
               const Restriction& restriction) {
    const bool several = restriction.kind == RestrictionKind::Contains && restriction.contains.size() > 1;
    return std::any_of(group.begin(), group.end(), [&](const schema::Index* index) {
        return isSupportedBy(table, *index, restriction) &&
               !(several && rows::classOf(*index) != rows::IndexClass::StorageAttached);
    });
}

}  // namespace

bool StatementRestrictions::hasSupportingIndex(const std::vector<Restriction>& restrictions) const {
    return std::any_of(restrictions.begin(), restrictions.end(), [&](const Restriction& restriction) {
        return std::any_of(
            m_table->indexes.begin(), m_table->indexes.end(),
            [&](const schema::Index& index) { return isSupportedBy(*m_table, index, restriction); });
    });
}

/// Those that rows are checked by.
std::vector<const Restriction*> StatementRestrictions::filtered() const {
    std::vector<const Restriction*> out;
    const auto add = [&](const std::vector<Restriction>& restrictions) {
        for (const Restriction& restriction : restrictions) {
            out.push_back(&restriction);
        }
    };
    if (m_filterPartition) {
        add(m_partition);
    }
    if (m_filterClustering) {
        add(m_clustering);
    }
    add(m_others);
    return out;
}

/// SelectStatement.checkNeedsFiltering.
bool StatementRestrictions::needsAllowFiltering() const {
    if (!m_isKeyRange && !m_usesIndex) {
        return false;
    }
    std::vector<const Restriction*> all = filtered();
    if (!partitionKeyNeedsFiltering()) {
        // Whole keys beside token() are found by their token.
        std::erase_if(all, [](const Restriction* r) { return r->first().kind == schema::ColumnKind::PartitionKey; });
    }
    if (all.empty()) {
        return !m_clustering.empty();
    }
    const auto groups = groupsOf(*m_table);
    return std::none_of(groups.begin(), groups.end(), [&](const auto& group) {
        return std::all_of(all.begin(), all.end(), [&](const Restriction* restriction) {
            return servesAll(*m_table, group, *restriction);
        });
    });
}

const Restriction* StatementRestrictions::nearest() const {
    const auto it = std::find_if(m_others.begin(), m_others.end(),
                                 [](const Restriction& r) { return r.kind == RestrictionKind::Nearest; });
    return it == m_others.end() ? nullptr : &*it;
}

/// StatementRestrictions.addOrderingRestrictions.
Result<void> StatementRestrictions::addNearest(const syntax::Ordering& ordering, PrepareContext& context) {
    TRY_ASSIGN(const schema::Column* column, existingColumn(*m_table, ordering.column));
    Restriction restriction;
    restriction.kind = RestrictionKind::Nearest;
    restriction.columns = {column};
    TRY_ASSIGN(Term vector, prepareTerm(*ordering.annOf, specOf(*m_table, *column), context));
    restriction.eq.elements.push_back(std::move(vector));
    return add(std::move(restriction), {});
}

/// What StatementRestrictions' constructor demands of vectors.
Result<void> StatementRestrictions::checkNearest() const {
    const Restriction* ordering = nearest();
    if (ordering == nullptr) {
        for (const Restriction& restriction : m_others) {
            if (restriction.first().type->kind() == types::Kind::Vector &&
                isIndexed(*m_table, restriction.first())) {
                return invalid("Vector indexes only support ANN queries");
            }
        }
        return ok();
    }
    const types::DataType& type = *ordering->first().type;
    if (type.kind() != types::Kind::Vector || type.element()->kind() != types::Kind::Float) {
        return invalid("ANN ordering is only supported on float vector indexes");
    }
    if (!isIndexed(*m_table, ordering->first())) {
        return invalid("ANN ordering by vector requires the column to be indexed");
    }
    if (m_filterPartition && !m_token) {
        return invalid(kNearestNeedsIndexedColumns);
    }
    for (const Restriction& restriction : m_others) {
        if (&restriction != ordering && !isIndexed(*m_table, restriction.first())) {
            return invalid(kNearestNeedsIndexedColumns);
        }
    }
    const bool clusteringIsIndexed = std::all_of(
        m_clustering.begin(), m_clustering.end(), [&](const Restriction& restriction) {
            return std::all_of(restriction.columns.begin(), restriction.columns.end(),
                               [&](const schema::Column* column) { return isIndexed(*m_table, *column); });
        });
    if (!clusteringIsIndexed && (m_isKeyRange || clusteringNeedsFiltering())) {
        return invalid(kNearestNeedsIndexedColumns);
    }
    return ok();
}

void StatementRestrictions::addAnalysis(std::vector<rows::FilterExpression>& filters) const {
    for (rows::FilterExpression& filter : filters) {
        for (const schema::Index& index : m_table->indexes) {
            if (rows::supports(*m_table, index, filter.column, filter.op)) {
                filter.analysis = rows::analysisOf(index);
                break;
            }
        }
    }
}

Result<void> checkLike(const schema::Table& table, const rows::FilterExpression& filter) {
    if (filter.op != rows::Operator::LikeSuffix && filter.op != rows::Operator::LikeContains) {
        return ok();
    }
    for (const schema::Index& index : table.indexes) {
        const auto mode = index.options.find("mode");
        if (rows::supports(table, index, filter.column, filter.op) && mode != index.options.end() &&
            mode->second == "CONTAINS") {
            return ok();
        }
    }
    return invalid(fmt::format("{} LIKE '%<term>{}' {} is only supported on properly indexed columns",
                               filter.column, filter.op == rows::Operator::LikeContains ? "%" : "", filter.value));
}

}  // namespace engine::cql
