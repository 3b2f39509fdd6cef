#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/access/auth_tables.h"
#include "engine/cql/access/permission.h"
#include "engine/runtime/runtime.h"

namespace engine::access {

using PermissionSet = std::set<cql::Permission>;
using Grants = std::map<cql::Resource, PermissionSet>;

struct Granted {
    std::string role;
    cql::Resource resource;
    cql::Permission permission = cql::Permission::Select;

    auto operator<=>(const Granted&) const = default;
};

/// What was granted on what to whom, kept in system_auth.role_permissions and its index
/// (auth/CassandraAuthorizer). On the node's thread.
class Permissions {
public:
    Permissions(const runtime::Runtime& runtime, AuthTables& tables, runtime::Duration validity)
        : m_runtime(runtime), m_tables(tables), m_validity(validity) {}

    /// Of that role alone. Taken from memory while it is valid.
    runtime::Task<Result<Grants>> of(std::string role);
    /// Those of `wanted` that the role did not have yet, and has now.
    runtime::Task<Result<PermissionSet>> grant(PermissionSet wanted, cql::Resource resource, std::string role);
    /// Those of `unwanted` that the role had, and has no more.
    runtime::Task<Result<PermissionSet>> revoke(PermissionSet unwanted, cql::Resource resource, std::string role);
    /// All that was granted to a role that is gone.
    runtime::Task<Result<void>> revokeAllOf(std::string role);
    /// All that was granted on something that is gone, as far as the index knows whom.
    runtime::Task<Result<void>> revokeAllOn(cql::Resource resource);
    /// Of a role, or of all; on a resource, or on all.
    runtime::Task<Result<std::vector<Granted>>> list(std::optional<std::string> role, std::optional<cql::Resource> resource);

    void forget() { m_known.clear(); }
    void forget(const std::string& role) { m_known.erase(role); }
    /// What is in memory, by role.
    std::map<std::string, Grants> known() const;

private:
    struct Known {
        Grants grants;
        runtime::Instant at;
    };

    runtime::Task<Result<PermissionSet>> on(cql::Resource resource, std::string role);
    runtime::Task<Result<void>> forgetIndexed(cql::Resource resource, std::string role);

    const runtime::Runtime& m_runtime;
    AuthTables& m_tables;
    runtime::Duration m_validity;
    std::map<std::string, Known> m_known;
};

}  // namespace engine::access
