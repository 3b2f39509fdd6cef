#include "engine/cql/syntax/text.h"

#include <algorithm>
#include <cctype>

#include "engine/base/text.h"
#include "engine/cql/syntax/lexer.h"

namespace engine::cql::syntax {

namespace {

bool isHidden(TokenKind kind) {
    return kind == TokenKind::Whitespace || kind == TokenKind::Comment;
}

/// Follows BEGIN [UNLOGGED | COUNTER] BATCH … APPLY BATCH through a statement's tokens.
class BatchTracker {
public:
    void see(TokenKind kind) {
        ++m_count;
        if (m_count == 1) {
            m_begun = kind == TokenKind::KBegin;
        } else if (m_begun && !m_open && kind == TokenKind::KBatch && m_count <= 3) {
            m_open = true;
        } else if (m_open && kind == TokenKind::KBatch && m_last == TokenKind::KApply) {
            m_open = m_begun = false;
        }
        m_last = kind;
    }
    bool open() const { return m_open; }

private:
    std::size_t m_count = 0;
    bool m_begun = false;
    bool m_open = false;
    TokenKind m_last = TokenKind::Eof;
};

std::string quoted(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        out.append(c == quote ? 2 : 1, c);
    }
    return out + quote;
}

}  // namespace

bool isLineVerb(std::string_view statement, const std::vector<std::string_view>& lineVerbs) {
    const auto end = std::find_if_not(statement.begin(), statement.end(), [](unsigned char c) { return std::isalpha(c); });
    const std::string word = upperCase(statement.substr(0, static_cast<std::size_t>(end - statement.begin())));
    return std::find(lineVerbs.begin(), lineVerbs.end(), word) != lineVerbs.end();
}

std::vector<SourceSpan> splitStatements(std::string_view text, const std::vector<std::string_view>& lineVerbs) {
    std::vector<SourceSpan> statements;
    const Token* first = nullptr;
    const Token* last = nullptr;
    bool ofLine = false;
    BatchTracker batch;
    const auto finish = [&] {
        if (first != nullptr) {
            statements.push_back(SourceSpan{first->offset,
                                            last->offset + last->length - first->offset,
                                            first->line, first->column});
        }
        first = nullptr;
        batch = BatchTracker{};
    };
    const std::vector<Token> tokens = tokenize(text);
    for (const Token& token : tokens) {
        const std::string_view word = text.substr(token.offset, token.length);
        if (isHidden(token.kind)) {
            if (ofLine && first != nullptr && word.find('\n') != std::string_view::npos) {
                finish();
            }
            continue;
        }
        if (token.kind == TokenKind::Eof || (token.kind == TokenKind::Semicolon && !batch.open())) {
            finish();
            continue;
        }
        if (first == nullptr) {
            first = &token;
            ofLine = isLineVerb(word, lineVerbs);
        }
        last = &token;
        batch.see(token.kind);
    }
    return statements;
}

bool isIncomplete(std::string_view text) {
    const std::vector<Token> tokens = tokenize(text);
    BatchTracker batch;
    bool any = false;
    for (const Token& token : tokens) {
        if (token.kind == TokenKind::Error && token.length > 1 &&
            token.offset + token.length == text.size()) {
            return true;
        }
        if (token.kind == TokenKind::Comment && text.substr(token.offset, 2) == "/*" &&
            !text.substr(token.offset, token.length).ends_with("*/")) {
            return true;
        }
        if (isHidden(token.kind) || token.kind == TokenKind::Eof) {
            continue;
        }
        if (token.kind == TokenKind::Semicolon && !batch.open()) {
            any = false;
            batch = BatchTracker{};
            continue;
        }
        any = true;
        batch.see(token.kind);
    }
    return any;
}

std::string maybeQuote(std::string_view identifier) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    const bool bare = !identifier.empty() && identifier[0] >= 'a' && identifier[0] <= 'z' &&
                      std::all_of(identifier.begin(), identifier.end(), plain) &&
                      !isReserved(keywordKind(identifier));
    return bare ? std::string(identifier) : quoted(identifier, '"');
}

std::string quoteText(std::string_view text) {
    return quoted(text, '\'');
}

}  // namespace engine::cql::syntax
