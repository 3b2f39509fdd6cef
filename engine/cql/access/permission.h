#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cql/syntax/permission.h"

namespace engine::cql {

using Permission = syntax::Permission;

/// As system_auth.role_permissions keeps it: "SELECT_MASKED".
std::string_view nameOf(Permission permission);
/// Nothing for a name that is none.
std::optional<Permission> permissionOf(std::string_view name);
/// Those that exist, in order.
const std::vector<Permission>& allPermissions();

/// What permissions are granted on, by the name that system_auth keeps: "data/keyspace/table", "data/keyspace/*" (all
/// tables in it), "roles/name", "functions/keyspace/name[types]", "mbean/pattern". Source: auth/IResource and its
/// classes.
struct Resource {
    std::string name;

    bool operator==(const Resource&) const = default;
    auto operator<=>(const Resource&) const = default;
};

Resource allKeyspaces();
Resource keyspaceResource(std::string_view keyspace);
Resource allTablesResource(std::string_view keyspace);
Resource tableResource(std::string_view keyspace, std::string_view table);
Resource allRoles();
Resource roleResource(std::string_view role);
Resource allFunctions();
Resource functionsResource(std::string_view keyspace);
/// `argumentTypes` are Cassandra's class names, which its names of functions are made of.
Resource functionResource(std::string_view keyspace, std::string_view function, const std::vector<std::string>& argumentTypes);
Resource allMBeans();
Resource mbeanResource(std::string_view pattern);

/// The next larger one; nothing above a root.
std::optional<Resource> parentOf(const Resource& resource);
/// As errors and LIST PERMISSIONS print it: "<table shop.orders>".
std::string displayOf(const Resource& resource);
/// What can be granted on it, in the order of Permission.
std::vector<Permission> applicableTo(const Resource& resource);

/// What a client must be allowed for a statement to run.
struct PermissionNeed {
    Permission permission = Permission::Select;
    Resource resource;
};

}  // namespace engine::cql
