#pragma once

#include <span>

#include "engine/cql/guardrails/guardrails.h"
#include "engine/cql/modification/operation.h"
#include "engine/rows/partition.h"

namespace engine::cql {

/// What guardrails say of the cells that an operation has made: their sizes, and of collections how many there are.
Result<void> guardWritten(const Operation& operation, std::span<const rows::Cell> cells, const Guardrails& guardrails);

/// The same of the terms that a storage-attached index would keep of an update.
Result<void> guardTerms(const schema::Table& table, const rows::Partition& update, const Guardrails& guardrails);

}  // namespace engine::cql
