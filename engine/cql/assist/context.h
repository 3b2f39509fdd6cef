#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/cql/syntax/token.h"

namespace engine::cql::assist {

/// The last statement before a cursor, as visible words, without the one that is being typed.
class Context {
public:
    /// `lineVerbs`: see syntax::splitStatements.
    Context(std::string_view before, const std::vector<std::string_view>& lineVerbs);

    bool blank() const { return m_words.empty(); }
    /// The word the cursor still touches; empty after a blank.
    const std::string& typed() const { return m_typed; }
    /// In a string, a comment or a name in quotes, where nothing is to be offered.
    bool inQuotes() const { return m_inQuotes; }

    /// Words in upper case, counted from the end (0: the last) and from the start; empty past the ends.
    std::string_view last(std::size_t back = 0) const;
    std::string_view word(std::size_t i) const;
    /// The same as names mean it: folded to lower case, or without quotes.
    std::string name(std::size_t i) const;
    std::string lastName(std::size_t back = 0) const;
    std::size_t size() const { return m_words.size(); }
    bool has(std::string_view upper) const { return find(upper) < m_words.size(); }
    /// size() when it is not there.
    std::size_t find(std::string_view upper) const;
    /// Open parentheses, less closed ones.
    int depth() const { return m_depth; }
    bool afterOperator() const;

private:
    struct Word {
        std::string text;
        std::string upper;
        syntax::TokenKind kind;
    };
    static std::string nameOf(const Word& word);

    std::vector<Word> m_words;
    std::string m_typed;
    bool m_inQuotes = false;
    int m_depth = 0;
};

}  // namespace engine::cql::assist
