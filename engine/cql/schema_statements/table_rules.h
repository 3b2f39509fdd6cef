#pragma once

#include "engine/base/result.h"
#include "engine/cql/guardrails/guardrails.h"
#include "engine/cql/syntax/ast.h"
#include "engine/schema/table.h"
#include "engine/types/data_type.h"

namespace engine::cql {

/// Dynamic data masking is off (by default).
Error maskingIsOff();
/// A multi-cell user type with a multi-cell field.
bool hasNestedMultiCell(const types::DataType& type);
bool isCompressed(const schema::TableOptions& options);
/// What guardrails say of the vectors in a type (CQL3Type.Raw.validate). `where`: "Column v", "Field v".
Result<void> guardVectors(const types::DataType& type, std::string_view where, const Guardrails& guardrails);
/// The properties of a table without those that guardrails have left out.
Result<std::vector<syntax::Property>> guardedProperties(const std::vector<syntax::Property>& properties,
                                                        const Guardrails& guardrails);

}  // namespace engine::cql
