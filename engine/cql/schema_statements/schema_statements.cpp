#include "engine/cql/schema_statements/schema_statements.h"

#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/masking/column_masks.h"
#include "engine/cql/schema_statements/schema_change.h"
#include "engine/schema/system_keyspaces.h"

namespace engine::cql {
namespace {

Result<std::string> keyspaceOf(const syntax::QualifiedName& name, const SessionState& session) {
    const std::string& keyspace = name.keyspace.absent() ? session.keyspace : name.keyspace.text;
    if (keyspace.empty()) {
        return invalidAt(name.name.span,
                         "No keyspace has been specified. USE a keyspace, or explicitly specify "
                         "keyspace.tablename");
    }
    return keyspace;
}

using StatementPtr = std::shared_ptr<const SchemaStatement>;

template <typename Syntax>
StatementPtr make(const Syntax& syntax, std::string keyspace,
                  typename SyntaxStatement<Syntax>::Apply apply) {
    return std::make_shared<SyntaxStatement<Syntax>>(syntax, std::move(keyspace), apply);
}

Error notYet(std::string_view what) {
    return invalid(fmt::format("{} not in Ringside yet", what));
}

/// What a statement of each kind becomes.
struct Maker {
    const SessionState& session;

    Result<StatementPtr> operator()(const syntax::CreateKeyspaceStatement& s) const {
        return make(s, s.keyspace.text, createKeyspace);
    }
    Result<StatementPtr> operator()(const syntax::AlterKeyspaceStatement& s) const {
        return make(s, s.keyspace.text, alterKeyspace);
    }
    Result<StatementPtr> operator()(const syntax::DropKeyspaceStatement& s) const {
        return make(s, s.keyspace.text, dropKeyspace);
    }
    Result<StatementPtr> operator()(const syntax::CreateTableStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.table, session));
        TRY(checkCreateTable(s));
        for (const syntax::ColumnDefinition& column : s.columns) {
            TRY(refuseMarkers(column.mask));
        }
        return make(s, std::move(keyspace), createTable);
    }
    Result<StatementPtr> operator()(const syntax::AlterTableStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.table, session));
        if (const auto* change = std::get_if<syntax::AlterTableStatement::MaskColumn>(&s.change)) {
            TRY(refuseMarkers(change->mask));
        }
        return make(s, std::move(keyspace), alterTable);
    }
    Result<StatementPtr> operator()(const syntax::DropTableStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.table, session));
        return make(s, std::move(keyspace), dropTable);
    }
    Result<StatementPtr> operator()(const syntax::CreateTypeStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.type, session));
        return make(s, std::move(keyspace), createType);
    }
    Result<StatementPtr> operator()(const syntax::AlterTypeStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.type, session));
        return make(s, std::move(keyspace), alterType);
    }
    Result<StatementPtr> operator()(const syntax::DropTypeStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.type, session));
        return make(s, std::move(keyspace), dropType);
    }
    Result<StatementPtr> operator()(const syntax::CreateIndexStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.table, session));
        return make(s, std::move(keyspace), createIndex);
    }
    Result<StatementPtr> operator()(const syntax::DropIndexStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.index, session));
        return make(s, std::move(keyspace), dropIndex);
    }
    Result<StatementPtr> operator()(const syntax::CreateViewStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.view, session));
        TRY(checkCreateView(s, keyspace));
        return make(s, std::move(keyspace), createView);
    }
    Result<StatementPtr> operator()(const syntax::AlterViewStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.view, session));
        return make(s, std::move(keyspace), alterView);
    }
    Result<StatementPtr> operator()(const syntax::DropViewStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.view, session));
        return make(s, std::move(keyspace), dropView);
    }
    Result<StatementPtr> operator()(const syntax::CreateFunctionStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.function, session));
        return make(s, std::move(keyspace), createFunction);
    }
    Result<StatementPtr> operator()(const syntax::CreateAggregateStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.aggregate, session));
        return make(s, std::move(keyspace), createAggregate);
    }
    Result<StatementPtr> operator()(const syntax::DropFunctionStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.function, session));
        return make(s, std::move(keyspace), dropFunction);
    }
    Result<StatementPtr> operator()(const syntax::DropAggregateStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.aggregate, session));
        return make(s, std::move(keyspace), dropAggregate);
    }
    Result<StatementPtr> operator()(const syntax::CreateTriggerStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.table, session));
        return make(s, std::move(keyspace), createTrigger);
    }
    Result<StatementPtr> operator()(const syntax::DropTriggerStatement& s) const {
        TRY_ASSIGN(auto keyspace, keyspaceOf(s.table, session));
        return make(s, std::move(keyspace), dropTrigger);
    }
    template <typename Other>
    Result<StatementPtr> operator()(const Other&) const {
        return notYet("This statement is");
    }
};

}  // namespace

Result<void> guardSystemKeyspace(const std::string& keyspace, std::string_view what,
                                 const std::string& resource) {
    if (schema::isLocalSystemKeyspace(keyspace)) {
        return makeError(ErrorKind::Unauthorized, keyspace + " keyspace is not user-modifiable.");
    }
    if (schema::isReplicatedSystemKeyspace(keyspace)) {
        return makeError(ErrorKind::Unauthorized, fmt::format("Cannot {} {}", what, resource));
    }
    return ok();
}

bool isWord(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

SchemaTransformation changed(const schema::Schema& current, std::shared_ptr<schema::Keyspace> keyspace,
                             schema::SchemaChange change) {
    return {current.with(std::move(keyspace)), std::move(change), {}};
}

Result<StatementPtr> prepareSchemaStatement(const syntax::Statement& statement,
                                            const SessionState& session) {
    return std::visit(Maker{session}, statement);
}

}  // namespace engine::cql
