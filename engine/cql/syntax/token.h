#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace engine::cql::syntax {

/// The tokens of CQL as Apache Cassandra 5.0's Lexer.g cuts them. Keyword kinds are prefixed K.
enum class TokenKind : std::uint8_t {
    Eof,
    Error,  // Only from tokenize(): text that is no token.
    Whitespace,
    Comment,
    Ident,
    QuotedName,
    EmptyQuotedName,
    StringLiteral,
    Integer,
    Float,
    Boolean,
    Duration,
    Uuid,
    HexNumber,
    NegativeNan,
    NegativeInfinity,
    QMark,
    Range,         // ..
    NotEqual,      // !=
    Percent,
    LeftParen,
    RightParen,
    Plus,
    PlusEqual,
    Comma,
    Minus,
    MinusEqual,
    Dot,
    Slash,
    Colon,
    Semicolon,
    Less,
    LessEqual,
    Equal,
    Greater,
    GreaterEqual,
    LeftBracket,
    Star,
    RightBracket,
    ExprParen,  // expr(
    LeftBrace,
    RightBrace,
#define KEYWORD(name, word, antlr, cls) K##name,
#define KEYWORD_ALIAS(name, word, cls)
#include "engine/cql/syntax/keywords.inc"
#undef KEYWORD
#undef KEYWORD_ALIAS
    Count_,
};

/// How a keyword may be used as a name (Parser.g's unreserved_keyword and its parts).
enum class KeywordClass : std::uint8_t { None, Reserved, Basic, Native, Function };

/// One token: a stretch of the statement's text. Line counts from 1; column from 0 in UTF-16 units,
/// as the messages of Apache Cassandra do.
struct Token {
    TokenKind kind = TokenKind::Eof;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t line = 1;
    std::uint32_t column = 0;
};

/// A set of token kinds.
class TokenSet {
public:
    constexpr TokenSet() = default;
    template <typename... Kinds>
    constexpr explicit TokenSet(TokenKind first, Kinds... rest) {
        add(first);
        (add(rest), ...);
    }
    constexpr void add(TokenKind kind) {
        const auto i = static_cast<unsigned>(kind);
        m_words[i / 64] |= std::uint64_t{1} << (i % 64);
    }
    constexpr void remove(TokenKind kind) {
        const auto i = static_cast<unsigned>(kind);
        m_words[i / 64] &= ~(std::uint64_t{1} << (i % 64));
    }
    constexpr bool has(TokenKind kind) const {
        const auto i = static_cast<unsigned>(kind);
        return (m_words[i / 64] >> (i % 64)) & 1;
    }
    friend constexpr TokenSet operator|(TokenSet a, const TokenSet& b) {
        for (unsigned i = 0; i < a.m_words.size(); ++i) {
            a.m_words[i] |= b.m_words[i];
        }
        return a;
    }
    friend constexpr TokenSet operator-(TokenSet a, const TokenSet& b) {
        for (unsigned i = 0; i < a.m_words.size(); ++i) {
            a.m_words[i] &= ~b.m_words[i];
        }
        return a;
    }

private:
    std::array<std::uint64_t, 4> m_words{};
};
static_assert(static_cast<unsigned>(TokenKind::Count_) <= 256);

/// What the token is called in messages: K_FROM, ')', STRING_LITERAL, EOF.
std::string_view antlrName(TokenKind kind);
KeywordClass keywordClass(TokenKind kind);
inline bool isKeyword(TokenKind kind) { return keywordClass(kind) != KeywordClass::None; }
inline bool isReserved(TokenKind kind) { return keywordClass(kind) == KeywordClass::Reserved; }
/// The keyword that `word` is, in any case; Ident when it is none.
TokenKind keywordKind(std::string_view word);
/// Every keyword in lower case, with its kind: for completion.
struct KeywordEntry {
    std::string_view word;
    TokenKind kind;
    KeywordClass keywordClass;
};
const std::vector<KeywordEntry>& allKeywords();

}  // namespace engine::cql::syntax
