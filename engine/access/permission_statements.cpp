#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/access/access_statement_run.h"
#include "engine/cql/access/needs.h"
#include "engine/cql/functions/user_functions.h"
#include "engine/cql/type_ref.h"
#include "engine/schema/system_keyspaces.h"

namespace engine::access {

using cql::Permission;
using runtime::Task;

namespace {

namespace syntax = cql::syntax;
using Kind = syntax::Resource::Kind;

std::string joined(const PermissionSet& permissions) {
    std::vector<std::string_view> names;
    for (const Permission permission : permissions) {
        names.push_back(cql::nameOf(permission));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

/// Of a resource that is one; empty for all else.
std::string roleOf(const cql::Resource& resource) {
    constexpr std::string_view kRoles = "roles/";
    return resource.name.starts_with(kRoles) ? resource.name.substr(kRoles.size()) : std::string();
}

}  // namespace

// ---- what a statement means --------------------------------------------------------------------

Result<cql::Resource> NodeAccess::resourceOf(const Statement& context, const syntax::Resource& resource) const {
    const syntax::QualifiedName& name = resource.name;
    switch (resource.kind) {
    case Kind::AllKeyspaces: return cql::allKeyspaces();
    case Kind::Keyspace: return cql::keyspaceResource(name.keyspace.text);
    case Kind::AllTables: return cql::allTablesResource(name.keyspace.text);
    case Kind::Table: {
        const std::string& keyspace = name.keyspace.absent() ? context.keyspace : name.keyspace.text;
        if (keyspace.empty()) {
            return invalid("No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename");
        }
        return cql::tableResource(keyspace, name.name.text);
    }
    case Kind::AllRoles: return cql::allRoles();
    case Kind::Role: return cql::roleResource(name.name.text);
    case Kind::AllFunctions: return cql::allFunctions();
    case Kind::AllFunctionsInKeyspace: return cql::functionsResource(name.keyspace.text);
    case Kind::Function: break;
    case Kind::AllMBeans: return cql::allMBeans();
    case Kind::MBean: return cql::mbeanResource(resource.mbean);
    }
    if (name.keyspace.absent()) {
        return invalid("In this context function name must be explictly qualified by a keyspace");
    }
    const schema::Schema& schema = *m_view.schema.current();
    std::vector<types::TypePtr> types;
    for (const syntax::TypeRef& ref : resource.argumentTypes) {
        TRY_ASSIGN(types::TypePtr type, cql::resolveType(ref, schema, name.keyspace.text));
        types.push_back(std::move(type));
    }
    if (name.keyspace.text == types::kNativeKeyspace) {
        return invalid("Altering permissions on builtin functions is not supported");
    }
    return cql::functionResource(name.keyspace.text, name.name.text, types);
}

/// Of data and functions.
bool NodeAccess::exists(const cql::Resource& resource) const {
    const schema::Schema& schema = *m_view.schema.current();
    const std::string_view keyspace = keyspaceOf(resource);
    if (!keyspace.empty()) {
        const std::size_t last = resource.name.rfind('/');
        const std::string_view table = std::string_view(resource.name).substr(last + 1);
        const bool isTable = std::ranges::count(resource.name, '/') == 2 && table != "*";
        return isTable ? schema.findTable(keyspace, table) != nullptr : schema.findKeyspace(keyspace) != nullptr;
    }
    constexpr std::string_view kFunctions = "functions/";
    if (!resource.name.starts_with(kFunctions)) {
        return true;
    }
    const std::string_view rest = std::string_view(resource.name).substr(kFunctions.size());
    const schema::KeyspacePtr* found = schema.findKeyspace(rest.substr(0, rest.find('/')));
    if (found == nullptr || rest.find('/') == std::string_view::npos) {
        return found != nullptr;
    }
    const auto is = [&](const auto& function) { return cql::functionResource((*found)->name, function.name, function.argumentTypes) == resource; };
    return std::ranges::any_of((*found)->functions, is) || std::ranges::any_of((*found)->aggregates, is);
}

Task<Result<bool>> NodeAccess::isKnown(cql::Resource resource) {
    const std::string role = roleOf(resource);
    if (role.empty()) {
        co_return exists(resource);
    }
    Result<Role> there = co_await m_roles.read(role);
    if (!there) {
        co_return there.error();
    }
    co_return there.value().exists;
}

Task<Result<void>> NodeAccess::checkThere(cql::Resource resource) {
    Result<bool> known = co_await isKnown(resource);
    if (!known) {
        co_return known.error();
    }
    co_return known.value() ? ok() : Result<void>(invalid(fmt::format("{} doesn't exist", cql::displayOf(resource))));
}

Task<Result<cql::Resource>> NodeAccess::checkManaged(const Statement& context, const syntax::Resource& resource,
                                                     const std::vector<Permission>& permissions, const std::string& role) {
    CO_TRY_ASSIGN(cql::Resource meant, resourceOf(context, resource));
    if (resource.kind == Kind::Function && !exists(meant)) {
        co_return makeError(ErrorKind::Syntax, fmt::format("{} doesn't exist", cql::displayOf(meant)));
    }
    CO_TRY(context.performer.ensure(Permission::Authorize, meant));
    for (const Permission permission : permissions) {
        CO_TRY(context.performer.ensure(permission, meant));
    }
    Result<Role> there = co_await m_roles.read(role);
    if (!there) {
        co_return there.error();
    }
    if (!there.value().exists) {
        co_return invalid(fmt::format("Role {} doesn't exist", role));
    }
    Result<bool> isThere = co_await isKnown(meant);
    if (!isThere) {
        co_return isThere.error();
    }
    if (!isThere.value()) {
        co_return invalid(fmt::format("Resource {} doesn't exist", cql::displayOf(meant)));
    }
    co_return meant;
}

// ---- GRANT, REVOKE -----------------------------------------------------------------------------

Task<NodeAccess::Answer> NodeAccess::manage(const Statement& context, const syntax::Resource& resource,
                                            const std::vector<Permission>& permissions, const std::string& role, bool grants) {
    Result<cql::Resource> meant = co_await checkManaged(context, resource, permissions, role);
    if (!meant) {
        co_return meant.error();
    }
    if (!m_options.permissions) {
        co_return makeError(ErrorKind::Server, fmt::format("java.lang.UnsupportedOperationException: {} operation is not supported by "
                                                           "AllowAllAuthorizer", grants ? "GRANT" : "REVOKE"));
    }
    const PermissionSet all(permissions.begin(), permissions.end());
    if (grants && schema::isSystemKeyspace(keyspaceOf(meant.value())) && all != PermissionSet{Permission::Select}) {
        co_return unauthorized("Granting permissions on system keyspaces is strictly limited, this operation is not permitted");
    }
    auto changing = grants ? m_permissions.grant(all, meant.value(), role) : m_permissions.revoke(all, meant.value(), role);
    Result<PermissionSet> changed = co_await std::move(changing);
    if (!changed) {
        co_return changed.error();
    }
    PermissionSet same;
    std::ranges::set_difference(all, changed.value(), std::inserter(same, same.end()));
    if (!same.empty()) {
        context.warnings.push_back(fmt::format("Role '{}' was {} granted {} on {}", role, grants ? "already" : "not", joined(same),
                                               cql::displayOf(meant.value())));
    }
    co_return cql::VoidResult();
}

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::GrantPermissionsStatement& statement) {
    return manage(context, statement.resource, statement.permissions, statement.grantee.text, true);
}

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::RevokePermissionsStatement& statement) {
    return manage(context, statement.resource, statement.permissions, statement.revokee.text, false);
}

// ---- LIST PERMISSIONS --------------------------------------------------------------------------

Task<NodeAccess::Answer> NodeAccess::runOne(const Statement& context, const syntax::ListPermissionsStatement& statement) {
    static const cql::ResultMetadataPtr kColumns = listColumns(
        "permissions",
        {{"role", types::text()}, {"username", types::text()}, {"resource", types::text()}, {"permission", types::text()}});
    std::optional<cql::Resource> resource;
    if (statement.resource) {
        CO_TRY_ASSIGN(resource, resourceOf(context, *statement.resource));
        Result<void> there = co_await checkThere(*resource);
        if (!there) {
            co_return there.error();
        }
    }
    std::optional<std::string> of;
    if (statement.of) {
        of = statement.of->text;
        Result<void> there = co_await checkThere(cql::roleResource(*of));
        if (!there) {
            co_return there.error();
        }
    }
    if (!m_options.permissions) {
        co_return invalid("LIST PERMISSIONS operation is not supported by AllowAllAuthorizer");
    }
    const Performer& performer = context.performer;
    const bool maySee = performer.isSuper || (of && performer.roles.contains(*of)) || performer.may(Permission::Describe, cql::allRoles()) ||
                        (of && performer.may(Permission::Describe, cql::roleResource(*of)));
    if (!maySee) {
        co_return unauthorized(fmt::format("You are not authorized to view {} permissions", of ? *of + "'s" : std::string("everyone's")));
    }

    std::vector<std::optional<std::string>> roles{std::nullopt};
    if (of) {
        Result<std::vector<Role>> held = co_await m_roles.granted(*of, true);
        if (!held) {
            co_return held.error();
        }
        roles.clear();
        for (const Role& role : held.value()) {
            roles.emplace_back(role.name);
        }
    }
    std::vector<std::optional<cql::Resource>> resources{resource};
    while (statement.recursive && resources.back() && cql::parentOf(*resources.back())) {
        resources.push_back(cql::parentOf(*resources.back()));
    }
    std::vector<Granted> all;
    for (const std::optional<std::string>& role : roles) {
        for (const std::optional<cql::Resource>& on : resources) {
            Result<std::vector<Granted>> some = co_await m_permissions.list(role, on);
            if (!some) {
                co_return some.error();
            }
            all.insert(all.end(), some.value().begin(), some.value().end());
        }
    }
    std::erase_if(all, [&](const Granted& one) { return std::ranges::find(statement.permissions, one.permission) == statement.permissions.end(); });
    if (all.empty()) {
        co_return cql::VoidResult();  // Not an empty result.
    }
    std::ranges::sort(all);
    cql::RowsResult out{kColumns, {}, std::nullopt};
    for (const Granted& one : all) {
        out.rows.push_back({cell(one.role), cell(one.role), cell(cql::displayOf(one.resource)), cell(cql::nameOf(one.permission))});
    }
    co_return cql::StatementResult(std::move(out));
}

}  // namespace engine::access
