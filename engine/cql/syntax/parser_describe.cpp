#include "engine/cql/syntax/parser_state.h"

// DESCRIBE: Parser.g's describeStatement.
namespace engine::cql::syntax {

namespace {

constexpr TokenSet kAfterBareName(TokenKind::Dot, TokenKind::Semicolon, TokenKind::Eof,
                                  TokenKind::KWith);
constexpr TokenSet kAfterLastName(TokenKind::Semicolon, TokenKind::Eof, TokenKind::KWith);

using Kind = DescribeStatement::Kind;

}  // namespace

/// The Kind to describe, as an int plus one; Generic for a bare name, 0 after an error. Words that
/// are names too count as the word unless what follows says otherwise.
int Parser::predictDescribe() {
    const auto chosen = [&](Kind kind, std::size_t ahead = 1) {
        touch(ahead);
        return static_cast<int>(kind) + 1;
    };
    const auto wordOrName = [&](Kind kind, const TokenSet& operands) {
        touch(1);
        if (kAfterBareName.has(look(1))) {
            return chosen(Kind::Generic, 2);
        }
        return operands.has(look(1)) ? chosen(kind, 2) : static_cast<int>(noViable(1));
    };
    constexpr TokenSet kFunctionOperand = kObjectName | TokenSet(TokenKind::KToken);
    switch (peek()) {
    case TokenKind::KCluster: return chosen(Kind::Cluster, 2);
    case TokenKind::KFull: return chosen(Kind::FullSchema);
    case TokenKind::KSchema: return chosen(Kind::Schema);
    case TokenKind::KKeyspaces: return chosen(Kind::Keyspaces, 2);
    case TokenKind::KKeyspace: return chosen(Kind::Keyspace);
    case TokenKind::KTables: return chosen(Kind::Tables, 2);
    case TokenKind::KColumnfamily: return chosen(Kind::Table);
    case TokenKind::KIndex: return chosen(Kind::Index);
    case TokenKind::KMaterialized: return chosen(Kind::MaterializedView);
    case TokenKind::KTypes: return chosen(Kind::Types, 2);
    case TokenKind::KFunctions: return chosen(Kind::Functions, 2);
    case TokenKind::KAggregates: return chosen(Kind::Aggregates, 2);
    case TokenKind::KOnly: return wordOrName(Kind::OnlyKeyspace, TokenSet(TokenKind::KKeyspace));
    case TokenKind::KType: return wordOrName(Kind::Type, kIdent);
    case TokenKind::KFunction: return wordOrName(Kind::Function, kFunctionOperand);
    case TokenKind::KAggregate: return wordOrName(Kind::Aggregate, kFunctionOperand);
    default: return at(kIdent) ? chosen(Kind::Generic) : static_cast<int>(noViable());
    }
}

bool Parser::describeStatement(DescribeStatement& out) {
    advance();
    const int predicted = predictDescribe();
    if (predicted == 0) {
        return false;
    }
    out.kind = static_cast<Kind>(predicted - 1);
    bool parsed = true;
    if (out.kind != Kind::Generic) {
        advance();
    }
    switch (out.kind) {
    case Kind::FullSchema: parsed = expect(TokenKind::KSchema); break;
    case Kind::OnlyKeyspace:
    case Kind::Keyspace:
        parsed = out.kind == Kind::Keyspace || expect(TokenKind::KKeyspace);
        parsed = parsed && (!at(kObjectName) || keyspaceName(out.name.keyspace));
        break;
    case Kind::Table:
    case Kind::Index: parsed = columnFamilyName(out.name); break;
    case Kind::MaterializedView:
        parsed = expect(TokenKind::KView) && columnFamilyName(out.name);
        break;
    case Kind::Type: parsed = userTypeName(out.name); break;
    case Kind::Function:
    case Kind::Aggregate: parsed = functionName(out.name); break;
    case Kind::Generic:
        touch(1);
        if (look(1) == TokenKind::Dot) {
            touch(2);
            parsed = ident(out.name.keyspace) && expect(TokenKind::Dot) && ident(out.name.name);
        } else if (!kAfterLastName.has(look(1))) {
            parsed = noViable(1);
        } else {
            touch(2);
            parsed = ident(out.name.name);
        }
        break;
    default: break;
    }
    if (!parsed || !accept(TokenKind::KWith)) {
        return parsed;
    }
    out.withInternals = true;
    return expect(TokenKind::KInternals);
}

}  // namespace engine::cql::syntax
