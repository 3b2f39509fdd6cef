#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/schema_statements/schema_change.h"
#include "engine/cql/schema_statements/table_rules.h"
#include "engine/cql/type_ref.h"
#include "engine/types/data_type.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

/// The type of a field: what a user type may not hold is refused before it is looked up.
Result<types::TypePtr> fieldType(const syntax::TypeRef& ref, const schema::Schema& schema,
                                 const std::string& keyspace) {
    if (ref.kind == syntax::TypeRef::Kind::Native && ref.name == "counter") {
        return invalidAt(ref.span, "A user type cannot contain counters");
    }
    if (ref.kind == syntax::TypeRef::Kind::User && !ref.frozen) {
        return invalidAt(ref.span, "A user type cannot contain non-frozen UDTs");
    }
    return resolveType(ref, schema, keyspace);
}

std::string qualified(const std::string& keyspace, const std::string& name) {
    return types::maybeQuote(keyspace) + "." + types::maybeQuote(name);
}

/// Every use of the type in a keyspace is exchanged for its new form.
void replaceType(schema::Keyspace& keyspace, const types::TypePtr& replacement) {
    for (auto& [name, type] : keyspace.types) {
        for (types::TypePtr& field : type.fieldTypes) {
            field = types::replaceUdt(field, replacement);
        }
    }
    const auto replace = [&](auto& function) {
        for (types::TypePtr& argument : function.argumentTypes) {
            argument = types::replaceUdt(argument, replacement);
        }
        function.returnType = types::replaceUdt(function.returnType, replacement);
    };
    std::for_each(keyspace.functions.begin(), keyspace.functions.end(), replace);
    for (schema::UserAggregate& aggregate : keyspace.aggregates) {
        replace(aggregate);
        aggregate.stateType = types::replaceUdt(aggregate.stateType, replacement);
    }
    for (auto& [name, table] : keyspace.tables) {
        auto next = std::make_shared<schema::Table>(*table);
        for (schema::Column& column : next->columns) {
            column.type = types::replaceUdt(column.type, replacement);
        }
        if (!(*next == *table)) {
            table = std::move(next);
        }
    }
}

Error missingType(const syntax::QualifiedName& name, const std::string& keyspace, bool quotes) {
    return invalidAt(name.name.span,
                     fmt::format("Type {1}{0}.{2}{1} doesn't exist", keyspace, quotes ? "'" : "",
                                 name.name.text));
}

Result<void> addField(schema::Keyspace& keyspace, schema::UserType& type,
                      const syntax::AlterTypeStatement::AddField& add, const schema::Schema& schema) {
    const std::string& field = add.field.name.text;
    TRY_ASSIGN(auto fieldIs, fieldType(add.field.type, schema, keyspace.name));
    if (std::find(type.fieldNames.begin(), type.fieldNames.end(), field) != type.fieldNames.end()) {
        if (add.ifFieldNotExists) {
            return ok();
        }
        return invalidAt(add.field.name.span,
                         fmt::format("Cannot add field {} to type {}: a field with name {} already exists",
                                     field, qualified(keyspace.name, type.name), field));
    }
    const std::string typeText = fieldIs->kind() == types::Kind::Udt
                                     ? fmt::format("frozen<{}>", qualified(keyspace.name, fieldIs->udtName()))
                                     : types::cqlName(*fieldIs);
    if (fieldIs->referencesUdt(keyspace.name, type.name)) {
        return invalidAt(add.field.type.span,
                         fmt::format("Cannot add new field {} of type {} to user type {} as it would "
                                     "create a circular reference",
                                     field, typeText, qualified(keyspace.name, type.name)));
    }
    std::vector<std::string> inKeys;
    for (const auto& [name, table] : keyspace.tables) {
        for (const schema::Column& column : table->partitionKey()) {
            if (column.type->referencesUdt(keyspace.name, type.name)) {
                inKeys.push_back(qualified(keyspace.name, name));
                break;
            }
        }
    }
    if (!inKeys.empty()) {
        return invalid(fmt::format("Cannot add new field {} of type {} to user type {} as the type is "
                                   "being used in partition key by the following tables: {}",
                                   field, typeText,
                                   qualified(keyspace.name, type.name), fmt::join(inKeys, ", ")));
    }
    type.fieldNames.push_back(field);
    type.fieldTypes.push_back(std::move(fieldIs));
    return ok();
}

Result<void> renameFields(schema::UserType& type,
                          const syntax::AlterTypeStatement::RenameFields& rename) {
    // All names are of the type as it was.
    const std::vector<std::string> before = type.fieldNames;
    for (const auto& [from, to] : rename.fields) {
        const auto it = std::find(before.begin(), before.end(), from.text);
        if (it == before.end()) {
            if (rename.ifFieldExists) {
                continue;
            }
            return invalidAt(from.span, fmt::format("Unkown field {} in user type {}", from.text,
                                                    qualified(type.keyspace, type.name)));
        }
        type.fieldNames[static_cast<std::size_t>(it - before.begin())] = to.text;
    }
    for (std::size_t i = 0; i < type.fieldNames.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (type.fieldNames[i] == type.fieldNames[j]) {
                return invalid(fmt::format("Duplicate field name {} in type {}", type.fieldNames[i],
                                           type.keyspace));
            }
        }
    }
    return ok();
}

}  // namespace

