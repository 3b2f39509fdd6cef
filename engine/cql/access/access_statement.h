#pragma once

#include <string>

#include "engine/cql/statement.h"
#include "engine/cql/syntax/ast.h"

namespace engine::cql {

/// A statement about roles, permissions or identities as it was written: what it means depends on who may log in and is
/// decided where it runs.
struct AccessStatement {
    syntax::Statement syntax;
    std::string keyspace;  // Of the session: where tables without one are.
};

}  // namespace engine::cql
