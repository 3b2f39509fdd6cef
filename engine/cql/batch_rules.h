#pragma once

#include "engine/cql/statement.h"

namespace engine::cql {

/// What may not be in one batch together (BatchStatement.validate).
Result<void> checkBatch(BatchType type, const std::vector<std::shared_ptr<const ModificationStatement>>& statements);

}  // namespace engine::cql
