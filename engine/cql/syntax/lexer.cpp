#include "engine/cql/syntax/lexer.h"

namespace engine::cql::syntax {

namespace {

enum CharClass : std::uint8_t {
    kBlank = 1,
    kDigit = 2,
    kLetter = 4,
    kHexLetter = 8,
    kUnderscore = 16,
};

constexpr std::array<std::uint8_t, 256> makeClasses() {
    std::array<std::uint8_t, 256> classes{};
    for (const char c : std::string_view(" \t\n\r")) {
        classes[static_cast<unsigned char>(c)] |= kBlank;
    }
    for (unsigned c = '0'; c <= '9'; ++c) {
        classes[c] |= kDigit;
    }
    for (unsigned c = 'a'; c <= 'z'; ++c) {
        const std::uint8_t bits = kLetter | (c <= 'f' ? kHexLetter : 0);
        classes[c] |= bits;
        classes[c - 32] |= bits;
    }
    classes['_'] |= kUnderscore;
    return classes;
}
constexpr auto kClasses = makeClasses();

bool is(unsigned char c, unsigned classes) { return (kClasses[c] & classes) != 0; }
bool isWordPart(unsigned char c) { return is(c, kLetter | kDigit | kUnderscore); }
bool isHex(unsigned char c) { return is(c, kDigit | kHexLetter); }
bool isLetter(unsigned char c, char lower) { return (c | 0x20) == lower && is(c, kLetter); }

/// Bytes of the UTF-8 sequence that `lead` begins.
std::size_t sequenceLength(unsigned char lead) {
    return lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

/// A character as ANTLR's getCharErrorDisplay shows it.
std::string displayed(std::string_view text, std::size_t where) {
    if (where >= text.size()) {
        return "'<EOF>'";
    }
    const auto c = static_cast<unsigned char>(text[where]);
    switch (c) {
    case '\n': return "'\\n'";
    case '\t': return "'\\t'";
    case '\r': return "'\\r'";
    default: break;
    }
    if (c >= 0xF0) {
        return "'?'";  // Java sees half a surrogate pair, which has no UTF-8.
    }
    return "'" + std::string(text.substr(where, sequenceLength(c))) + "'";
}

constexpr std::size_t kUuidPrefix = 8;  // Hex digits before a UUID's first dash.

}  // namespace

bool Lexer::next(Token& token) {
    token.offset = static_cast<std::uint32_t>(m_position);
    token.line = m_line;
    token.column = columnOf(m_position);
    if (atEnd(m_position)) {
        token.kind = TokenKind::Eof;
        token.length = 0;
        return true;
    }
    const std::optional<std::size_t> end = scan(token.kind);
    if (!end) {
        m_error.at.offset = token.offset;
        return false;
    }
    token.length = static_cast<std::uint32_t>(*end - m_position);
    m_position = *end;
    return true;
}

void Lexer::skip(std::size_t length) {
    const std::size_t end = std::min(m_text.size(), m_position + length);
    track(m_position, end);
    m_position = end;
}

/// Keeps line and column right over text that may hold line ends and non-ASCII characters.
void Lexer::track(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
        const auto c = static_cast<unsigned char>(m_text[i]);
        if (c == '\n') {
            ++m_line;
            m_lineStart = i + 1;
            m_lineShrink = 0;
        } else if (c >= 0x80) {
            m_lineShrink += (c & 0xC0) == 0x80 ? 1 : 0;
            m_lineShrink -= c >= 0xF0 ? 1 : 0;
        }
    }
}

std::nullopt_t Lexer::fail(std::size_t where, std::string_view before, std::string_view after) {
    const Lexer start = *this;
    track(m_position, std::min(where, m_text.size()));
    m_error.at.line = m_line;
    m_error.at.column = columnOf(where);
    m_error.at.length = static_cast<std::uint32_t>(std::min(where + 1, m_text.size()) - m_position);
    m_error.unterminated = where >= m_text.size();
    m_error.message = "line " + std::to_string(m_line) + ":" + std::to_string(m_error.at.column) +
                      " " + std::string(before) + displayed(m_text, where) + std::string(after);
    m_line = start.m_line;
    m_lineStart = start.m_lineStart;
    m_lineShrink = start.m_lineShrink;
    return std::nullopt;
}

std::nullopt_t Lexer::mismatched(std::size_t where, std::string_view expected) {
    return fail(where, "mismatched character ", " expecting '" + std::string(expected) + "'");
}

std::optional<std::size_t> Lexer::scan(TokenKind& kind) {
    const unsigned char c = at(m_position);
    const std::uint8_t classes = kClasses[c];
    if (classes & kLetter) {
        return scanWord(kind);
    }
    if (classes & kBlank) {
        kind = TokenKind::Whitespace;
        std::size_t i = m_position;
        for (; is(at(i), kBlank); ++i) {
            if (at(i) == '\n') {
                ++m_line;
                m_lineStart = i + 1;
                m_lineShrink = 0;
            }
        }
        return i;
    }
    if (classes & kDigit) {
        return scanNumber(kind);
    }
    return scanSymbol(kind);
}

std::optional<std::size_t> Lexer::scanSymbol(TokenKind& kind) {
    const std::size_t here = m_position;
    const unsigned char second = at(here + 1);
    const auto one = [&](TokenKind k) {
        kind = k;
        return here + 1;
    };
    const auto oneOrTwo = [&](TokenKind single, char next, TokenKind pair) {
        kind = second == next ? pair : single;
        return second == next ? here + 2 : here + 1;
    };
    switch (at(here)) {
    case ',': return one(TokenKind::Comma);
    case '(': return one(TokenKind::LeftParen);
    case ')': return one(TokenKind::RightParen);
    case '=': return one(TokenKind::Equal);
    case '\'': kind = TokenKind::StringLiteral; return scanString();
    case '"': return scanQuotedName(kind);
    case '?': return one(TokenKind::QMark);
    case '*': return one(TokenKind::Star);
    case ';': return one(TokenKind::Semicolon);
    case ':': return one(TokenKind::Colon);
    case '{': return one(TokenKind::LeftBrace);
    case '}': return one(TokenKind::RightBrace);
    case '[': return one(TokenKind::LeftBracket);
    case ']': return one(TokenKind::RightBracket);
    case '%': return one(TokenKind::Percent);
    case '.': return oneOrTwo(TokenKind::Dot, '.', TokenKind::Range);
    case '<': return oneOrTwo(TokenKind::Less, '=', TokenKind::LessEqual);
    case '>': return oneOrTwo(TokenKind::Greater, '=', TokenKind::GreaterEqual);
    case '+': return oneOrTwo(TokenKind::Plus, '=', TokenKind::PlusEqual);
    case '-': return scanMinus(kind);
    case '$': kind = TokenKind::StringLiteral; return scanDollarString();
    case '/':
        kind = second == '/' || second == '*' ? TokenKind::Comment : TokenKind::Slash;
        return second == '/' ? scanLineComment() : second == '*' ? scanBlockComment() : here + 1;
    case '!':
        if (second != '=') {
            return mismatched(here + 1, "=");
        }
        kind = TokenKind::NotEqual;
        return here + 2;
    default: return noViable(here);
    }
}

std::optional<std::size_t> Lexer::scanMinus(TokenKind& kind) {
    const unsigned char second = at(m_position + 1);
    if (second == '-') {
        kind = TokenKind::Comment;
        return scanLineComment();
    }
    if (second == '=') {
        kind = TokenKind::MinusEqual;
        return m_position + 2;
    }
    if (is(second, kDigit)) {
        return scanNumber(kind);
    }
    if (isLetter(second, 'n')) {
        kind = TokenKind::NegativeNan;
        return scanLetters(m_position + 1, "nan");
    }
    if (isLetter(second, 'i')) {
        kind = TokenKind::NegativeInfinity;
        return scanLetters(m_position + 1, "infinity");
    }
    if (second == 'P') {
        kind = TokenKind::Duration;
        return scanIsoDuration(m_position + 1);
    }
    kind = TokenKind::Minus;
    return m_position + 1;
}

std::optional<std::size_t> Lexer::scanLetters(std::size_t from, std::string_view lower) {
    for (std::size_t i = 0; i < lower.size(); ++i) {
        if (!isLetter(at(from + i), lower[i])) {
            return mismatchedSet(from + i);
        }
    }
    return from + lower.size();
}

std::optional<std::size_t> Lexer::scanWord(TokenKind& kind) {
    const std::size_t start = m_position;
    std::size_t end = start + 1;
    bool hex = is(at(start), kHexLetter);
    while (isWordPart(at(end))) {
        hex = hex && isHex(at(end));
        ++end;
    }
    const std::size_t length = end - start;
    if (hex && length == kUuidPrefix && at(end) == '-') {
        kind = TokenKind::Uuid;
        return scanUuid();
    }
    if (at(start) == 'P') {
        if (length == 5 && at(end) == '-' && is(at(start + 1), kDigit) &&
            is(at(start + 2), kDigit) && is(at(start + 3), kDigit) && is(at(start + 4), kDigit)) {
            kind = TokenKind::Duration;
            return scanIsoDuration(start);
        }
        if (isoDurationEnd(start) == end) {
            kind = TokenKind::Duration;
            return end;
        }
    }
    const std::string_view word = m_text.substr(start, length);
    if (at(end) == '(' && word == "expr") {
        kind = TokenKind::ExprParen;
        return end + 1;
    }
    kind = keywordKind(word);
    if (kind == TokenKind::Ident && (length == 4 || length == 5)) {
        const auto equals = [&](std::string_view lower) {
            for (std::size_t i = 0; i < length; ++i) {
                if (!isLetter(at(start + i), lower[i])) {
                    return false;
                }
            }
            return true;
        };
        if (length == 4 ? equals("true") : equals("false")) {
            kind = TokenKind::Boolean;
        }
    }
    return end;
}

std::optional<std::size_t> Lexer::scanUuid() {
    constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        if (kShape[i] == '-') {
            if (at(m_position + i) != '-') {
                return mismatched(m_position + i, "-");
            }
        } else if (!isHex(at(m_position + i))) {
            return mismatchedSet(m_position + i);
        }
    }
    return m_position + kShape.size();
}

