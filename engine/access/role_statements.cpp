#include <fmt/format.h>

#include <algorithm>

#include "engine/access/access_statement_run.h"
#include "engine/access/password_hash.h"

namespace engine::access {

using cql::Permission;
using runtime::Task;

namespace {

namespace syntax = cql::syntax;

std::string bracketed(const std::vector<std::string>& names) { return fmt::format("[{}]", fmt::join(names, ", ")); }

/// RoleOptions.validate with what CassandraRoleManager supports beside PasswordAuthenticator.
Result<void> validate(const syntax::RoleOptions& options) {
    if (options.options) {
        return invalid("org.apache.cassandra.auth.CassandraRoleManager doesn't support OPTIONS");
    }
    if (options.hashedPassword && !isPasswordHash(*options.hashedPassword)) {
        return invalid("Invalid hashed password value. Please use jBcrypt.");
    }
    // No groups can be made yet: CREATE CIDR GROUP is nodetool's.
    if (options.cidrs && !options.cidrs->all) {
        return invalid(fmt::format("Invalid CIDR group(s): {}. Available CIDR Groups are: []", bracketed(options.cidrs->names)));
    }
    return ok();
}

bool isEmpty(const syntax::RoleOptions& options) {
    return !options.password && !options.hashedPassword && !options.superuser && !options.login && !options.options &&
           !options.datacenters && !options.cidrs;
}

}  // namespace

cql::ResultMetadataPtr listColumns(std::string_view table, const std::vector<std::pair<std::string, types::TypePtr>>& columns) {
    auto out = std::make_shared<cql::ResultMetadata>();
    for (const auto& [name, type] : columns) {
        out->columns.push_back({"system_auth", std::string(table), name, type});
    }
    out->id = cql::resultMetadataId(out->columns);
    return out;
}

cql::Value cell(std::string_view text) { return Bytes(text); }
cql::Value cell(bool flag) { return flagBytes(flag); }
cql::Value emptyMap() { return Bytes(4, '\0'); }

// ---- places that a role may come to or from ----------------------------------------------------

Result<void> NodeAccess::checkDatacenters(const std::optional<syntax::RoleAccess>& access) const {
    if (!access || access->all) {
        return ok();
    }
    const std::vector<std::string> known = m_view.topology.current()->datacenters();
    std::vector<std::string> strange;
    for (const std::string& name : access->names) {
        if (std::ranges::find(known, name) == known.end()) {
            strange.push_back(name);
        }
    }
    if (!strange.empty()) {
        return invalid(fmt::format("Invalid value(s) for DATACENTERS '{}',All values must be valid datacenters", bracketed(strange)));
    }
    return ok();
}

/// A new role has a row of each kind, whatever was written; later only what is written changes.
Task<Result<void>> NodeAccess::setAccess(std::string role, const syntax::RoleOptions& options, bool created) {
    const auto namesOf = [](const std::optional<syntax::RoleAccess>& access) {
        return access && !access->all ? std::set<std::string>(access->names.begin(), access->names.end()) : std::set<std::string>();
    };
    if (m_options.datacenters && (created || options.datacenters)) {
        std::vector<Bytes> values{cql::roleResource(role).name, textsBytes(namesOf(options.datacenters))};
        Result<void> done = co_await m_tables.write("INSERT INTO system_auth.network_permissions (role, dcs) VALUES (?, ?)", std::move(values));
        if (!done) {
            co_return done.error();
        }
    }
    if (created || options.cidrs) {
        std::vector<Bytes> values{role, textsBytes(namesOf(options.cidrs))};
        Result<void> done = co_await m_tables.write("INSERT INTO system_auth.cidr_permissions (role, cidr_groups) VALUES (?, ?)", std::move(values));
        if (!done) {
            co_return done.error();
        }
    }
    co_return ok();
}

Task<Result<std::string>> NodeAccess::datacentersOf(const Role& role, bool isSuper) {
    if (!m_options.datacenters || isSuper) {
        co_return std::string("ALL");
    }
    if (!role.canLogin) {
        co_return std::string("n/a");
    }
    Result<std::set<std::string>> names = co_await allowedDatacenters(role.name);
    if (!names) {
        co_return names.error();
    }
    co_return names.value().empty() ? std::string("ALL") : fmt::format("{}", fmt::join(names.value(), ", "));
}

// ---- CREATE, ALTER, DROP -----------------------------------------------------------------------

Task<Result<RoleChange>> NodeAccess::changeOf(const syntax::RoleOptions& options) {
    RoleChange out{options.hashedPassword, options.superuser, options.login};
    if (options.password) {
        Result<std::string> hash = co_await hashed(*options.password);
        if (!hash) {
            co_return hash.error();
        }
        out.hash = std::move(hash).value();
    }
    co_return out;
}

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::CreateRoleStatement& statement) {
    const syntax::RoleOptions& options = statement.options;
    const std::string& name = statement.role.text;
    CO_TRY(context.performer.ensureManages(Permission::Create, cql::allRoles()));
    if (options.superuser.value_or(false) && !context.performer.isSuper) {
        co_return unauthorized("Only superusers can create a role with superuser status");
    }
    CO_TRY(validate(options));
    CO_TRY(checkDatacenters(options.datacenters));
    if (name.empty()) {
        co_return invalid("Role name can't be an empty string");
    }
    Result<Role> there = co_await m_roles.read(name);
    if (!there) {
        co_return there.error();
    }
    if (there.value().exists) {
        if (statement.ifNotExists) {
            co_return cql::VoidResult();
        }
        co_return invalid(fmt::format("{} already exists", name));
    }
    Result<RoleChange> change = co_await changeOf(options);
    if (!change) {
        co_return change.error();
    }
    Result<void> done = co_await m_roles.create(name, std::move(change).value());
    if (done) {
        done = co_await setAccess(name, options, true);
    }
    if (!done) {
        co_return done.error();
    }
    if (m_options.permissions) {
        const cql::Resource role = cql::roleResource(name);
        const std::vector<Permission> all = cql::applicableTo(role);
        PermissionSet whole(all.begin(), all.end());
        Result<PermissionSet> granted = co_await m_permissions.grant(std::move(whole), role, context.performer.name);
        if (!granted) {
            co_return granted.error();
        }
    }
    co_return cql::VoidResult();
}

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::AlterRoleStatement& statement) {
    const syntax::RoleOptions& options = statement.options;
    const std::string& name = statement.role.text;
    const Performer& performer = context.performer;
    if (options.superuser && performer.roles.contains(name)) {
        co_return unauthorized("You aren't allowed to alter your own superuser status or that of a role granted to you");
    }
    if (options.superuser && !performer.isSuper) {
        co_return unauthorized("Only superusers are allowed to alter superuser status");
    }
    if (options.datacenters && !performer.isSuper) {
        co_return unauthorized("Only superusers are allowed to alter access to datacenters.");
    }
    if (options.cidrs && !performer.isSuper) {
        co_return unauthorized("Only superusers are allowed to alter access from CIDR groups.");
    }
    if (!performer.isSuper) {
        if (performer.name == name) {
            if (options.login || options.options) {
                co_return unauthorized(fmt::format("You aren't allowed to alter {}", options.login ? "LOGIN" : "OPTIONS"));
            }
        } else {
            CO_TRY(performer.ensureManages(Permission::Alter, cql::roleResource(name)));
        }
    }
    CO_TRY(validate(options));
    if (isEmpty(options)) {
        co_return invalid("ALTER [ROLE|USER] can't be empty");
    }
    CO_TRY(checkDatacenters(options.datacenters));
    Result<Role> there = co_await m_roles.read(name);
    if (!there) {
        co_return there.error();
    }
    if (!there.value().exists) {
        if (statement.ifExists) {
            co_return cql::VoidResult();
        }
        co_return invalid(fmt::format("Role {} doesn't exist", name));
    }
    if (options.datacenters && !m_options.datacenters) {
        co_return invalid("ACCESS TO DATACENTERS operations not supported by AllowAllNetworkAuthorizer");
    }
    Result<RoleChange> change = co_await changeOf(options);
    if (!change) {
        co_return change.error();
    }
    Result<void> done = co_await m_roles.alter(name, std::move(change).value());
    if (done) {
        done = co_await setAccess(name, options, false);
    }
    if (!done) {
        co_return done.error();
    }
    co_return cql::VoidResult();
}

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::DropRoleStatement& statement) {
    const std::string& name = statement.role.text;
    CO_TRY(context.performer.ensureManages(Permission::Drop, cql::roleResource(name)));
    Result<Role> there = co_await m_roles.read(name);
    if (!there) {
        co_return there.error();
    }
    if (there.value().exists && !context.performer.isSuper) {
        Result<bool> isSuper = co_await m_roles.isSuper(name);
        if (!isSuper) {
            co_return isSuper.error();
        }
        if (isSuper.value()) {
            co_return unauthorized("Only superusers can drop a role with superuser status");
        }
    }
    if (!there.value().exists && !statement.ifExists) {
        co_return invalid(fmt::format("{} doesn't exist", name));
    }
    if (context.performer.name == name) {
        co_return invalid("Cannot DROP primary role for current login");
    }
    if (!there.value().exists) {
        co_return cql::VoidResult();
    }
    Result<void> done = co_await m_roles.drop(name);
    if (done) {
        done = co_await m_permissions.revokeAllOf(name);
    }
    if (done) {
        done = co_await m_permissions.revokeAllOn(cql::roleResource(name));
    }
    if (done) {
        std::vector<Bytes> key{cql::roleResource(name).name};
        done = co_await m_tables.write("DELETE FROM system_auth.network_permissions WHERE role = ?", std::move(key));
    }
    if (done) {
        std::vector<Bytes> key{name};
        done = co_await m_tables.write("DELETE FROM system_auth.cidr_permissions WHERE role = ?", std::move(key));
    }
    if (!done) {
        co_return done.error();
    }
    co_return cql::VoidResult();
}

