#pragma once

#include "engine/cql/statement.h"
#include "engine/cql/syntax/ast.h"

namespace engine::cql {

/// The statement that changes the schema, or null when the syntax is of another kind. What needs no
/// schema is checked here; the rest when it is applied.
Result<std::shared_ptr<const SchemaStatement>> prepareSchemaStatement(const syntax::Statement& statement,
                                                                      const SessionState& session);

}  // namespace engine::cql
