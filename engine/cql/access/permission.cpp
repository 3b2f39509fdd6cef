#include "engine/cql/access/permission.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/cql/syntax/ast.h"
#include "engine/types/type_names.h"

namespace engine::cql {

namespace {

constexpr std::string_view kData = "data";
constexpr std::string_view kRoles = "roles";
constexpr std::string_view kFunctions = "functions";
constexpr std::string_view kMBeans = "mbean";

struct Named {
    Permission permission;
    std::string_view name;
};
constexpr std::array kNames{
    Named{Permission::Create, "CREATE"},       Named{Permission::Alter, "ALTER"},
    Named{Permission::Drop, "DROP"},           Named{Permission::Select, "SELECT"},
    Named{Permission::Modify, "MODIFY"},       Named{Permission::Authorize, "AUTHORIZE"},
    Named{Permission::Describe, "DESCRIBE"},   Named{Permission::Execute, "EXECUTE"},
    Named{Permission::Unmask, "UNMASK"},       Named{Permission::SelectMasked, "SELECT_MASKED"},
};

/// "data/shop/orders": the kind, then at most two names; patterns and types may hold slashes of their own.
struct Parts {
    std::string_view kind;
    std::string_view first;
    std::string_view second;
};

Parts partsOf(const Resource& resource) {
    const std::string_view name = resource.name;
    Parts out;
    const std::size_t kind = name.find('/');
    out.kind = name.substr(0, kind);
    if (kind == std::string_view::npos) {
        return out;
    }
    const std::string_view rest = name.substr(kind + 1);
    const std::size_t first = out.kind == kMBeans || out.kind == kRoles ? std::string_view::npos : rest.find('/');
    out.first = rest.substr(0, first);
    if (first != std::string_view::npos) {
        out.second = rest.substr(first + 1);
    }
    return out;
}

/// "f[org.…Int32Type^org.…UTF8Type]" as "f(int, text)".
std::string signatureOf(std::string_view function) {
    const std::size_t open = function.find('[');
    std::string_view classes = function.substr(open + 1);
    classes.remove_suffix(classes.empty() ? 0 : 1);
    std::string types;
    while (!classes.empty()) {
        const std::size_t end = classes.find('^');
        const auto type = types::parseClassName(classes.substr(0, end));
        types += fmt::format("{}{}", types.empty() ? "" : ", ", type ? types::cqlName(type.value().type) : std::string(classes.substr(0, end)));
        classes = end == std::string_view::npos ? std::string_view() : classes.substr(end + 1);
    }
    return fmt::format("{}({})", function.substr(0, open), types);
}

}  // namespace

std::string_view nameOf(Permission permission) { return kNames[static_cast<std::size_t>(permission)].name; }

std::optional<Permission> permissionOf(std::string_view name) {
    const auto it = std::ranges::find(kNames, name, &Named::name);
    return it == kNames.end() ? std::nullopt : std::optional(it->permission);
}

const std::vector<Permission>& allPermissions() {
    static const std::vector<Permission> all = [] {
        std::vector<Permission> out;
        for (const Named& named : kNames) {
            out.push_back(named.permission);
        }
        return out;
    }();
    return all;
}

Resource allKeyspaces() { return {std::string(kData)}; }
Resource keyspaceResource(std::string_view keyspace) { return {fmt::format("{}/{}", kData, keyspace)}; }
Resource allTablesResource(std::string_view keyspace) { return {fmt::format("{}/{}/*", kData, keyspace)}; }
Resource tableResource(std::string_view keyspace, std::string_view table) { return {fmt::format("{}/{}/{}", kData, keyspace, table)}; }
Resource allRoles() { return {std::string(kRoles)}; }
Resource roleResource(std::string_view role) { return {fmt::format("{}/{}", kRoles, role)}; }
Resource allFunctions() { return {std::string(kFunctions)}; }
Resource functionsResource(std::string_view keyspace) { return {fmt::format("{}/{}", kFunctions, keyspace)}; }

Resource functionResource(std::string_view keyspace, std::string_view function, const std::vector<std::string>& argumentTypes) {
    return {fmt::format("{}/{}/{}[{}]", kFunctions, keyspace, function, fmt::join(argumentTypes, "^"))};
}

Resource allMBeans() { return {std::string(kMBeans)}; }
Resource mbeanResource(std::string_view pattern) { return {fmt::format("{}/{}", kMBeans, pattern)}; }

std::optional<Resource> parentOf(const Resource& resource) {
    const Parts parts = partsOf(resource);
    if (parts.first.empty()) {
        return std::nullopt;
    }
    if (parts.second.empty()) {
        return Resource{std::string(parts.kind)};
    }
    if (parts.kind == kData && parts.second != "*") {
        return allTablesResource(parts.first);
    }
    return Resource{fmt::format("{}/{}", parts.kind, parts.first)};
}

std::string displayOf(const Resource& resource) {
    const Parts parts = partsOf(resource);
    if (parts.kind == kRoles) {
        return parts.first.empty() ? "<all roles>" : fmt::format("<role {}>", parts.first);
    }
    if (parts.kind == kMBeans) {
        return parts.first.empty() ? "<all mbeans>" : fmt::format("<mbean {}>", parts.first);
    }
    if (parts.kind == kFunctions) {
        if (parts.first.empty()) {
            return "<all functions>";
        }
        return parts.second.empty() ? fmt::format("<all functions in {}>", parts.first)
                                    : fmt::format("<function {}.{}>", parts.first, signatureOf(parts.second));
    }
    if (parts.first.empty()) {
        return "<all keyspaces>";
    }
    if (parts.second.empty()) {
        return fmt::format("<keyspace {}>", parts.first);
    }
    return parts.second == "*" ? fmt::format("<all tables in {}>", parts.first)
                               : fmt::format("<table {}.{}>", parts.first, parts.second);
}

std::vector<Permission> applicableTo(const Resource& resource) {
    using Kind = syntax::Resource::Kind;
    const Parts parts = partsOf(resource);
    if (parts.kind == kRoles) {
        return syntax::applicablePermissions(parts.first.empty() ? Kind::AllRoles : Kind::Role);
    }
    if (parts.kind == kMBeans) {
        return syntax::applicablePermissions(Kind::AllMBeans);
    }
    if (parts.kind == kFunctions) {
        return syntax::applicablePermissions(parts.second.empty() ? Kind::AllFunctions : Kind::Function);
    }
    return syntax::applicablePermissions(parts.second.empty() || parts.second == "*" ? Kind::Keyspace : Kind::Table);
}

}  // namespace engine::cql
