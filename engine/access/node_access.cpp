#include "engine/access/node_access.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/access/access_statement_run.h"
#include "engine/access/password_hash.h"
#include "engine/cql/access/access_statement.h"
#include "engine/runtime/executor.h"
#include "engine/schema/system_keyspaces.h"

namespace engine::access {

using runtime::Task;

namespace {

/// Statements about the system's own keyspaces say themselves that they are refused, whoever asks; but for the
/// replication of those that are replicated.
bool refusesItself(const cql::PermissionNeed& need) {
    using cql::Permission;
    const bool isSchema = need.permission == Permission::Create || need.permission == Permission::Alter || need.permission == Permission::Drop;
    const std::string_view keyspace = keyspaceOf(need.resource);
    const bool isAlterKeyspace = need.permission == Permission::Alter && need.resource == cql::keyspaceResource(keyspace);
    return isSchema && schema::isSystemKeyspace(keyspace) && !(schema::isReplicatedSystemKeyspace(keyspace) && isAlterKeyspace);
}

}  // namespace

NodeAccess::NodeAccess(const coordinator::ClusterView& view, coordinator::QueryProcessor& queries, AccessOptions options)
    : m_view(view),
      m_options(std::move(options)),
      m_tables(queries),
      m_roles(view.runtime, m_tables, m_options.rolesValidity),
      m_permissions(view.runtime, m_tables, m_options.permissionsValidity) {}

Task<Result<Performer>> NodeAccess::performer(std::string name) {
    Performer out;
    out.name = name;
    out.mayAll = !m_options.permissions;
    Result<std::vector<Role>> roles = co_await m_roles.granted(std::move(name), true);
    if (!roles) {
        co_return roles.error();
    }
    for (const Role& role : roles.value()) {
        out.roles.insert(role.name);
        out.isSuper = out.isSuper || role.isSuper;
    }
    if (out.isSuper || out.mayAll) {
        co_return out;
    }
    for (const std::string& role : out.roles) {
        Result<Grants> grants = co_await m_permissions.of(role);
        if (!grants) {
            co_return grants.error();
        }
        for (const auto& [resource, permissions] : grants.value()) {
            out.grants[resource].insert(permissions.begin(), permissions.end());
        }
    }
    co_return out;
}

Task<Result<std::set<std::string>>> NodeAccess::allowedDatacenters(std::string role) {
    std::vector<Bytes> key{cql::roleResource(role).name};
    Result<std::vector<AuthRow>> rows =
        co_await m_tables.read("SELECT dcs FROM system_auth.network_permissions WHERE role = ?", std::move(key));
    if (!rows) {
        co_return rows.error();
    }
    co_return rows.value().empty() ? std::set<std::string>() : rows.value().front().texts("dcs");
}

Task<Result<void>> NodeAccess::checkDatacenter(const Performer& performer) {
    if (!m_options.datacenters || performer.isSuper) {
        co_return ok();
    }
    Result<std::set<std::string>> allowed = co_await allowedDatacenters(performer.name);
    if (!allowed) {
        co_return allowed.error();
    }
    if (!allowed.value().empty() && !allowed.value().contains(m_options.datacenter)) {
        co_return unauthorized(fmt::format("You do not have access to this datacenter ({})", m_options.datacenter));
    }
    co_return ok();
}

Task<Result<void>> NodeAccess::authorize(const coordinator::ClientSession& session, const cql::Prepared& prepared,
                                         cql::ExecutionContext& context) {
    Result<Performer> found = co_await performer(session.user);
    if (!found) {
        co_return found.error();
    }
    const Performer& performer = found.value();
    Result<void> here = co_await checkDatacenter(performer);
    if (!here) {
        co_return here.error();
    }
    context.role = performer.name;
    context.guarded = !performer.isSuper;
    if (performer.isSuper) {
        co_return ok();
    }
    if (!prepared.onlySuperusers.empty()) {
        co_return unauthorized(prepared.onlySuperusers);
    }
    for (const cql::PermissionNeed& need : prepared.needs) {
        if (refusesItself(need) || (need.permission == cql::Permission::Select && isReadableByAll(need.resource))) {
            continue;
        }
        const Result<void> allowed = performer.ensure(need.permission, need.resource);
        if (!allowed) {
            co_return allowed.error();
        }
    }
    if (!prepared.table.empty()) {
        const cql::Resource table = cql::tableResource(prepared.keyspace, prepared.table);
        context.unmasks = performer.may(cql::Permission::Unmask, table);
        context.selectsMasked = context.unmasks || performer.may(cql::Permission::SelectMasked, table);
    }
    co_return ok();
}

Task<Result<void>> NodeAccess::changed(const coordinator::ClientSession& session, const cql::Prepared& prepared,
                                       const schema::SchemaChange& change) {
    if (!m_options.permissions) {
        co_return ok();
    }
    if (change.change == "DROPPED") {
        for (const cql::Resource& resource : prepared.drops) {
            Result<void> done = co_await m_permissions.revokeAllOn(resource);
            if (!done) {
                co_return done.error();
            }
        }
    }
    std::vector<cql::Resource> made;
    if (change.change == "CREATED" && prepared.creates && !session.user.empty()) {
        made.push_back(*prepared.creates);
        if (change.target == "KEYSPACE") {
            made.push_back(cql::functionsResource(change.keyspace));
        }
    }
    for (const cql::Resource& resource : made) {
        const std::vector<cql::Permission> all = cql::applicableTo(resource);
        PermissionSet whole(all.begin(), all.end());
        Result<PermissionSet> done = co_await m_permissions.grant(std::move(whole), resource, session.user);
        if (!done) {
            co_return done.error();
        }
    }
    co_return ok();
}

Task<NodeAccess::Answer> NodeAccess::run(const coordinator::ClientSession& session,
                                         std::shared_ptr<const cql::AccessStatement> statement,
                                         std::vector<std::string>& warnings) {
    Result<Performer> found = co_await performer(session.user);
    if (!found) {
        co_return found.error();
    }
    const Statement context{found.value(), statement->keyspace, warnings};
    std::optional<Task<Answer>> work;
    std::visit(
        [&](const auto& one) {
            if constexpr (requires { runOne(context, one); }) {
                work.emplace(runOne(context, one));
            }
        },
        statement->syntax);
    Answer out = co_await std::move(*work);
    co_return out;
}

// ---- logging in --------------------------------------------------------------------------------

Task<Result<std::string>> NodeAccess::hashed(std::string password) {
    std::string salt;
    while (salt.size() < kSaltBytes) {
        const std::uint64_t bits = m_view.runtime.random.next();
        salt.append(reinterpret_cast<const char*>(&bits), sizeof bits);
    }
    auto work = [password = std::move(password), salt] { return hashPassword(password, salt); };
    Result<std::string> out = co_await runtime::offload(m_view.runtime.executor, std::move(work));
    co_return out;
}

Task<Result<void>> NodeAccess::logIn(std::string name, std::string password) {
    const auto refused = [&name] {
        return makeError(ErrorKind::BadCredentials, fmt::format("Provided username {} and/or password are incorrect", name));
    };
    if (m_options.credentialsValidity == runtime::Duration::zero()) {
        m_roles.forget(name);
    }
    Result<Role> role = co_await m_roles.role(name);
    if (!role) {
        co_return makeError(ErrorKind::BadCredentials, fmt::format("Unable to perform authentication: {}", role.error().message));
    }
    if (!role.value().hash) {
        co_return refused();
    }
    auto check = [password = std::move(password), hash = *role.value().hash] { return isPasswordOf(password, hash); };
    const bool right = co_await runtime::offload(m_view.runtime.executor, std::move(check));
    if (!right) {
        co_return refused();
    }
    if (!role.value().canLogin) {
        co_return makeError(ErrorKind::BadCredentials, fmt::format("{} is not permitted to log in", name));
    }
    co_return ok();
}

Task<bool> NodeAccess::makeDefaultSuperuser() {
    Result<std::vector<Role>> roles = co_await m_roles.all();
    if (!roles || !roles.value().empty()) {
        co_return roles.has_value();
    }
    std::string password = kDefaultSuperuser;
    Result<std::string> hash = co_await hashed(std::move(password));
    if (!hash) {
        m_view.log.error("no default superuser: {}", hash.error().message);
        co_return true;  // It will not get better.
    }
    // Older than whatever anybody writes (CassandraRoleManager.setupDefaultRole).
    std::vector<Bytes> values{kDefaultSuperuser, flagBytes(true), flagBytes(true), std::move(hash).value()};
    Result<void> made = co_await m_tables.write(
        "INSERT INTO system_auth.roles (role, is_superuser, can_login, salted_hash) VALUES (?, ?, ?, ?) USING TIMESTAMP 0",
        std::move(values));
    m_roles.forget();
    if (made) {
        m_view.log.info("created default superuser role '{}'", kDefaultSuperuser);
    }
    co_return made.has_value();
}

}  // namespace engine::access
