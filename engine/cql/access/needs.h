#pragma once

#include <vector>

#include "engine/cql/statement.h"
#include "engine/cql/syntax/ast.h"
#include "engine/types/functions/function.h"

namespace engine::cql {

/// Puts down what a client must be allowed for the prepared statement to run, in the order in which Cassandra asks (the
/// authorize() of each statement), what its maker
/// gets all permissions on, and on what nobody keeps any. `functions` are those that it calls.
void noteNeeds(Prepared& prepared, const syntax::Statement& syntax, const schema::Schema& schema,
               const SessionState& session, const std::vector<types::FunctionPtr>& functions);

Resource functionResource(std::string_view keyspace, std::string_view function, const std::vector<types::TypePtr>& argumentTypes);

}  // namespace engine::cql
