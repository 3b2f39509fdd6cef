#pragma once

#include <set>
#include <string>

#include "engine/access/permissions.h"
#include "engine/base/result.h"

namespace engine::access {

/// A client that logged in, as one statement of it starts (auth/AuthenticatedUser).
struct Performer {
    std::string name;
    std::set<std::string> roles;  // Its own and those granted to it, by whatever way.
    bool isSuper = false;
    bool mayAll = false;          // Nobody asks: AllowAllAuthorizer.
    Grants grants;                // Of all its roles.

    /// On the resource or on what holds it. What is granted on all keyspaces does not reach into the system's own.
    bool may(cql::Permission permission, const cql::Resource& resource) const;
    /// ERR-86.
    Result<void> ensure(cql::Permission permission, const cql::Resource& resource) const;
    /// As ensure(), where statements about roles have other words for it.
    Result<void> ensureManages(cql::Permission permission, const cql::Resource& role) const;
};

inline Error unauthorized(std::string message) { return makeError(ErrorKind::Unauthorized, std::move(message)); }

/// Always readable, since drivers and tools rely on it.
bool isReadableByAll(const cql::Resource& resource);
/// The keyspace of a table, of a keyspace, or of the tables of one; empty for all else.
std::string_view keyspaceOf(const cql::Resource& resource);

}  // namespace engine::access
