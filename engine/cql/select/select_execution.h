#pragma once

#include "engine/cql/select/group_builder.h"
#include "engine/cql/select/paging_state.h"
#include "engine/cql/select/select_plan.h"
#include "engine/rows/nearest.h"

namespace engine::cql {

/// One run of a SELECT: says what to read, page by page, and folds the answers into rows. A page
/// ends where Cassandra's pagers end it: when it is full, whether or not anything follows.
class PlanExecution : public SelectExecution {
public:
    PlanExecution(SelectPlanPtr plan, const QueryOptions& options, const ExecutionContext& context);

    /// Binds what the plan leaves open. Called once, before next().
    Result<void> begin(const QueryOptions& options);

    std::vector<rows::ReadCommand> next() override;
    Result<void> feed(std::vector<std::vector<rows::Partition>> answers) override;
    Result<RowsResult> finish() override;
    const std::vector<std::string>& warnings() const override { return m_warnings; }
    bool readsAtOne() const override { return m_nearest.has_value(); }

private:
    /// A partition of which some rows have been returned.
    struct Resume {
        rows::DecoratedKey key;
        rows::Clustering after;
    };

    Result<void> bindLimits();
    Result<void> checkMasks() const;
    Result<void> guard(const QueryOptions& options) const;
    Result<void> bindNearest(const QueryOptions& options);
    void addSortKey(const RowInput& input);
    bool sortsBefore(const std::vector<Value>& a, const std::vector<Value>& b) const;
    Result<void> resumeFrom(const QueryOptions& options);
    rows::ReadCommand command() const;
    rows::ReadCommand keyCommand(const rows::DecoratedKey& key) const;
    std::uint32_t rowsWanted() const;

    Result<std::size_t> take(rows::Partition& partition, bool resumed);
    Result<void> takeRow(const rows::Partition& partition, const rows::Row* row);
    Result<void> addRow(const RowInput& input);
    Result<void> addToGroup(const rows::Partition& partition, const RowInput& input);
    Result<void> fillValues(const rows::Partition& partition, const rows::Row* row);
    RowInput inputOf(const rows::Partition* partition, const rows::Row* row);
    Result<void> closeGroup();
    void notePosition(const rows::Partition& partition, const rows::Row* row);
    void continueAfter(const rows::Partition& partition);
    void advance(const rows::Partition& last);
    bool full() const { return m_pageLeft == 0; }
    std::optional<Bytes> pagingState() const;
    void sortRows();

    SelectPlanPtr m_plan;
    std::vector<BoundValue> m_boundValues;
    ExecutionContext m_context;
    Binding m_binding;
    std::optional<types::FunctionContext> m_functions;
    std::int64_t m_nowSeconds = 0;

    // What to read.
    bool m_done = false;
    std::vector<rows::DecoratedKey> m_keys;
    std::size_t m_nextKey = 0;
    rows::PartitionRange m_range;
    ClusteringChoice m_choice;
    std::vector<rows::FilterExpression> m_filters;
    std::optional<Resume> m_resume;
    std::optional<rows::NearestTo> m_nearest;
    rows::Similarity m_similarity = rows::Similarity::Cosine;
    std::vector<std::string> m_warnings;
    std::optional<rows::ReadCommand> m_filterCommand;  // For rows::satisfies, when there are filters.

    // How much: rows, or groups when rows are aggregated.
    std::uint32_t m_pageSize = 0;
    std::uint32_t m_remaining = rows::ReadLimits::kNone;
    std::uint32_t m_pageLeft = rows::ReadLimits::kNone;
    std::uint32_t m_perPartition = rows::ReadLimits::kNone;
    std::uint32_t m_sortedLimit = rows::ReadLimits::kNone;  // LIMIT, when rows are sorted first.
    std::uint32_t m_inPartition = 0;  // Counted in the partition of m_lastKey.

    // What the last next() asked for.
    enum class Asked : std::uint8_t { Nothing, Resumed, Keys, Range };
    Asked m_asked = Asked::Nothing;
    std::size_t m_askedKeys = 0;
    std::uint32_t m_wanted = 0;

    // Where the result stands.
    rows::DecoratedKey m_lastKey;
    std::optional<rows::Clustering> m_lastClustering;
    bool m_hasPosition = false;
    std::vector<Value> m_values;
    std::vector<Bytes> m_keyComponents;
    std::optional<GroupBuilder> m_groups;
    std::vector<ResultRow> m_rows;
    std::vector<std::vector<Value>> m_sortKeys;
};

}  // namespace engine::cql
