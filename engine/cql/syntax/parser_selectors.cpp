#include "engine/cql/syntax/parser.h"
#include "engine/cql/syntax/parser_state.h"

// What SELECT selects: Parser.g from `unaliasedSelector` to `selectionFunctionArgs`.
namespace engine::cql::syntax {

namespace {

/// What can follow a selector.
constexpr TokenSet kAfterSelector(
    TokenKind::Percent, TokenKind::RightParen, TokenKind::Plus, TokenKind::Comma, TokenKind::Minus,
    TokenKind::Slash, TokenKind::Colon, TokenKind::Semicolon, TokenKind::Star,
    TokenKind::RightBracket, TokenKind::RightBrace, TokenKind::Eof, TokenKind::KAllow,
    TokenKind::KAs, TokenKind::KFrom, TokenKind::KLimit, TokenKind::KOrder, TokenKind::KPer);
/// The same as the decision after a field or an element knows it. Without `;`: in Cassandra
/// `GROUP BY u.f` works at the end of the text and fails before a semicolon.
constexpr TokenSet kAfterModifier = kAfterSelector - TokenSet(TokenKind::Semicolon);
constexpr TokenSet kAfterColumn = kAfterSelector | TokenSet(TokenKind::LeftBracket);
constexpr TokenSet kAfterColumnOrField = kAfterColumn | TokenSet(TokenKind::Dot);
/// Words that cannot be functions without a keyspace before them.
constexpr TokenSet kNeverCalled(TokenKind::KKey, TokenKind::KJson, TokenKind::KDistinct);

}  // namespace

bool Parser::selectorList(std::vector<Selector>& out) {
    do {
        if (!unaliasedSelector(out.emplace_back())) {
            return false;
        }
    } while (accept(TokenKind::Comma));
    return true;
}

bool Parser::combine(Selector& left, char op, std::size_t start,
                     bool (Parser::*operand)(Selector&)) {
    advance();
    ArithmeticSelector sum;
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

bool Parser::unaliasedSelector(Selector& out) {
    const Nesting nesting(*this);
    if (m_depth > kMaxNesting) {
        return tooDeep();
    }
    const std::size_t start = m_position;
    if (!selectionMultiplication(out)) {
        return false;
    }
    for (std::size_t count = 0; at(TokenKind::Plus) || at(TokenKind::Minus); ++count) {
        if (count > kMaxChain) {
            return tooDeep();
        }
        const char op = at(TokenKind::Plus) ? '+' : '-';
        if (!combine(out, op, start, &Parser::selectionMultiplication)) {
            return false;
        }
    }
    return true;
}

bool Parser::selectionMultiplication(Selector& out) {
    const std::size_t start = m_position;
    if (!selectionGroup(out)) {
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
        if (!combine(out, op, start, &Parser::selectionGroup)) {
            return false;
        }
    }
}

/// Fields, elements and slices belong to the selector only if they parse to the end: this is what
/// `(selectionGroupWithField)=>` comes to.
bool Parser::selectionGroup(Selector& out) {
    if (!at(kSelectorStart)) {
        return noViable();
    }
    touch(1);
    if (at(TokenKind::Minus)) {
        const Nesting nesting(*this);
        if (m_depth > kMaxNesting) {
            return tooDeep();
        }
        const std::size_t start = m_position;
        advance();
        NegateSelector negated;
        if (!selectionGroup(negated.operand.emplace_back())) {
            return false;
        }
        out.node = std::move(negated);
        out.span = spanFrom(start);
        return true;
    }
    touch(2);
    if (!selectionGroupWithoutField(out)) {
        return false;
    }
    if (at(TokenKind::Dot) || at(TokenKind::LeftBracket)) {
        Selector whole = out;
        if (attempt([&] { return selectorModifiers(whole); })) {
            out = std::move(whole);
        }
    }
    return !m_error;
}

/// (.field | [element] | [from..to])*, up to something that can follow a selector.
bool Parser::selectorModifiers(Selector& out) {
    const SourceSpan start = out.span;
    const auto extend = [&] {
        const Token& last = m_tokens[m_position - 1];
        out.span = start;
        out.span.length = last.offset + last.length - start.offset;
    };
    for (std::size_t count = 0;; ++count) {
        if (count > kMaxNesting) {
            return tooDeep();
        }
        if (accept(TokenKind::Dot)) {
            FieldSelector selection;
            selection.operand.push_back(std::move(out));
            if (!ident(selection.field)) {
                return false;
            }
            out.node = std::move(selection);
        } else if (accept(TokenKind::LeftBracket)) {
            if (!collectionSubSelection(out) || !expect(TokenKind::RightBracket)) {
                return false;
            }
        } else {
            return at(kAfterModifier) || noViable();
        }
        extend();
    }
}

bool Parser::collectionSubSelection(Selector& out) {
    std::optional<Term> from;
    std::optional<Term> to;
    bool slice = false;
    if (accept(TokenKind::Range)) {
        slice = true;
        if (!term(to.emplace())) {
            return false;
        }
    } else {
        if (!at(kTermStart)) {
            return noViable();
        }
        if (!term(from.emplace())) {
            return false;
        }
        slice = accept(TokenKind::Range);
        if (slice && at(kTermStart) && !term(to.emplace())) {
            return false;
        }
    }
    if (slice) {
        SliceSelector selection{{}, std::move(from), std::move(to)};
        selection.operand.push_back(std::move(out));
        out.node = std::move(selection);
    } else {
        ElementSelector selection{{}, std::move(*from)};
        selection.operand.push_back(std::move(out));
        out.node = std::move(selection);
    }
    return true;
}

bool Parser::selectionGroupWithoutField(Selector& out) {
    const std::size_t start = m_position;
    if (!at(kSelectorStart) || at(TokenKind::Minus)) {
        return noViable();
    }
    touch(1);
    switch (peek()) {
    case TokenKind::LeftParen: {
        touch(2);
        if (attempt([&] { return selectionTypeHint(out); })) {
            return !m_error;
        }
        if (m_error) {
            return false;
        }
        advance();
        TupleSelector tuple;
        if (!selectorList(tuple.items) || !expect(TokenKind::RightParen)) {
            return false;
        }
        out.node = std::move(tuple);
        break;
    }
    case TokenKind::LeftBracket: {
        advance();
        ListSelector list;
        if ((at(kSelectorStart) && !selectorList(list.items)) ||
            !expect(TokenKind::RightBracket)) {
            return false;
        }
        out.node = std::move(list);
        break;
    }
    case TokenKind::LeftBrace:
        if (!selectionMapOrSet(out)) {
            return false;
        }
        break;
    default: return simpleUnaliasedSelector(out);
    }
    out.span = spanFrom(start);
    return true;
}

bool Parser::selectionTypeHint(Selector& out) {
    const Nesting nesting(*this);
    if (m_depth > kMaxNesting) {
        return tooDeep();
    }
    const std::size_t start = m_position;
    HintSelector hint;
    advance();
    if (!comparatorType(hint.type) || !expect(TokenKind::RightParen) ||
        !selectionGroupWithoutField(hint.operand.emplace_back())) {
        return false;
    }
    out.node = std::move(hint);
    out.span = spanFrom(start);
    return true;
}

bool Parser::selectionMapOrSet(Selector& out) {
    const TokenKind inner = peek(1);
    if (inner == TokenKind::RightBrace) {
        advance();
        advance();
        out.node = SetSelector{};
        return true;
    }
    if (!kSelectorStart.has(inner)) {
        return noViable(1);
    }
    advance();
    Selector first;
    if (!unaliasedSelector(first)) {
        return false;
    }
    if (accept(TokenKind::Colon)) {
        MapSelector map;
        Selector second;
        if (!unaliasedSelector(second)) {
            return false;
        }
        map.entries.push_back({std::move(first), std::move(second)});
        while (accept(TokenKind::Comma)) {
            auto& [key, element] = map.entries.emplace_back();
            if (!unaliasedSelector(key) || !expect(TokenKind::Colon) ||
                !unaliasedSelector(element)) {
                return false;
            }
        }
        out.node = std::move(map);
    } else if (at(TokenKind::Comma) || at(TokenKind::RightBrace)) {
        SetSelector set;
        set.items.push_back(std::move(first));
        if (accept(TokenKind::Comma) && !selectorList(set.items)) {
            return false;
        }
        out.node = std::move(set);
    } else {
        return noViable();
    }
    return expect(TokenKind::RightBrace);
}

/// 1 column, 2 literal or marker, 3 function.
int Parser::predictSimpleSelector() {
    const TokenKind first = peek();
    if (first == TokenKind::KToken) {
        touch(1);
        return 3;
    }
    const bool bind = first == TokenKind::QMark;
    if (!bind && !kIdent.has(first)) {
        touch(1);
        return 2;
    }
    const int alone = bind ? 2 : 1;
    touch(1);
    const TokenKind next = look(1);
    if (next == TokenKind::LeftParen && !bind && !kNeverCalled.has(first)) {
        touch(2);
        return 3;
    }
    if (next != TokenKind::Dot) {
        if (!kAfterColumn.has(next)) {
            return noViable(1);
        }
        touch(2);
        return alone;
    }
    touch(2);
    const TokenKind name = look(2);
    if (name == TokenKind::KToken) {
        touch(3);
        return 3;
    }
    if (kOtherKeywords.has(name) && name != TokenKind::KCount) {
        touch(3);
        return alone;
    }
    if (!kFunctionIdent.has(name)) {
        return noViable(2);
    }
    touch(3);
    if (look(3) == TokenKind::LeftParen) {
        touch(4);
        return 3;
    }
    if (!kAfterColumnOrField.has(look(3))) {
        return noViable(3);
    }
    touch(4);
    return alone;
}

bool Parser::simpleUnaliasedSelector(Selector& out) {
    const std::size_t start = m_position;
    switch (predictSimpleSelector()) {
    case 1: takeName(out.node.emplace<ColumnSelector>().column); break;
    case 2: {
        Term& literal = out.node.emplace<TermSelector>().term;
        literal.span = span(token());
        if (at(TokenKind::Colon) || at(TokenKind::QMark)) {
            if (!marker(literal)) {
                return false;
            }
        } else if (accept(TokenKind::KNull)) {
            literal.node = Literal{LiteralKind::Null, "NULL"};
        } else if (!constant(literal.node.emplace<Literal>())) {
            return false;
        }
        break;
    }
    case 3:
        if (!selectionFunction(out)) {
            return false;
        }
        break;
    default: return false;
    }
    out.span = spanFrom(start);
    return true;
}

/// 1 COUNT(*), 2 MAXWRITETIME, 3 WRITETIME, 4 TTL, 5 CAST, 6 any other function.
int Parser::predictSelectionFunction() {
    touch(1);
    int builtIn = 0;
    switch (peek()) {
    case TokenKind::KCount: builtIn = 1; break;
    case TokenKind::KMaxwritetime: builtIn = 2; break;
    case TokenKind::KWritetime: builtIn = 3; break;
    case TokenKind::KTtl: builtIn = 4; break;
    case TokenKind::KCast: builtIn = 5; break;
    default: return 6;
    }
    if (look(1) == TokenKind::Dot) {
        touch(2);
        return 6;
    }
    if (look(1) != TokenKind::LeftParen) {
        return noViable(1);
    }
    touch(2);
    if (builtIn != 1) {
        return builtIn;
    }
    if (look(2) == TokenKind::Star) {
        touch(3);
        return 1;
    }
    if (!kSelectorStart.has(look(2)) && look(2) != TokenKind::RightParen) {
        return noViable(2);
    }
    touch(3);
    return 6;
}

bool Parser::selectionFunction(Selector& out) {
    switch (predictSelectionFunction()) {
    case 1:
        out.node = CountRowsSelector{};
        advance();
        return expect(TokenKind::LeftParen, TokenKind::Star, TokenKind::RightParen);
    case 2: return metadataSelector(out, MetadataSelector::Kind::MaxWritetime);
    case 3: return metadataSelector(out, MetadataSelector::Kind::Writetime);
    case 4: return metadataSelector(out, MetadataSelector::Kind::Ttl);
    case 5: {
        advance();
        CastSelector cast;
        if (!expect(TokenKind::LeftParen) || !unaliasedSelector(cast.operand.emplace_back()) ||
            !expect(TokenKind::KAs) || !nativeType(cast.type) || !expect(TokenKind::RightParen)) {
            return false;
        }
        out.node = std::move(cast);
        return true;
    }
    case 6: {
        CallSelector call;
        if (!functionName(call.function) || !selectionFunctionArgs(call.arguments)) {
            return false;
        }
        out.node = std::move(call);
        return true;
    }
    default: return false;
    }
}

bool Parser::metadataSelector(Selector& out, MetadataSelector::Kind kind) {
    advance();
    MetadataSelector made;
    made.kind = kind;
    Selector& target = made.target.emplace_back();
    if (!expect(TokenKind::LeftParen) || !ident(made.column)) {
        return false;
    }
    target.span = made.column.span;
    target.node = ColumnSelector{made.column};
    if (!selectorModifiers(target) || !expect(TokenKind::RightParen)) {
        return false;
    }
    out.node = std::move(made);
    return true;
}

bool Parser::selectionFunctionArgs(std::vector<Selector>& out) {
    return expect(TokenKind::LeftParen) && (!at(kSelectorStart) || selectorList(out)) &&
           expect(TokenKind::RightParen);
}

}  // namespace engine::cql::syntax