std::optional<std::size_t> Lexer::scanString() {
    for (std::size_t i = m_position + 1;; ++i) {
        const std::size_t quote = m_text.find('\'', i);
        if (quote == std::string_view::npos) {
            return mismatched(m_text.size(), "'");
        }
        if (at(quote + 1) != '\'') {
            track(m_position, quote);
            return quote + 1;
        }
        i = quote + 1;
    }
}

std::optional<std::size_t> Lexer::scanDollarString() {
    if (at(m_position + 1) != '$') {
        return mismatched(m_position + 1, "$");
    }
    const std::size_t end = m_text.find("$$", m_position + 2);
    if (end == std::string_view::npos) {
        // The generated lexer gives up one character before the end (Lexer.g, STRING_LITERAL).
        std::size_t last = std::max(m_position + 2, m_text.size() - 1);
        while (last > m_position + 2 && (at(last) & 0xC0) == 0x80) {
            --last;
        }
        return mismatched(at(last) == '$' ? last + 1 : last, "$");
    }
    track(m_position, end);
    return end + 2;
}

std::optional<std::size_t> Lexer::scanQuotedName(TokenKind& kind) {
    if (atEnd(m_position + 1)) {
        return noViable(m_position + 1);
    }
    if (at(m_position + 1) == '"' && at(m_position + 2) != '"') {
        kind = TokenKind::EmptyQuotedName;
        return m_position + 2;
    }
    kind = TokenKind::QuotedName;
    for (std::size_t i = m_position + 1;; ++i) {
        const std::size_t quote = m_text.find('"', i);
        if (quote == std::string_view::npos) {
            return mismatched(m_text.size(), "\"");
        }
        if (at(quote + 1) != '"') {
            track(m_position, quote);
            return quote + 1;
        }
        i = quote + 1;
    }
}

