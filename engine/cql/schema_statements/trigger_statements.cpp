#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/schema_statements/schema_change.h"
#include "engine/schema/system_keyspaces.h"

/// Triggers are Java classes, which a Ringside node cannot load: none can be created, as in a Cassandra whose
/// triggers folder is empty, and so there is none to drop.
namespace engine::cql {
namespace {

Result<void> guardLocal(const std::string& keyspace) {
    if (schema::isLocalSystemKeyspace(keyspace)) {
        return invalid(fmt::format("System keyspace '{}' is not user-modifiable", keyspace));
    }
    return ok();
}

}  // namespace

Result<SchemaTransformation> createTrigger(const syntax::CreateTriggerStatement& statement,
                                           const std::string& keyspaceName, const schema::Schema& current,
                                           const ClusterFacts&, const ExecutionContext&) {
    TRY(guardLocal(keyspaceName));
    if (current.findKeyspace(keyspaceName) == nullptr) {
        return invalidAt(statement.table.keyspace.absent() ? statement.table.name.span : statement.table.keyspace.span,
                         fmt::format("Keyspace '{}' doesn't exist", keyspaceName));
    }
    const syntax::Name& name = statement.table.name;
    const schema::TablePtr table = current.findTable(keyspaceName, name.text);
    if (!table) {
        return invalidAt(name.span, fmt::format("Table '{}' doesn't exist", name.text));
    }
    if (table->view) {
        return invalidAt(name.span, "Cannot CREATE TRIGGER for a materialized view");
    }
    return invalid(fmt::format("Trigger class '{}' couldn't be loaded", statement.triggerClass));
}

Result<SchemaTransformation> dropTrigger(const syntax::DropTriggerStatement& statement,
                                         const std::string& keyspaceName, const schema::Schema&,
                                         const ClusterFacts&, const ExecutionContext&) {
    TRY(guardLocal(keyspaceName));
    if (statement.ifExists) {
        return unchanged();
    }
    return invalidAt(statement.trigger.span, fmt::format("Trigger '{}' on '{}.{}' doesn't exist", statement.trigger.text,
                                                         keyspaceName, statement.table.name.text));
}

}  // namespace engine::cql
