#include "engine/cql/syntax/parser.h"

#include "engine/cql/syntax/parser_state.h"
#include "engine/cql/syntax/syntax_error.h"

namespace engine::cql::syntax {

namespace {

constexpr std::size_t kBytesPerToken = 4;  // A guess to reserve by.

template <typename T, typename Run>
Result<T> parseWith(std::string_view cql, Run run) {
    Parser parser(cql);
    T out;
    if (!run(parser, out) || !parser.succeeded()) {
        return parser.takeError();
    }
    return out;
}

}  // namespace

Parser::Parser(std::string_view text) : m_text(text) {
    m_tokens.reserve(text.size() / kBytesPerToken + 8);
    Lexer lexer(text);
    do {
        Token& token = m_tokens.emplace_back();
        if (!lexer.nextVisible(token)) {
            token.kind = TokenKind::Error;
            m_lexError = lexer.error();
            break;
        }
    } while (m_tokens.back().kind != TokenKind::Eof);
}

bool Parser::succeeded() {
    if (m_error) {
        return false;
    }
    if (m_lexError) {
        m_error = syntaxError(m_lexError->message, m_lexError->at);
        return false;
    }
    return true;
}

std::string Parser::text(const Token& t) const {
    return tokenText(m_text, t);
}

SourceSpan Parser::spanFrom(std::size_t start) const {
    const Token& first = m_tokens[start];
    const Token& last = m_tokens[m_position > start ? m_position - 1 : start];
    return {first.offset, last.offset + last.length - first.offset, first.line, first.column};
}

bool Parser::mismatched(std::string_view expecting) {
    if (m_attempts > 0 || m_error) {
        return false;
    }
    if (m_lexError && std::max(m_frontier, m_position) + 1 >= m_tokens.size()) {
        return succeeded();
    }
    const ErrorPlace place{token(), token(), token(std::max(m_frontier, m_position) - m_position)
                                                 .offset};
    m_error = syntaxError(syntaxMessage(m_text, place, "mismatched input ",
                                        " expecting " + std::string(expecting)),
                          token());
    return false;
}

bool Parser::noViable(std::size_t ahead) {
    touch(ahead);
    if (m_attempts > 0 || m_error) {
        return false;
    }
    if (m_lexError && std::max(m_frontier, m_position) + 1 >= m_tokens.size()) {
        return succeeded();
    }
    const ErrorPlace place{token(), token(ahead),
                           token(std::max(m_frontier, m_position) - m_position).offset};
    m_error = syntaxError(syntaxMessage(m_text, place, "no viable alternative at input ", ""),
                          token(ahead));
    return false;
}

bool Parser::semantic(std::string message, const Token& where) {
    if (m_attempts > 0) {
        if (!m_attemptError) {
            m_attemptError = syntaxError(std::move(message), where);
        }
        return true;
    }
    if (!m_error) {
        m_error = syntaxError(std::move(message), where);
    }
    return false;
}

bool Parser::thrown(std::string reason, const Token& where) {
    return semantic(failedParsing(m_text, reason), where);
}

bool Parser::tooDeep() {
    if (!m_error) {
        m_error = syntaxError("Expression is nested too deeply", token());
    }
    return false;
}

bool Parser::query(ParsedStatement& out) {
    if (!statement(out.statement)) {
        return false;
    }
    while (accept(TokenKind::Semicolon)) {
    }
    if (!expect(TokenKind::Eof)) {
        return false;
    }
    out.markers = std::move(m_markers);
    return true;
}

/// Which of GRANT's (REVOKE's, with FROM) two statements: 1 for a permission, 2 for a role.
int Parser::predictGrant(TokenKind preposition) {
    const TokenKind next = look(1);
    touch(1);
    const bool all = next == TokenKind::KAll;
    if (all || next == TokenKind::KUnmask || next == TokenKind::KSelectMasked) {
        const TokenKind after = look(2);
        touch(2);
        if (after == preposition) {
            return 2;
        }
        if (after == TokenKind::KOn ||
            (all ? after == TokenKind::KPermissions
                 : after == TokenKind::KPermission || after == TokenKind::Comma)) {
            return 1;
        }
        return noViable(2);
    }
    constexpr TokenSet kPermissions(TokenKind::KAlter, TokenKind::KAuthorize, TokenKind::KCreate,
                                    TokenKind::KDescribe, TokenKind::KDrop, TokenKind::KExecute,
                                    TokenKind::KModify, TokenKind::KSelect);
    if (kPermissions.has(next)) {
        return 1;
    }
    if (kObjectName.has(next) || next == TokenKind::StringLiteral) {
        return 2;
    }
    return noViable(1);
}

bool Parser::statement(Statement& out) {
    switch (peek()) {
    case TokenKind::KSelect: touch(1); return selectStatement(out.emplace<SelectStatement>());
    case TokenKind::KInsert:
    case TokenKind::KUpdate:
    case TokenKind::KDelete: {
        touch(1);
        Modification modified;
        if (!modification(modified)) {
            return false;
        }
        std::visit([&](auto& m) { out = std::move(m); }, modified);
        return true;
    }
    case TokenKind::KBegin: touch(1); return batchStatement(out.emplace<BatchStatement>());
    case TokenKind::KUse:
        touch(1);
        advance();
        return keyspaceName(out.emplace<UseStatement>().keyspace);
    case TokenKind::KTruncate:
        touch(1);
        advance();
        accept(TokenKind::KColumnfamily);
        return columnFamilyName(out.emplace<TruncateStatement>().table);
    case TokenKind::KCreate: return createStatement(out);
    case TokenKind::KDrop: return dropStatement(out);
    case TokenKind::KAlter: return alterStatement(out);
    case TokenKind::KGrant: return grantStatement(out);
    case TokenKind::KRevoke: return revokeStatement(out);
    case TokenKind::KList: return listStatement(out);
    case TokenKind::KDesc:
    case TokenKind::KDescribe: touch(1); return describeStatement(out.emplace<DescribeStatement>());
    case TokenKind::KAdd: touch(1); return addIdentity(out.emplace<AddIdentityStatement>());
    default: return noViable();
    }
}

Result<ParsedStatement> parse(std::string_view cql) {
    return parseWith<ParsedStatement>(
        cql, [](Parser& parser, ParsedStatement& out) { return parser.query(out); });
}

Result<std::vector<Relation>> parseWhere(std::string_view cql) {
    return parseWith<std::vector<Relation>>(
        cql, [](Parser& parser, std::vector<Relation>& out) {
            return parser.whereClause(out) && parser.end();
        });
}

Result<Term> parseTerm(std::string_view cql) {
    return parseWith<Term>(
        cql, [](Parser& parser, Term& out) { return parser.term(out) && parser.end(); });
}

Result<TypeRef> parseType(std::string_view cql) {
    return parseWith<TypeRef>(cql, [](Parser& parser, TypeRef& out) {
        return parser.comparatorType(out) && parser.end();
    });
}

}  // namespace engine::cql::syntax
