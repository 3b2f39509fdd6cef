#include "engine/cql/syntax/parser_state.h"

// Roles, users and identities.
namespace engine::cql::syntax {

bool Parser::createUser(CreateRoleStatement& out) {
    out.isUser = true;
    out.options.login = true;
    out.options.superuser = false;
    return expect(TokenKind::KUser) && ifNotExists(out.ifNotExists) && username(out.role) &&
           userOptions(out.options);
}

bool Parser::alterUser(AlterRoleStatement& out) {
    out.isUser = true;
    return ifExists(out.ifExists) && username(out.role) && userOptions(out.options);
}

/// [WITH [HASHED] PASSWORD '…'] [SUPERUSER | NOSUPERUSER]
bool Parser::userOptions(RoleOptions& out) {
    if (accept(TokenKind::KWith)) {
        if (accept(TokenKind::KHashed)) {
            if (!expect(TokenKind::KPassword) || !stringLiteral(out.hashedPassword.emplace())) {
                return false;
            }
        } else if (!accept(TokenKind::KPassword)) {
            return noViable();
        } else if (!stringLiteral(out.password.emplace())) {
            return false;
        }
    }
    if (accept(TokenKind::KSuperuser)) {
        out.superuser = true;
    } else if (accept(TokenKind::KNosuperuser)) {
        out.superuser = false;
    }
    return true;
}

bool Parser::createRole(CreateRoleStatement& out) {
    if (!expect(TokenKind::KRole) || !ifNotExists(out.ifNotExists) || !roleName(out.role) ||
        !roleOptions(out.options)) {
        return false;
    }
    out.options.login = out.options.login.value_or(false);
    out.options.superuser = out.options.superuser.value_or(false);
    return true;
}

bool Parser::alterRole(AlterRoleStatement& out) {
    return ifExists(out.ifExists) && roleName(out.role) && roleOptions(out.options);
}

bool Parser::roleOptions(RoleOptions& out) {
    const Token& where = token();
    if (!accept(TokenKind::KWith)) {
        return true;
    }
    do {
        if (!roleOption(out)) {
            return false;
        }
    } while (accept(TokenKind::KAnd));
    return !out.password || !out.hashedPassword ||
           semantic("Options 'password' and 'hashed password' are mutually exclusive", where);
}

bool Parser::roleOption(RoleOptions& out) {
    const Token& where = token();
    constexpr TokenSet kOptions(TokenKind::KPassword, TokenKind::KHashed, TokenKind::KOptions,
                                TokenKind::KSuperuser, TokenKind::KLogin, TokenKind::KAccess);
    if (!at(kOptions)) {
        return noViable();
    }
    touch(1);
    switch (peek()) {
    case TokenKind::KPassword: advance(); return passwordOption(out.password, "PASSWORD");
    case TokenKind::KHashed:
        advance();
        return expect(TokenKind::KPassword) &&
               passwordOption(out.hashedPassword, "HASHED_PASSWORD");
    case TokenKind::KOptions: {
        advance();
        PropertyMap map;
        if (!expect(TokenKind::Equal) || !propertyMap(map)) {
            return false;
        }
        if (out.options) {
            return semantic("Multiple definition for property 'OPTIONS'", where);
        }
        out.options = std::move(map);
        return true;
    }
    case TokenKind::KSuperuser: advance(); return booleanOption(out.superuser, "SUPERUSER");
    case TokenKind::KLogin: advance(); return booleanOption(out.login, "LOGIN");
    default: return accessOption(out);
    }
}

bool Parser::passwordOption(std::optional<std::string>& out, std::string_view name) {
    const Token& where = token();
    std::string password;
    if (!expect(TokenKind::Equal) || !stringLiteral(password)) {
        return false;
    }
    if (out) {
        return semantic("Multiple definition for property '" + std::string(name) + "'", where);
    }
    out = std::move(password);
    return true;
}

bool Parser::booleanOption(std::optional<bool>& out, std::string_view name) {
    const Token& where = token();
    if (!expect(TokenKind::Equal)) {
        return false;
    }
    const Token& literal = token();
    if (!expect(TokenKind::Boolean)) {
        return false;
    }
    if (out) {
        return semantic("Multiple definition for property '" + std::string(name) + "'", where);
    }
    out = (raw(literal).front() | 0x20) == 't';
    return true;
}

/// ACCESS TO [ALL] DATACENTERS …, ACCESS FROM [ALL] CIDRS …
bool Parser::accessOption(RoleOptions& out) {
    const TokenKind direction = look(1);
    if (direction != TokenKind::KTo && direction != TokenKind::KFrom) {
        return noViable(1);
    }
    touch(2);
    const bool to = direction == TokenKind::KTo;
    const TokenKind what = to ? TokenKind::KDatacenters : TokenKind::KCidrs;
    if (look(2) != TokenKind::KAll && look(2) != what) {
        return noViable(2);
    }
    touch(3);
    advance();
    advance();
    std::optional<RoleAccess>& option = to ? out.datacenters : out.cidrs;
    RoleAccess& access = option ? *option : option.emplace();
    const Token& where = token();
    if (accept(TokenKind::KAll)) {
        access.all = true;
        if (!expect(what)) {
            return false;
        }
        return access.names.empty() ||
               thrown("IllegalArgumentException " +
                          std::string(to ? "DCs" : "CIDR Groups") + " have already been set",
                      where);
    }
    if (!expect(what, TokenKind::LeftBrace)) {
        return false;
    }
    do {
        if (!stringLiteral(access.names.emplace_back())) {
            return false;
        }
        if (access.all) {
            return thrown("IllegalArgumentException All has been set", where);
        }
    } while (accept(TokenKind::Comma));
    return expect(TokenKind::RightBrace);
}

bool Parser::addIdentity(AddIdentityStatement& out) {
    advance();
    return expect(TokenKind::KIdentity) && ifNotExists(out.ifNotExists) &&
           identity(out.identity) && expect(TokenKind::KTo, TokenKind::KRole) &&
           identity(out.role);
}

}  // namespace engine::cql::syntax
