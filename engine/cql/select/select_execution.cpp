#include "engine/cql/select/select_execution.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "engine/cql/consistency_names.h"
#include "engine/cql/errors.h"
#include "engine/cql/modification/modification.h"
#include "engine/cql/selection/row_values.h"
#include "engine/cql/terms/function_context.h"
#include "engine/schema/system_keyspaces.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

constexpr std::uint32_t kNone = rows::ReadLimits::kNone;
/// Rows an aggregation reads at a time.
constexpr std::uint32_t kAggregationRows = 10000;
/// Partitions of one IN that are read side by side.
constexpr std::size_t kParallelKeys = 64;

Result<std::uint32_t> limitOf(const std::optional<Term>& term, const Binding& binding) {
    if (!term) {
        return kNone;
    }
    TRY_ASSIGN(const BoundValue value, term->bind(binding));
    if (value.state == BoundValue::State::Null) {
        return invalid("Invalid null value of limit");
    }
    if (value.state == BoundValue::State::Unset) {
        return kNone;
    }
    const std::int32_t limit = types::decodeInt(value.bytes);
    if (limit <= 0) {
        return invalid("LIMIT must be strictly positive");
    }
    return static_cast<std::uint32_t>(limit);
}

/// The rows of a choice that come after `last`, in reading direction.
ClusteringChoice after(const schema::Table& table, const ClusteringChoice& choice,
                       const rows::Clustering& last, bool reversed) {
    ClusteringChoice out;
    for (const rows::Clustering& name : choice.names) {
        const int order = rows::compareClustering(table, name, last);
        if (reversed ? order < 0 : order > 0) {
            out.names.push_back(name);
        }
    }
    for (rows::Slice slice : choice.slices) {
        const rows::ClusteringBound edge{last, false};
        if (reversed) {
            if (compareBounds(table, edge, false, slice.end, false) < 0) {
                slice.end = edge;
            }
        } else if (compareBounds(table, edge, true, slice.start, true) > 0) {
            slice.start = edge;
        }
        if (compareBounds(table, slice.start, true, slice.end, false) < 0) {
            out.slices.push_back(std::move(slice));
        }
    }
    out.none = out.names.empty() && out.slices.empty();
    return out;
}

}  // namespace

PlanExecution::PlanExecution(SelectPlanPtr plan, const QueryOptions& options,
                             const ExecutionContext& context)
    : m_plan(std::move(plan)),
      m_boundValues(options.values),
      m_context(context),
      m_binding{m_boundValues, m_context, options.protocolVersion},
      m_nowSeconds(nowSecondsOf(options, context)) {
    m_values.resize(m_plan->selection.columns.size());
    m_warnings = m_plan->warnings;
    if (!m_plan->selection.plain || !m_plan->masks.empty()) {
        m_functions = functionContext(m_context);
        m_functions->warn = [this](std::string warning) {
            if (std::find(m_warnings.begin(), m_warnings.end(), warning) == m_warnings.end()) {
                m_warnings.push_back(std::move(warning));
            }
        };
    }
    if (m_plan->aggregates()) {
        m_groups.emplace(*m_plan);
    }
}

Result<void> PlanExecution::bindLimits() {
    TRY_ASSIGN(m_remaining, limitOf(m_plan->limit, m_binding));
    TRY_ASSIGN(m_perPartition, limitOf(m_plan->perPartitionLimit, m_binding));
    if (m_plan->distinct) {
        m_perPartition = 1;
    }
    if (m_plan->selection.isAggregate() && !m_plan->grouping) {
        m_remaining = kNone;  // There is one row whatever LIMIT says.
    }
    return ok();
}

