#include "engine/cql/syntax/parser.h"
#include "engine/cql/syntax/parser_state.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

// Terms: Parser.g from `constant` to `simpleTerm`.
namespace engine::cql::syntax {

bool Parser::constant(Literal& out) {
    const Token& t = token();
    switch (t.kind) {
    case TokenKind::StringLiteral: out.kind = LiteralKind::String; out.text = text(t); break;
    case TokenKind::Integer: out.kind = LiteralKind::Integer; out.text = raw(t); break;
    case TokenKind::Float:
        out.kind = LiteralKind::Float;
        out.text = raw(t);
        advance();
        return checkFloat(out.text, t);
    case TokenKind::Boolean: out.kind = LiteralKind::Boolean; out.text = raw(t); break;
    case TokenKind::Duration: out.kind = LiteralKind::Duration; out.text = raw(t); break;
    case TokenKind::Uuid: out.kind = LiteralKind::Uuid; out.text = raw(t); break;
    case TokenKind::HexNumber: out.kind = LiteralKind::Hex; out.text = raw(t); break;
    case TokenKind::NegativeNan:
    case TokenKind::KPositiveNan: out.kind = LiteralKind::Float; out.text = "NaN"; break;
    case TokenKind::KPositiveInfinity: out.kind = LiteralKind::Float; out.text = "Infinity"; break;
    case TokenKind::NegativeInfinity: out.kind = LiteralKind::Float; out.text = "-Infinity"; break;
    default: return noViable();
    }
    advance();
    return true;
}

/// Constants.Type.FLOAT looks whether a double holds the number, by way of java.math.BigDecimal,
/// and trips over infinity; BigDecimal has limits of its own.
bool Parser::checkFloat(std::string_view number, const Token& where) {
    constexpr std::size_t kMaxExponentDigits = 10;
    constexpr std::size_t kSurelyFinite = 300;
    constexpr std::int64_t kMaxInt = std::numeric_limits<std::int32_t>::max();
    const std::size_t e = number.find_first_of("eE");
    if (e == std::string_view::npos && number.size() < kSurelyFinite) {
        return true;
    }
    const auto refuse = [&](std::string_view why) {
        return thrown("NumberFormatException " + std::string(why), where);
    };
    if (e != std::string_view::npos) {
        std::string digits(number.substr(e + 1));
        const bool negative = digits.front() == '-';
        digits.erase(0, digits.find_first_not_of("+-"));
        digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
        if (digits.size() > kMaxExponentDigits) {
            return refuse("Too many nonzero exponent digits.");
        }
        const std::int64_t exponent = std::strtoll(digits.c_str(), nullptr, 10);
        if (exponent > kMaxInt + (negative ? 1 : 0)) {
            return refuse("Exponent overflow.");
        }
        const std::size_t point = number.find('.');
        const auto fraction =
            static_cast<std::int64_t>(point == std::string_view::npos ? 0 : e - point - 1);
        if (negative && exponent + fraction > kMaxInt) {
            return refuse("Scale out of range.");
        }
    }
    if (std::isinf(std::strtod(std::string(number).c_str(), nullptr))) {
        return refuse("Character I is neither a decimal digit number, decimal point, nor \"e\" "
                      "notation exponential mark.");
    }
    return true;
}

bool Parser::intValue(Term& out) {
    if (at(TokenKind::Integer)) {
        out.span = span(token());
        return constant(out.node.emplace<Literal>());
    }
    if (at(TokenKind::Colon) || at(TokenKind::QMark)) {
        return marker(out);
    }
    return noViable();
}

bool Parser::combine(Term& left, char op, std::size_t start, bool (Parser::*operand)(Term&)) {
    advance();
    ArithmeticTerm sum;
    sum.op = op;
    sum.operands.reserve(2);
    sum.operands.push_back(std::move(left));
    if (!(this->*operand)(sum.operands.emplace_back())) {
        return false;
    }
    left.node = std::move(sum);
    left.span = spanFrom(start);
    return true;
}

bool Parser::term(Term& out) {
    const Nesting nesting(*this);
    if (m_depth > kMaxNesting) {
        return tooDeep();
    }
    return termAddition(out);
}

bool Parser::termAddition(Term& out) {
    const std::size_t start = m_position;
    if (!termMultiplication(out)) {
        return false;
    }
    for (std::size_t count = 0;; ++count) {
        const int alternative = predictAddition();
        if (alternative == 0 || alternative == 3) {
            return alternative == 3;
        }
        if (count > kMaxChain) {
            return tooDeep();
        }
        if (!combine(out, alternative == 1 ? '+' : '-', start, &Parser::termMultiplication)) {
            return false;
        }
    }
}

bool Parser::termMultiplication(Term& out) {
    const std::size_t start = m_position;
    if (!termGroup(out)) {
        return false;
    }
    for (std::size_t count = 0;; ++count) {
        const char op = at(TokenKind::Star)      ? '*'
                        : at(TokenKind::Slash)   ? '/'
                        : at(TokenKind::Percent) ? '%'
                                                 : '\0';
        if (op == '\0') {
            return true;
        }
        if (count > kMaxChain) {
            return tooDeep();
        }
        if (!combine(out, op, start, &Parser::termGroup)) {
            return false;
        }
    }
}

bool Parser::termGroup(Term& out) {
    if (!at(kTermStart)) {
        return noViable();
    }
    if (!at(TokenKind::Minus)) {
        return simpleTerm(out);
    }
    const std::size_t start = m_position;
    advance();
    NegateTerm negated;
    if (!simpleTerm(negated.operand.emplace_back())) {
        return false;
    }
    out.node = std::move(negated);
    out.span = spanFrom(start);
    return true;
}

bool Parser::simpleTerm(Term& out) {
    switch (predictSimpleTerm()) {
    case 1: return value(out);
    case 2: return function(out);
    case 3: return typeHint(out);
    case 4: return cast(out);
    default: return false;
    }
}

bool Parser::typeHint(Term& out) {
    const Nesting nesting(*this);
    if (m_depth > kMaxNesting) {
        return tooDeep();
    }
    const std::size_t start = m_position;
    HintTerm hint;
    advance();
    if (!comparatorType(hint.type) || !expect(TokenKind::RightParen) ||
        !simpleTerm(hint.operand.emplace_back())) {
        return false;
    }
    out.node = std::move(hint);
    out.span = spanFrom(start);
    return true;
}

bool Parser::cast(Term& out) {
    const Nesting nesting(*this);
    if (m_depth > kMaxNesting) {
        return tooDeep();
    }
    const std::size_t start = m_position;
    CastTerm made;
    advance();
    if (!expect(TokenKind::LeftParen) || !simpleTerm(made.operand.emplace_back()) ||
        !expect(TokenKind::KAs) || !nativeType(made.type) || !expect(TokenKind::RightParen)) {
        return false;
    }
    out.node = std::move(made);
    out.span = spanFrom(start);
    return true;
}

bool Parser::value(Term& out) {
    const std::size_t start = m_position;
    switch (peek()) {
    case TokenKind::LeftBracket: {
        touch(1);
        advance();
        ListTerm list;
        if ((at(kTermStart) && !termList(list.items)) || !expect(TokenKind::RightBracket)) {
            return false;
        }
        out.node = std::move(list);
        break;
    }
    case TokenKind::LeftBrace: return braces(out);
    case TokenKind::LeftParen: touch(1); return tupleLiteral(out);
    case TokenKind::KNull:
        touch(1);
        advance();
        out.node = Literal{LiteralKind::Null, "NULL"};
        break;
    case TokenKind::Colon:
    case TokenKind::QMark: touch(1); return marker(out);
    default:
        touch(1);
        if (!constant(out.node.emplace<Literal>())) {
            return false;
        }
    }
    out.span = spanFrom(start);
    return true;
}

/// `{`: a set, a map, or the fields of a user type.
bool Parser::braces(Term& out) {
    touch(1);
    const TokenKind inner = look(1);
    if (kTermOpeners.has(inner) || inner == TokenKind::RightBrace) {
        touch(2);
        return collectionBraces(out);
    }
    if (!kIdent.has(inner)) {
        return noViable(1);
    }
    touch(2);
    const TokenKind after = look(2);
    if (after == TokenKind::Colon) {
        touch(3);
        return userTypeLiteral(out);
    }
    if (after == TokenKind::Dot || (kCallable.has(inner) && after == TokenKind::LeftParen)) {
        touch(3);
        return collectionBraces(out);
    }
    return noViable(2);
}

bool Parser::collectionBraces(Term& out) {
    const std::size_t start = m_position;
    advance();
    if (accept(TokenKind::RightBrace)) {
        out.node = SetTerm{};
        out.span = spanFrom(start);
        return true;
    }
    Term first;
    if (!term(first)) {
        return false;
    }
    if (at(TokenKind::Colon)) {
        MapTerm map;
        advance();
        Term second;
        if (!term(second)) {
            return false;
        }
        map.entries.push_back({std::move(first), std::move(second)});
        while (accept(TokenKind::Comma)) {
            auto& [key, element] = map.entries.emplace_back();
            if (!term(key) || !expect(TokenKind::Colon) || !term(element)) {
                return false;
            }
        }
        out.node = std::move(map);
    } else if (at(TokenKind::Comma) || at(TokenKind::RightBrace)) {
        SetTerm set;
        set.items.push_back(std::move(first));
        while (accept(TokenKind::Comma)) {
            if (!term(set.items.emplace_back())) {
                return false;
            }
        }
        out.node = std::move(set);
    } else {
        return noViable();
    }
    if (!expect(TokenKind::RightBrace)) {
        return false;
    }
    out.span = spanFrom(start);
    return true;
}

bool Parser::userTypeLiteral(Term& out) {
    const std::size_t start = m_position;
    UserTypeTerm made;
    advance();
    do {
        auto& [name, element] = made.fields.emplace_back();
        if (!ident(name) || !expect(TokenKind::Colon) || !term(element)) {
            return false;
        }
    } while (accept(TokenKind::Comma));
    if (!expect(TokenKind::RightBrace)) {
        return false;
    }
    out.node = std::move(made);
    out.span = spanFrom(start);
    return true;
}

bool Parser::tupleLiteral(Term& out) {
    const std::size_t start = m_position;
    TupleTerm tuple;
    if (!expect(TokenKind::LeftParen) || !termList(tuple.items) ||
        !expect(TokenKind::RightParen)) {
        return false;
    }
    out.node = std::move(tuple);
    out.span = spanFrom(start);
    return true;
}

bool Parser::termList(std::vector<Term>& out) {
    do {
        if (!term(out.emplace_back())) {
            return false;
        }
    } while (accept(TokenKind::Comma));
    return true;
}

bool Parser::function(Term& out) {
    const std::size_t start = m_position;
    const int alternative = predictFunction();
    if (alternative == 0) {
        return false;
    }
    CallTerm call;
    if (!functionName(call.function) || !expect(TokenKind::LeftParen) ||
        (alternative == 2 && !termList(call.arguments)) || !expect(TokenKind::RightParen)) {
        return false;
    }
    out.node = std::move(call);
    out.span = spanFrom(start);
    return true;
}

}  // namespace engine::cql::syntax
