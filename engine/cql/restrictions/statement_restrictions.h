#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/cql/prepare_context.h"
#include "engine/cql/restrictions/clustering_bounds.h"
#include "engine/cql/restrictions/restriction.h"
#include "engine/rows/read_command.h"

namespace engine::cql {

enum class StatementKind : std::uint8_t { Insert, Update, Delete, Select };
/// INSERT, UPDATE, DELETE, SELECT.
std::string_view toString(StatementKind kind);

/// Everything WHERE says, checked against the rules of its statement
/// (org.apache.cassandra.cql3.restrictions.StatementRestrictions).
/// Immutable; its table must outlive it.
class StatementRestrictions {
public:
    static constexpr std::string_view kFilteringMessage =
        "Cannot execute this query as it might involve data filtering and thus may have unpredictable "
        "performance. If you want to execute this query despite the performance unpredictability, use "
        "ALLOW FILTERING";

    struct Rules {
        StatementKind kind = StatementKind::Select;
        bool onlyStaticColumns = false;  // Selected or changed: clustering columns do not matter.
        bool allowFiltering = false;
        const syntax::Ordering* nearest = nullptr;  // ORDER BY … ANN OF.
    };

    static Result<StatementRestrictions> prepare(const std::vector<syntax::Relation>& where,
                                                 const schema::Table& table, const Rules& rules,
                                                 PrepareContext& context);
    /// The same of key columns that have a value each (INSERT JSON).
    static Result<StatementRestrictions> ofValues(
        std::vector<std::pair<const schema::Column*, Term>> values, const schema::Table& table,
        const Rules& rules);

    /// The query is over a range of partitions rather than given keys.
    bool isKeyRange() const { return m_isKeyRange; }
    bool keyIsIn() const;  // IN on a partition key column.
    bool clusteringIsIn() const;
    bool hasClustering() const { return !m_clustering.empty(); }
    bool hasClusteringSlice() const;
    bool allClusteringEq() const { return m_allClusteringEq; }
    bool needsFiltering() const { return m_needsFiltering; }
    /// Replicas find the rows by an index.
    bool usesIndex() const { return m_usesIndex; }
    /// Rows that are no answer have to be looked at, which ALLOW FILTERING must allow.
    bool needsAllowFiltering() const;
    /// Of ANN OF: the column and the vector it asks for; null without.
    const Restriction* nearest() const;
    bool hasRegular() const { return m_hasRegular; }
    /// Nothing but partitions as a whole is asked for: those with a static row alone count.
    bool queriesFullPartitions() const { return m_clustering.empty() && !m_hasRegular; }
    bool isEqualTo(const schema::Column& column) const;  // By a plain `=`.
    bool onToken() const { return m_token.has_value(); }
    /// Markers of the partition key's columns when each is restricted by `= ?`, else empty.
    std::vector<std::size_t> partitionKeyMarkers() const;

    /// Serialised keys, each once, by the values of their components. Not of a key range.
    Result<std::vector<Bytes>> partitionKeys(const Binding& binding) const;
    /// Empty: no partition can be meant.
    Result<std::optional<rows::PartitionRange>> partitionRange(const Binding& binding) const;
    Result<ClusteringChoice> clustering(const Binding& binding) const;
    Result<std::vector<rows::FilterExpression>> filters(const Binding& binding) const;
    /// Every condition as a filter, also what keys and slices would cover (views check each row).
    Result<std::vector<rows::FilterExpression>> allFilters(const Binding& binding) const;
    bool isRestricted(const schema::Column& column) const;
    /// Other than key columns, by name.
    std::vector<std::string> restrictedOthers() const;

private:
    explicit StatementRestrictions(const schema::Table& table) : m_table(&table) {}

    Result<void> add(Restriction restriction, const Rules& rules);
    Result<void> addClustering(Restriction restriction, bool allowFiltering);
    Result<void> mergeClustering(Restriction restriction);
    Result<void> check(const Rules& rules);
    Result<void> addToken(TokenRestriction restriction);
    Result<void> checkPartitionKey(const Rules& rules);
    Result<void> checkClustering(const Rules& rules);
    Result<void> checkOthers(const Rules& rules);
    Result<void> checkNearest() const;
    Result<void> addNearest(const syntax::Ordering& ordering, PrepareContext& context);
    bool hasSupportingIndex(const std::vector<Restriction>& restrictions) const;
    std::vector<const Restriction*> filtered() const;
    void addAnalysis(std::vector<rows::FilterExpression>& filters) const;
    Result<rows::Clustering> plainClustering(const Binding& binding) const;
    bool partitionKeyNeedsFiltering() const;
    bool clusteringNeedsFiltering() const;
    std::string missing(std::span<const schema::Column> columns,
                        const std::vector<Restriction>& restrictions) const;

    const schema::Table* m_table;
    // Each sorted by the columns' place in the table.
    std::vector<Restriction> m_partition;
    std::vector<Restriction> m_clustering;
    std::vector<Restriction> m_others;
    std::optional<TokenRestriction> m_token;
    bool m_isKeyRange = false;
    bool m_needsFiltering = false;
    bool m_usesIndex = false;
    bool m_hasQueriableIndex = false;
    bool m_hasClusteringIndex = false;
    bool m_filterPartition = false;
    bool m_filterClustering = false;
    bool m_hasRegular = false;
    bool m_allClusteringEq = false;
    bool m_plainKey = false;  // One `=` for each partition key column: the fast path.
    bool m_plainClustering = false;  // The same of every clustering column.
};

/// Patterns that begin with `%` want an index of mode CONTAINS.
Result<void> checkLike(const schema::Table& table, const rows::FilterExpression& filter);

/// Refuses keys, and components of keys, of more than 65535 bytes.
Result<void> validateKey(std::size_t bytes);

}  // namespace engine::cql
