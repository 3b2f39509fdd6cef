#include "engine/cql/syntax/parser.h"
#include "engine/cql/syntax/parser_state.h"

// WHERE and IF: Parser.g's whereClause, relation and columnCondition.
namespace engine::cql::syntax {

namespace {

constexpr TokenSet kAfterColumnInBrackets =
    kRelationOperator | TokenSet(TokenKind::LeftBracket, TokenKind::KContains, TokenKind::KIn,
                                 TokenKind::KIs, TokenKind::KLike);
/// What follows IF EXISTS, inside a batch and outside.
constexpr TokenSet kAfterModification(TokenKind::Eof, TokenKind::Semicolon, TokenKind::KApply,
                                      TokenKind::KDelete, TokenKind::KInsert, TokenKind::KUpdate);
constexpr TokenSet kAfterConditionColumn =
    kRelationOperator | TokenSet(TokenKind::LeftBracket, TokenKind::Dot, TokenKind::KContains,
                                 TokenKind::KIn);

/// The alternatives of Parser.g's rule `relation`.
enum RelationAlternative {
    kOperator = 1,
    kLike,
    kIsNotNull,
    kToken,
    kInMarker,
    kInValues,
    kContains,
    kElement,
    kColumns,
    kBracketed,
};

}  // namespace

bool Parser::whereClause(std::vector<Relation>& out) {
    do {
        if (!relationOrExpression(out)) {
            return false;
        }
    } while (accept(TokenKind::KAnd));
    return true;
}

bool Parser::relationOrExpression(std::vector<Relation>& out) {
    if (at(TokenKind::ExprParen)) {
        return customIndexExpression(out.emplace_back());
    }
    if (!at(kColumn) && !at(TokenKind::KToken) && !at(TokenKind::LeftParen)) {
        return noViable();
    }
    return relation(out.emplace_back());
}

bool Parser::customIndexExpression(Relation& out) {
    const std::size_t start = m_position;
    out.kind = Relation::Kind::IndexExpression;
    advance();
    if (!objectName(out.index.name, "index") || !expect(TokenKind::Comma) ||
        !term(out.values.emplace_back()) || !expect(TokenKind::RightParen)) {
        return false;
    }
    out.span = spanFrom(start);
    return true;
}

int Parser::predictRelation() {
    const TokenKind first = peek();
    if (first == TokenKind::KToken) {
        touch(1);
        return kToken;
    }
    if (first == TokenKind::LeftParen) {
        touch(1);
        if (look(1) == TokenKind::LeftParen || look(1) == TokenKind::KToken) {
            touch(2);
            return kBracketed;
        }
        if (!kColumn.has(look(1))) {
            return noViable(1);
        }
        touch(2);
        if (look(2) == TokenKind::RightParen || look(2) == TokenKind::Comma) {
            touch(3);
            return kColumns;
        }
        if (!kAfterColumnInBrackets.has(look(2))) {
            return noViable(2);
        }
        touch(3);
        return kBracketed;
    }
    if (!kColumn.has(first)) {
        return noViable();
    }
    touch(1);
    const TokenKind next = look(1);
    if (next == TokenKind::KIn) {
        touch(2);
        if (look(2) == TokenKind::QMark || look(2) == TokenKind::Colon) {
            touch(3);
            return kInMarker;
        }
        if (look(2) != TokenKind::LeftParen) {
            return noViable(2);
        }
        touch(3);
        return kInValues;
    }
    const int alternative = kRelationOperator.has(next)      ? kOperator
                            : next == TokenKind::KLike       ? kLike
                            : next == TokenKind::KIs         ? kIsNotNull
                            : next == TokenKind::KContains   ? kContains
                            : next == TokenKind::LeftBracket ? kElement
                                                             : 0;
    if (alternative == 0) {
        return noViable(1);
    }
    touch(2);
    return alternative;
}

bool Parser::relation(Relation& out) {
    const Nesting nesting(*this);
    if (m_depth > kMaxNesting) {
        return tooDeep();
    }
    const std::size_t start = m_position;
    const int alternative = predictRelation();
    bool parsed = false;
    switch (alternative) {
    case 0: return false;
    case kBracketed:
        advance();
        return relation(out) && expect(TokenKind::RightParen);
    case kToken:
        advance();
        out.kind = Relation::Kind::Token;
        parsed = tupleOfIdentifiers(out.columns) && relationType(out.op) &&
                 term(out.values.emplace_back());
        break;
    case kColumns: parsed = columnsRelation(out); break;
    default: parsed = columnRelation(out, alternative);
    }
    out.span = spanFrom(start);
    return parsed;
}

bool Parser::columnRelation(Relation& out, int alternative) {
    if (!cident(out.columns.emplace_back())) {
        return false;
    }
    switch (alternative) {
    case kOperator: return relationType(out.op) && term(out.values.emplace_back());
    case kLike:
        out.op = Operator::Like;
        advance();
        return term(out.values.emplace_back());
    case kIsNotNull:
        out.op = Operator::IsNotNull;
        return expect(TokenKind::KIs, TokenKind::KNot, TokenKind::KNull);
    case kInMarker:
    case kInValues:
        out.op = Operator::In;
        advance();
        return inValues(out.values, out.inMarker);
    case kContains: return containsOperator(out.op) && term(out.values.emplace_back());
    default:
        out.kind = Relation::Kind::Element;
        advance();
        return term(out.key.emplace()) && expect(TokenKind::RightBracket) &&
               relationType(out.op) && term(out.values.emplace_back());
    }
}

bool Parser::columnsRelation(Relation& out) {
    out.kind = Relation::Kind::Columns;
    if (!tupleOfIdentifiers(out.columns)) {
        return false;
    }
    if (at(TokenKind::KIn)) {
        touch(1);
        out.op = Operator::In;
        advance();
        return multiColumnIn(out);
    }
    if (!at(kRelationOperator)) {
        return noViable();
    }
    touch(1);
    const TokenKind next = look(1);
    if (next != TokenKind::LeftParen && next != TokenKind::QMark && next != TokenKind::Colon) {
        return noViable(1);
    }
    touch(2);
    if (!relationType(out.op)) {
        return false;
    }
    Term& operand = out.values.emplace_back();
    return next == TokenKind::LeftParen ? tupleLiteral(operand) : marker(operand);
}

/// (a, b) IN (), IN ?, IN ((1, 2), …), IN (?, …)
bool Parser::multiColumnIn(Relation& out) {
    if (at(TokenKind::QMark) || at(TokenKind::Colon)) {
        out.inMarker = true;
        return marker(out.values.emplace_back());
    }
    if (!at(TokenKind::LeftParen)) {
        return noViable();
    }
    const TokenKind first = peek(1);
    const bool tuples = first == TokenKind::LeftParen;
    const bool markers = first == TokenKind::QMark || first == TokenKind::Colon;
    if (!tuples && !markers && first != TokenKind::RightParen) {
        return noViable(1);
    }
    advance();
    if (accept(TokenKind::RightParen)) {
        return true;
    }
    do {
        if (markers && !at(TokenKind::QMark) && !at(TokenKind::Colon)) {
            return noViable();
        }
        Term& operand = out.values.emplace_back();
        if (!(tuples ? tupleLiteral(operand) : marker(operand))) {
            return false;
        }
    } while (accept(TokenKind::Comma));
    return expect(TokenKind::RightParen);
}

bool Parser::relationType(Operator& out) {
    switch (peek()) {
    case TokenKind::Equal: out = Operator::Eq; break;
    case TokenKind::Less: out = Operator::Lt; break;
    case TokenKind::LessEqual: out = Operator::Lte; break;
    case TokenKind::Greater: out = Operator::Gt; break;
    case TokenKind::GreaterEqual: out = Operator::Gte; break;
    case TokenKind::NotEqual: out = Operator::Neq; break;
    default: return noViable();
    }
    advance();
    return true;
}

/// CONTAINS [KEY]; KEY may also begin the name of a function: `CONTAINS key.f()`.
bool Parser::containsOperator(Operator& out) {
    if (!expect(TokenKind::KContains)) {
        return false;
    }
    out = Operator::Contains;
    if (at(TokenKind::KKey) && kTermStart.has(peek(1))) {
        advance();
        out = Operator::ContainsKey;
    }
    return true;
}

bool Parser::inValues(std::vector<Term>& out, bool& isMarker) {
    if (at(TokenKind::QMark) || at(TokenKind::Colon)) {
        isMarker = true;
        return marker(out.emplace_back());
    }
    return expect(TokenKind::LeftParen) && (!at(kTermStart) || termList(out)) &&
           expect(TokenKind::RightParen);
}

bool Parser::tupleOfIdentifiers(std::vector<Name>& out) {
    if (!expect(TokenKind::LeftParen)) {
        return false;
    }
    do {
        if (!cident(out.emplace_back())) {
            return false;
        }
    } while (accept(TokenKind::Comma));
    return expect(TokenKind::RightParen);
}

/// [IF (EXISTS | condition AND …)]
bool Parser::conditions(bool& exists, std::vector<Condition>& out) {
    if (!accept(TokenKind::KIf)) {
        return true;
    }
    if (at(TokenKind::KExists)) {
        const TokenKind next = peek(1);
        if (kAfterModification.has(next)) {
            exists = true;
            advance();
            return true;
        }
        if (!kAfterConditionColumn.has(next)) {
            return noViable(1);
        }
    } else if (!at(kColumn)) {
        return noViable();
    }
    do {
        if (!columnCondition(out.emplace_back())) {
            return false;
        }
    } while (accept(TokenKind::KAnd));
    return true;
}

bool Parser::columnCondition(Condition& out) {
    const std::size_t start = m_position;
    if (!cident(out.column)) {
        return false;
    }
    bool parsed = false;
    if (accept(TokenKind::LeftBracket)) {
        parsed = term(out.element.emplace()) && expect(TokenKind::RightBracket) &&
                 conditionTail(out, false);
    } else if (accept(TokenKind::Dot)) {
        parsed = ident(out.field.emplace()) && conditionTail(out, false);
    } else {
        parsed = conditionTail(out, true);
    }
    out.span = spanFrom(start);
    return parsed;
}

bool Parser::conditionTail(Condition& out, bool containsAllowed) {
    if (at(kRelationOperator)) {
        return relationType(out.op) && term(out.values.emplace_back());
    }
    if (containsAllowed && at(TokenKind::KContains)) {
        return containsOperator(out.op) && term(out.values.emplace_back());
    }
    if (!accept(TokenKind::KIn)) {
        return noViable();
    }
    out.op = Operator::In;
    if (!at(TokenKind::LeftParen) && !at(TokenKind::QMark) && !at(TokenKind::Colon)) {
        return noViable();
    }
    return inValues(out.values, out.inMarker);
}

}  // namespace engine::cql::syntax