// ---- GRANT, REVOKE of roles --------------------------------------------------------------------

/// RoleManagementStatement: the client may, and both are there.
Task<Result<void>> NodeAccess::checkMembership(const Statement& context, const std::string& role, const std::string& member) {
    CO_TRY(context.performer.ensureManages(Permission::Authorize, cql::roleResource(role)));
    const std::vector<std::string> both{role, member};
    for (const std::string& name : both) {
        Result<Role> there = co_await m_roles.read(name);
        if (!there) {
            co_return there.error();
        }
        if (!there.value().exists) {
            co_return invalid(fmt::format("{} doesn't exist", name));
        }
    }
    co_return ok();
}

Task<Result<bool>> NodeAccess::holds(std::string member, std::string role, bool recursive) {
    Result<std::vector<Role>> held = co_await m_roles.granted(std::move(member), recursive);
    if (!held) {
        co_return held.error();
    }
    co_return std::ranges::find(held.value(), role, &Role::name) != held.value().end();
}

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::GrantRoleStatement& statement) {
    const std::string& role = statement.role.text;
    const std::string& member = statement.grantee.text;
    Result<void> done = co_await checkMembership(context, role, member);
    if (!done) {
        co_return done.error();
    }
    const std::vector<std::pair<std::string, std::string>> circles{{member, role}, {role, member}};
    for (const auto& [who, whose] : circles) {
        Result<bool> already = co_await holds(who, whose, true);
        if (!already) {
            co_return already.error();
        }
        if (already.value()) {
            co_return invalid(fmt::format("{} is a member of {}", who, whose));
        }
    }
    done = co_await m_roles.grant(role, member);
    if (!done) {
        co_return done.error();
    }
    co_return cql::VoidResult();
}

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::RevokeRoleStatement& statement) {
    const std::string& role = statement.role.text;
    const std::string& member = statement.revokee.text;
    Result<void> done = co_await checkMembership(context, role, member);
    if (!done) {
        co_return done.error();
    }
    Result<bool> held = co_await holds(member, role, false);
    if (!held) {
        co_return held.error();
    }
    if (!held.value()) {
        co_return invalid(fmt::format("{} is not a member of {}", member, role));
    }
    done = co_await m_roles.revoke(role, member);
    if (!done) {
        co_return done.error();
    }
    co_return cql::VoidResult();
}

