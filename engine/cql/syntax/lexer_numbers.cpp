#include "engine/cql/syntax/lexer.h"

// Numbers, durations and UUIDs that begin with a digit. The generated lexer of Cassandra decides
// between them by looking ahead, and how far it looks shows in what it refuses: `1e` is no token at
// all, `1d2x` neither. numberKind() walks the same decisions.
namespace engine::cql::syntax {

namespace {

constexpr std::size_t kUuidPrefix = 8;

bool isDigit(unsigned char c) { return c >= '0' && c <= '9'; }
unsigned char lowerOf(unsigned char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }
bool isHexLetter(unsigned char c) { return lowerOf(c) >= 'a' && lowerOf(c) <= 'f'; }
bool isHex(unsigned char c) { return isDigit(c) || isHexLetter(c); }

}  // namespace

/// What begins with the digit at m_position.
std::optional<TokenKind> Lexer::numberKind() {
    std::size_t i = m_position;
    while (isDigit(at(i))) {
        ++i;
    }
    const std::size_t digits = i - m_position;
    const unsigned char c = lowerOf(at(i));
    if (digits == 1 && at(m_position) == '0' && c == 'x') {
        return TokenKind::HexNumber;
    }
    switch (c) {
    case '.': return TokenKind::Float;
    case '-': return digits == kUuidPrefix ? TokenKind::Uuid : TokenKind::Integer;
    case 'a': case 'b': case 'c': case 'f':
        return digits < kUuidPrefix ? TokenKind::Uuid : TokenKind::Integer;
    case 'd': return digits < kUuidPrefix ? kindAfterDay(i) : TokenKind::Duration;
    case 'e': return digits < kUuidPrefix ? kindAfterExponent(i) : TokenKind::Float;
    case 'h': case 'm': case 'n': case 's': case 'u': case 'w': case 'y':
        return TokenKind::Duration;
    case 0xC2: return at(i + 1) == 0xB5 ? TokenKind::Duration : TokenKind::Integer;  // µ
    default: return TokenKind::Integer;
    }
}

/// Digits and then E: a float's exponent, or a UUID's first group.
std::optional<TokenKind> Lexer::kindAfterExponent(std::size_t exponent) {
    std::size_t i = exponent + 1;
    const std::size_t limit = m_position + kUuidPrefix;
    if (i == limit) {
        if (at(i) == '+' || isDigit(at(i))) {
            return TokenKind::Float;
        }
        if (at(i) != '-') {
            return noViable(i);
        }
        if (!isHex(at(i + 1))) {
            return noViable(i + 1);
        }
        for (std::size_t k = 1; k <= 4; ++k) {
            if (isHexLetter(at(i + k))) {
                return TokenKind::Uuid;
            }
            if (!isDigit(at(i + k))) {
                return TokenKind::Float;
            }
        }
        return at(i + 5) == '-' ? TokenKind::Uuid : TokenKind::Float;
    }
    if (at(i) == '+' || at(i) == '-') {
        return TokenKind::Float;
    }
    if (!isHex(at(i))) {
        return noViable(i);
    }
    for (; i < limit; ++i) {
        if (isHexLetter(at(i))) {
            return TokenKind::Uuid;
        }
        if (!isDigit(at(i))) {
            return TokenKind::Float;
        }
    }
    return at(i) == '-' ? TokenKind::Uuid : TokenKind::Float;
}

/// Digits and then D: a number of days, or a UUID's first group.
std::optional<TokenKind> Lexer::kindAfterDay(std::size_t day) {
    const std::size_t limit = m_position + kUuidPrefix;
    bool afterDigit = false;
    for (std::size_t i = day + 1; i < limit; ++i) {
        const unsigned char c = lowerOf(at(i));
        if (isDigit(c)) {
            afterDigit = true;
            continue;
        }
        if (!afterDigit) {
            return isHexLetter(c) ? TokenKind::Uuid : TokenKind::Duration;
        }
        if (c == 'd') {
            afterDigit = false;
            continue;
        }
        if (isHexLetter(c)) {
            return TokenKind::Uuid;
        }
        if ((c != 0 && std::string_view("hmnsuwy").find(static_cast<char>(c)) !=
                           std::string_view::npos) ||
            (c == 0xC2 && at(i + 1) == 0xB5)) {
            return TokenKind::Duration;
        }
        return noViable(i);
    }
    const unsigned char c = lowerOf(at(limit));
    if (c == '-') {
        return TokenKind::Uuid;
    }
    if (!afterDigit || isDigit(c) || c == 0xC2 ||
        (c != 0 &&
         std::string_view("dhmnsuwy").find(static_cast<char>(c)) != std::string_view::npos)) {
        return TokenKind::Duration;
    }
    return noViable(limit);
}

std::optional<std::size_t> Lexer::scanNumber(TokenKind& kind) {
    std::size_t i = m_position;
    if (at(i) == '-') {
        ++i;
        while (isDigit(at(i))) {
            ++i;
        }
        const unsigned char c = lowerOf(at(i));
        const bool unit = (c != 0 && std::string_view("dhmnsuwy").find(static_cast<char>(c)) !=
                                         std::string_view::npos) ||
                          (c == 0xC2 && at(i + 1) == 0xB5);
        kind = c == '.' || c == 'e' ? TokenKind::Float
               : unit               ? TokenKind::Duration
                                    : TokenKind::Integer;
    } else {
        const std::optional<TokenKind> found = numberKind();
        if (!found) {
            return std::nullopt;
        }
        kind = *found;
        while (isDigit(at(i))) {
            ++i;
        }
    }
    switch (kind) {
    case TokenKind::Float: return scanFloat(i, kind);
    case TokenKind::Duration: return scanDuration(m_position);
    case TokenKind::Uuid: return scanUuid();
    case TokenKind::HexNumber:
        for (++i; isHex(at(i)); ++i) {
        }
        return i;
    default: return i;
    }
}

/// `i` is after the integer part. `1..2` is an integer before a range, `1...2` a float before one.
std::optional<std::size_t> Lexer::scanFloat(std::size_t i, TokenKind& kind) {
    if (at(i) == '.' && at(i + 1) == '.') {
        if (at(i + 2) == '.') {
            return i + 1;
        }
        kind = TokenKind::Integer;
        return i;
    }
    if (at(i) == '.') {
        for (++i; isDigit(at(i)); ++i) {
        }
    }
    if (lowerOf(at(i)) != 'e') {
        return i;
    }
    ++i;
    if (at(i) == '+' || at(i) == '-') {
        ++i;
    }
    if (!isDigit(at(i))) {
        return fail(i, "required (...)+ loop did not match anything at character ");
    }
    while (isDigit(at(i))) {
        ++i;
    }
    return i;
}

/// [-] digits unit (digits unit)*
std::optional<std::size_t> Lexer::scanDuration(std::size_t from) {
    std::size_t i = at(from) == '-' ? from + 1 : from;
    while (isDigit(at(i))) {
        while (isDigit(at(i))) {
            ++i;
        }
        switch (lowerOf(at(i))) {
        case 'y': case 'w': case 'd': case 'h': case 's': ++i; break;
        case 'm': i += lowerOf(at(i + 1)) == 'o' || lowerOf(at(i + 1)) == 's' ? 2 : 1; break;
        case 'u': case 'n':
            if (lowerOf(at(i + 1)) != 's') {
                return mismatchedSet(i + 1);
            }
            i += 2;
            break;
        case 0xC2:
            if (at(i + 1) != 0xB5) {
                return noViable(i);
            }
            if (lowerOf(at(i + 2)) != 's') {
                return mismatchedSet(i + 2);
            }
            i += 3;
            break;
        default: return noViable(i);
        }
    }
    track(m_position, i);
    return i;
}

/// The end of P…Y…M…D T…H…M…S or P…W, if the text at `from` has that shape.
std::optional<std::size_t> Lexer::isoDurationEnd(std::size_t from) const {
    std::size_t i = from + 1;
    bool any = false;
    const auto part = [&](char designator) {
        std::size_t end = i;
        while (isDigit(at(end))) {
            ++end;
        }
        if (end > i && at(end) == designator) {
            i = end + 1;
            any = true;
            return true;
        }
        return false;
    };
    if (part('W')) {
        return i;
    }
    part('Y');
    part('M');
    part('D');
    if (at(i) == 'T') {
        ++i;
        any = false;
        part('H');
        part('M');
        part('S');
    }
    return any ? std::optional(i) : std::nullopt;
}

/// `from` is at the P; it is decided that this is a duration.
std::optional<std::size_t> Lexer::scanIsoDuration(std::size_t from) {
    constexpr std::string_view kAlternative = "Pdddd-dd-ddTdd:dd:dd";
    const bool alternative = isDigit(at(from + 1)) && isDigit(at(from + 2)) &&
                             isDigit(at(from + 3)) && isDigit(at(from + 4)) && at(from + 5) == '-';
    if (!alternative) {
        const std::optional<std::size_t> end = isoDurationEnd(from);
        return end ? end : noViable(from + 1);
    }
    for (std::size_t i = 0; i < kAlternative.size(); ++i) {
        const unsigned char c = at(from + i);
        if (kAlternative[i] == 'd') {
            if (!isDigit(c)) {
                return mismatchedSet(from + i);
            }
        } else if (c != kAlternative[i]) {
            return mismatched(from + i, kAlternative.substr(i, 1));
        }
    }
    return from + kAlternative.size();
}

}  // namespace engine::cql::syntax
