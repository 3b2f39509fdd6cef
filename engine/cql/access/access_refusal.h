#pragma once

#include "engine/base/result.h"
#include "engine/cql/syntax/ast.h"

namespace engine::cql {

/// Whether it is about roles, permissions or identities.
bool isAboutAccess(const syntax::Statement& statement);

/// What an anonymous client is told who asks for roles or permissions (AllowAllAuthenticator, AllowAllAuthorizer): first
/// what only superusers may, then the options that the role manager does not take without passwords, then that it must
/// log in. Source: the authorize() and validate() of auth statements.
Error refusalOfAnonymous(const syntax::Statement& statement);

}  // namespace engine::cql
