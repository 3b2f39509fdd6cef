#include "engine/cql/select/group_builder.h"

namespace engine::cql {

GroupBuilder::GroupBuilder(const SelectPlan& plan) : m_plan(plan) {
    for (const AggregateCall& call : plan.selection.aggregates) {
        m_states.push_back(call.function->newState());
    }
    m_firstValues.resize(plan.selection.columns.size());
}

Result<GroupBuilder::GroupKey> GroupBuilder::keyOf(const rows::DecoratedKey& key,
                                                   const RowInput& input) const {
    GroupKey out;
    if (!m_plan.grouping) {
        return out;
    }
    out.partition = key.key;
    const std::size_t columns = m_plan.grouping->clusteringColumns;
    if (columns > 0 && input.row != nullptr) {
        out.hasRow = true;
        const auto& clustering = input.row->clustering;
        const std::size_t whole = columns - (m_plan.grouping->lastFunction ? 1 : 0);
        out.prefix.assign(clustering.begin(),
                          clustering.begin() + static_cast<std::ptrdiff_t>(whole));
        if (m_plan.grouping->lastFunction) {
            TRY_ASSIGN(Value value, m_plan.grouping->lastFunction->evaluate(input));
            out.prefix.push_back(value ? std::move(*value) : Bytes());
        }
    }
    return out;
}

Result<bool> GroupBuilder::beginsNewGroup(const rows::DecoratedKey& key, const RowInput& input) {
    if (!m_open || !m_plan.grouping) {
        return false;
    }
    TRY_ASSIGN(const GroupKey own, keyOf(key, input));
    return own != m_key;
}

Result<void> GroupBuilder::add(const rows::DecoratedKey& key, const RowInput& input) {
    if (!m_open) {
        m_open = true;
        TRY_ASSIGN(m_key, keyOf(key, input));
        m_firstValues.assign(input.values.begin(), input.values.end());
        m_firstHasRow = input.row != nullptr;
        if (m_plan.selection.usesMetadata) {
            m_firstRow = input.row != nullptr ? *input.row : rows::Row();
            m_firstStatic = input.staticRow != nullptr ? *input.staticRow : rows::Row();
        }
    }
    for (std::size_t i = 0; i < m_states.size(); ++i) {
        std::vector<Value> values;
        for (const SelectorPtr& argument : m_plan.selection.aggregates[i].arguments) {
            TRY_ASSIGN(Value value, argument->evaluate(input));
            values.push_back(std::move(value));
        }
        const std::vector<types::Argument> views(values.begin(), values.end());
        TRY(m_states[i]->add(input.functions, views));
    }
    return ok();
}

Result<ResultRow> GroupBuilder::close(const RowInput& base) {
    const RowInput input{m_firstValues,
                         m_firstHasRow ? &m_firstRow : nullptr,
                         &m_firstStatic,
                         base.nowSeconds,
                         base.binding,
                         base.functions,
                         m_states};
    ResultRow row;
    for (const SelectorPtr& selector : m_plan.selection.selectors) {
        TRY_ASSIGN(Value value, selector->evaluate(input));
        row.push_back(std::move(value));
    }
    for (const auto& state : m_states) {
        state->reset();
    }
    m_open = false;
    m_firstValues.assign(m_firstValues.size(), std::nullopt);
    m_firstRow = {};
    m_firstStatic = {};
    m_firstHasRow = false;
    return row;
}

}  // namespace engine::cql
