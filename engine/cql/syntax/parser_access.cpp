#include "engine/cql/syntax/parser_state.h"

#include <algorithm>

// GRANT, REVOKE, LIST: permissions and the resources they are on.
namespace engine::cql::syntax {

namespace {

constexpr TokenSet kAfterResource(TokenKind::Semicolon, TokenKind::Eof, TokenKind::KFrom,
                                  TokenKind::KNorecursive, TokenKind::KOf, TokenKind::KTo);
constexpr TokenSet kAfterResourceWord = kAfterResource | TokenSet(TokenKind::Dot);

std::optional<Permission> permissionOf(TokenKind kind) {
    switch (kind) {
    case TokenKind::KCreate: return Permission::Create;
    case TokenKind::KAlter: return Permission::Alter;
    case TokenKind::KDrop: return Permission::Drop;
    case TokenKind::KSelect: return Permission::Select;
    case TokenKind::KModify: return Permission::Modify;
    case TokenKind::KAuthorize: return Permission::Authorize;
    case TokenKind::KDescribe: return Permission::Describe;
    case TokenKind::KExecute: return Permission::Execute;
    case TokenKind::KUnmask: return Permission::Unmask;
    case TokenKind::KSelectMasked: return Permission::SelectMasked;
    default: return std::nullopt;
    }
}

constexpr Permission kAllPermissions[] = {
    Permission::Create,    Permission::Alter,    Permission::Drop,    Permission::Select,
    Permission::Modify,    Permission::Authorize, Permission::Describe, Permission::Execute,
    Permission::Unmask,    Permission::SelectMasked};

/// The class that Cassandra's message names, and what that kind of resource knows
/// (applicablePermissions of DataResource, RoleResource, FunctionResource, JMXResource).
struct ResourceRules {
    std::string_view className;
    std::vector<Permission> applicable;
};

ResourceRules rulesOf(Resource::Kind kind) {
    using enum Permission;
    switch (kind) {
    case Resource::Kind::AllKeyspaces:
    case Resource::Kind::Keyspace:
    case Resource::Kind::AllTables:
        return {"DataResource",
                {Create, Alter, Drop, Select, Modify, Authorize, Unmask, SelectMasked}};
    case Resource::Kind::Table:
        return {"DataResource", {Alter, Drop, Select, Modify, Authorize, Unmask, SelectMasked}};
    case Resource::Kind::AllRoles:
        return {"RoleResource", {Create, Alter, Drop, Authorize, Describe}};
    case Resource::Kind::Role: return {"RoleResource", {Alter, Drop, Authorize, Describe}};
    case Resource::Kind::AllFunctions:
    case Resource::Kind::AllFunctionsInKeyspace:
        return {"FunctionResource", {Create, Alter, Drop, Authorize, Execute}};
    case Resource::Kind::Function:
        return {"FunctionResource", {Alter, Drop, Authorize, Execute}};
    case Resource::Kind::AllMBeans:
    case Resource::Kind::MBean:
        return {"JMXResource", {Select, Modify, Authorize, Describe, Execute}};
    }
    return {};
}

/// `domain:key=value,…` as javax.management.ObjectName reads it, near enough.
bool isObjectName(std::string_view name) {
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos || colon + 1 == name.size()) {
        return false;
    }
    std::string_view rest = name.substr(colon + 1);
    while (true) {
        const std::size_t comma = rest.find(',');
        const std::string_view part = rest.substr(0, comma);
        const std::size_t equals = part.find('=');
        const bool wildcard = part == "*";
        if (!wildcard &&
            (equals == std::string_view::npos || equals == 0 || equals + 1 == part.size())) {
            return false;
        }
        if (comma == std::string_view::npos) {
            return true;
        }
        rest.remove_prefix(comma + 1);
    }
}

}  // namespace

std::vector<Permission> applicablePermissions(Resource::Kind kind) { return rulesOf(kind).applicable; }

