#pragma once

#include "engine/cql/select/select_plan.h"

namespace engine::cql {

/// Folds rows into groups and groups into result rows (ResultSetBuilder with a GroupMaker). Lives
/// within one execution.
class GroupBuilder {
public:
    explicit GroupBuilder(const SelectPlan& plan);

    /// Whether the row begins another group than the running one (none running: false).
    Result<bool> beginsNewGroup(const rows::DecoratedKey& key, const RowInput& input);
    Result<void> add(const rows::DecoratedKey& key, const RowInput& input);
    bool isOpen() const { return m_open; }
    /// The running group's row; the next row opens another.
    Result<ResultRow> close(const RowInput& base);

private:
    struct GroupKey {
        Bytes partition;
        rows::Clustering prefix;
        bool hasRow = false;
        bool operator==(const GroupKey&) const = default;
    };
    Result<GroupKey> keyOf(const rows::DecoratedKey& key, const RowInput& input) const;

    const SelectPlan& m_plan;
    std::vector<std::unique_ptr<types::AggregateState>> m_states;
    bool m_open = false;
    GroupKey m_key;
    std::vector<Value> m_firstValues;
    rows::Row m_firstRow;
    rows::Row m_firstStatic;
    bool m_firstHasRow = false;
};

}  // namespace engine::cql
