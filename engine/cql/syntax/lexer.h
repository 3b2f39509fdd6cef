#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cql/syntax/token.h"

namespace engine::cql::syntax {

/// Where and why text is no token, in the words of Cassandra's generated lexer.
struct LexError {
    std::string message;  // "line 1:34 no viable alternative at character ')'"
    Token at;             // The stretch to underline.
    bool unterminated = false;  // A string, name or comment that never ends.
};

/// Cuts CQL text into tokens, hidden ones (blanks, comments) included. Reads `text` in place, so
/// the text must outlive it. Single pass, no backtracking beyond one token.
class Lexer {
public:
    explicit Lexer(std::string_view text) : m_text(text) {}

    /// The next token, Eof at the end and ever after; nothing when the text is no token, with
    /// error() set and the lexer still before it.
    bool next(Token& token);
    /// The same, past blanks and comments.
    bool nextVisible(Token& token) {
        do {
            if (!next(token)) {
                return false;
            }
        } while (token.kind == TokenKind::Whitespace || token.kind == TokenKind::Comment);
        return true;
    }
    const LexError& error() const { return m_error; }
    /// Steps over `length` bytes whatever they are: how tokenize() goes on after an error.
    void skip(std::size_t length);

private:
    unsigned char at(std::size_t i) const {
        return i < m_text.size() ? static_cast<unsigned char>(m_text[i]) : 0;
    }
    bool atEnd(std::size_t i) const { return i >= m_text.size(); }
    std::uint32_t columnOf(std::size_t i) const {
        return static_cast<std::uint32_t>(i - m_lineStart - m_lineShrink);
    }

    /// Each returns the end of the token that begins at m_position, or nothing after fail().
    std::optional<std::size_t> scan(TokenKind& kind);
    std::optional<std::size_t> scanSymbol(TokenKind& kind);
    std::optional<std::size_t> scanWord(TokenKind& kind);
    std::optional<std::size_t> scanNumber(TokenKind& kind);
    std::optional<std::size_t> scanMinus(TokenKind& kind);
    std::optional<std::size_t> scanFloat(std::size_t digitsFrom, TokenKind& kind);
    std::optional<std::size_t> scanDuration(std::size_t from);
    std::optional<std::size_t> scanIsoDuration(std::size_t from);
    std::optional<std::size_t> scanIsoTime(std::size_t from);
    std::optional<std::size_t> scanIsoAlternative(std::size_t from);
    std::optional<std::size_t> scanLaterParts(std::size_t i, char next, char last);
    std::optional<std::size_t> scanUuid();
    std::optional<std::size_t> scanLetters(std::size_t from, std::string_view lower);
    std::optional<std::size_t> scanString();
    std::optional<std::size_t> scanDollarString();
    std::optional<std::size_t> scanQuotedName(TokenKind& kind);
    std::optional<std::size_t> scanLineComment();
    std::optional<std::size_t> scanBlockComment();
    std::optional<TokenKind> numberKind();
    std::optional<TokenKind> kindAfterExponent(std::size_t exponent);
    std::optional<TokenKind> kindAfterDay(std::size_t day);
    std::optional<std::size_t> isoDurationEnd(std::size_t from) const;

    std::nullopt_t fail(std::size_t where, std::string_view before, std::string_view after = {});
    std::nullopt_t noViable(std::size_t where) {
        return fail(where, "no viable alternative at character ");
    }
    std::nullopt_t mismatchedSet(std::size_t where) {
        return fail(where, "mismatched character ", " expecting set null");
    }
    std::nullopt_t mismatched(std::size_t where, std::string_view expected);
    void track(std::size_t from, std::size_t to);

    std::string_view m_text;
    std::size_t m_position = 0;
    std::size_t m_lineStart = 0;
    std::size_t m_lineShrink = 0;  // Bytes of this line so far, less its UTF-16 units.
    std::uint32_t m_line = 1;
    LexError m_error;
};

/// The text as tokens without a gap, for highlighting and completion: never fails, what is no token
/// becomes Error. Ends with Eof.
std::vector<Token> tokenize(std::string_view text);

}  // namespace engine::cql::syntax