bool Parser::grantStatement(Statement& out) {
    const int alternative = predictGrant(TokenKind::KTo);
    if (alternative == 0) {
        return false;
    }
    touch(2);
    const Token& where = token();
    advance();
    if (alternative == 2) {
        auto& grant = out.emplace<GrantRoleStatement>();
        return roleName(grant.role) && expect(TokenKind::KTo) && roleName(grant.grantee);
    }
    auto& grant = out.emplace<GrantPermissionsStatement>();
    return permissionOrAll(grant.permissions) && expect(TokenKind::KOn) &&
           resource(grant.resource) && expect(TokenKind::KTo) && roleName(grant.grantee) &&
           filterPermissions(grant.permissions, grant.resource, where);
}

bool Parser::revokeStatement(Statement& out) {
    const int alternative = predictGrant(TokenKind::KFrom);
    if (alternative == 0) {
        return false;
    }
    touch(2);
    const Token& where = token();
    advance();
    if (alternative == 2) {
        auto& revoke = out.emplace<RevokeRoleStatement>();
        return roleName(revoke.role) && expect(TokenKind::KFrom) && roleName(revoke.revokee);
    }
    auto& revoke = out.emplace<RevokePermissionsStatement>();
    return permissionOrAll(revoke.permissions) && expect(TokenKind::KOn) &&
           resource(revoke.resource) && expect(TokenKind::KFrom) && roleName(revoke.revokee) &&
           filterPermissions(revoke.permissions, revoke.resource, where);
}

bool Parser::listStatement(Statement& out) {
    touch(1);
    const TokenKind what = look(1);
    if (what != TokenKind::KUsers && what != TokenKind::KRoles && what != TokenKind::KAll &&
        !permissionOf(what)) {
        return noViable(1);
    }
    touch(2);
    advance();
    if (accept(TokenKind::KUsers)) {
        out = ListUsersStatement{};
        return true;
    }
    if (accept(TokenKind::KRoles)) {
        auto& list = out.emplace<ListRolesStatement>();
        if (accept(TokenKind::KOf) && !roleName(list.of.emplace())) {
            return false;
        }
        list.recursive = !accept(TokenKind::KNorecursive);
        return true;
    }
    auto& list = out.emplace<ListPermissionsStatement>();
    if (!permissionOrAll(list.permissions)) {
        return false;
    }
    if (accept(TokenKind::KOn) && !resource(list.resource.emplace())) {
        return false;
    }
    if (accept(TokenKind::KOf) && !roleName(list.of.emplace())) {
        return false;
    }
    list.recursive = !accept(TokenKind::KNorecursive);
    return true;
}

bool Parser::permissionOrAll(std::vector<Permission>& out) {
    if (accept(TokenKind::KAll)) {
        accept(TokenKind::KPermissions);
        out.assign(std::begin(kAllPermissions), std::end(kAllPermissions));
        return true;
    }
    if (!permissionOf(peek())) {
        return noViable();
    }
    do {
        if (!permission(out)) {
            return false;
        }
        accept(TokenKind::KPermission);
    } while (accept(TokenKind::Comma));
    std::sort(out.begin(), out.end());
    return true;
}

bool Parser::permission(std::vector<Permission>& out) {
    const std::optional<Permission> found = permissionOf(peek());
    if (!found) {
        // The grammar goes on with a null permission, and EnumSet.add trips over it.
        return thrown("NullPointerException Cannot invoke \"Object.getClass()\" because \"e\" is "
                      "null",
                      token());
    }
    advance();
    if (std::find(out.begin(), out.end(), *found) == out.end()) {
        out.push_back(*found);
    }
    return true;
}

bool Parser::filterPermissions(std::vector<Permission>& permissions, const Resource& on,
                               const Token& where) {
    const ResourceRules rules = rulesOf(on.kind);
    std::erase_if(permissions, [&](Permission p) {
        return std::find(rules.applicable.begin(), rules.applicable.end(), p) ==
               rules.applicable.end();
    });
    return !permissions.empty() ||
           semantic("Resource type " + std::string(rules.className) +
                        " does not support any of the requested permissions",
                    where);
}

