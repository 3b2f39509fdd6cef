#include "engine/cql/java/lexer.h"

#include <algorithm>
#include <array>

#include "engine/base/utf8.h"

namespace engine::cql::java {

namespace {

bool isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool isDigit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
public:
    explicit Lexer(std::string_view body) : m_body(body) {}

    std::vector<Token> all() {
        std::vector<Token> out;
        while (true) {
            skipSpace();
            if (m_at >= m_body.size()) {
                out.push_back({Token::Kind::End, "", m_line});
                return out;
            }
            out.push_back(one());
        }
    }

private:
    char peek(std::size_t ahead = 0) const { return m_at + ahead < m_body.size() ? m_body[m_at + ahead] : '\0'; }

    void skipSpace() {
        while (m_at < m_body.size()) {
            if (peek() == '\n') {
                ++m_line;
                ++m_at;
            } else if (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\f') {
                ++m_at;
            } else if (peek() == '/' && peek(1) == '/') {
                m_at = std::min(m_body.find('\n', m_at), m_body.size());
            } else if (peek() == '/' && peek(1) == '*') {
                const std::size_t end = m_body.find("*/", m_at + 2);
                if (end == std::string_view::npos) {
                    throw CompileError{m_line, "Unexpected end of comment"};
                }
                m_line += static_cast<int>(std::count(m_body.begin() + static_cast<std::ptrdiff_t>(m_at),
                                                      m_body.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
                m_at = end + 2;
            } else {
                return;
            }
        }
    }

    Token one() {
        const char c = peek();
        if (isNameStart(c)) {
            const std::size_t from = m_at;
            while (isNameStart(peek()) || isDigit(peek())) {
                ++m_at;
            }
            return {Token::Kind::Name, std::string(m_body.substr(from, m_at - from)), m_line};
        }
        if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            return number();
        }
        if (c == '"' || c == '\'') {
            return quoted(c);
        }
        static constexpr std::array<std::string_view, 23> kLong{">>>=", "<<=", ">>=", "...", "->", "++", "--", "&&",
                                                                "||",   "==",  "!=",  "<=",  ">=", "+=", "-=", "*=",
                                                                "/=",   "%=",  "&=",  "|=",  "^=", "<<", "::"};
        for (const std::string_view symbol : kLong) {
            if (m_body.substr(m_at).starts_with(symbol)) {
                m_at += symbol.size();
                return {Token::Kind::Symbol, std::string(symbol), m_line};
            }
        }
        ++m_at;  // `>>` stays two tokens, for List<List<Integer>>.
        return {Token::Kind::Symbol, std::string(1, c), m_line};
    }

    Token number() {
        const std::size_t from = m_at;
        bool real = false;
        if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X' || peek(1) == 'b' || peek(1) == 'B')) {
            m_at += 2;
            while (isNameStart(peek()) || isDigit(peek())) {
                ++m_at;
            }
            return {Token::Kind::Whole, std::string(m_body.substr(from, m_at - from)), m_line};
        }
        while (true) {
            const char c = peek();
            if (isDigit(c) || c == '_') {
                ++m_at;
            } else if (c == '.' && isDigit(peek(1))) {
                real = true;
                ++m_at;
            } else if (c == '.' && !isNameStart(peek(1)) && peek(1) != '.') {
                real = true;
                ++m_at;
            } else if ((c == 'e' || c == 'E') && (isDigit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && isDigit(peek(2))))) {
                real = true;
                m_at += 2;
            } else {
                break;
            }
        }
        const char suffix = static_cast<char>(peek() | 0x20);
        if (suffix == 'l' || suffix == 'f' || suffix == 'd') {
            real = real || suffix != 'l';
            ++m_at;
        }
        std::string text(m_body.substr(from, m_at - from));
        std::erase(text, '_');
        return {real ? Token::Kind::Real : Token::Kind::Whole, std::move(text), m_line};
    }

    Token quoted(char quote) {
        Token out{quote == '"' ? Token::Kind::String : Token::Kind::Char, "", m_line};
        ++m_at;
        while (peek() != quote) {
            if (m_at >= m_body.size() || peek() == '\n') {
                throw CompileError{m_line, quote == '"' ? "String literal is not properly closed by a double-quote"
                                                        : "Invalid character constant"};
            }
            if (peek() != '\\') {
                out.text.push_back(m_body[m_at++]);
                continue;
            }
            ++m_at;
            const char escape = m_body.size() > m_at ? m_body[m_at++] : '\0';
            switch (escape) {
                case 'n': out.text.push_back('\n'); break;
                case 't': out.text.push_back('\t'); break;
                case 'r': out.text.push_back('\r'); break;
                case 'b': out.text.push_back('\b'); break;
                case 'f': out.text.push_back('\f'); break;
                case '0': out.text.push_back('\0'); break;
                case '\\':
                case '\'':
                case '"': out.text.push_back(escape); break;
                case 'u': appendUnicode(out.text); break;
                default:
                    throw CompileError{m_line, "Invalid escape sequence (valid ones are  \\b  \\t  \\n  \\f  \\r  \\\"  \\'  \\\\ )"};
            }
        }
        ++m_at;
        return out;
    }

    void appendUnicode(std::string& out) {
        std::uint32_t point = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = peek();
            const int digit = isDigit(c) ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
            if (digit < 0) {
                throw CompileError{m_line, "Invalid unicode"};
            }
            point = point * 16 + static_cast<std::uint32_t>(digit);
            ++m_at;
        }
        appendUtf8(out, point);
    }

    std::string_view m_body;
    std::size_t m_at = 0;
    int m_line = 1;
};

}  // namespace

std::vector<Token> tokensOf(std::string_view body) { return Lexer(body).all(); }

}  // namespace engine::cql::java
