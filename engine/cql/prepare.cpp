#include <fmt/format.h>

#include "engine/base/hash.h"
#include "engine/cql/access/access_refusal.h"
#include "engine/cql/access/access_statement.h"
#include "engine/cql/access/needs.h"
#include "engine/cql/describe/describe.h"
#include "engine/cql/errors.h"
#include "engine/cql/modification/batch.h"
#include "engine/cql/modification/modification.h"
#include "engine/cql/prepare_context.h"
#include "engine/cql/schema_statements/schema_statements.h"
#include "engine/cql/select/select_plan.h"
#include "engine/cql/statement.h"
#include "engine/cql/syntax/parser.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

ResultMetadataPtr noColumns() {
    static const ResultMetadataPtr metadata = [] {
        auto empty = std::make_shared<ResultMetadata>();
        empty->id = resultMetadataId({});
        return empty;
    }();
    return metadata;
}

void describeTarget(Prepared& prepared, const schema::Table& table) {
    prepared.keyspace = table.keyspace;
    prepared.table = table.name;
    prepared.tableId = table.id;
}

/// Which markers make up the partition key, and how to tell the key of an execution. `owner` keeps
/// the restrictions alive.
void describeKey(Prepared& prepared, const StatementRestrictions& restrictions,
                 std::shared_ptr<const void> owner) {
    for (const std::size_t marker : restrictions.partitionKeyMarkers()) {
        prepared.partitionKeyVariables.push_back(static_cast<std::uint16_t>(marker));
    }
    if (restrictions.isKeyRange()) {
        return;
    }
    prepared.partitionKey = [&restrictions, owner = std::move(owner)](
                                const QueryOptions& options,
                                const ExecutionContext& context) -> std::optional<Bytes> {
        auto keys =
            restrictions.partitionKeys(Binding{options.values, context, options.protocolVersion});
        return keys && keys.value().size() == 1 ? std::optional(std::move(keys.value().front()))
                                                : std::nullopt;
    };
}

std::optional<syntax::Modification> modificationOf(const syntax::Statement& statement) {
    if (const auto* insert = std::get_if<syntax::InsertStatement>(&statement)) {
        return *insert;
    }
    if (const auto* json = std::get_if<syntax::InsertJsonStatement>(&statement)) {
        return *json;
    }
    if (const auto* update = std::get_if<syntax::UpdateStatement>(&statement)) {
        return *update;
    }
    if (const auto* remove = std::get_if<syntax::DeleteStatement>(&statement)) {
        return *remove;
    }
    return std::nullopt;
}

class Preparer {
public:
    Preparer(const schema::Schema& schema, const SessionState& session, Prepared& prepared,
             const std::vector<syntax::BindMarker>& markers)
        : m_schema(schema),
          m_session(session),
          m_prepared(prepared),
          m_context{schema, session.keyspace, markers, prepared.variables, prepared.warnings, &m_functions} {}

    const std::vector<types::FunctionPtr>& functions() const { return m_functions; }

    Result<void> prepare(const syntax::Statement& statement) {
        if (const auto* select = std::get_if<syntax::SelectStatement>(&statement)) {
            return prepareRead(*select);
        }
        if (const auto write = modificationOf(statement)) {
            return prepareWrite(*write);
        }
        if (const auto* batch = std::get_if<syntax::BatchStatement>(&statement)) {
            TRY_ASSIGN(auto prepared, prepareBatch(*batch, m_session.keyspace, m_context));
            if (!prepared->children().empty()) {
                describeTarget(m_prepared, *prepared->children().front().statement->table());
            }
            m_prepared.statement = std::move(prepared);
            return ok();
        }
        if (const auto* use = std::get_if<syntax::UseStatement>(&statement)) {
            if (m_schema.findKeyspace(use->keyspace.text) == nullptr) {
                return invalidAt(use->keyspace.span,
                                 fmt::format("Keyspace '{}' does not exist", use->keyspace.text));
            }
            m_prepared.statement = UseStatement{use->keyspace.text};
            return ok();
        }
        if (const auto* truncate = std::get_if<syntax::TruncateStatement>(&statement)) {
            TRY_ASSIGN(auto table, tableOf(truncate->table, m_session.keyspace, m_schema));
            if (table->view) {
                return invalid("Cannot TRUNCATE materialized view directly; must truncate base table instead");
            }
            describeTarget(m_prepared, *table);
            m_prepared.statement = TruncateStatement{std::move(table)};
            return ok();
        }
        if (const auto* describe = std::get_if<syntax::DescribeStatement>(&statement)) {
            auto prepared = prepareDescribe(*describe, m_session);
            m_prepared.resultMetadata = prepared->resultMetadata();
            m_prepared.statement = std::move(prepared);
            return ok();
        }
        if (isAboutAccess(statement)) {
            m_prepared.statement = std::make_shared<const AccessStatement>(AccessStatement{statement, m_session.keyspace});
            return ok();
        }
        if (std::holds_alternative<syntax::CreateViewStatement>(statement) && !m_context.markers.empty()) {
            return invalid("Bind variables are not allowed in CREATE MATERIALIZED VIEW statements");
        }
        if (std::holds_alternative<syntax::CreateAggregateStatement>(statement) && !m_context.markers.empty()) {
            return makeError(ErrorKind::Server, "java.lang.AssertionError");  // INITCOND ?
        }
        TRY_ASSIGN(m_prepared.statement, prepareSchemaStatement(statement, m_session));
        return ok();
    }

private:
    Result<void> prepareRead(const syntax::SelectStatement& select) {
        TRY_ASSIGN(SelectPlanPtr plan, prepareSelect(select, m_session.keyspace, m_context));
        describeTarget(m_prepared, *plan->table);
        describeKey(m_prepared, *plan->restrictions, plan);
        m_prepared.resultMetadata = plan->metadata;
        m_prepared.statement = makeSelectStatement(std::move(plan));
        return ok();
    }

    Result<void> prepareWrite(const syntax::Modification& statement) {
        TRY_ASSIGN(auto prepared, prepareModification(statement, m_session.keyspace, m_context));
        describeTarget(m_prepared, *prepared->table());
        describeKey(m_prepared, prepared->restrictions(), prepared);
        m_prepared.statement = std::shared_ptr<const ModificationStatement>(std::move(prepared));
        return ok();
    }

    const schema::Schema& m_schema;
    const SessionState& m_session;
    Prepared& m_prepared;
    std::vector<types::FunctionPtr> m_functions;
    PrepareContext m_context;
};

}  // namespace

Bytes resultMetadataId(const std::vector<ColumnSpec>& columns) {
    Bytes all;
    for (const ColumnSpec& column : columns) {
        all += column.name;
        all.push_back('\0');
        all += types::className(*column.type);
        all.append(2, '\0');
    }
    return md5(all);
}

Result<PreparedPtr> prepare(std::string_view text, const schema::Schema& schema,
                            const SessionState& session) {
    TRY_ASSIGN(const syntax::ParsedStatement parsed, syntax::parse(text));
    auto prepared = std::make_shared<Prepared>();
    prepared->text = text;
    prepared->resultMetadata = noColumns();
    prepared->variables.resize(parsed.markers.size());
    Preparer preparer(schema, session, *prepared, parsed.markers);
    TRY(preparer.prepare(parsed.statement));
    noteNeeds(*prepared, parsed.statement, schema, session, preparer.functions());
    for (ColumnSpec& variable : prepared->variables) {
        if (!variable.type) {
            variable.type = types::blob();
        }
    }
    return PreparedPtr(std::move(prepared));
}

}  // namespace engine::cql