bool Parser::resource(Resource& out) {
    if (!at(kObjectName) && !at(TokenKind::KColumnfamily) && !at(TokenKind::KKeyspace)) {
        return noViable();
    }
    touch(1);
    const TokenKind next = look(1);
    switch (peek()) {
    case TokenKind::KAll:
        if (next == TokenKind::KRoles) {
            touch(2);
            return roleResource(out);
        }
        if (next == TokenKind::KFunctions) {
            touch(2);
            return functionResource(out);
        }
        if (next == TokenKind::KMbeans) {
            touch(2);
            return jmxResource(out);
        }
        if (!kAfterResourceWord.has(next) && next != TokenKind::KKeyspaces &&
            next != TokenKind::KTables) {
            return noViable(1);
        }
        break;
    case TokenKind::KRole:
        if (kObjectName.has(next) || next == TokenKind::StringLiteral) {
            touch(2);
            return roleResource(out);
        }
        if (!kAfterResourceWord.has(next)) {
            return noViable(1);
        }
        break;
    case TokenKind::KFunction:
        if (kObjectName.has(next) || next == TokenKind::KToken) {
            touch(2);
            return functionResource(out);
        }
        if (!kAfterResourceWord.has(next)) {
            return noViable(1);
        }
        break;
    case TokenKind::KMbean:
    case TokenKind::KMbeans:
        if (next == TokenKind::StringLiteral) {
            touch(2);
            return jmxResource(out);
        }
        if (!kAfterResourceWord.has(next)) {
            return noViable(1);
        }
        break;
    default: return dataResource(out);
    }
    touch(2);
    return dataResource(out);
}

bool Parser::dataResource(Resource& out) {
    if (at(TokenKind::KAll) && peek(1) == TokenKind::KKeyspaces) {
        advance();
        advance();
        out.kind = Resource::Kind::AllKeyspaces;
        return true;
    }
    if (at(TokenKind::KAll) && peek(1) == TokenKind::KTables) {
        advance();
        out.kind = Resource::Kind::AllTables;
        return expect(TokenKind::KTables, TokenKind::KIn, TokenKind::KKeyspace) &&
               keyspaceName(out.name.keyspace);
    }
    if (accept(TokenKind::KKeyspace)) {
        out.kind = Resource::Kind::Keyspace;
        return keyspaceName(out.name.keyspace);
    }
    out.kind = Resource::Kind::Table;
    accept(TokenKind::KColumnfamily);
    return columnFamilyName(out.name);
}

bool Parser::roleResource(Resource& out) {
    if (accept(TokenKind::KAll)) {
        out.kind = Resource::Kind::AllRoles;
        return expect(TokenKind::KRoles);
    }
    out.kind = Resource::Kind::Role;
    advance();
    return roleName(out.name.name);
}

bool Parser::functionResource(Resource& out) {
    if (at(TokenKind::KAll)) {
        const TokenKind after = peek(2);
        if (after != TokenKind::KIn && !kAfterResource.has(after)) {
            return noViable(2);
        }
        advance();
        advance();
        out.kind = Resource::Kind::AllFunctions;
        if (!accept(TokenKind::KIn)) {
            return true;
        }
        out.kind = Resource::Kind::AllFunctionsInKeyspace;
        return expect(TokenKind::KKeyspace) && keyspaceName(out.name.keyspace);
    }
    out.kind = Resource::Kind::Function;
    advance();
    return functionName(out.name) && typesInParentheses(out.argumentTypes);
}

bool Parser::jmxResource(Resource& out) {
    if (accept(TokenKind::KAll)) {
        out.kind = Resource::Kind::AllMBeans;
        return expect(TokenKind::KMbeans);
    }
    out.kind = Resource::Kind::MBean;
    const bool plural = at(TokenKind::KMbeans);
    advance();
    const Token& where = token();
    if (!stringLiteral(out.mbean)) {
        return false;
    }
    if (out.mbean.empty()) {
        return semantic("Empty JMX object name supplied", where);
    }
    if (out.mbean == "*:*") {
        return semantic("Please use ALL MBEANS instead of wildcard pattern", where);
    }
    if (!isObjectName(out.mbean)) {
        return semantic(out.mbean + " is not a valid JMX object name", where);
    }
    const bool pattern = out.mbean.find_first_of("*?") != std::string::npos;
    return !plural || pattern ||
           semantic("Plural form used, but non-pattern JMX object name specified (" + out.mbean +
                        ")",
                    where);
}

}  // namespace engine::cql::syntax