/// SelectStatement.validateQueryOptions and executeInternal, of top-k queries.
Result<void> PlanExecution::bindNearest(const QueryOptions& options) {
    const Restriction* nearest = m_plan->nearest();
    if (nearest == nullptr) {
        return ok();
    }
    constexpr std::uint32_t kMost = 1000;
    const schema::Column& column = nearest->first();
    if (m_remaining == kNone) {
        return invalid("Top-K queries must have a limit specified and the limit must be less than the query "
                       "page size");
    }
    if (m_remaining > kMost) {
        return invalid(fmt::format("Use of ANN OF in an ORDER BY clause requires a LIMIT that is not greater "
                                   "than {}. LIMIT was {}",
                                   kMost, m_remaining));
    }
    TRY_ASSIGN(BoundValue vector, nearest->eq.elements[0].bind(m_binding));
    if (vector.state != BoundValue::State::Set) {
        return invalid(fmt::format("Unsupported {} value for column {}",
                                   vector.state == BoundValue::State::Null ? "null" : "unset", column.name));
    }
    if (m_pageSize > 0 && m_pageSize < m_remaining) {
        m_warnings.push_back(fmt::format(
            "Top-K queries do not support paging and the page size is set to {0}, which is less than LIMIT {1}. "
            "The page size has been set to {1} to match the LIMIT.",
            m_pageSize, m_remaining));
    }
    const std::string_view level = consistencyName(options.consistency);
    if (level != "ONE" && level != "LOCAL_ONE" && level != "NODE_LOCAL") {
        m_warnings.push_back(fmt::format(
            "Top-K queries can only be run with consistency level ONE / LOCAL_ONE / NODE_LOCAL. Consistency level "
            "{} was requested. Downgrading the consistency level to ONE.",
            level));
    }
    for (const schema::Index& index : m_plan->table->indexes) {
        if (rows::isNearestIndex(*m_plan->table, index) && rows::targetOf(index).column == column.name) {
            m_similarity = rows::similarityOf(index);
        }
    }
    m_nearest = rows::NearestTo{column.name, std::move(vector.bytes), m_remaining};
    return ok();
}

/// What SelectStatement asks of its guardrails; the rest is asked where keys are made.
Result<void> PlanExecution::guard(const QueryOptions& options) const {
    const Guardrails& guardrails = m_context.guardrails;
    if (!guardrails.hold()) {
        return ok();
    }
    if (m_plan->grouping) {
        TRY(guardrails.groupBy());
    }
    const StatementRestrictions& restrictions = *m_plan->restrictions;
    if (restrictions.usesIndex() && restrictions.isKeyRange() && m_plan->nearest() == nullptr) {
        TRY(guardrails.nonPartitionRestrictedIndexQuery());
    }
    if (m_plan->allowsFiltering && !schema::isSystemKeyspace(m_plan->table->keyspace)) {
        TRY(guardrails.allowFiltering());
    }
    TRY(guardrails.readConsistency(options.consistency));
    // What fits into one page is read without a pager, which does not ask.
    const bool pages = m_plan->aggregates() ||
                       (options.pageSize > 0 && m_remaining > static_cast<std::uint32_t>(options.pageSize) &&
                        m_plan->nearest() == nullptr);
    return pages ? guardrails.pageSize(options.pageSize, m_plan->table->name) : ok();
}

/// SelectStatement.authorize: a restriction tells of values that the mask hides.
Result<void> PlanExecution::checkMasks() const {
    if (m_context.selectsMasked || m_plan->restrictedMasked.empty()) {
        return ok();
    }
    return makeError(ErrorKind::Unauthorized,
                     fmt::format("User {} has no UNMASK nor SELECT_MASKED permission on table {}, cannot query masked "
                                 "columns [{}]",
                                 m_context.role, m_plan->table->qualifiedName(),
                                 fmt::join(m_plan->restrictedMasked, ", ")));
}

