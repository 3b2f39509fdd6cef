#include "engine/access/roles.h"

#include <algorithm>

namespace engine::access {

using runtime::Task;

namespace {

Role roleOf(const AuthRow& row) {
    Role out;
    out.name = row.text("role").value_or("");
    out.exists = true;
    out.isSuper = row.flag("is_superuser");
    out.canLogin = row.flag("can_login");
    out.hash = row.text("salted_hash");
    out.memberOf = row.texts("member_of");
    return out;
}

}  // namespace

Task<Result<Role>> Roles::role(std::string name) {
    const auto known = m_known.find(name);
    if (known != m_known.end() && m_runtime.clock.now() - known->second.at < m_validity) {
        co_return known->second.role;
    }
    Result<Role> out = co_await read(std::move(name));
    co_return out;
}

std::vector<std::string> Roles::known() const {
    std::vector<std::string> out;
    for (const auto& [name, _] : m_known) {
        out.push_back(name);
    }
    return out;
}

Task<Result<Role>> Roles::read(std::string name) {
    std::vector<Bytes> values{name};
    Result<std::vector<AuthRow>> rows =
        co_await m_tables.read("SELECT * FROM system_auth.roles WHERE role = ?", std::move(values), name == kDefaultSuperuser);
    if (!rows) {
        co_return rows.error();
    }
    Role out;
    out.name = name;
    if (!rows.value().empty()) {
        out = roleOf(rows.value().front());
    }
    if (out.exists) {
        m_known.insert_or_assign(std::move(name), Known{out, m_runtime.clock.now()});
    } else {
        forget(name);  // Else whoever tries names to log in with could fill the memory.
    }
    co_return out;
}

Task<Result<std::vector<Role>>> Roles::granted(std::string name, bool recursive) {
    std::map<std::string, Role> found;
    std::vector<std::string> open{name};
    while (!open.empty()) {
        const std::string next = open.back();
        open.pop_back();
        if (found.contains(next)) {
            continue;
        }
        Result<Role> role = co_await this->role(next);
        if (!role) {
            co_return role.error();
        }
        if (!role.value().exists) {
            continue;
        }
        if (recursive || next == name) {
            open.insert(open.end(), role.value().memberOf.begin(), role.value().memberOf.end());
        }
        found.emplace(next, std::move(role).value());
    }
    std::vector<Role> out;
    for (auto& [_, role] : found) {
        out.push_back(std::move(role));
    }
    co_return out;
}

Task<Result<std::vector<Role>>> Roles::all() {
    std::vector<Bytes> none;
    Result<std::vector<AuthRow>> rows = co_await m_tables.read("SELECT * FROM system_auth.roles", std::move(none));
    if (!rows) {
        co_return rows.error();
    }
    std::vector<Role> out;
    for (const AuthRow& row : rows.value()) {
        out.push_back(roleOf(row));
    }
    std::ranges::sort(out, {}, &Role::name);
    co_return out;
}

Task<Result<bool>> Roles::isSuper(std::string name) {
    Result<std::vector<Role>> roles = co_await granted(std::move(name), true);
    if (!roles) {
        co_return roles.error();
    }
    co_return std::ranges::any_of(roles.value(), &Role::isSuper);
}

Task<Result<void>> Roles::create(std::string name, RoleChange change) {
    std::vector<Bytes> values{name, flagBytes(change.isSuper.value_or(false)), flagBytes(change.canLogin.value_or(false))};
    std::string cql = "INSERT INTO system_auth.roles (role, is_superuser, can_login) VALUES (?, ?, ?)";
    if (change.hash) {
        cql = "INSERT INTO system_auth.roles (role, is_superuser, can_login, salted_hash) VALUES (?, ?, ?, ?)";
        values.push_back(*change.hash);
    }
    Result<void> out = co_await m_tables.write(std::move(cql), std::move(values));
    forget();
    co_return out;
}

Task<Result<void>> Roles::alter(std::string name, RoleChange change) {
    std::string sets;
    std::vector<Bytes> values;
    const auto set = [&](const char* column, Bytes value) {
        sets += sets.empty() ? "" : ", ";
        sets += std::string(column) + " = ?";
        values.push_back(std::move(value));
    };
    if (change.isSuper) {
        set("is_superuser", flagBytes(*change.isSuper));
    }
    if (change.canLogin) {
        set("can_login", flagBytes(*change.canLogin));
    }
    if (change.hash) {
        set("salted_hash", *change.hash);
    }
    if (sets.empty()) {
        co_return ok();
    }
    values.push_back(std::move(name));
    Result<void> out = co_await m_tables.write("UPDATE system_auth.roles SET " + sets + " WHERE role = ?", std::move(values));
    forget();
    co_return out;
}

Task<Result<void>> Roles::drop(std::string name) {
    std::vector<Bytes> key{name};
    Result<void> done = co_await m_tables.write("DELETE FROM system_auth.roles WHERE role = ?", key);
    if (!done) {
        co_return done.error();
    }
    Result<std::vector<AuthRow>> members = co_await m_tables.read("SELECT member FROM system_auth.role_members WHERE role = ?", key);
    if (!members) {
        co_return members.error();
    }
    for (const AuthRow& row : members.value()) {
        done = co_await revoke(name, row.text("member").value_or(""));
        if (!done) {
            co_return done.error();
        }
    }
    std::vector<Bytes> none;
    Result<std::vector<AuthRow>> identities =
        co_await m_tables.read("SELECT identity, role FROM system_auth.identity_to_role", std::move(none));
    if (!identities) {
        co_return identities.error();
    }
    for (const AuthRow& row : identities.value()) {
        if (row.text("role") == name) {
            std::vector<Bytes> identity{row.text("identity").value_or("")};
            done = co_await m_tables.write("DELETE FROM system_auth.identity_to_role WHERE identity = ?", std::move(identity));
            if (!done) {
                co_return done.error();
            }
        }
    }
    forget();
    co_return ok();
}

Task<Result<void>> Roles::grant(std::string role, std::string member) {
    std::vector<Bytes> change{textsBytes({role}), member};
    Result<void> done = co_await m_tables.write("UPDATE system_auth.roles SET member_of = member_of + ? WHERE role = ?", std::move(change));
    if (!done) {
        co_return done.error();
    }
    std::vector<Bytes> pair{role, member};
    done = co_await m_tables.write("INSERT INTO system_auth.role_members (role, member) VALUES (?, ?)", std::move(pair));
    forget();
    co_return done;
}

Task<Result<void>> Roles::revoke(std::string role, std::string member) {
    std::vector<Bytes> change{textsBytes({role}), member};
    Result<void> done = co_await m_tables.write("UPDATE system_auth.roles SET member_of = member_of - ? WHERE role = ?", std::move(change));
    if (!done) {
        co_return done.error();
    }
    std::vector<Bytes> pair{role, member};
    done = co_await m_tables.write("DELETE FROM system_auth.role_members WHERE role = ? AND member = ?", std::move(pair));
    forget();
    co_return done;
}

}  // namespace engine::access
