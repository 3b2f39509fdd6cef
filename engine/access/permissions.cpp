#include "engine/access/permissions.h"

#include <algorithm>
#include <iterator>

namespace engine::access {

using runtime::Task;

namespace {

PermissionSet permissionsIn(const AuthRow& row) {
    PermissionSet out;
    for (const std::string& name : row.texts("permissions")) {
        if (const auto permission = cql::permissionOf(name)) {
            out.insert(*permission);
        }
    }
    return out;
}

Bytes namesOf(const PermissionSet& permissions) {
    std::set<std::string> names;
    for (const cql::Permission permission : permissions) {
        names.emplace(cql::nameOf(permission));
    }
    return textsBytes(names);
}

}  // namespace

Task<Result<Grants>> Permissions::of(std::string role) {
    const auto known = m_known.find(role);
    if (known != m_known.end() && m_runtime.clock.now() - known->second.at < m_validity) {
        co_return known->second.grants;
    }
    std::vector<Bytes> values{role};
    Result<std::vector<AuthRow>> rows =
        co_await m_tables.read("SELECT resource, permissions FROM system_auth.role_permissions WHERE role = ?", std::move(values));
    if (!rows) {
        co_return rows.error();
    }
    Grants out;
    for (const AuthRow& row : rows.value()) {
        out.emplace(cql::Resource{row.text("resource").value_or("")}, permissionsIn(row));
    }
    m_known.insert_or_assign(std::move(role), Known{out, m_runtime.clock.now()});
    co_return out;
}

std::map<std::string, Grants> Permissions::known() const {
    std::map<std::string, Grants> out;
    for (const auto& [role, known] : m_known) {
        out.emplace(role, known.grants);
    }
    return out;
}

Task<Result<PermissionSet>> Permissions::on(cql::Resource resource, std::string role) {
    std::vector<Bytes> key{std::move(role), std::move(resource.name)};
    Result<std::vector<AuthRow>> rows = co_await m_tables.read(
        "SELECT permissions FROM system_auth.role_permissions WHERE role = ? AND resource = ?", std::move(key));
    if (!rows) {
        co_return rows.error();
    }
    co_return rows.value().empty() ? PermissionSet() : permissionsIn(rows.value().front());
}

Task<Result<PermissionSet>> Permissions::grant(PermissionSet wanted, cql::Resource resource, std::string role) {
    Result<PermissionSet> had = co_await on(resource, role);
    if (!had) {
        co_return had.error();
    }
    PermissionSet fresh;
    std::ranges::set_difference(wanted, had.value(), std::inserter(fresh, fresh.end()));
    if (fresh.empty()) {
        co_return fresh;
    }
    std::vector<Bytes> change{namesOf(fresh), role, resource.name};
    Result<void> done = co_await m_tables.write(
        "UPDATE system_auth.role_permissions SET permissions = permissions + ? WHERE role = ? AND resource = ?", std::move(change));
    if (!done) {
        co_return done.error();
    }
    std::vector<Bytes> entry{resource.name, role};
    done = co_await m_tables.write("INSERT INTO system_auth.resource_role_permissons_index (resource, role) VALUES (?, ?)",
                                   std::move(entry));
    if (!done) {
        co_return done.error();
    }
    forget();
    co_return fresh;
}

/// As Cassandra does it, the index forgets the role at once, whatever else the role still has on the resource.
Task<Result<PermissionSet>> Permissions::revoke(PermissionSet unwanted, cql::Resource resource, std::string role) {
    Result<PermissionSet> had = co_await on(resource, role);
    if (!had) {
        co_return had.error();
    }
    PermissionSet gone;
    std::ranges::set_intersection(unwanted, had.value(), std::inserter(gone, gone.end()));
    if (gone.empty()) {
        co_return gone;
    }
    std::vector<Bytes> change{namesOf(gone), role, resource.name};
    Result<void> done = co_await m_tables.write(
        "UPDATE system_auth.role_permissions SET permissions = permissions - ? WHERE role = ? AND resource = ?", std::move(change));
    if (!done) {
        co_return done.error();
    }
    done = co_await forgetIndexed(resource, role);
    if (!done) {
        co_return done.error();
    }
    forget();
    co_return gone;
}

Task<Result<void>> Permissions::forgetIndexed(cql::Resource resource, std::string role) {
    std::vector<Bytes> entry{std::move(resource.name), std::move(role)};
    Result<void> out = co_await m_tables.write(
        "DELETE FROM system_auth.resource_role_permissons_index WHERE resource = ? AND role = ?", std::move(entry));
    co_return out;
}

Task<Result<void>> Permissions::revokeAllOf(std::string role) {
    std::vector<Bytes> key{role};
    Result<std::vector<AuthRow>> rows =
        co_await m_tables.read("SELECT resource FROM system_auth.role_permissions WHERE role = ?", key);
    if (!rows) {
        co_return rows.error();
    }
    for (const AuthRow& row : rows.value()) {
        cql::Resource resource{row.text("resource").value_or("")};
        Result<void> done = co_await forgetIndexed(std::move(resource), role);
        if (!done) {
            co_return done.error();
        }
    }
    Result<void> done = co_await m_tables.write("DELETE FROM system_auth.role_permissions WHERE role = ?", std::move(key));
    forget();
    co_return done;
}

Task<Result<void>> Permissions::revokeAllOn(cql::Resource resource) {
    std::vector<Bytes> key{resource.name};
    Result<std::vector<AuthRow>> rows =
        co_await m_tables.read("SELECT role FROM system_auth.resource_role_permissons_index WHERE resource = ?", key);
    if (!rows) {
        co_return rows.error();
    }
    for (const AuthRow& row : rows.value()) {
        std::vector<Bytes> grant{row.text("role").value_or(""), resource.name};
        Result<void> done =
            co_await m_tables.write("DELETE FROM system_auth.role_permissions WHERE role = ? AND resource = ?", std::move(grant));
        if (!done) {
            co_return done.error();
        }
    }
    Result<void> done =
        co_await m_tables.write("DELETE FROM system_auth.resource_role_permissons_index WHERE resource = ?", std::move(key));
    forget();
    co_return done;
}

Task<Result<std::vector<Granted>>> Permissions::list(std::optional<std::string> role, std::optional<cql::Resource> resource) {
    std::string cql = "SELECT role, resource, permissions FROM system_auth.role_permissions";
    std::vector<Bytes> values;
    if (role) {
        cql += " WHERE role = ?";
        values.push_back(*role);
    }
    if (resource) {
        cql += role ? " AND resource = ?" : " WHERE resource = ? ALLOW FILTERING";
        values.push_back(resource->name);
    }
    Result<std::vector<AuthRow>> rows = co_await m_tables.read(std::move(cql), std::move(values));
    if (!rows) {
        co_return rows.error();
    }
    std::vector<Granted> out;
    for (const AuthRow& row : rows.value()) {
        for (const cql::Permission permission : permissionsIn(row)) {
            out.push_back({row.text("role").value_or(""), {row.text("resource").value_or("")}, permission});
        }
    }
    co_return out;
}

}  // namespace engine::access