Result<void> PlanExecution::begin(const QueryOptions& options) {
    TRY(bindLimits());
    TRY(checkMasks());
    TRY(guard(options));
    const StatementRestrictions& restrictions = *m_plan->restrictions;
    const bool groupsAll = m_plan->aggregates() && !m_plan->grouping;
    // Of virtual tables only what lies in one partition comes in pages.
    const bool inPages =
        options.pageSize > 0 && !groupsAll && !(m_plan->table->isVirtual && restrictions.isKeyRange());
    m_pageSize = !inPages ? 0 : static_cast<std::uint32_t>(options.pageSize);
    if (m_plan->nearest() == nullptr && m_plan->sortsAfterwards() && m_pageSize > 0 &&
        m_remaining > m_pageSize) {
        return invalid(
            "Cannot page queries with both ORDER BY and a IN restriction on the partition key; you must "
            "either remove the ORDER BY or the IN and sort client side, or disable paging for this query");
    }
    TRY(bindNearest(options));
    if (m_plan->sortsAfterwards()) {
        m_sortedLimit = std::exchange(m_remaining, kNone);
        m_pageSize = 0;
    }
    if (restrictions.isKeyRange()) {
        TRY_ASSIGN(auto range, restrictions.partitionRange(m_binding));
        m_done = !range;
        m_range = range.value_or(rows::PartitionRange());
    } else {
        TRY_ASSIGN(auto keys, restrictions.partitionKeys(m_binding));
        if (restrictions.keyIsIn()) {
            TRY(m_context.guardrails.partitionKeysInSelect(keys.size(), m_plan->table->name));
        }
        m_keys.reserve(keys.size());
        for (Bytes& key : keys) {
            m_keys.push_back(rows::decorate(std::move(key)));
        }
    }
    TRY_ASSIGN(m_choice, restrictions.clustering(m_binding));
    m_done = m_done || m_choice.none;
    if (restrictions.needsFiltering()) {
        TRY_ASSIGN(m_filters, restrictions.filters(m_binding));
        m_filterCommand.emplace();
        m_filterCommand->table = m_plan->table;
        m_filterCommand->filters = m_filters;
        m_filterCommand->nowSeconds = m_nowSeconds;
    }
    if (options.pagingState) {
        TRY(resumeFrom(options));
    }
    m_pageLeft = m_pageSize == 0 ? m_remaining : std::min(m_pageSize, m_remaining);
    return ok();
}

Result<void> PlanExecution::resumeFrom(const QueryOptions& options) {
    TRY_ASSIGN(PagingState state, PagingState::decode(*options.pagingState));
    m_remaining = std::min(m_remaining, state.remaining);
    rows::DecoratedKey key = rows::decorate(std::move(state.key));
    if (m_plan->restrictions->isKeyRange()) {
        m_range.start = rows::PartitionBound{key.token, key.key, false};
    } else {
        const auto it = std::find(m_keys.begin(), m_keys.end(), key);
        m_nextKey = it == m_keys.end() ? m_keys.size()
                                       : static_cast<std::size_t>(it - m_keys.begin()) + 1;
    }
    if (state.clustering && state.remainingInPartition > 0) {
        if (m_perPartition != kNone) {
            m_inPartition = m_perPartition - std::min(m_perPartition, state.remainingInPartition);
        }
        m_lastKey = key;
        m_resume = Resume{std::move(key), std::move(*state.clustering)};
    }
    return ok();
}

std::uint32_t PlanExecution::rowsWanted() const {
    if (m_plan->sortsAfterwards()) {
        return kNone;
    }
    return m_groups ? kAggregationRows : m_pageLeft;
}

rows::ReadCommand PlanExecution::command() const {
    rows::ReadCommand command;
    command.table = m_plan->table;
    command.reversed = m_plan->reversed;
    command.filters = m_filters;
    command.useIndex = m_plan->restrictions->usesIndex() && !m_nearest;
    command.nearest = m_nearest;
    command.limits.rows = rowsWanted();
    command.limits.rowsPerPartition = m_groups && !m_plan->distinct ? kNone : m_perPartition;
    command.limits.distinct = m_plan->distinct;
    command.nowSeconds = m_nowSeconds;
    return command;
}

rows::ReadCommand PlanExecution::keyCommand(const rows::DecoratedKey& key) const {
    rows::ReadCommand out = command();
    out.key = key;
    out.names = m_choice.names;
    out.slices = m_choice.slices;
    return out;
}

std::vector<rows::ReadCommand> PlanExecution::next() {
    std::vector<rows::ReadCommand> commands;
    m_asked = Asked::Nothing;
    m_wanted = rowsWanted();
    if (m_done || full()) {
        return commands;
    }
    if (m_resume) {
        ClusteringChoice rest =
            after(*m_plan->table, m_choice, m_resume->after, m_plan->reversed);
        if (!rest.none) {
            rows::ReadCommand out = command();
            out.key = m_resume->key;
            out.names = std::move(rest.names);
            out.slices = std::move(rest.slices);
            if (out.limits.rowsPerPartition != kNone) {
                out.limits.rowsPerPartition -= m_inPartition;
            }
            m_asked = Asked::Resumed;
            commands.push_back(std::move(out));
            return commands;
        }
        m_resume.reset();
    }
    if (m_plan->restrictions->isKeyRange()) {
        rows::ReadCommand out = command();
        out.range = m_range;
        out.names = m_choice.names;
        out.slices = m_choice.slices;
        m_asked = Asked::Range;
        commands.push_back(std::move(out));
        return commands;
    }
    m_asked = Asked::Keys;
    m_askedKeys = m_nextKey;
    const std::size_t end = std::min(m_keys.size(), m_nextKey + kParallelKeys);
    while (m_nextKey < end) {
        commands.push_back(keyCommand(m_keys[m_nextKey++]));
    }
    return commands;
}

