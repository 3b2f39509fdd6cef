#pragma once

#include "engine/cql/modification/modification.h"

namespace engine::cql {

/// BEGIN BATCH … APPLY BATCH, checked as BatchStatement.validate does. Immutable.
Result<std::shared_ptr<const BatchStatement>> prepareBatch(const syntax::BatchStatement& batch,
                                                           const std::string& sessionKeyspace,
                                                           PrepareContext& context);

}  // namespace engine::cql
