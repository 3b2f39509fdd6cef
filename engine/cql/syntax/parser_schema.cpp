#include "engine/cql/syntax/parser_state.h"

// CREATE, ALTER and DROP of everything but tables and roles.
namespace engine::cql::syntax {

bool Parser::createStatement(Statement& out) {
    touch(1);
    TokenKind what = look(1);
    std::size_t ahead = 1;
    const bool orReplace = what == TokenKind::KOr;
    if (orReplace) {
        touch(2);
        if (look(2) != TokenKind::KReplace) {
            return noViable(2);
        }
        touch(3);
        ahead = 3;
        what = look(3);
        if (what != TokenKind::KFunction && what != TokenKind::KAggregate) {
            return noViable(3);
        }
    }
    constexpr TokenSet kCreatable(
        TokenKind::KKeyspace, TokenKind::KColumnfamily, TokenKind::KUser, TokenKind::KTrigger,
        TokenKind::KType, TokenKind::KRole, TokenKind::KMaterialized, TokenKind::KCustom,
        TokenKind::KIndex, TokenKind::KFunction, TokenKind::KAggregate);
    if (!kCreatable.has(what)) {
        return noViable(ahead);
    }
    touch(ahead + 1);
    m_position += ahead;
    switch (what) {
    case TokenKind::KKeyspace: return createKeyspace(out.emplace<CreateKeyspaceStatement>());
    case TokenKind::KColumnfamily:
        advance();
        return createTable(out.emplace<CreateTableStatement>());
    case TokenKind::KUser: return createUser(out.emplace<CreateRoleStatement>());
    case TokenKind::KRole: return createRole(out.emplace<CreateRoleStatement>());
    case TokenKind::KTrigger: return createTrigger(out.emplace<CreateTriggerStatement>());
    case TokenKind::KType: return createType(out.emplace<CreateTypeStatement>());
    case TokenKind::KMaterialized: return createView(out.emplace<CreateViewStatement>());
    case TokenKind::KFunction: {
        auto& function = out.emplace<CreateFunctionStatement>();
        function.orReplace = orReplace;
        return createFunction(function);
    }
    case TokenKind::KAggregate: {
        auto& aggregate = out.emplace<CreateAggregateStatement>();
        aggregate.orReplace = orReplace;
        return createAggregate(aggregate);
    }
    default: return createIndex(out.emplace<CreateIndexStatement>());
    }
}

bool Parser::dropStatement(Statement& out) {
    touch(1);
    const auto begin = [&] {
        touch(2);
        advance();
        advance();
    };
    switch (look(1)) {
    case TokenKind::KKeyspace: {
        begin();
        auto& drop = out.emplace<DropKeyspaceStatement>();
        return ifExists(drop.ifExists) && keyspaceName(drop.keyspace);
    }
    case TokenKind::KColumnfamily: {
        begin();
        auto& drop = out.emplace<DropTableStatement>();
        return ifExists(drop.ifExists) && columnFamilyName(drop.table);
    }
    case TokenKind::KIndex: {
        begin();
        auto& drop = out.emplace<DropIndexStatement>();
        return ifExists(drop.ifExists) && indexName(drop.index);
    }
    case TokenKind::KUser: {
        begin();
        auto& drop = out.emplace<DropRoleStatement>();
        drop.isUser = true;
        return ifExists(drop.ifExists) && username(drop.role);
    }
    case TokenKind::KRole: {
        begin();
        auto& drop = out.emplace<DropRoleStatement>();
        return ifExists(drop.ifExists) && roleName(drop.role);
    }
    case TokenKind::KTrigger: {
        begin();
        auto& drop = out.emplace<DropTriggerStatement>();
        return ifExists(drop.ifExists) && ident(drop.trigger) && expect(TokenKind::KOn) &&
               columnFamilyName(drop.table);
    }
    case TokenKind::KType: {
        begin();
        auto& drop = out.emplace<DropTypeStatement>();
        return ifExists(drop.ifExists) && userTypeName(drop.type);
    }
    case TokenKind::KFunction: {
        begin();
        auto& drop = out.emplace<DropFunctionStatement>();
        return dropFunction(drop.function, drop.ifExists, drop.argumentTypes);
    }
    case TokenKind::KAggregate: {
        begin();
        auto& drop = out.emplace<DropAggregateStatement>();
        return dropFunction(drop.aggregate, drop.ifExists, drop.argumentTypes);
    }
    case TokenKind::KMaterialized: {
        begin();
        auto& drop = out.emplace<DropViewStatement>();
        return expect(TokenKind::KView) && ifExists(drop.ifExists) && columnFamilyName(drop.view);
    }
    case TokenKind::KIdentity: {
        begin();
        auto& drop = out.emplace<DropIdentityStatement>();
        return ifExists(drop.ifExists) && identity(drop.identity);
    }
    default: return noViable(1);
    }
}

bool Parser::alterStatement(Statement& out) {
    touch(1);
    const auto begin = [&] {
        touch(2);
        advance();
        advance();
    };
    switch (look(1)) {
    case TokenKind::KColumnfamily: begin(); return alterTable(out.emplace<AlterTableStatement>());
    case TokenKind::KKeyspace: begin(); return alterKeyspace(out.emplace<AlterKeyspaceStatement>());
    case TokenKind::KUser: begin(); return alterUser(out.emplace<AlterRoleStatement>());
    case TokenKind::KRole: begin(); return alterRole(out.emplace<AlterRoleStatement>());
    case TokenKind::KType: begin(); return alterType(out.emplace<AlterTypeStatement>());
    case TokenKind::KMaterialized: begin(); return alterView(out.emplace<AlterViewStatement>());
    default: return noViable(1);
    }
}

bool Parser::createKeyspace(CreateKeyspaceStatement& out) {
    return expect(TokenKind::KKeyspace) && ifNotExists(out.ifNotExists) &&
           keyspaceName(out.keyspace) && expect(TokenKind::KWith) && properties(out.properties);
}

bool Parser::alterKeyspace(AlterKeyspaceStatement& out) {
    return ifExists(out.ifExists) && keyspaceName(out.keyspace) && expect(TokenKind::KWith) &&
           properties(out.properties);
}

bool Parser::createType(CreateTypeStatement& out) {
    const auto field = [&] {
        FieldDefinition& made = out.fields.emplace_back();
        return ident(made.name) && comparatorType(made.type);
    };
    if (!expect(TokenKind::KType) || !ifNotExists(out.ifNotExists) || !userTypeName(out.type) ||
        !expect(TokenKind::LeftParen) || !field()) {
        return false;
    }
    while (accept(TokenKind::Comma)) {
        if (at(kIdent) && !field()) {
            return false;
        }
    }
    return expect(TokenKind::RightParen);
}

bool Parser::alterType(AlterTypeStatement& out) {
    if (!ifExists(out.ifExists) || !userTypeName(out.type)) {
        return false;
    }
    if (accept(TokenKind::KAlter)) {
        FieldDefinition& field = out.change.emplace<AlterTypeStatement::AlterField>().field;
        return ident(field.name) && expect(TokenKind::KType) && comparatorType(field.type);
    }
    if (accept(TokenKind::KAdd)) {
        auto& add = out.change.emplace<AlterTypeStatement::AddField>();
        return ifNotExists(add.ifFieldNotExists) && ident(add.field.name) &&
               comparatorType(add.field.type);
    }
    if (accept(TokenKind::KRename)) {
        auto& rename = out.change.emplace<AlterTypeStatement::RenameFields>();
        return ifExists(rename.ifFieldExists) && renames(rename.fields);
    }
    return noViable();
}

bool Parser::createIndex(CreateIndexStatement& out) {
    out.custom = accept(TokenKind::KCustom);
    if (!expect(TokenKind::KIndex) || !ifNotExists(out.ifNotExists)) {
        return false;
    }
    if (at(kObjectName) && !objectName(out.index, "index")) {
        return false;
    }
    if (!expect(TokenKind::KOn) || !columnFamilyName(out.table) ||
        !expect(TokenKind::LeftParen)) {
        return false;
    }
    constexpr TokenSet kTargetStart =
        kColumn | TokenSet(TokenKind::KEntries, TokenKind::KFull);
    if (at(kTargetStart)) {
        do {
            if (!indexIdent(out.targets.emplace_back())) {
                return false;
            }
        } while (accept(TokenKind::Comma));
    }
    if (!expect(TokenKind::RightParen)) {
        return false;
    }
    if (accept(TokenKind::KUsing) && !stringLiteral(out.usingClass.emplace())) {
        return false;
    }
    return !accept(TokenKind::KWith) || properties(out.properties);
}

bool Parser::indexIdent(IndexTarget& out) {
    const bool values = at(TokenKind::KValues);
    if (values || at(TokenKind::KKeys)) {
        const TokenKind next = peek(1);
        if (next == TokenKind::LeftParen) {
            out.kind = values ? IndexTarget::Kind::Values : IndexTarget::Kind::Keys;
        } else if (next != TokenKind::Comma && next != TokenKind::RightParen) {
            return noViable(1);
        }
    } else if (at(TokenKind::KEntries)) {
        out.kind = IndexTarget::Kind::Entries;
    } else if (at(TokenKind::KFull)) {
        out.kind = IndexTarget::Kind::Full;
    }
    if (out.kind == IndexTarget::Kind::Simple) {
        return cident(out.column);
    }
    advance();
    return expect(TokenKind::LeftParen) && cident(out.column) && expect(TokenKind::RightParen);
}

bool Parser::createView(CreateViewStatement& out) {
    SourceSpan wildcard;
    if (!expect(TokenKind::KMaterialized, TokenKind::KView) || !ifNotExists(out.ifNotExists) ||
        !columnFamilyName(out.view) || !expect(TokenKind::KAs, TokenKind::KSelect) ||
        !selectors(out.items, wildcard) || !expect(TokenKind::KFrom) ||
        !columnFamilyName(out.baseTable)) {
        return false;
    }
    if (accept(TokenKind::KWhere) && !whereClause(out.where)) {
        return false;
    }
    const std::size_t start = m_position;
    if (!expect(TokenKind::KPrimary, TokenKind::KKey) || !primaryKeyBody(out.primaryKey)) {
        return false;
    }
    out.primaryKey.span = spanFrom(start);
    if (!accept(TokenKind::KWith)) {
        return true;
    }
    do {
        if (!tableProperty(out.properties, out.clusteringOrder, nullptr)) {
            return false;
        }
    } while (accept(TokenKind::KAnd));
    return true;
}

bool Parser::alterView(AlterViewStatement& out) {
    return expect(TokenKind::KView) && ifExists(out.ifExists) && columnFamilyName(out.view) &&
           expect(TokenKind::KWith) && properties(out.properties);
}

bool Parser::createFunction(CreateFunctionStatement& out) {
    if (!expect(TokenKind::KFunction) || !ifNotExists(out.ifNotExists) ||
        !functionName(out.function) || !expect(TokenKind::LeftParen)) {
        return false;
    }
    if (at(kIdent)) {
        do {
            FieldDefinition& argument = out.arguments.emplace_back();
            if (!ident(argument.name) || !comparatorType(argument.type)) {
                return false;
            }
        } while (accept(TokenKind::Comma));
    }
    if (!expect(TokenKind::RightParen)) {
        return false;
    }
    out.calledOnNullInput = accept(TokenKind::KCalled);
    if (!out.calledOnNullInput) {
        if (!accept(TokenKind::KReturns)) {
            return noViable();
        }
        if (!expect(TokenKind::KNull)) {
            return false;
        }
    }
    if (!expect(TokenKind::KOn, TokenKind::KNull, TokenKind::KInput, TokenKind::KReturns) ||
        !comparatorType(out.returnType) || !expect(TokenKind::KLanguage)) {
        return false;
    }
    if (!at(TokenKind::Ident)) {
        return expect(TokenKind::Ident);
    }
    Name language;
    takeName(language);
    out.language = std::move(language.text);
    return expect(TokenKind::KAs) && stringLiteral(out.body);
}

bool Parser::createAggregate(CreateAggregateStatement& out) {
    if (!expect(TokenKind::KAggregate) || !ifNotExists(out.ifNotExists) ||
        !functionName(out.aggregate) || !typesInParentheses(out.argumentTypes) ||
        !expect(TokenKind::KSfunc) || !allowedFunctionName(out.stateFunction) ||
        !expect(TokenKind::KStype) || !comparatorType(out.stateType)) {
        return false;
    }
    if (accept(TokenKind::KFinalfunc) && !allowedFunctionName(out.finalFunction.emplace())) {
        return false;
    }
    return !accept(TokenKind::KInitcond) || term(out.initialCondition.emplace());
}

bool Parser::typesInParentheses(std::vector<TypeRef>& out) {
    constexpr TokenSet kTypeStart =
        kIdent | TokenSet(TokenKind::StringLiteral, TokenKind::KSet);
    if (!expect(TokenKind::LeftParen)) {
        return false;
    }
    if (at(kTypeStart)) {
        do {
            if (!comparatorType(out.emplace_back())) {
                return false;
            }
        } while (accept(TokenKind::Comma));
    }
    return expect(TokenKind::RightParen);
}

bool Parser::dropFunction(QualifiedName& name, bool& exists,
                          std::optional<std::vector<TypeRef>>& types) {
    if (!ifExists(exists) || !functionName(name)) {
        return false;
    }
    return !at(TokenKind::LeftParen) || typesInParentheses(types.emplace());
}

bool Parser::createTrigger(CreateTriggerStatement& out) {
    return expect(TokenKind::KTrigger) && ifNotExists(out.ifNotExists) && ident(out.trigger) &&
           expect(TokenKind::KOn) && columnFamilyName(out.table) && expect(TokenKind::KUsing) &&
           stringLiteral(out.triggerClass);
}

}  // namespace engine::cql::syntax