/// The read stopped at its limit within or after this partition: goes on there.
void PlanExecution::continueAfter(const rows::Partition& partition) {
    const auto& rows = partition.rows;
    if (m_plan->table->clustering().empty() || rows.empty() || m_plan->distinct ||
        m_inPartition >= m_perPartition) {
        m_resume.reset();
        return;
    }
    const rows::Row& last = m_plan->reversed ? rows.front() : rows.back();
    m_resume = Resume{partition.key, last.clustering};
}

void PlanExecution::advance(const rows::Partition& last) {
    m_range.start = rows::PartitionBound{last.key.token, last.key.key, false};
    continueAfter(last);
}

Result<void> PlanExecution::feed(std::vector<std::vector<rows::Partition>> answers) {
    const Asked asked = m_asked;
    if (asked == Asked::Resumed) {
        const Resume resume = std::move(*m_resume);
        m_resume.reset();
        for (rows::Partition& partition : answers.at(0)) {
            TRY_ASSIGN(const std::size_t counted, take(partition, true));
            if (counted >= m_wanted && !full()) {
                continueAfter(partition);
            }
        }
        return ok();
    }
    if (asked == Asked::Keys) {
        for (std::size_t i = 0; i < answers.size() && !full(); ++i) {
            for (rows::Partition& partition : answers[i]) {
                TRY_ASSIGN(const std::size_t counted, take(partition, false));
                if (counted >= m_wanted && !full()) {
                    // What was read of the keys after this one is read again.
                    continueAfter(partition);
                    m_nextKey = m_askedKeys + i + 1;
                    return ok();
                }
            }
        }
        m_done = m_nextKey == m_keys.size();
        return ok();
    }
    std::size_t counted = 0;
    auto& partitions = answers.at(0);
    for (rows::Partition& partition : partitions) {
        TRY_ASSIGN(const std::size_t own, take(partition, false));
        counted += own;
        if (full()) {
            break;
        }
    }
    if (counted < m_wanted) {
        m_done = true;
    } else if (!full() && !partitions.empty()) {
        advance(partitions.back());
    }
    return ok();
}

/// Takes what a partition has for the result, up to what still fits; the answer is how many rows
/// count towards the read's limit.
Result<std::size_t> PlanExecution::take(rows::Partition& partition, bool resumed) {
    rows::filterLive(*m_plan->table, partition, m_nowSeconds);
    if (m_filterCommand) {
        std::erase_if(partition.rows, [&](const rows::Row& row) {
            return !rows::satisfies(*m_filterCommand, partition, row);
        });
    }
    if (!resumed) {
        if (m_plan->grouping && m_groups->isOpen()) {
            TRY(closeGroup());
            if (full()) {
                return 0;
            }
        }
        m_inPartition = 0;
    }
    if (m_plan->usesKey) {
        m_keyComponents = keyComponents(*m_plan->table, partition.key.key);
    }
    if (partition.rows.empty()) {
        const bool counts = !resumed && m_plan->countsStaticOnly() &&
                            partition.staticRow.hasLiveData(m_nowSeconds) &&
                            (!m_filterCommand ||
                             rows::satisfies(*m_filterCommand, partition, rows::Row()));
        if (counts) {
            TRY(takeRow(partition, nullptr));
        }
        return counts ? 1 : 0;
    }
    std::size_t counted = 0;
    for (std::size_t i = 0; i < partition.rows.size() && !full(); ++i) {
        if (!m_plan->grouping && m_inPartition >= m_perPartition) {
            break;
        }
        const std::size_t at = m_plan->reversed ? partition.rows.size() - 1 - i : i;
        TRY(takeRow(partition, &partition.rows[at]));
        ++counted;
    }
    return m_groups ? partition.rows.size() : counted;
}