// ---- LIST --------------------------------------------------------------------------------------

Task<Result<std::vector<Role>>> NodeAccess::shown(const Statement& context, std::optional<std::string> of, bool recursive) {
    const bool seesAll = context.performer.may(Permission::Describe, cql::allRoles());
    if (!of && seesAll) {
        Result<std::vector<Role>> out = co_await m_roles.all();
        co_return out;
    }
    if (!seesAll && of && !context.performer.roles.contains(*of)) {
        co_return unauthorized(fmt::format("You are not authorized to view roles granted to {} ", *of));
    }
    Result<std::vector<Role>> out = co_await m_roles.granted(of.value_or(context.performer.name), recursive);
    co_return out;
}

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::ListRolesStatement& statement) {
    static const cql::ResultMetadataPtr kColumns = listColumns(
        "roles", {{"role", types::text()}, {"super", types::boolean()}, {"login", types::boolean()},
                  {"options", types::map(types::text(), types::text(), false)}, {"datacenters", types::text()}});
    std::optional<std::string> of;
    if (statement.of) {
        of = statement.of->text;
        Result<void> there = co_await checkThere(cql::roleResource(*of));
        if (!there) {
            co_return there.error();
        }
    }
    Result<std::vector<Role>> roles = co_await shown(context, of, statement.recursive);
    if (!roles) {
        co_return roles.error();
    }
    cql::RowsResult out{kColumns, {}, std::nullopt};
    for (const Role& role : roles.value()) {
        Result<bool> isSuper = co_await m_roles.isSuper(role.name);
        if (!isSuper) {
            co_return isSuper.error();
        }
        Result<std::string> datacenters = co_await datacentersOf(role, isSuper.value());
        if (!datacenters) {
            co_return datacenters.error();
        }
        out.rows.push_back({cell(role.name), cell(role.isSuper), cell(role.canLogin), emptyMap(), cell(datacenters.value())});
    }
    co_return cql::StatementResult(std::move(out));
}

