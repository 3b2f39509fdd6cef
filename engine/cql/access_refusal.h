#pragma once

#include <optional>

#include "engine/base/result.h"
#include "engine/cql/syntax/ast.h"

namespace engine::cql {

/// What an anonymous client is told who asks for roles or permissions (AllowAllAuthenticator, AllowAllAuthorizer): first
/// what only superusers may, then the options that the role manager does not take without passwords, then that it must
/// log in. Nothing when the statement is not about access. Source: the authorize() and validate() of auth statements.
std::optional<Error> refusalOfAnonymous(const syntax::Statement& statement);

}  // namespace engine::cql
