#include "engine/access/cache_views.h"

namespace engine::access {

using system::NodeVirtualTables;
using system::RowBuilder;
using system::VirtualRow;

namespace {

NodeVirtualTables::Cache rolesCache(NodeAccess* access) {
    NodeVirtualTables::Cache out;
    out.source = [access](const schema::Table& table) {
        std::vector<VirtualRow> rows;
        for (const std::string& role : access != nullptr ? access->roles().known() : std::vector<std::string>()) {
            rows.push_back({{role}, RowBuilder(table, 0).take()});
        }
        return rows;
    };
    out.forget = [access](const std::vector<Bytes>& key) {
        if (access != nullptr) {
            access->roles().forget(key.front());
        }
    };
    out.forgetAll = [access] {
        if (access != nullptr) {
            access->roles().forget();
        }
    };
    return out;
}

/// One row for each resource that a role in memory has something on.
NodeVirtualTables::Cache permissionsCache(NodeAccess* access) {
    NodeVirtualTables::Cache out;
    out.source = [access](const schema::Table& table) {
        std::vector<VirtualRow> rows;
        for (const auto& [role, grants] : access != nullptr ? access->permissions().known() : std::map<std::string, Grants>()) {
            for (const auto& [resource, _] : grants) {
                rows.push_back({{role, resource.name}, RowBuilder(table, 0).take()});
            }
        }
        return rows;
    };
    out.forget = [access](const std::vector<Bytes>& key) {
        if (access != nullptr) {
            access->permissions().forget(key.front());  // All of the role: that is how they are kept.
        }
    };
    out.forgetAll = [access] {
        if (access != nullptr) {
            access->permissions().forget();
        }
    };
    return out;
}

}  // namespace

void addCacheViews(NodeVirtualTables& tables, NodeAccess* access) {
    tables.add("system_views.roles_cache_keys", rolesCache(access));
    tables.add("system_views.credentials_cache_keys", rolesCache(access));  // Passwords are kept with their roles.
    tables.add("system_views.permissions_cache_keys", permissionsCache(access));
    tables.add("system_views.network_permissions_cache_keys", rolesCache(nullptr));
    tables.add("system_views.jmx_permissions_cache_keys", rolesCache(nullptr));
}

}  // namespace engine::access