Result<SchemaTransformation> createType(const syntax::CreateTypeStatement& statement,
                                        const std::string& keyspaceName, const schema::Schema& current,
                                        const ClusterFacts&, const ExecutionContext& context) {
    const std::string& name = statement.type.name.text;
    TRY(guardSystemKeyspace(keyspaceName, "CREATE", fmt::format("<all tables in {}>", keyspaceName)));
    TRY(context.guardrails.fieldsPerUdt(statement.fields.size(), name));
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace == nullptr) {
        return invalidAt(statement.type.keyspace.span,
                         fmt::format("Keyspace '{}' doesn't exist", keyspaceName));
    }
    if ((*keyspace)->types.contains(name)) {
        if (statement.ifNotExists) {
            return unchanged();
        }
        return invalidAt(statement.type.name.span,
                         fmt::format("A user type with name '{}' already exists", name));
    }
    schema::UserType type{keyspaceName, name, {}, {}};
    for (const syntax::FieldDefinition& field : statement.fields) {
        const auto& names = type.fieldNames;
        if (std::find(names.begin(), names.end(), field.name.text) != names.end()) {
            return invalidAt(field.name.span, fmt::format("Duplicate field name '{}' in type '{}'",
                                                          field.name.text, name));
        }
        type.fieldNames.push_back(field.name.text);
    }
    for (const syntax::FieldDefinition& field : statement.fields) {
        TRY_ASSIGN(auto resolved, fieldType(field.type, current, keyspaceName));
        TRY(guardVectors(*resolved, "Field " + field.name.text, context.guardrails));
        type.fieldTypes.push_back(std::move(resolved));
    }
    auto next = copyOf(**keyspace);
    next->types[name] = std::move(type);
    return changed(current, std::move(next), {"CREATED", "TYPE", keyspaceName, name, {}});
}

Result<SchemaTransformation> alterType(const syntax::AlterTypeStatement& statement,
                                       const std::string& keyspaceName, const schema::Schema& current,
                                       const ClusterFacts&, const ExecutionContext& context) {
    using Statement = syntax::AlterTypeStatement;
    const std::string& name = statement.type.name.text;
    TRY(guardSystemKeyspace(keyspaceName, "ALTER", fmt::format("<all tables in {}>", keyspaceName)));
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace == nullptr || !(*keyspace)->types.contains(name)) {
        if (statement.ifExists) {
            return unchanged();
        }
        return missingType(statement.type, keyspaceName, false);
    }
    auto next = copyOf(**keyspace);
    schema::UserType& type = next->types[name];
    const schema::UserType before = type;
    if (const auto* add = std::get_if<Statement::AddField>(&statement.change)) {
        TRY(addField(*next, type, *add, current));
        TRY(guardVectors(*type.fieldTypes.back(), "Field " + add->field.name.text, context.guardrails));
        TRY(context.guardrails.fieldsPerUdt(type.fieldNames.size(), name));
    } else if (const auto* rename = std::get_if<Statement::RenameFields>(&statement.change)) {
        TRY(renameFields(type, *rename));
    } else {
        return invalid("Altering field types is no longer supported");
    }
    if (type == before) {
        return unchanged();
    }
    replaceType(*next, type.type());
    return changed(current, std::move(next), {"UPDATED", "TYPE", keyspaceName, name, {}});
}

Result<SchemaTransformation> dropType(const syntax::DropTypeStatement& statement,
                                      const std::string& keyspaceName, const schema::Schema& current,
                                      const ClusterFacts&, const ExecutionContext&) {
    const std::string& name = statement.type.name.text;
    TRY(guardSystemKeyspace(keyspaceName, "DROP", fmt::format("<all tables in {}>", keyspaceName)));
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace == nullptr || !(*keyspace)->types.contains(name)) {
        if (statement.ifExists) {
            return unchanged();
        }
        return missingType(statement.type, keyspaceName, true);
    }
    const auto inUse = [&](std::string_view by, const std::vector<std::string>& names) {
        return invalidAt(statement.type.name.span,
                         fmt::format("Cannot drop user type '{}.{}' as it is still used by {} {}",
                                     keyspaceName, name, by, fmt::join(names, ", ")));
    };
    std::vector<std::string> users;
    const auto addUser = [&](const auto& function) {
        const auto uses = [&](const types::TypePtr& type) { return type->referencesUdt(keyspaceName, name); };
        if (uses(function.returnType) ||
            std::any_of(function.argumentTypes.begin(), function.argumentTypes.end(), uses)) {
            users.push_back(function.keyspace + "." + function.name);
        }
    };
    std::for_each((*keyspace)->functions.begin(), (*keyspace)->functions.end(), addUser);
    std::for_each((*keyspace)->aggregates.begin(), (*keyspace)->aggregates.end(), addUser);
    if (!users.empty()) {
        return inUse("functions", users);
    }
    for (const auto& [other, type] : (*keyspace)->types) {
        if (other != name && type.type()->referencesUdt(keyspaceName, name)) {
            users.push_back(other);
        }
    }
    if (!users.empty()) {
        return inUse("user types", users);
    }
    for (const auto& [other, table] : (*keyspace)->tables) {
        const bool uses =
            std::any_of(table->columns.begin(), table->columns.end(), [&](const auto& column) {
                return column.type->referencesUdt(keyspaceName, name);
            });
        if (uses) {
            users.push_back(other);
        }
    }
    if (!users.empty()) {
        return inUse("tables", users);
    }
    auto next = copyOf(**keyspace);
    next->types.erase(name);
    return changed(current, std::move(next), {"DROPPED", "TYPE", keyspaceName, name, {}});
}

}  // namespace engine::cql
