#include "engine/cql/assist/context.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/cql/syntax/lexer.h"
#include "engine/cql/syntax/text.h"

namespace engine::cql::assist {

using namespace engine::cql::syntax;

namespace {

bool isWord(TokenKind kind) {
    return kind == TokenKind::Ident || kind == TokenKind::QuotedName || kind == TokenKind::Boolean || isKeyword(kind);
}

bool isHidden(TokenKind kind) { return kind == TokenKind::Whitespace || kind == TokenKind::Comment; }

/// Where the statement that the end of `before` is in begins; its length when it is in none.
std::size_t startOfLast(std::string_view before, const std::vector<std::string_view>& lineVerbs) {
    const auto statements = splitStatements(before, lineVerbs);
    if (statements.empty()) {
        return 0;
    }
    const SourceSpan& last = statements.back();
    const std::string_view tail = before.substr(last.offset + last.length);
    const bool closed = tail.find(';') != std::string_view::npos ||
                        (tail.find('\n') != std::string_view::npos &&
                         isLineVerb(before.substr(last.offset, last.length), lineVerbs));
    return closed ? before.size() : last.offset;
}

}  // namespace

Context::Context(std::string_view before, const std::vector<std::string_view>& lineVerbs) {
    const std::string_view text = before.substr(startOfLast(before, lineVerbs));
    bool touches = false;
    for (const Token& token : tokenize(text)) {
        const std::string_view word = text.substr(token.offset, token.length);
        const bool atEnd = token.offset + token.length == text.size();
        if (token.kind == TokenKind::Eof) {
            break;
        }
        touches = isWord(token.kind) && atEnd;
        if (isHidden(token.kind)) {
            m_inQuotes = m_inQuotes || (token.kind == TokenKind::Comment && atEnd && word.substr(0, 2) != "/*");
            continue;
        }
        if (token.kind == TokenKind::Error && atEnd && token.length > 0) {
            m_inQuotes = word[0] == '\'' || word[0] == '$' || word.substr(0, 2) == "/*";
        }
        m_depth += token.kind == TokenKind::LeftParen ? 1 : token.kind == TokenKind::RightParen ? -1 : 0;
        m_words.push_back({std::string(word), upperCase(word), token.kind});
    }
    if (touches) {
        m_typed = std::move(m_words.back().text);
        m_words.pop_back();
    }
}

std::string_view Context::last(std::size_t back) const {
    return back < m_words.size() ? std::string_view(m_words[m_words.size() - 1 - back].upper) : std::string_view();
}

std::string_view Context::word(std::size_t i) const {
    return i < m_words.size() ? std::string_view(m_words[i].upper) : std::string_view();
}

std::string Context::nameOf(const Word& word) {
    if (word.kind == TokenKind::QuotedName && word.text.size() >= 2) {
        return word.text.substr(1, word.text.size() - 2);
    }
    return lowerCase(word.text);
}

std::string Context::name(std::size_t i) const { return i < m_words.size() ? nameOf(m_words[i]) : std::string(); }

std::string Context::lastName(std::size_t back) const {
    return back < m_words.size() ? nameOf(m_words[m_words.size() - 1 - back]) : std::string();
}

std::size_t Context::find(std::string_view upper) const {
    return static_cast<std::size_t>(std::find_if(m_words.begin(), m_words.end(), [&](const Word& w) { return w.upper == upper; }) -
                                    m_words.begin());
}

bool Context::afterOperator() const {
    const std::string_view at = last();
    return at == "=" || at == "<" || at == ">" || at == "<=" || at == ">=" || at == "!=" || at == "CONTAINS";
}

}  // namespace engine::cql::assist
