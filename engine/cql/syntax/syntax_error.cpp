#include "engine/cql/syntax/syntax_error.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/base/utf8.h"
#include "engine/cql/syntax/lexer.h"

namespace engine::cql::syntax {

namespace {

// ErrorCollector's window around the token, counted in tokens with blanks and comments.
constexpr std::size_t kTokensBefore = 10;
constexpr std::size_t kTokensAfter = 2;

std::u16string toUtf16(std::string_view text) {
    std::u16string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (length == 1 || i + length > text.size()) {
            out.push_back(lead);
            ++i;
            continue;
        }
        char32_t code = lead & (0xFFu >> (length + 1));
        for (std::size_t k = 1; k < length; ++k) {
            code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3F);
        }
        if (code >= 0x10000) {
            out.push_back(static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10)));
            out.push_back(static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF)));
        } else {
            out.push_back(static_cast<char16_t>(code));
        }
        i += length;
    }
    return out;
}

/// Half a surrogate pair becomes '?', as Java's encoder writes it.
std::string toUtf8(const std::u16string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char32_t unit = text[i];
        const bool high = unit >= 0xD800 && unit < 0xDC00;
        if (high && i + 1 < text.size() && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000) {
            appendUtf8(out, 0x10000 + ((unit - 0xD800) << 10) + (text[i + 1] - 0xDC00));
            ++i;
        } else {
            appendUtf8(out, unit >= 0xD800 && unit < 0xE000 ? U'?' : unit);
        }
    }
    return out;
}

/// Java's String.split("\n"): empty lines at the end are dropped.
std::vector<std::u16string> linesOf(std::string_view query) {
    const std::u16string text = toUtf16(query);
    std::vector<std::u16string> lines;
    std::size_t start = 0;
    for (std::size_t end; (end = text.find(u'\n', start)) != std::u16string::npos;
         start = end + 1) {
        lines.push_back(text.substr(start, end - start));
    }
    lines.push_back(text.substr(start));
    while (lines.size() > 1 && lines.back().empty()) {
        lines.pop_back();
    }
    return lines;
}

/// Blanks and comments included, from the start to the token at `frontier`.
std::vector<Token> allTokensTo(std::string_view query, std::size_t frontier) {
    std::vector<Token> tokens;
    Lexer lexer(query);
    Token token;
    while (lexer.next(token)) {
        tokens.push_back(token);
        if (token.offset >= frontier || token.kind == TokenKind::Eof) {
            break;
        }
    }
    return tokens;
}

std::size_t endColumn(std::string_view query, const Token& token) {
    return token.column + toUtf16(tokenText(query, token)).size();
}

std::string outOfBounds(std::size_t end, std::size_t length) {
    return "StringIndexOutOfBoundsException begin 0, end " + std::to_string(end) + ", length " +
           std::to_string(length);
}

/// The part of the query around the mistake, or the exception that Cassandra meets while it cuts
/// that part out (a token over several lines does that).
struct Snippet {
    std::string text;
    std::string exception;
};

Snippet snippetAround(std::string_view query, const ErrorPlace& place) {
    const std::vector<Token> tokens = allTokensTo(query, place.frontier);
    if (tokens.empty()) {
        return {};
    }
    const auto found = std::find_if(tokens.begin(), tokens.end(), [&](const Token& t) {
        return t.offset >= place.index.offset;
    });
    const auto index = static_cast<std::size_t>(found - tokens.begin());
    const Token& from = tokens[index > kTokensBefore ? index - kTokensBefore : 0];
    const Token& to = tokens[std::min(tokens.size() - 1, index + kTokensAfter)];
    const Token& offending = tokens[std::min(tokens.size() - 1, index)];
    if (to.kind == TokenKind::Eof || offending.kind == TokenKind::Eof) {
        return {};  // Cassandra's EOF has no place in the text, so there is no snippet.
    }
    std::vector<std::u16string> lines = linesOf(query);
    if (to.line > lines.size()) {
        return {};
    }
    const std::size_t toEnd = endColumn(query, to);
    const bool wholeStart = from.line == 1 && from.column == 0;
    const bool wholeEnd = to.line == lines.size() && toEnd == lines.back().size();

    std::u16string& toLine = lines[to.line - 1];
    toLine = toLine.substr(0, toEnd);
    std::u16string& line = lines[offending.line - 1];
    const std::size_t offendingEnd = endColumn(query, offending);
    if (offendingEnd > line.size()) {
        return {{}, outOfBounds(offendingEnd, line.size())};
    }
    line.insert(offendingEnd, 1, u']');
    line.insert(offending.column, 1, u'[');
    std::u16string& fromLine = lines[from.line - 1];
    fromLine = fromLine.substr(std::min<std::size_t>(from.column, fromLine.size()));

    std::u16string text;
    for (std::size_t i = from.line - 1; i < to.line; ++i) {
        text += lines[i];
    }
    return {" (" + std::string(wholeStart ? "" : "...") + toUtf8(text) +
                std::string(wholeEnd ? "" : "...") + ")",
            {}};
}

std::string displayed(std::string_view query, const Token& token) {
    if (token.kind == TokenKind::Eof) {
        return "'<EOF>'";
    }
    std::string out = "'";
    for (const char c : tokenText(query, token)) {
        switch (c) {
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default: out += c;
        }
    }
    return out + "'";
}

/// `text` without its first and last character, doubled `quote`s undone.
std::string unquoted(std::string_view text, char quote) {
    text = text.substr(1, text.size() - 2);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        out.push_back(text[i]);
        if (text[i] == quote) {
            ++i;
        }
    }
    return out;
}

}  // namespace

std::string tokenText(std::string_view query, const Token& token) {
    const std::string_view raw = query.substr(token.offset, token.length);
    switch (token.kind) {
    case TokenKind::StringLiteral:
        return raw.front() == '$' ? std::string(raw.substr(2, raw.size() - 4))
                                  : unquoted(raw, '\'');
    case TokenKind::QuotedName: return unquoted(raw, '"');
    default: return std::string(raw);
    }
}

std::string failedParsing(std::string_view query, std::string_view reason) {
    return "Failed parsing statement: [" + std::string(query) + "] reason: " + std::string(reason);
}

std::string syntaxMessage(std::string_view query, const ErrorPlace& place, std::string_view what,
                          std::string_view expecting) {
    const bool end = place.offending.kind == TokenKind::Eof;
    const Snippet snippet = snippetAround(query, place);
    if (!snippet.exception.empty()) {
        return failedParsing(query, snippet.exception);
    }
    return "line " +
           (end ? std::string("0:-1")
                : std::to_string(place.offending.line) + ":" +
                      std::to_string(place.offending.column)) +
           " " + std::string(what) + displayed(query, place.offending) + std::string(expecting) +
           snippet.text;
}

Error syntaxError(std::string message, const Token& at) {
    auto detail = std::make_shared<ErrorDetail>();
    detail->hasSpan = true;
    detail->span = SourceSpan{at.offset, at.length, at.line, at.column};
    return Error{ErrorKind::Syntax, std::move(message), std::move(detail)};
}

}  // namespace engine::cql::syntax
