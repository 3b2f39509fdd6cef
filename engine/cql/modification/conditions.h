#pragma once

#include "engine/cql/prepare_context.h"
#include "engine/schema/table.h"

namespace engine::cql {

/// What IF conditions touch, once they have been checked (ColumnCondition.Raw.prepare).
struct ConditionColumns {
    bool onRegular = false;
    bool onStatic = false;
};

Result<ConditionColumns> prepareConditions(const std::vector<syntax::Condition>& conditions,
                                           const schema::Table& table, PrepareContext& context);

}  // namespace engine::cql
