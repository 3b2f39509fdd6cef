#include "engine/cql/syntax/parser.h"
#include "engine/cql/syntax/parser_state.h"

#include <charconv>

// Names of every kind, types, and the few words that many statements share.
namespace engine::cql::syntax {

namespace {

/// CqlParser.reservedTypeNames.
constexpr std::string_view kReservedTypeNames[] = {"byte",     "complex", "enum",     "date",
                                                   "interval", "macaddr", "bitstring"};

void appendLower(std::string& out, std::string_view text) {
    for (const char c : text) {
        out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
    }
}

/// What can follow a name of a table in any statement.
constexpr TokenSet kAfterTableName(
    TokenKind::LeftParen, TokenKind::Semicolon, TokenKind::Eof, TokenKind::KAdd, TokenKind::KAllow,
    TokenKind::KAlter, TokenKind::KAs, TokenKind::KDrop, TokenKind::KFrom, TokenKind::KGroup,
    TokenKind::KJson, TokenKind::KLimit, TokenKind::KNorecursive, TokenKind::KOf,
    TokenKind::KOrder, TokenKind::KPer, TokenKind::KPrimary, TokenKind::KRename, TokenKind::KSet,
    TokenKind::KTo, TokenKind::KUsing, TokenKind::KWhere, TokenKind::KWith);
constexpr TokenSet kAfterIndexName(TokenKind::Semicolon, TokenKind::Eof);
constexpr TokenSet kAfterFunctionName(TokenKind::LeftParen, TokenKind::Semicolon, TokenKind::Eof,
                                      TokenKind::KWith);
constexpr TokenSet kAfterType(TokenKind::RightParen, TokenKind::Comma, TokenKind::Semicolon,
                              TokenKind::Greater, TokenKind::Eof, TokenKind::KFinalfunc,
                              TokenKind::KInitcond, TokenKind::KLanguage, TokenKind::KMasked,
                              TokenKind::KPrimary, TokenKind::KStatic);

}  // namespace

/// The next token as a name: folded to lower case unless it is in quotes.
void Parser::takeName(Name& out) {
    const Token& t = token();
    out.span = span(t);
    out.quoted = t.kind == TokenKind::QuotedName || t.kind == TokenKind::EmptyQuotedName;
    out.text.clear();
    if (t.kind == TokenKind::QuotedName) {
        out.text = text(t);
    } else if (t.kind != TokenKind::EmptyQuotedName) {
        appendLower(out.text, raw(t));
    }
    advance();
}

bool Parser::ident(Name& out) {
    if (!at(kIdent)) {
        return noViable();
    }
    takeName(out);
    return true;
}

bool Parser::cident(Name& out) {
    if (!at(kColumn)) {
        return noViable();
    }
    takeName(out);
    return true;
}

bool Parser::objectName(Name& out, std::string_view kindInMessage) {
    if (at(TokenKind::QMark)) {
        const Token& where = token();
        advance();
        return semantic("Bind variables cannot be used for " + std::string(kindInMessage) +
                            " names",
                        where);
    }
    return ident(out);
}

bool Parser::columnFamilyName(QualifiedName& out) {
    if (!at(kObjectName)) {
        return noViable();
    }
    touch(1);
    if (look(1) == TokenKind::Dot) {
        touch(2);
        return keyspaceName(out.keyspace) && expect(TokenKind::Dot) &&
               objectName(out.name, "table");
    }
    if (!kAfterTableName.has(look(1))) {
        return noViable(1);
    }
    touch(2);
    return objectName(out.name, "table");
}

bool Parser::indexName(QualifiedName& out) {
    if (!at(kObjectName)) {
        return noViable();
    }
    touch(1);
    if (look(1) == TokenKind::Dot) {
        touch(2);
        return keyspaceName(out.keyspace) && expect(TokenKind::Dot) &&
               objectName(out.name, "index");
    }
    if (!kAfterIndexName.has(look(1))) {
        return noViable(1);
    }
    touch(2);
    return objectName(out.name, "index");
}

bool Parser::userTypeName(QualifiedName& out) {
    constexpr TokenSet kTypeIdent = kPlainNames | kBasicKeywords | TokenSet(TokenKind::KKey);
    if (at(kIdent) && (!at(kTypeIdent) || peek(1) == TokenKind::Dot)) {
        takeName(out.keyspace);
        if (!expect(TokenKind::Dot)) {
            return false;
        }
    }
    if (!at(kTypeIdent)) {
        return noViable();
    }
    const Token& name = token();
    takeName(out.name);
    for (const std::string_view reserved : kReservedTypeNames) {
        if (name.kind == TokenKind::Ident && raw(name) == reserved) {
            return semantic("Invalid (reserved) user type name " + std::string(reserved), name);
        }
    }
    return true;
}

bool Parser::functionName(QualifiedName& out) {
    bool qualified = false;
    if (at(kFunctionIdent)) {
        touch(1);
        qualified = look(1) == TokenKind::Dot;
        if (!qualified && !kAfterFunctionName.has(look(1))) {
            return noViable(1);
        }
        touch(2);
    } else if (at(kOtherKeywords) || at(TokenKind::QMark)) {
        touch(1);
        qualified = true;
    } else if (at(TokenKind::KToken)) {
        touch(1);
    } else {
        return noViable();
    }
    if (qualified && !(keyspaceName(out.keyspace) && expect(TokenKind::Dot))) {
        return false;
    }
    return allowedFunctionName(out.name);
}

bool Parser::allowedFunctionName(Name& out) {
    if (!at(kFunctionIdent) && !at(TokenKind::KToken)) {
        return noViable();
    }
    // A keyword keeps its letters here (unreserved_function_keyword), which names of other things do not.
    const bool keyword = at(kBasicKeywords);
    const std::string written(raw(token()));
    takeName(out);
    if (keyword) {
        out.text = written;
    }
    return true;
}

bool Parser::roleName(Name& out) {
    if (at(TokenKind::StringLiteral)) {
        out.text = text(token());
        out.quoted = true;
        out.span = span(token());
        advance();
        return true;
    }
    return objectName(out, "role");
}

/// Names of users keep their case even without quotes.
bool Parser::username(Name& out) {
    const Token& t = token();
    const bool quoted = t.kind == TokenKind::QuotedName;
    if (!quoted && t.kind != TokenKind::Ident && t.kind != TokenKind::StringLiteral) {
        return noViable();
    }
    out = Name{text(t), t.kind != TokenKind::Ident, span(t)};
    advance();
    return !quoted || semantic("Quoted strings are are not supported for user names and USER is "
                               "deprecated, please use ROLE",
                               t);
}

bool Parser::identity(std::string& out) {
    const Token& t = token();
    const bool quoted = t.kind == TokenKind::QuotedName;
    if (!quoted && t.kind != TokenKind::Ident && t.kind != TokenKind::StringLiteral) {
        return noViable();
    }
    out = text(t);
    advance();
    return !quoted || semantic("Quoted strings are are not supported for identity", t);
}

bool Parser::stringLiteral(std::string& out) {
    if (!at(TokenKind::StringLiteral)) {
        return mismatched(antlrName(TokenKind::StringLiteral));
    }
    out = text(token());
    advance();
    return true;
}

/// `?` or `:name`; the caller knows that one of them comes.
bool Parser::marker(Term& out) {
    const std::size_t start = m_position;
    BindMarker bound;
    if (!accept(TokenKind::QMark)) {
        if (!expect(TokenKind::Colon) || !ident(bound.name.emplace())) {
            return false;
        }
    }
    out.span = bound.span = spanFrom(start);
    out.node = MarkerRef{static_cast<std::int32_t>(m_markers.size())};
    m_markers.push_back(std::move(bound));
    return true;
}

bool Parser::ifNotExists(bool& out) {
    if (!accept(TokenKind::KIf)) {
        return true;
    }
    out = true;
    return expect(TokenKind::KNot, TokenKind::KExists);
}

bool Parser::ifExists(bool& out) {
    if (!accept(TokenKind::KIf)) {
        return true;
    }
    out = true;
    return expect(TokenKind::KExists);
}

bool Parser::nativeType(TypeRef& out) {
    if (!at(kNativeTypes)) {
        return noViable();
    }
    out.kind = TypeRef::Kind::Native;
    out.span = span(token());
    out.name.clear();
    appendLower(out.name, raw(token()));
    advance();
    return true;
}

bool Parser::comparatorType(TypeRef& out) {
    const Nesting nesting(*this);
    if (m_depth > kMaxNesting) {
        return tooDeep();
    }
    const Token& first = token();
    const std::size_t start = m_position;
    TypeRef::Kind kind = TypeRef::Kind::User;
    bool frozen = false;
    switch (first.kind) {
    case TokenKind::StringLiteral:
        touch(1);
        out.kind = TypeRef::Kind::Custom;
        out.span = span(first);
        return stringLiteral(out.name);
    case TokenKind::KSet: touch(1); return parameterised(out, TypeRef::Kind::Set);
    case TokenKind::KMap: kind = TypeRef::Kind::Map; break;
    case TokenKind::KList: kind = TypeRef::Kind::List; break;
    case TokenKind::KTuple: kind = TypeRef::Kind::Tuple; break;
    case TokenKind::KVector: kind = TypeRef::Kind::Vector; break;
    case TokenKind::KFrozen: frozen = true; break;
    default:
        if (!at(kIdent)) {
            return noViable();
        }
    }
    touch(1);
    if (at(kNativeTypes)) {
        if (kAfterType.has(look(1))) {
            touch(2);
            return nativeType(out);
        }
        if (look(1) != TokenKind::Dot) {
            return noViable(1);
        }
        touch(2);
    } else if (kind != TypeRef::Kind::User || frozen) {
        if (look(1) == TokenKind::Less) {
            touch(2);
            if (!frozen) {
                return parameterised(out, kind);
            }
            advance();
            return expect(TokenKind::Less) && typeInside(out, "freeze()\" because \"f") &&
                   expect(TokenKind::Greater) && freeze(out, first);
        }
        if (look(1) != TokenKind::Dot && !kAfterType.has(look(1))) {
            return noViable(1);
        }
        touch(2);
    }
    QualifiedName name;
    if (!userTypeName(name)) {
        return false;
    }
    out.kind = TypeRef::Kind::User;
    out.keyspace = std::move(name.keyspace);
    out.name = std::move(name.name.text);
    out.span = spanFrom(start);
    return true;
}

/// map<a, b>, list<a>, set<a>, tuple<a, …>, vector<a, n>
bool Parser::parameterised(TypeRef& out, TypeRef::Kind kind) {
    const std::size_t start = m_position;
    advance();
    out.kind = kind;
    if (!expect(TokenKind::Less) || !collectionParameters(out) || !expect(TokenKind::Greater)) {
        return false;
    }
    out.span = spanFrom(start);
    return true;
}

/// The type in frozen<…> or tuple<…>: where it is missing the generated parser goes on with null.
bool Parser::typeInside(TypeRef& out, std::string_view calledOnNull) {
    if (at(TokenKind::Greater)) {
        return thrown("NullPointerException Cannot invoke "
                      "\"org.apache.cassandra.cql3.CQL3Type$Raw." +
                          std::string(calledOnNull) + "\" is null",
                      token());
    }
    return comparatorType(out);
}

bool Parser::collectionParameters(TypeRef& out) {
    TypeRef& first = out.parameters.emplace_back();
    if (!(out.kind == TypeRef::Kind::Tuple
              ? typeInside(first, "supportsFreezing()\" because \"t")
              : comparatorType(first))) {
        return false;
    }
    if (out.kind == TypeRef::Kind::Map) {
        return expect(TokenKind::Comma) && comparatorType(out.parameters.emplace_back());
    }
    if (out.kind == TypeRef::Kind::Vector) {
        if (!expect(TokenKind::Comma)) {
            return false;
        }
        const Token& digits = token();
        if (!expect(TokenKind::Integer) || !at(TokenKind::Greater)) {
            return expect(TokenKind::Greater);
        }
        const std::string_view number = raw(digits);
        const auto [end, error] =
            std::from_chars(number.data(), number.data() + number.size(), out.dimension);
        if (error != std::errc{}) {
            return thrown("NumberFormatException For input string: \"" + std::string(number) + "\"",
                          digits);
        }
        return true;
    }
    while (out.kind == TypeRef::Kind::Tuple && accept(TokenKind::Comma)) {
        if (!comparatorType(out.parameters.emplace_back())) {
            return false;
        }
    }
    return true;
}

bool Parser::freeze(TypeRef& type, const Token& where) {
    if (type.kind == TypeRef::Kind::Native || type.kind == TypeRef::Kind::Custom) {
        const std::string shown =
            type.kind == TypeRef::Kind::Custom ? "'" + type.name + "'" : type.name;
        return semantic("frozen<> is only allowed on collections, tuples, and user-defined types "
                        "(got " +
                            shown + ")",
                        where);
    }
    type.frozen = true;
    return true;
}

}  // namespace engine::cql::syntax
