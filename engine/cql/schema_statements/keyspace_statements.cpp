#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/schema_statements/replication.h"
#include "engine/cql/schema_statements/schema_change.h"
#include "engine/schema/system_keyspaces.h"

namespace engine::cql {
namespace {

constexpr std::size_t kNameLength = 48;

const std::set<std::string> kKeyspaceOptions{"replication", "durable_writes"};

Error existingKeyspace(const std::string& keyspace) {
    Error error = makeError(ErrorKind::AlreadyExists,
                            fmt::format("Cannot add existing keyspace \"{}\"", keyspace));
    auto detail = std::make_shared<ErrorDetail>();
    detail->keyspace = keyspace;
    error.detail = std::move(detail);
    return error;
}

std::size_t userKeyspaces(const schema::Schema& schema) {
    return static_cast<std::size_t>(
        std::count_if(schema.keyspaces().begin(), schema.keyspaces().end(),
                      [](const auto& entry) { return !schema::isSystemKeyspace(entry.first); }));
}

Result<void> guardStrategy(const OptionMap& options, const Guardrails& guardrails) {
    const auto it = options.find("class");
    return it != options.end() && it->second.ends_with("SimpleStrategy") ? guardrails.simpleStrategy() : ok();
}

int totalFactor(const schema::Replication& replication) {
    int total = 0;
    for (const auto& [name, value] : replication.options) {
        total += parseInteger(value).value_or(0);
    }
    return total;
}

}  // namespace

Result<SchemaTransformation> createKeyspace(const syntax::CreateKeyspaceStatement& statement,
                                            const std::string& name, const schema::Schema& current,
                                            const ClusterFacts& cluster, const ExecutionContext& context) {
    TRY_ASSIGN(const Properties properties, Properties::read(statement.properties, kKeyspaceOptions));
    TRY(context.guardrails.keyspaces(userKeyspaces(current) + 1, name));
    if (schema::isLocalSystemKeyspace(name)) {
        return invalid(fmt::format("System keyspace '{}' is not user-modifiable", name));
    }
    TRY_ASSIGN(const auto options, properties.map("replication"));
    TRY_ASSIGN(const auto durable, properties.boolean("durable_writes"));
    if (!options) {
        return invalid("Missing mandatory option 'replication'");
    }
    TRY(guardStrategy(*options, context.guardrails));
    if (current.findKeyspace(name) != nullptr) {
        if (statement.ifNotExists) {
            return unchanged();
        }
        return existingKeyspace(name);
    }
    if (options->empty()) {
        return makeError(ErrorKind::Server, "Missing replication strategy class");
    }
    if (name.empty() || !isWord(name)) {
        return invalidAt(statement.keyspace.span,
                         fmt::format("Keyspace name must not be empty and must contain alphanumeric or "
                                     "underscore characters only (got \"{}\")",
                                     name));
    }
    if (name.size() > kNameLength) {
        return invalidAt(statement.keyspace.span,
                         fmt::format("Keyspace name must not be more than {} characters long (got {} "
                                     "characters for \"{}\")",
                                     kNameLength, name.size(), name));
    }
    auto keyspace = std::make_shared<schema::Keyspace>();
    keyspace->name = name;
    keyspace->durableWrites = durable.value_or(true);
    TRY_ASSIGN(keyspace->replication, readReplication(*options, name, nullptr, cluster));
    TRY(context.guardrails.replication(name, keyspace->replication));
    auto warnings = replicationWarnings(keyspace->replication, name, cluster);
    SchemaTransformation out = changed(current, std::move(keyspace), {"CREATED", "KEYSPACE", name, {}, {}});
    out.warnings = std::move(warnings);
    return out;
}

Result<SchemaTransformation> alterKeyspace(const syntax::AlterKeyspaceStatement& statement,
                                           const std::string& name, const schema::Schema& current,
                                           const ClusterFacts& cluster, const ExecutionContext& context) {
    TRY_ASSIGN(const Properties properties, Properties::read(statement.properties, kKeyspaceOptions));
    if (schema::isLocalSystemKeyspace(name)) {
        return makeError(ErrorKind::Unauthorized, name + " keyspace is not user-modifiable.");
    }
    TRY_ASSIGN(const auto options, properties.map("replication"));
    TRY_ASSIGN(const auto durable, properties.boolean("durable_writes"));
    const auto* found = current.findKeyspace(name);
    if (found == nullptr) {
        if (statement.ifExists) {
            return unchanged();
        }
        return invalidAt(statement.keyspace.span, fmt::format("Keyspace '{}' doesn't exist", name));
    }
    auto keyspace = copyOf(**found);
    keyspace->durableWrites = durable.value_or(keyspace->durableWrites);
    std::vector<std::string> warnings;
    if (options && !options->empty()) {
        TRY(guardStrategy(*options, context.guardrails));
        TRY_ASSIGN(keyspace->replication,
                   readReplication(*options, name, &(*found)->replication, cluster));
        TRY(context.guardrails.replication(name, keyspace->replication));
        warnings = replicationWarnings(keyspace->replication, name, cluster);
        if (totalFactor(keyspace->replication) > totalFactor((*found)->replication)) {
            warnings.push_back("When increasing replication factor you need to run a full (-full) "
                               "repair to distribute the data.");
        }
    }
    SchemaTransformation out;
    if (*keyspace != **found) {
        out = changed(current, std::move(keyspace), {"UPDATED", "KEYSPACE", name, {}, {}});
    }
    out.warnings = std::move(warnings);
    return out;
}

Result<SchemaTransformation> dropKeyspace(const syntax::DropKeyspaceStatement& statement,
                                          const std::string& name, const schema::Schema& current,
                                          const ClusterFacts&, const ExecutionContext& context) {
    TRY(guardSystemKeyspace(name, "DROP", fmt::format("<keyspace {}>", name)));
    TRY(context.guardrails.dropKeyspace());
    if (current.findKeyspace(name) == nullptr) {
        if (statement.ifExists) {
            return unchanged();
        }
        return invalidAt(statement.keyspace.span, fmt::format("Keyspace '{}' doesn't exist", name));
    }
    return SchemaTransformation{current.without(name), {"DROPPED", "KEYSPACE", name, {}, {}}, {}};
}

}  // namespace engine::cql