Result<void> PlanExecution::fillValues(const rows::Partition& partition, const rows::Row* row) {
    for (std::size_t i = 0; i < m_values.size(); ++i) {
        const schema::Column& column = *m_plan->selection.columns[i];
        const auto position = static_cast<std::size_t>(column.position);
        switch (column.kind) {
            case schema::ColumnKind::PartitionKey: m_values[i] = m_keyComponents[position]; break;
            case schema::ColumnKind::Clustering:
                m_values[i] = row != nullptr ? Value(row->clustering[position]) : std::nullopt;
                break;
            case schema::ColumnKind::Static:
                m_values[i] = valueOf(column, partition.staticRow);
                break;
            case schema::ColumnKind::Regular:
                m_values[i] = row != nullptr ? valueOf(column, *row) : std::nullopt;
                break;
        }
    }
    for (std::size_t i = 0; !m_context.unmasks && i < m_plan->masks.size(); ++i) {
        if (m_plan->masks[i]) {
            TRY_ASSIGN(m_values[i], m_plan->masks[i]->over(m_values[i], *m_functions));
        }
    }
    return ok();
}

RowInput PlanExecution::inputOf(const rows::Partition* partition, const rows::Row* row) {
    static const types::FunctionContext kNoFunctions;
    return {m_values,
            row,
            partition != nullptr ? &partition->staticRow : nullptr,
            m_nowSeconds,
            m_binding,
            m_functions ? *m_functions : kNoFunctions,
            {}};
}

void PlanExecution::notePosition(const rows::Partition& partition, const rows::Row* row) {
    if (m_pageSize == 0) {
        return;
    }
    m_hasPosition = true;
    m_lastKey = partition.key;
    if (row != nullptr && !m_plan->table->clustering().empty() && !m_plan->distinct) {
        m_lastClustering = row->clustering;
    } else {
        m_lastClustering.reset();
    }
}

Result<void> PlanExecution::takeRow(const rows::Partition& partition, const rows::Row* row) {
    TRY(fillValues(partition, row));
    const RowInput input = inputOf(&partition, row);
    if (m_groups) {
        return addToGroup(partition, input);
    }
    TRY(addRow(input));
    ++m_inPartition;
    if (m_remaining != kNone) {
        --m_remaining;
    }
    if (m_pageLeft != kNone) {
        --m_pageLeft;
    }
    notePosition(partition, row);
    return ok();
}

Result<void> PlanExecution::addRow(const RowInput& input) {
    ResultRow out;
    if (m_plan->selection.plain) {
        out = std::move(m_values);
        m_values.resize(out.size());
    } else {
        out.reserve(m_plan->selection.selectors.size());
        for (const SelectorPtr& selector : m_plan->selection.selectors) {
            TRY_ASSIGN(Value value, selector->evaluate(input));
            out.push_back(std::move(value));
        }
    }
    if (m_plan->sortsAfterwards()) {
        addSortKey(input);
    }
    m_rows.push_back(std::move(out));
    return ok();
}

Result<void> PlanExecution::addToGroup(const rows::Partition& partition, const RowInput& input) {
    TRY_ASSIGN(const bool isNew, m_groups->beginsNewGroup(partition.key, input));
    if (isNew) {
        // The row opens a group of its own; the page may end before it.
        const std::vector<Value> values = m_values;
        TRY(closeGroup());
        if (full()) {
            return ok();
        }
        m_values = values;
    }
    if (m_inPartition >= m_perPartition && !m_groups->isOpen()) {
        return ok();
    }
    TRY(m_groups->add(partition.key, inputOf(&partition, input.row)));
    notePosition(partition, input.row);
    return ok();
}

Result<void> PlanExecution::closeGroup() {
    TRY_ASSIGN(ResultRow row, m_groups->close(inputOf(nullptr, nullptr)));
    m_rows.push_back(std::move(row));
    ++m_inPartition;
    if (m_remaining != kNone) {
        --m_remaining;
    }
    if (m_pageLeft != kNone) {
        --m_pageLeft;
    }
    return ok();
}

