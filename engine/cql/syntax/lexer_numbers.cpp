#include "engine/cql/syntax/lexer.h"

// Numbers, durations and UUIDs that begin with a digit. The generated lexer of Cassandra decides
// between them by looking ahead, and how far it looks shows in what it refuses: `1e` is no token at
// all, `1d2x` neither. numberKind() walks the same decisions.
namespace engine::cql::syntax {

namespace {

constexpr std::size_t kHexBeforeDash = 8;

bool isDigit(unsigned char c) { return c >= '0' && c <= '9'; }
unsigned char lowerOf(unsigned char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }
bool isHexLetter(unsigned char c) { return lowerOf(c) >= 'a' && lowerOf(c) <= 'f'; }
bool isHexDigit(unsigned char c) { return isDigit(c) || isHexLetter(c); }

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
    case '-': return digits == kHexBeforeDash ? TokenKind::Uuid : TokenKind::Integer;
    case 'a': case 'b': case 'c': case 'f':
        return digits < kHexBeforeDash ? TokenKind::Uuid : TokenKind::Integer;
    case 'd': return digits < kHexBeforeDash ? kindAfterDay(i) : TokenKind::Duration;
    case 'e': return digits < kHexBeforeDash ? kindAfterExponent(i) : TokenKind::Float;
    case 'h': case 'm': case 'n': case 's': case 'u': case 'w': case 'y':
        return TokenKind::Duration;
    case 0xC2: return at(i + 1) == 0xB5 ? TokenKind::Duration : TokenKind::Integer;  // µ
    default: return TokenKind::Integer;
    }
}

/// Digits and then E: a float's exponent, or a UUID's first group.
std::optional<TokenKind> Lexer::kindAfterExponent(std::size_t exponent) {
    std::size_t i = exponent + 1;
    const std::size_t limit = m_position + kHexBeforeDash;
    if (i == limit) {
        if (at(i) == '+' || isDigit(at(i))) {
            return TokenKind::Float;
        }
        if (at(i) != '-') {
            return noViable(i);
        }
        if (!isHexDigit(at(i + 1))) {
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
    if (!isHexDigit(at(i))) {
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
    const std::size_t limit = m_position + kHexBeforeDash;
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
        for (++i; isHexDigit(at(i)); ++i) {
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

/// [digits `next`] [digits `last`] of a date or time whose first part is read. Both begin with
/// digits, so the lexer looks for the letter before it chooses.
std::optional<std::size_t> Lexer::scanLaterParts(std::size_t i, char next, char last) {
    const auto pastDigits = [&](std::size_t from) {
        while (isDigit(at(from))) {
            ++from;
        }
        return from;
    };
    if (next != '\0' && isDigit(at(i))) {
        const std::size_t letter = pastDigits(i);
        if (at(letter) == next) {
            i = letter + 1;
        } else if (at(letter) != last) {
            return noViable(letter);
        }
    }
    if (last != '\0' && isDigit(at(i))) {
        const std::size_t letter = pastDigits(i);
        if (at(letter) != last) {
            return mismatched(letter, std::string_view(&last, 1));
        }
        i = letter + 1;
    }
    return i;
}

/// `i` is at the T.
std::optional<std::size_t> Lexer::scanIsoTime(std::size_t i) {
    std::size_t letter = i + 1;
    while (isDigit(at(letter))) {
        ++letter;
    }
    const unsigned char c = at(letter);
    if (letter == i + 1 || (c != 'H' && c != 'M' && c != 'S')) {
        return noViable(letter);
    }
    return scanLaterParts(letter + 1, c == 'H' ? 'M' : '\0', c == 'S' ? '\0' : 'S');
}

/// `from` is at the P; it is decided that this is a duration.
std::optional<std::size_t> Lexer::scanIsoDuration(std::size_t from) {
    constexpr std::size_t kYearDigits = 4;
    if (at(from + 1) == 'T') {
        return scanIsoTime(from + 1);
    }
    std::size_t letter = from + 1;
    while (isDigit(at(letter))) {
        ++letter;
    }
    const unsigned char c = at(letter);
    if (letter > from + 1 && c == 'W') {
        return letter + 1;
    }
    if (letter == from + 1 + kYearDigits && c == '-') {
        return scanIsoAlternative(from);
    }
    if (letter == from + 1 || (c != 'Y' && c != 'M' && c != 'D')) {
        return noViable(letter);
    }
    const std::optional<std::size_t> end =
        scanLaterParts(letter + 1, c == 'Y' ? 'M' : '\0', c == 'D' ? '\0' : 'D');
    return end && at(*end) == 'T' ? scanIsoTime(*end) : end;
}

/// P0001-02-03T04:05:06
std::optional<std::size_t> Lexer::scanIsoAlternative(std::size_t from) {
    constexpr std::string_view kShape = "Pdddd-dd-ddTdd:dd:dd";
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        const unsigned char c = at(from + i);
        if (kShape[i] == 'd') {
            if (!isDigit(c)) {
                return mismatchedSet(from + i);
            }
        } else if (c != kShape[i]) {
            return mismatched(from + i, kShape.substr(i, 1));
        }
    }
    return from + kShape.size();
}

}  // namespace engine::cql::syntax
