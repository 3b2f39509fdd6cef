#include "engine/cql/syntax/parser_state.h"

// INSERT, UPDATE, DELETE and BATCH.
namespace engine::cql::syntax {

namespace {

constexpr TokenSet kPlusMinus(TokenKind::Plus, TokenKind::Minus);
constexpr TokenSet kModifications(TokenKind::KInsert, TokenKind::KUpdate, TokenKind::KDelete);

}  // namespace

bool Parser::modification(Modification& out) {
    switch (peek()) {
    case TokenKind::KInsert: return insertStatement(out);
    case TokenKind::KUpdate: return updateStatement(out.emplace<UpdateStatement>());
    case TokenKind::KDelete: return deleteStatement(out.emplace<DeleteStatement>());
    default: return noViable();
    }
}

bool Parser::insertStatement(Modification& out) {
    QualifiedName table;
    if (!expect(TokenKind::KInsert, TokenKind::KInto) || !columnFamilyName(table)) {
        return false;
    }
    if (at(TokenKind::LeftParen)) {
        auto& insert = out.emplace<InsertStatement>();
        insert.table = std::move(table);
        return normalInsert(insert);
    }
    if (!accept(TokenKind::KJson)) {
        return noViable();
    }
    auto& insert = out.emplace<InsertJsonStatement>();
    insert.table = std::move(table);
    return jsonInsert(insert);
}

bool Parser::normalInsert(InsertStatement& out) {
    return tupleOfIdentifiers(out.columns) &&
           expect(TokenKind::KValues, TokenKind::LeftParen) && termList(out.values) &&
           expect(TokenKind::RightParen) && ifNotExists(out.ifNotExists) &&
           usingClause(out.using_);
}

bool Parser::jsonInsert(InsertJsonStatement& out) {
    if (at(TokenKind::StringLiteral)) {
        out.json.span = span(token());
        constant(out.json.node.emplace<Literal>());
    } else if (at(TokenKind::Colon) || at(TokenKind::QMark)) {
        if (!marker(out.json)) {
            return false;
        }
    } else {
        return noViable();
    }
    if (accept(TokenKind::KDefault)) {
        out.defaultUnset = accept(TokenKind::KUnset);
        if (!out.defaultUnset && !accept(TokenKind::KNull)) {
            return noViable();
        }
    }
    return ifNotExists(out.ifNotExists) && usingClause(out.using_);
}

/// [USING TIMESTAMP n AND TTL n]; a repeated part replaces the one before.
bool Parser::usingClause(Using& out) {
    const std::size_t start = m_position;
    if (!accept(TokenKind::KUsing)) {
        return true;
    }
    do {
        if (accept(TokenKind::KTimestamp)) {
            if (!intValue(out.timestamp.emplace())) {
                return false;
            }
        } else if (accept(TokenKind::KTtl)) {
            if (!intValue(out.ttl.emplace())) {
                return false;
            }
        } else {
            return noViable();
        }
    } while (accept(TokenKind::KAnd));
    out.span = spanFrom(start);
    return true;
}

bool Parser::updateStatement(UpdateStatement& out) {
    if (!expect(TokenKind::KUpdate) || !columnFamilyName(out.table) ||
        !usingClause(out.using_) || !expect(TokenKind::KSet)) {
        return false;
    }
    m_assigned.clear();
    do {
        if (!columnOperation(out.assignments)) {
            return false;
        }
    } while (accept(TokenKind::Comma));
    return expect(TokenKind::KWhere) && whereClause(out.where) &&
           conditions(out.ifExists, out.conditions);
}

bool Parser::columnOperation(std::vector<Assignment>& out) {
    const std::size_t start = m_position;
    Assignment made;
    if (!cident(made.column)) {
        return false;
    }
    bool parsed = false;
    switch (peek()) {
    case TokenKind::Equal:
        advance();
        parsed = normalColumnOperation(made);
        break;
    case TokenKind::PlusEqual:
    case TokenKind::MinusEqual:
        made.kind = at(TokenKind::PlusEqual) ? Assignment::Kind::Add : Assignment::Kind::Subtract;
        advance();
        parsed = term(made.value);
        break;
    case TokenKind::LeftBracket:
        made.kind = Assignment::Kind::SetElement;
        advance();
        parsed = term(made.key.emplace()) && expect(TokenKind::RightBracket, TokenKind::Equal) &&
                 term(made.value);
        break;
    case TokenKind::Dot:
        made.kind = Assignment::Kind::SetField;
        advance();
        parsed = ident(made.field.emplace()) && expect(TokenKind::Equal) && term(made.value);
        break;
    default: return noViable();
    }
    made.span = spanFrom(start);
    return parsed && addAssignment(out, std::move(made), m_tokens[start]);
}

/// A column is set as a whole once, and then in no other way; so is a field of a user type
/// (isCompatibleWith of Cassandra's Operation classes).
bool Parser::addAssignment(std::vector<Assignment>& out, Assignment assignment,
                           const Token& where) {
    const bool whole = assignment.kind == Assignment::Kind::Set;
    const auto [known, first] = m_assigned.try_emplace(assignment.column.text, whole);
    bool clash = !first && (known->second || whole);
    if (assignment.field) {
        const std::string field = assignment.column.text + '\0' + assignment.field->text;
        clash = !m_assigned.try_emplace(field, false).second || clash;
    }
    if (clash) {
        return semantic("Multiple incompatible setting of column " + assignment.column.text,
                        where);
    }
    out.push_back(std::move(assignment));
    return true;
}

/// 1 a term, 2 column ± term, 3 column and a negative number without a blank.
int Parser::predictNormalOperation() {
    const TokenKind first = peek();
    if (kTermOpeners.has(first)) {
        touch(1);
        return 1;
    }
    if (!kColumn.has(first)) {
        return noViable();
    }
    touch(1);
    const TokenKind next = look(1);
    if (kPlusMinus.has(next) || next == TokenKind::Integer) {
        touch(2);
        return next == TokenKind::Integer ? 3 : 2;
    }
    const bool term = first != TokenKind::EmptyQuotedName &&
                      (next == TokenKind::Dot ||
                       (next == TokenKind::LeftParen && kCallable.has(first)));
    if (!term) {
        return noViable(1);
    }
    touch(2);
    return 1;
}

bool Parser::normalColumnOperation(Assignment& out) {
    const int alternative = predictNormalOperation();
    const Token& first = token();
    Name operand;
    switch (alternative) {
    case 1:
        if (!term(out.value)) {
            return false;
        }
        if (!accept(TokenKind::Plus)) {
            return true;
        }
        out.kind = Assignment::Kind::Prepend;
        return cident(operand) &&
               (operand == out.column ||
                semantic("Only expressions of the form X = <value> + X are supported.", first));
    case 2: {
        if (!cident(operand)) {
            return false;
        }
        const bool plus = at(TokenKind::Plus);
        out.kind = plus ? Assignment::Kind::Add : Assignment::Kind::Subtract;
        advance();
        return term(out.value) &&
               (operand == out.column ||
                semantic("Only expressions of the form X = X " + std::string(plus ? "+" : "-") +
                             "<value> are supported.",
                         first));
    }
    case 3: {
        if (!cident(operand)) {
            return false;
        }
        const bool minus = raw(token()).front() == '-';
        out.kind = Assignment::Kind::Add;
        out.value.span = span(token());
        constant(out.value.node.emplace<Literal>());
        return operand == out.column ||
               semantic("Only expressions of the form X = X " + std::string(minus ? "-" : "+") +
                            " <value> are supported.",
                        first);
    }
    default: return false;
    }
}

bool Parser::deleteStatement(DeleteStatement& out) {
    if (!expect(TokenKind::KDelete)) {
        return false;
    }
    if (at(kColumn)) {
        do {
            if (!deleteOp(out.columns.emplace_back())) {
                return false;
            }
        } while (accept(TokenKind::Comma));
    }
    if (!expect(TokenKind::KFrom) || !columnFamilyName(out.table)) {
        return false;
    }
    const std::size_t start = m_position;
    if (accept(TokenKind::KUsing)) {
        if (!expect(TokenKind::KTimestamp) || !intValue(out.using_.timestamp.emplace())) {
            return false;
        }
        out.using_.span = spanFrom(start);
    }
    return expect(TokenKind::KWhere) && whereClause(out.where) &&
           conditions(out.ifExists, out.conditions);
}

bool Parser::deleteOp(Deletion& out) {
    if (!at(kColumn)) {
        return noViable();
    }
    touch(1);
    const TokenKind next = look(1);
    if (next != TokenKind::Comma && next != TokenKind::KFrom && next != TokenKind::Dot &&
        next != TokenKind::LeftBracket) {
        return noViable(1);
    }
    touch(2);
    takeName(out.column);
    if (accept(TokenKind::LeftBracket)) {
        return term(out.element.emplace()) && expect(TokenKind::RightBracket);
    }
    return !accept(TokenKind::Dot) || ident(out.field.emplace());
}

bool Parser::batchStatement(BatchStatement& out) {
    advance();
    if (accept(TokenKind::KUnlogged)) {
        out.kind = BatchStatement::Kind::Unlogged;
    } else if (accept(TokenKind::KCounter)) {
        out.kind = BatchStatement::Kind::Counter;
    }
    if (!expect(TokenKind::KBatch) || !usingClause(out.using_)) {
        return false;
    }
    while (at(kModifications)) {
        if (!modification(out.statements.emplace_back())) {
            return false;
        }
        accept(TokenKind::Semicolon);
    }
    return expect(TokenKind::KApply, TokenKind::KBatch);
}

}  // namespace engine::cql::syntax
