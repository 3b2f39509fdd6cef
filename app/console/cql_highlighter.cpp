#include "app/console/cql_highlighter.h"

#include <string>

#include "app/shell/theme/theme.h"
#include "engine/cql/syntax/lexer.h"

namespace app::console {

using engine::cql::syntax::Token;
using engine::cql::syntax::TokenKind;
using shell::Tokens;

namespace {

/// What an earlier block left open.
enum Open { Nothing = 0, String, Quoted, Dollars, Comment };

const char* openerOf(int open) {
    static const char* const kOpeners[] = {"", "'", "\"", "$$", "/*"};
    return kOpeners[open];
}

Open openOf(std::string_view text) {
    if (text.rfind("/*", 0) == 0) {
        return Comment;
    }
    if (text.rfind("$$", 0) == 0) {
        return Dollars;
    }
    return text.rfind("'", 0) == 0 ? String : text.rfind("\"", 0) == 0 ? Quoted : Nothing;
}

bool isTypeWord(std::string_view word) {
    static const std::string_view kTypes[] = {
        "ascii", "bigint", "blob", "boolean", "counter", "date", "decimal", "double", "duration", "float", "frozen",
        "inet", "int", "list", "map", "set", "smallint", "text", "time", "timestamp", "timeuuid", "tinyint", "tuple",
        "uuid", "varchar", "varint", "vector"};
    for (const std::string_view type : kTypes) {
        if (word.size() == type.size() && std::equal(word.begin(), word.end(), type.begin(), [](char a, char b) {
                return std::tolower(static_cast<unsigned char>(a)) == b;
            })) {
            return true;
        }
    }
    return false;
}

QColor Tokens::*colourOf(const Token& token, std::string_view text) {
    switch (token.kind) {
    case TokenKind::Comment: return &Tokens::comment;
    case TokenKind::StringLiteral: return &Tokens::str;
    case TokenKind::Integer:
    case TokenKind::Float:
    case TokenKind::HexNumber:
    case TokenKind::Uuid:
    case TokenKind::Duration:
    case TokenKind::Boolean: return &Tokens::num;
    case TokenKind::Error:
        switch (openOf(text)) {
        case Comment: return &Tokens::comment;
        case Nothing: return &Tokens::fail;
        default: return &Tokens::str;
        }
    default: break;
    }
    if (isTypeWord(text)) {
        return &Tokens::type;
    }
    return engine::cql::syntax::isReserved(token.kind) || engine::cql::syntax::isKeyword(token.kind) ? &Tokens::kw : nullptr;
}

int units(std::string_view utf8) { return static_cast<int>(QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size())).size()); }

/// Calls `span(start, length, colour)` in UTF-16 units; returns what stays open at the end.
template <typename F>
int colourSpans(const QString& text, int open, F&& span) {
    const std::string prefix = openerOf(open);
    const std::string all = prefix + text.toStdString();
    int position = -static_cast<int>(prefix.size());
    int left = Nothing;
    bool afterDot = false;
    for (const Token& token : engine::cql::syntax::tokenize(all)) {
        const std::string_view word = std::string_view(all).substr(token.offset, token.length);
        const int length = units(word);
        const auto colour = afterDot ? nullptr : colourOf(token, word);
        if (colour != nullptr) {
            const int from = std::max(position, 0);
            span(from, position + length - from, shell::tokens().*colour);
        }
        if (token.kind == TokenKind::Error) {
            left = openOf(word);
        } else if (token.kind != TokenKind::Eof) {
            left = Nothing;
        }
        afterDot = token.kind == TokenKind::Dot;
        position += length;
    }
    return left;
}

}  // namespace

CqlHighlighter::CqlHighlighter(QTextDocument* document) : QSyntaxHighlighter(document) {
    connect(&shell::theme(), &shell::Theme::changed, this, &QSyntaxHighlighter::rehighlight);
}

void CqlHighlighter::highlightBlock(const QString& text) {
    const int open = std::max(previousBlockState(), 0);
    setCurrentBlockState(colourSpans(text, open, [this](int start, int length, const QColor& colour) {
        setFormat(start, length, colour);
    }));
}

QString highlightedHtml(const QString& cql) {
    QString html;
    int done = 0;
    const auto plain = [&](int to) {
        html += cql.mid(done, to - done).toHtmlEscaped();
        done = to;
    };
    colourSpans(cql, Nothing, [&](int start, int length, const QColor& colour) {
        plain(start);
        html += QString("<span style='color:%1'>%2</span>").arg(colour.name(), cql.mid(start, length).toHtmlEscaped());
        done = start + length;
    });
    plain(static_cast<int>(cql.size()));
    return html.replace('\n', "<br>").replace("  ", "&nbsp; ");
}

}  // namespace app::console
