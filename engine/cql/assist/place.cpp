#include "engine/cql/assist/place.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "engine/base/text.h"
#include "engine/cql/syntax/lexer.h"

namespace engine::cql::assist {

namespace {

using syntax::Token;
using syntax::TokenKind;

/// What Cassandra writes before a name that it puts in no quotes. Other words of a message are English and may well
/// be columns by chance.
constexpr std::array<std::string_view, 9> kBeforeNames{
    "column name ", "identifier ", "table ", "keyspace ", "type ", "column ", "function ", "property ", "index "};

std::string bare(std::string_view word) {
    const bool quoted = word.size() >= 2 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front();
    return quoted ? std::string(word.substr(1, word.size() - 2)) : lowerCase(word);
}

/// What a message names, in its order: words in quotes and in parentheses, and those that follow kBeforeNames.
std::vector<std::string> namedIn(std::string_view message) {
    std::vector<std::string> named;
    const auto isEnd = [](char c) { return c == ' ' || c == ',' || c == ';' || c == ':'; };
    for (std::size_t i = 0; i < message.size(); ++i) {
        const char open = message[i];
        if (open == '\'' || open == '"' || open == '(') {
            const std::size_t end = message.find(open == '(' ? ')' : open, i + 1);
            // An apostrophe inside a word opens nothing.
            if (end != std::string_view::npos && (i == 0 || message[i - 1] == ' ' || message[i - 1] == '(')) {
                named.emplace_back(message.substr(i + 1, end - i - 1));
                i = end;
            }
            continue;
        }
        for (const std::string_view before : kBeforeNames) {
            if (message.substr(i).starts_with(before) && (i == 0 || message[i - 1] == ' ')) {
                const std::size_t from = i + before.size();
                const auto end = std::find_if(message.begin() + static_cast<std::ptrdiff_t>(from), message.end(), isEnd);
                const std::string_view word = message.substr(from, static_cast<std::size_t>(end - message.begin()) - from);
                const std::size_t dot = word.rfind('.');
                named.push_back(bare(dot == std::string_view::npos ? word : word.substr(dot + 1)));
                break;
            }
        }
    }
    return named;
}

}  // namespace

std::optional<SourceSpan> placeOf(std::string_view statement, std::string_view message) {
    const std::vector<Token> tokens = syntax::tokenize(statement);
    for (const std::string& name : namedIn(message)) {
        const auto at = std::find_if(tokens.begin(), tokens.end(), [&](const Token& token) {
            const bool hidden = token.kind == TokenKind::Whitespace || token.kind == TokenKind::Comment || token.kind == TokenKind::Eof;
            const std::string_view text = statement.substr(token.offset, token.length);
            return !hidden && !name.empty() && (bare(text) == name || text == name);
        });
        if (at != tokens.end()) {
            return SourceSpan{at->offset, at->length, 0, 0};
        }
    }
    return std::nullopt;
}

}  // namespace engine::cql::assist
