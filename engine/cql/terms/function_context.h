#pragma once

#include "engine/cql/statement.h"
#include "engine/types/functions/function.h"

namespace engine::cql {

/// The world of functions, out of that of the statement, which must outlive it.
types::FunctionContext functionContext(const ExecutionContext& context);

/// A version 1 UUID greater than all before it on this node: now(), and the cell paths of lists.
Uuid nextTimeuuid(const ExecutionContext& context);

}  // namespace engine::cql
