#include "engine/cql/syntax/token.h"

#include <algorithm>

namespace engine::cql::syntax {

namespace {

constexpr KeywordEntry kKeywords[] = {
#define KEYWORD(name, word, antlr, cls) {word, TokenKind::K##name, KeywordClass::cls},
#define KEYWORD_ALIAS(name, word, cls) {word, TokenKind::K##name, KeywordClass::cls},
#include "engine/cql/syntax/keywords.inc"
#undef KEYWORD
#undef KEYWORD_ALIAS
};

constexpr std::size_t kLongestKeyword = 14;
constexpr std::size_t kSlots = 1024;

constexpr unsigned hashOf(std::string_view lower) {
    unsigned hash = static_cast<unsigned>(lower.size());
    for (const char c : lower) {
        hash = hash * 31 + static_cast<unsigned char>(c);
    }
    return (hash ^ (hash >> 10)) % kSlots;
}

/// Open addressing, filled at compile time; 0 is an empty slot, else the index plus one.
constexpr std::array<std::uint8_t, kSlots> makeSlots() {
    std::array<std::uint8_t, kSlots> slots{};
    for (std::size_t i = 0; i < std::size(kKeywords); ++i) {
        unsigned slot = hashOf(kKeywords[i].word);
        while (slots[slot] != 0) {
            slot = (slot + 1) % kSlots;
        }
        slots[slot] = static_cast<std::uint8_t>(i + 1);
    }
    return slots;
}
constexpr auto kSlotTable = makeSlots();
static_assert(std::size(kKeywords) < 255);

constexpr std::string_view kNames[] = {
    "EOF", "<invalid>", "WS", "COMMENT", "IDENT", "QUOTED_NAME", "EMPTY_QUOTED_NAME",
    "STRING_LITERAL", "INTEGER", "FLOAT", "BOOLEAN", "DURATION", "UUID", "HEXNUMBER",
    "K_NEGATIVE_NAN", "K_NEGATIVE_INFINITY", "QMARK", "RANGE", "'!='", "'%'", "'('", "')'", "'+'",
    "'+='", "','", "'-'", "'-='", "'.'", "'/'", "':'", "';'", "'<'", "'<='", "'='", "'>'", "'>='",
    "'['", "'\\*'", "']'", "'expr('", "'{'", "'}'",
#define KEYWORD(name, word, antlr, cls) antlr,
#define KEYWORD_ALIAS(name, word, cls)
#include "engine/cql/syntax/keywords.inc"
#undef KEYWORD
#undef KEYWORD_ALIAS
};
static_assert(std::size(kNames) == static_cast<std::size_t>(TokenKind::Count_));

constexpr KeywordClass kClasses[] = {
#define KEYWORD(name, word, antlr, cls) KeywordClass::cls,
#define KEYWORD_ALIAS(name, word, cls)
#include "engine/cql/syntax/keywords.inc"
#undef KEYWORD
#undef KEYWORD_ALIAS
};

constexpr auto kFirstKeyword = static_cast<std::size_t>(TokenKind::RightBrace) + 1;

}  // namespace

std::string_view antlrName(TokenKind kind) {
    return kNames[static_cast<std::size_t>(kind)];
}

KeywordClass keywordClass(TokenKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    return index < kFirstKeyword ? KeywordClass::None : kClasses[index - kFirstKeyword];
}

TokenKind keywordKind(std::string_view word) {
    if (word.size() < 2 || word.size() > kLongestKeyword) {
        return TokenKind::Ident;
    }
    char lower[kLongestKeyword];
    for (std::size_t i = 0; i < word.size(); ++i) {
        const char c = word[i];
        lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    const std::string_view key(lower, word.size());
    for (unsigned slot = hashOf(key); kSlotTable[slot] != 0; slot = (slot + 1) % kSlots) {
        const KeywordEntry& entry = kKeywords[kSlotTable[slot] - 1];
        if (entry.word == key) {
            return entry.kind;
        }
    }
    return TokenKind::Ident;
}

const std::vector<KeywordEntry>& allKeywords() {
    static const std::vector<KeywordEntry> all(std::begin(kKeywords), std::end(kKeywords));
    return all;
}

}  // namespace engine::cql::syntax