/// The clustering values of ORDER BY; of ANN OF the similarity.
void PlanExecution::addSortKey(const RowInput& input) {
    auto& key = m_sortKeys.emplace_back();
    if (m_nearest) {
        const schema::Column& column = m_plan->nearest()->first();
        const rows::Row* row = column.kind == schema::ColumnKind::Static ? input.staticRow : input.row;
        const Value vector = row != nullptr ? valueOf(column, *row) : std::nullopt;
        key.push_back(vector ? Value(types::encodeFloat(rows::similarity(
                                   m_similarity, types::decodeFloatVector(m_nearest->vector),
                                   types::decodeFloatVector(*vector))))
                             : std::nullopt);
        return;
    }
    for (const schema::Column* column : m_plan->sortColumns) {
        key.push_back(input.row != nullptr
                          ? Value(input.row->clustering[static_cast<std::size_t>(column->position)])
                          : std::nullopt);
    }
}

bool PlanExecution::sortsBefore(const std::vector<Value>& a, const std::vector<Value>& b) const {
    const auto compare = [](const Value& left, const Value& right, const types::DataType& type) {
        if (!left || !right) {
            return static_cast<int>(left.has_value()) - static_cast<int>(right.has_value());
        }
        return types::compare(type, *left, *right);
    };
    if (m_nearest) {
        return compare(a[0], b[0], *types::float32()) > 0;
    }
    for (std::size_t i = 0; i < m_plan->sortColumns.size(); ++i) {
        const schema::Column& column = *m_plan->sortColumns[i];
        const int order = compare(a[i], b[i], *column.type);
        const int result = column.descending && a[i] && b[i] ? -order : order;
        if (result != 0) {
            return m_plan->reversed ? result > 0 : result < 0;
        }
    }
    return false;
}

void PlanExecution::sortRows() {
    std::vector<std::size_t> order(m_rows.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return sortsBefore(m_sortKeys[a], m_sortKeys[b]);
    });
    std::vector<ResultRow> sorted;
    sorted.reserve(order.size());
    for (const std::size_t i : order) {
        sorted.push_back(std::move(m_rows[i]));
    }
    m_rows = std::move(sorted);
    if (m_rows.size() > m_sortedLimit) {
        m_rows.resize(m_sortedLimit);
    }
}

std::optional<Bytes> PlanExecution::pagingState() const {
    if (m_pageSize == 0 || m_pageLeft > 0 || m_remaining == 0 || !m_hasPosition) {
        return std::nullopt;
    }
    const bool partitionDone = m_inPartition >= m_perPartition || !m_lastClustering;
    if (!m_plan->restrictions->isKeyRange() && partitionDone && !m_keys.empty() &&
        m_lastKey == m_keys.back()) {
        return std::nullopt;
    }
    PagingState state;
    state.key = m_lastKey.key;
    state.clustering = m_lastClustering;
    state.remaining = m_remaining;
    state.remainingInPartition = m_perPartition == kNone ? kNone : m_perPartition - m_inPartition;
    return state.encode();
}

Result<RowsResult> PlanExecution::finish() {
    if (m_groups) {
        const bool everything = !m_plan->grouping;
        if (!full() && (m_groups->isOpen() || everything)) {
            TRY(closeGroup());
        }
    }
    RowsResult result;
    result.metadata = m_plan->metadata;
    result.pagingState = pagingState();
    if (m_plan->sortsAfterwards()) {
        sortRows();
    }
    result.rows = std::move(m_rows);
    if (m_plan->selection.json) {
        for (ResultRow& row : result.rows) {
            row = {jsonRow(m_plan->selection.specs, row)};
        }
    }
    return result;
}

namespace {

class Statement : public SelectStatement {
public:
    explicit Statement(SelectPlanPtr plan) : m_plan(std::move(plan)) {}
    const schema::TablePtr& table() const override { return m_plan->table; }
    ResultMetadataPtr resultMetadata() const override { return m_plan->metadata; }
    Result<std::unique_ptr<SelectExecution>> start(const QueryOptions& options,
                                                   const ExecutionContext& context) const override {
        return startSelect(m_plan, options, context);
    }

private:
    SelectPlanPtr m_plan;
};

}  // namespace

std::shared_ptr<const SelectStatement> makeSelectStatement(SelectPlanPtr plan) {
    return std::make_shared<Statement>(std::move(plan));
}

Result<std::unique_ptr<SelectExecution>> startSelect(SelectPlanPtr plan, const QueryOptions& options,
                                                     const ExecutionContext& context) {
    auto execution = std::make_unique<PlanExecution>(std::move(plan), options, context);
    TRY(execution->begin(options));
    return std::unique_ptr<SelectExecution>(std::move(execution));
}

}  // namespace engine::cql
