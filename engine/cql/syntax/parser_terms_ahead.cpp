#include "engine/cql/syntax/parser_state.h"

// How far ANTLR looks ahead to choose among terms: the lookahead automata of Parser.g's term rules.
// Each returns the number of the rule's alternative, 0 after noViable().
namespace engine::cql::syntax {

namespace {

/// What can follow a term somewhere, operators included.
constexpr TokenSet kAfterTerm(
    TokenKind::RightParen, TokenKind::Comma, TokenKind::Colon, TokenKind::Semicolon,
    TokenKind::RightBracket, TokenKind::RightBrace, TokenKind::Eof, TokenKind::KAllow,
    TokenKind::KAnd, TokenKind::KApply, TokenKind::KAsc, TokenKind::KDelete, TokenKind::KDesc,
    TokenKind::KGroup, TokenKind::KIf, TokenKind::KInsert, TokenKind::KLimit, TokenKind::KOrder,
    TokenKind::KPer, TokenKind::KPrimary, TokenKind::KUpdate, TokenKind::KWhere, TokenKind::Range);
constexpr TokenSet kOperators(TokenKind::Percent, TokenKind::Plus, TokenKind::Minus,
                              TokenKind::Slash, TokenKind::Star);
/// The same for a simple term, which CAST(… AS type) may follow too.
constexpr TokenSet kAfterSimpleTerm = kAfterTerm | kOperators | TokenSet(TokenKind::KAs);

constexpr TokenSet kKeyspaceOnly = kOtherKeywords - TokenSet(TokenKind::KCount, TokenKind::KCast);

constexpr TokenSet kTypesWithParameters(TokenKind::KMap, TokenKind::KList, TokenKind::KTuple,
                                        TokenKind::KVector, TokenKind::KFrozen);

bool isOneOf(TokenKind kind, TokenKind a, TokenKind b) { return kind == a || kind == b; }

}  // namespace

/// How a term goes on: 1 plus, 2 minus, 3 not at all. SET's `value + column` makes it look ahead.
int Parser::predictAddition() {
    const TokenKind next = peek();
    if (kAfterTerm.has(next)) {
        touch(1);
        return 3;
    }
    if (next == TokenKind::Minus) {
        touch(1);
        return 2;
    }
    if (next != TokenKind::Plus) {
        return noViable();
    }
    const TokenKind operand = look(1);
    touch(1);
    if (operand == TokenKind::EmptyQuotedName) {
        touch(2);
        return 3;
    }
    if (kTermOpeners.has(operand)) {
        touch(2);
        return 1;
    }
    const bool callable = kCallable.has(operand);
    if (!callable && !kKeyspaceOnly.has(operand)) {
        return noViable(1);
    }
    const TokenKind after = look(2);
    touch(2);
    if (isOneOf(after, TokenKind::Comma, TokenKind::KWhere)) {
        touch(3);
        return 3;
    }
    if (after == TokenKind::Dot || (callable && after == TokenKind::LeftParen)) {
        touch(3);
        return 1;
    }
    return noViable(2);
}

/// 1 value, 2 function, 3 type hint, 4 CAST.
int Parser::predictSimpleTerm() {
    const TokenKind next = peek();
    if (next == TokenKind::LeftParen) {
        touch(1);
        return predictParenthesised();
    }
    if (next == TokenKind::QMark) {
        touch(1);
        if (look(1) == TokenKind::Dot) {
            touch(2);
            return 2;
        }
        if (!kAfterSimpleTerm.has(look(1))) {
            return noViable(1);
        }
        touch(2);
        return 1;
    }
    if (next == TokenKind::KCast) {
        touch(1);
        if (look(1) == TokenKind::Dot || look(1) == TokenKind::LeftParen) {
            touch(2);
            return look(1) == TokenKind::Dot ? 2 : 4;
        }
        return noViable(1);
    }
    if (kIdent.has(next) || next == TokenKind::KToken) {
        touch(1);
        return 2;
    }
    if (next == TokenKind::Minus || !kTermOpeners.has(next)) {
        return noViable();
    }
    touch(1);
    return 1;
}

/// After `(`: a tuple (1), or a type hint (3).
int Parser::predictParenthesised() {
    const TokenKind inner = look(1);
    if (inner == TokenKind::StringLiteral) {
        touch(2);
        if (kOperators.has(look(2)) || look(2) == TokenKind::Comma) {
            touch(3);
            return 1;
        }
        if (look(2) != TokenKind::RightParen) {
            return noViable(2);
        }
        touch(3);
        return predictAfterCustomType(3);
    }
    if (kTermOpeners.has(inner)) {
        touch(2);
        return 1;
    }
    if (inner == TokenKind::KSet) {
        touch(2);
        return 3;
    }
    if (!kIdent.has(inner)) {
        return noViable(1);
    }
    const TokenKind after = look(2);
    touch(2);
    const bool callable = kCallable.has(inner);
    const bool type = inner == TokenKind::KKey || (callable && inner != TokenKind::KCount &&
                                                   inner != TokenKind::KCast);
    if (callable && after == TokenKind::LeftParen) {
        touch(3);
        return 1;
    }
    if (type && (after == TokenKind::RightParen ||
                 (after == TokenKind::Less && kTypesWithParameters.has(inner)))) {
        touch(3);
        return 3;
    }
    if (after != TokenKind::Dot) {
        return noViable(2);
    }
    const TokenKind name = look(3);
    touch(3);
    if (kNativeTypes.has(name) || isOneOf(name, TokenKind::KCount, TokenKind::KToken)) {
        touch(4);
        return 1;
    }
    if (name == TokenKind::KKey) {
        touch(4);
        return 3;
    }
    if (!kPlainNames.has(name) && !kBasicKeywords.has(name)) {
        return noViable(3);
    }
    touch(4);
    if (look(4) == TokenKind::LeftParen || look(4) == TokenKind::RightParen) {
        touch(5);
        return look(4) == TokenKind::LeftParen ? 1 : 3;
    }
    return noViable(4);
}

/// After `('text')`: a custom type's hint if a term follows, else a tuple.
int Parser::predictAfterCustomType(std::size_t ahead) {
    const TokenKind next = look(ahead);
    const auto choose = [&](std::size_t further, int alternative) {
        touch(ahead + further);
        return alternative;
    };
    if (isOneOf(next, TokenKind::KPer, TokenKind::KGroup) || next == TokenKind::KAs) {
        const TokenKind after = look(ahead + 1);
        touch(ahead + 1);
        const bool clause = next == TokenKind::KPer     ? after == TokenKind::KPartition
                            : next == TokenKind::KGroup ? after == TokenKind::KBy
                                                        : kNativeTypes.has(after);
        if (clause) {
            return choose(2, 1);
        }
        return isOneOf(after, TokenKind::LeftParen, TokenKind::Dot) ? choose(2, 3)
                                                                    : noViable(ahead + 1);
    }
    if (next == TokenKind::Colon) {
        const TokenKind after = look(ahead + 1);
        touch(ahead + 1);
        if (kTermOpeners.has(after)) {
            return choose(2, 1);
        }
        if (!kIdent.has(after)) {
            return noViable(ahead + 1);
        }
        const TokenKind third = look(ahead + 2);
        touch(ahead + 2);
        if (third == TokenKind::Dot || (kCallable.has(after) && third == TokenKind::LeftParen)) {
            return choose(3, 1);
        }
        return kAfterSimpleTerm.has(third) ? choose(3, 3) : noViable(ahead + 2);
    }
    if (kAfterTerm.has(next) || (kOperators.has(next))) {
        return choose(1, 1);
    }
    if (next != TokenKind::Minus && kTermStart.has(next)) {
        return choose(1, 3);
    }
    return noViable(ahead);
}

/// 1 without arguments, 2 with.
int Parser::predictFunction() {
    std::size_t open = 1;
    if (at(kFunctionIdent) || at(kOtherKeywords) || at(TokenKind::QMark)) {
        touch(1);
        if (look(1) == TokenKind::Dot) {
            touch(2);
            if (!kFunctionIdent.has(look(2)) && look(2) != TokenKind::KToken) {
                return noViable(2);
            }
            touch(3);
            open = 3;
        } else if (!at(kFunctionIdent)) {
            return noViable(1);
        }
    } else if (!at(TokenKind::KToken)) {
        return noViable();
    }
    touch(open);
    if (look(open) != TokenKind::LeftParen) {
        return noViable(open);
    }
    touch(open + 1);
    const TokenKind argument = look(open + 1);
    if (argument == TokenKind::RightParen || kTermStart.has(argument)) {
        touch(open + 2);
        return argument == TokenKind::RightParen ? 1 : 2;
    }
    return noViable(open + 1);
}

}  // namespace engine::cql::syntax