/// Roles that can log in; whether they are superusers counts the roles granted to them (ListUsersStatement).
Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::ListUsersStatement&) {
    static const cql::ResultMetadataPtr kColumns =
        listColumns("users", {{"name", types::text()}, {"super", types::boolean()}, {"datacenters", types::text()}});
    Result<std::vector<Role>> roles = co_await shown(context, std::nullopt, true);
    if (!roles) {
        co_return roles.error();
    }
    cql::RowsResult out{kColumns, {}, std::nullopt};
    for (const Role& role : roles.value()) {
        if (!role.canLogin) {
            continue;
        }
        Result<bool> isSuper = co_await m_roles.isSuper(role.name);
        if (!isSuper) {
            co_return isSuper.error();
        }
        Result<std::string> datacenters = co_await datacentersOf(role, isSuper.value());
        if (!datacenters) {
            co_return datacenters.error();
        }
        out.rows.push_back({cell(role.name), cell(isSuper.value()), cell(datacenters.value())});
    }
    co_return cql::StatementResult(std::move(out));
}

// ---- identities --------------------------------------------------------------------------------

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::AddIdentityStatement& statement) {
    CO_TRY(context.performer.ensureManages(Permission::Create, cql::allRoles()));
    Result<Role> role = co_await m_roles.read(statement.role);
    if (!role) {
        co_return role.error();
    }
    if (!role.value().exists) {
        co_return invalid(fmt::format("Can not add identity for non-existent role '{}'", statement.role));
    }
    std::vector<Bytes> key{statement.identity};
    Result<std::vector<AuthRow>> there = co_await m_tables.read("SELECT role FROM system_auth.identity_to_role WHERE identity = ?", std::move(key));
    if (!there) {
        co_return there.error();
    }
    if (!there.value().empty()) {
        if (statement.ifNotExists) {
            co_return cql::VoidResult();
        }
        co_return invalid(fmt::format("{} already exists", statement.identity));
    }
    std::vector<Bytes> values{statement.identity, statement.role};
    Result<void> done = co_await m_tables.write("INSERT INTO system_auth.identity_to_role (identity, role) VALUES (?, ?)", std::move(values));
    if (!done) {
        co_return done.error();
    }
    co_return cql::VoidResult();
}

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::DropIdentityStatement& statement) {
    CO_TRY(context.performer.ensureManages(Permission::Drop, cql::allRoles()));
    std::vector<Bytes> key{statement.identity};
    Result<std::vector<AuthRow>> there = co_await m_tables.read("SELECT role FROM system_auth.identity_to_role WHERE identity = ?", key);
    if (!there) {
        co_return there.error();
    }
    if (there.value().empty()) {
        if (statement.ifExists) {
            co_return cql::VoidResult();
        }
        co_return invalid(fmt::format("{} doesn't exist", statement.identity));
    }
    Result<void> done = co_await m_tables.write("DELETE FROM system_auth.identity_to_role WHERE identity = ?", std::move(key));
    if (!done) {
        co_return done.error();
    }
    co_return cql::VoidResult();
}

}  // namespace engine::access
