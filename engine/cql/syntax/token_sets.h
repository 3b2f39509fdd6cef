#pragma once

#include "engine/cql/syntax/token.h"

/// The sets of tokens that the parser's decisions ask for. Names follow Cassandra's Parser.g where
/// it has a rule for the set.
namespace engine::cql::syntax {

constexpr TokenSet keywordsOf(KeywordClass wanted) {
    TokenSet set;
#define KEYWORD(name, word, antlr, cls)       \
    if (KeywordClass::cls == wanted) {        \
        set.add(TokenKind::K##name);          \
    }
#define KEYWORD_ALIAS(name, word, cls)
#include "engine/cql/syntax/keywords.inc"
#undef KEYWORD
#undef KEYWORD_ALIAS
    return set;
}

inline constexpr TokenSet kBasicKeywords = keywordsOf(KeywordClass::Basic);
inline constexpr TokenSet kNativeTypes = keywordsOf(KeywordClass::Native);
/// TTL COUNT WRITETIME MAXWRITETIME KEY CAST JSON DISTINCT
inline constexpr TokenSet kOtherKeywords = keywordsOf(KeywordClass::Function);

inline constexpr TokenSet kPlainNames = TokenSet(TokenKind::Ident, TokenKind::QuotedName);
/// ident, sident, fident, noncol_ident
inline constexpr TokenSet kIdent = kPlainNames | kBasicKeywords | kNativeTypes | kOtherKeywords;
/// cident
inline constexpr TokenSet kColumn = kIdent | TokenSet(TokenKind::EmptyQuotedName);
/// ksName, cfName, idxName
inline constexpr TokenSet kObjectName = kIdent | TokenSet(TokenKind::QMark);
/// allowedFunctionName without TOKEN
inline constexpr TokenSet kFunctionIdent =
    kPlainNames | kBasicKeywords | kNativeTypes | TokenSet(TokenKind::KCount);

/// Names that may begin a function's name without a keyspace before it, in a term.
inline constexpr TokenSet kCallable = kFunctionIdent | TokenSet(TokenKind::KCast);

inline constexpr TokenSet kConstant =
    TokenSet(TokenKind::StringLiteral, TokenKind::Integer, TokenKind::Float, TokenKind::Boolean,
             TokenKind::Duration, TokenKind::Uuid, TokenKind::HexNumber, TokenKind::NegativeNan,
             TokenKind::NegativeInfinity, TokenKind::KPositiveNan, TokenKind::KPositiveInfinity);
/// What a term begins with that is no name.
inline constexpr TokenSet kTermOpeners =
    kConstant | TokenSet(TokenKind::LeftParen, TokenKind::Minus, TokenKind::Colon,
                         TokenKind::LeftBracket, TokenKind::LeftBrace, TokenKind::KNull,
                         TokenKind::KToken, TokenKind::QMark);
inline constexpr TokenSet kTermStart = kTermOpeners | kIdent;
inline constexpr TokenSet kSelectorStart = kTermStart;

inline constexpr TokenSet kRelationOperator =
    TokenSet(TokenKind::NotEqual, TokenKind::Less, TokenKind::LessEqual, TokenKind::Equal,
             TokenKind::Greater, TokenKind::GreaterEqual);

}  // namespace engine::cql::syntax