/// The line end belongs to the comment, and must be there (CQL-L03).
std::optional<std::size_t> Lexer::scanLineComment() {
    const std::size_t end = m_text.find_first_of("\n\r", m_position);
    if (end == std::string_view::npos) {
        return mismatchedSet(m_text.size());
    }
    track(m_position, end + 1);
    return end + 1;
}

std::optional<std::size_t> Lexer::scanBlockComment() {
    const std::size_t end = m_text.find("*/", m_position + 2);
    if (end == std::string_view::npos) {
        const bool starred = m_text.size() > m_position + 2 && m_text.back() == '*';
        return mismatched(m_text.size(), starred ? "/" : "*");
    }
    track(m_position, end + 2);
    return end + 2;
}

std::vector<Token> tokenize(std::string_view text) {
    std::vector<Token> tokens;
    Lexer lexer(text);
    Token token;
    do {
        if (!lexer.next(token)) {
            const bool comment = text.substr(token.offset, 2) == "--" ||
                                 text.substr(token.offset, 2) == "//" ||
                                 text.substr(token.offset, 2) == "/*";
            const bool toEnd = lexer.error().unterminated &&
                               (comment || std::string_view("'\"$").find(text[token.offset]) !=
                                               std::string_view::npos);
            token.kind = comment ? TokenKind::Comment : TokenKind::Error;
            token.length = static_cast<std::uint32_t>(
                toEnd ? text.size() - token.offset
                      : std::min(text.size() - token.offset,
                                 sequenceLength(static_cast<unsigned char>(text[token.offset]))));
            lexer.skip(token.length);
        }
        tokens.push_back(token);
    } while (token.kind != TokenKind::Eof);
    return tokens;
}

}  // namespace engine::cql::syntax
