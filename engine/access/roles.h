#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/access/access_options.h"
#include "engine/access/auth_tables.h"
#include "engine/runtime/runtime.h"

namespace engine::access {

/// One row of system_auth.roles; `exists` false: there is none.
struct Role {
    std::string name;
    bool exists = false;
    bool isSuper = false;
    bool canLogin = false;
    std::optional<std::string> hash;
    std::set<std::string> memberOf;
};

/// What a statement sets; what it leaves alone is empty.
struct RoleChange {
    std::optional<std::string> hash;
    std::optional<bool> isSuper;
    std::optional<bool> canLogin;
};

/// Roles and who is whose, kept in system_auth.roles and role_members (auth/CassandraRoleManager). On the node's thread.
class Roles {
public:
    Roles(const runtime::Runtime& runtime, AuthTables& tables, runtime::Duration validity)
        : m_runtime(runtime), m_tables(tables), m_validity(validity) {}

    /// Taken from memory while it is valid.
    runtime::Task<Result<Role>> role(std::string name);
    /// As it is written now.
    runtime::Task<Result<Role>> read(std::string name);
    /// The role itself and those granted to it, also those of these when `recursive`; by name.
    runtime::Task<Result<std::vector<Role>>> granted(std::string name, bool recursive);
    runtime::Task<Result<std::vector<Role>>> all();
    /// Itself or by a role granted to it.
    runtime::Task<Result<bool>> isSuper(std::string name);

    runtime::Task<Result<void>> create(std::string name, RoleChange change);
    runtime::Task<Result<void>> alter(std::string name, RoleChange change);
    /// And takes it from its members, and its identities.
    runtime::Task<Result<void>> drop(std::string name);
    /// `member` gets `role`, or loses it.
    runtime::Task<Result<void>> grant(std::string role, std::string member);
    runtime::Task<Result<void>> revoke(std::string role, std::string member);

    void forget() { m_known.clear(); }
    void forget(const std::string& name) { m_known.erase(name); }
    /// Those that are in memory.
    std::vector<std::string> known() const;

private:
    struct Known {
        Role role;
        runtime::Instant at;
    };

    const runtime::Runtime& m_runtime;
    AuthTables& m_tables;
    runtime::Duration m_validity;
    std::map<std::string, Known> m_known;
};

}  // namespace engine::access
