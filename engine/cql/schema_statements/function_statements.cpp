#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "engine/cql/errors.h"
#include "engine/cql/functions/user_functions.h"
#include "engine/cql/masking/column_masks.h"
#include "engine/cql/schema_statements/schema_change.h"
#include "engine/cql/syntax/parser.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/cql/type_ref.h"
#include "engine/schema/system_keyspaces.h"
#include "engine/types/type_names.h"

/// CREATE and DROP of functions and aggregates of one's own.
namespace engine::cql {
namespace {

using Types = std::vector<types::TypePtr>;
using TypeKind = syntax::TypeRef::Kind;

Result<void> guard(const std::string& keyspace) {
    if (schema::isSystemKeyspace(keyspace)) {
        return invalid(fmt::format("System keyspace '{}' is not user-modifiable", keyspace));
    }
    return ok();
}

Result<void> checkNotFrozen(const syntax::TypeRef& type, std::string_view what) {
    if (type.frozen && type.kind != TypeKind::Tuple) {
        return invalidAt(type.span, fmt::format("{0} '{1}' cannot be frozen; remove frozen<> modifier from '{1}'",
                                                what, textOf(type)));
    }
    return ok();
}

Result<Types> resolveAll(const std::vector<syntax::TypeRef>& refs, const schema::Schema& schema,
                         const std::string& keyspace) {
    Types out;
    for (const syntax::TypeRef& ref : refs) {
        TRY_ASSIGN(auto type, resolveType(ref, schema, keyspace));
        out.push_back(std::move(type));
    }
    return out;
}

/// As CREATE's answer names a type: user types with their keyspace, tuples without `frozen`.
std::string eventName(const types::DataType& type, bool outermost = true) {
    using types::Kind;
    std::string inner;
    for (const types::TypePtr& element : type.elements()) {
        inner += (inner.empty() ? "" : ", ") + eventName(*element, false);
    }
    std::string out;
    switch (type.kind()) {
        case Kind::List: out = "list<" + inner + ">"; break;
        case Kind::Set: out = "set<" + inner + ">"; break;
        case Kind::Map: out = "map<" + inner + ">"; break;
        case Kind::Tuple: return "tuple<" + inner + ">";
        case Kind::Udt: out = type.udtKeyspace() + "." + type.udtName(); break;
        default: return types::cqlName(type);
    }
    return !outermost && type.isFrozen() ? "frozen<" + out + ">" : out;
}

std::vector<std::string> eventNames(const Types& types) {
    std::vector<std::string> out;
    for (const types::TypePtr& type : types) {
        out.push_back(eventName(*type));
    }
    return out;
}

std::vector<std::string> storedNames(const Types& types) {
    std::vector<std::string> out;
    for (const types::TypePtr& type : types) {
        out.push_back(types::cqlName(type));
    }
    return out;
}

template <typename Declared>
void insertSorted(std::vector<Declared>& all, Declared declared) {
    const auto before = [](const Declared& a, const Declared& b) {
        return std::pair(a.name, storedNames(a.argumentTypes)) < std::pair(b.name, storedNames(b.argumentTypes));
    };
    all.insert(std::upper_bound(all.begin(), all.end(), declared, before), std::move(declared));
}

Result<void> checkModes(bool orReplace, bool ifNotExists) {
    if (orReplace && ifNotExists) {
        return invalid("Cannot use both 'OR REPLACE' and 'IF NOT EXISTS' directives");
    }
    return ok();
}

Result<void> checkFunctionSyntax(const syntax::CreateFunctionStatement& statement, const Features& features) {
    TRY(checkModes(statement.orReplace, statement.ifNotExists));
    if (!features.userFunctions) {
        return invalid("User-defined functions are disabled in cassandra.yaml - set "
                       "user_defined_functions_enabled=true to enable");
    }
    if (statement.language != "java") {
        return invalid("Currently only Java UDFs are available in Cassandra. For more information - "
                       "CASSANDRA-18252 and CASSANDRA-17281");
    }
    std::set<std::string> names;
    std::string listed;
    for (const syntax::FieldDefinition& argument : statement.arguments) {
        names.insert(argument.name.text);
        listed += (listed.empty() ? "" : ", ") + argument.name.text;
    }
    if (names.size() != statement.arguments.size()) {
        return invalid(fmt::format("Duplicate argument names for given function {} with argument names [{}]",
                                   statement.function.name.text, listed));
    }
    for (const syntax::FieldDefinition& argument : statement.arguments) {
        TRY(checkNotFrozen(argument.type, "Argument"));
    }
    return checkNotFrozen(statement.returnType, "Return type");
}

/// Whether a declared thing of one kind may be replaced, and by what.
Result<void> checkReplaced(const schema::UserFunction& old, const schema::UserFunction& next) {
    if (old.calledOnNullInput != next.calledOnNullInput) {
        return invalid(fmt::format("Function '{}' must have {} directive", next.name,
                                   next.calledOnNullInput ? "CALLED ON NULL INPUT"
                                                          : "RETURNS NULL ON NULL INPUT"));
    }
    if (!types::isCompatible(*next.returnType, *old.returnType)) {
        return invalid(fmt::format("Cannot replace function '{}', the new return type {} is not compatible with the "
                                   "return type {} of existing function",
                                   next.name, types::cqlName(next.returnType), types::cqlName(old.returnType)));
    }
    return ok();
}

Result<std::optional<Bytes>> initialCondition(const syntax::Term& term, const types::TypePtr& type,
                                              const schema::Schema& schema, const std::string& keyspace) {
    if (std::holds_alternative<syntax::MarkerRef>(term.node)) {
        return makeError(ErrorKind::Server, "java.lang.AssertionError");
    }
    // Cassandra reads the literal again, as it was without its quotes' doubling.
    const auto* literal = std::get_if<syntax::Literal>(&term.node);
    if (literal != nullptr && literal->kind == syntax::LiteralKind::String) {
        const auto again = syntax::parseTerm("'" + literal->text + "'");
        if (!again) {
            return syntaxError(fmt::format("Failed parsing CQL term: ['{}'] reason: SyntaxException {}", literal->text,
                                           again.error().message));
        }
    }
    const std::vector<syntax::BindMarker> markers;
    std::vector<ColumnSpec> variables;
    std::vector<std::string> warnings;
    PrepareContext context{schema, keyspace, markers, variables, warnings};
    TRY_ASSIGN(const Term prepared, prepareTerm(term, {keyspace, {}, "(dummy)", type}, context));
    const ExecutionContext world{};
    TRY_ASSIGN(BoundValue value, prepared.bind(Binding{{}, world}));
    return value.state == BoundValue::State::Set ? std::optional(std::move(value.bytes)) : std::nullopt;
}

std::string callText(const std::string& keyspace, const std::string& name, const Types& types) {
    std::string out;
    for (const types::TypePtr& type : types) {
        out += (out.empty() ? "" : ", ") + types::cqlNameUnfrozen(*type);
    }
    return fmt::format("{}.{}({})", keyspace, name, out);
}

/// State and final function of an aggregate exist and fit.
Result<void> checkParts(schema::UserAggregate& aggregate, const schema::Keyspace& keyspace) {
    Types arguments{aggregate.stateType};
    arguments.insert(arguments.end(), aggregate.argumentTypes.begin(), aggregate.argumentTypes.end());
    const auto* state = findFunction(keyspace, aggregate.stateFunction, arguments);
    const std::string stateText = callText(keyspace.name, aggregate.stateFunction, arguments);
    if (state == nullptr) {
        return invalid(fmt::format("State function {} {}", stateText,
                                   findAggregate(keyspace, aggregate.stateFunction, arguments) != nullptr
                                       ? "isn't a scalar function"
                                       : "doesn't exist"));
    }
    if (!types::same(types::freeze(state->returnType), types::freeze(aggregate.stateType))) {
        return invalid(fmt::format("State function {} return type must be the same as the first argument type - "
                                   "check STYPE, argument and return types",
                                   stateText));
    }
    aggregate.returnType = state->returnType;
    if (!aggregate.finalFunction.empty()) {
        const auto* final = findFunction(keyspace, aggregate.finalFunction, {aggregate.stateType});
        if (final == nullptr) {
            return invalid(fmt::format("Final function {} {}",
                                       callText(keyspace.name, aggregate.finalFunction, {aggregate.stateType}),
                                       findAggregate(keyspace, aggregate.finalFunction, {aggregate.stateType}) != nullptr
                                           ? "isn't a scalar function"
                                           : "doesn't exist"));
        }
        aggregate.returnType = final->returnType;
    }
    return ok();
}

/// The one that DROP names among those of a name. `what` is FUNCTION or AGGREGATE.
template <typename Declared, typename Statement>
Result<const Declared*> findDropped(const Statement& statement, const syntax::QualifiedName& named,
                                    const std::string& keyspaceName, const schema::Schema& current,
                                    std::vector<Declared> schema::Keyspace::*list, std::string_view what) {
    const std::string& name = named.name.text;
    const std::string word = what == "FUNCTION" ? "Function" : "Aggregate";
    std::string text = keyspaceName + "." + name;
    if (statement.argumentTypes) {
        std::string types;
        for (const syntax::TypeRef& type : *statement.argumentTypes) {
            types += (types.empty() ? "" : ", ") + textOf(type);
        }
        text += "(" + types + ")";
    }
    const auto missing = [&] { return invalidAt(named.name.span, fmt::format("{} '{}' doesn't exist", word, text)); };
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace == nullptr) {
        return statement.ifExists ? Result<const Declared*>(nullptr) : missing();
    }
    const auto isNamed = [&](const auto& declared) { return declared.name == name; };
    const auto overloads = std::count_if((*keyspace)->functions.begin(), (*keyspace)->functions.end(), isNamed) +
                           std::count_if((*keyspace)->aggregates.begin(), (*keyspace)->aggregates.end(), isNamed);
    if (overloads > 1 && !statement.argumentTypes) {
        return invalidAt(
            named.name.span,
            fmt::format("'DROP {0} {1}' matches multiple {2}; specify the argument types by issuing a "
                        "statement like 'DROP {0} {1} (type, type, ...)'. You can use cqlsh 'DESCRIBE {0} {1}' "
                        "command to find all overloads",
                        what, name, what == "FUNCTION" ? "function definitions" : "overloads"));
    }
    Types wanted;
    if (statement.argumentTypes) {
        for (const syntax::TypeRef& type : *statement.argumentTypes) {
            TRY(checkNotFrozen(type, "Argument"));
        }
        TRY_ASSIGN(wanted, resolveAll(*statement.argumentTypes, current, keyspaceName));
    }
    for (const Declared& declared : (**keyspace).*list) {
        const bool fits = !statement.argumentTypes ||
                          std::equal(declared.argumentTypes.begin(), declared.argumentTypes.end(), wanted.begin(),
                                     wanted.end(), [](const auto& a, const auto& b) {
                                         return types::same(types::freeze(a), types::freeze(b));
                                     });
        if (isNamed(declared) && fits) {
            return &declared;
        }
    }
    return statement.ifExists ? Result<const Declared*>(nullptr) : missing();
}

}  // namespace

Result<SchemaTransformation> createFunction(const syntax::CreateFunctionStatement& statement,
                                            const std::string& keyspaceName, const schema::Schema& current,
                                            const ClusterFacts& cluster, const ExecutionContext&) {
    const std::string& name = statement.function.name.text;
    TRY(checkFunctionSyntax(statement, cluster.features));
    TRY(guard(keyspaceName));
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace == nullptr) {
        return invalidAt(statement.function.keyspace.span, fmt::format("Keyspace '{}' doesn't exist", keyspaceName));
    }
    schema::UserFunction function;
    function.keyspace = keyspaceName;
    function.name = name;
    for (const syntax::FieldDefinition& argument : statement.arguments) {
        function.argumentNames.push_back(argument.name.text);
        TRY_ASSIGN(auto type, resolveType(argument.type, current, keyspaceName));
        function.argumentTypes.push_back(std::move(type));
    }
    TRY_ASSIGN(function.returnType, resolveType(statement.returnType, current, keyspaceName));
    function.calledOnNullInput = statement.calledOnNullInput;
    function.language = statement.language;
    function.body = statement.body;
    TRY(makeFunction(function));
    if (findAggregate(**keyspace, name, function.argumentTypes) != nullptr) {
        return invalid(fmt::format("Function '{}' cannot replace an aggregate", name));
    }
    auto next = copyOf(**keyspace);
    const auto* existing = findFunction(**keyspace, name, function.argumentTypes);
    if (existing != nullptr) {
        if (statement.ifNotExists) {
            return unchanged();
        }
        if (!statement.orReplace) {
            return invalidAt(statement.function.name.span, fmt::format("Function '{}' already exists", name));
        }
        TRY(checkReplaced(*existing, function));
        if (*existing == function) {
            return unchanged();
        }
        next->functions.erase(next->functions.begin() + (existing - (*keyspace)->functions.data()));
    }
    auto arguments = eventNames(function.argumentTypes);
    insertSorted(next->functions, std::move(function));
    return changed(current, std::move(next),
                   {existing != nullptr ? "UPDATED" : "CREATED", "FUNCTION", keyspaceName, name, std::move(arguments)});
}

Result<SchemaTransformation> dropFunction(const syntax::DropFunctionStatement& statement,
                                          const std::string& keyspaceName, const schema::Schema& current,
                                          const ClusterFacts&, const ExecutionContext&) {
    TRY(guard(keyspaceName));
    TRY_ASSIGN(const schema::UserFunction* function,
               findDropped(statement, statement.function, keyspaceName, current, &schema::Keyspace::functions,
                           "FUNCTION"));
    if (function == nullptr) {
        return unchanged();
    }
    const schema::Keyspace& keyspace = **current.findKeyspace(keyspaceName);
    std::string users;
    for (const schema::UserAggregate& aggregate : keyspace.aggregates) {
        Types arguments{aggregate.stateType};
        arguments.insert(arguments.end(), aggregate.argumentTypes.begin(), aggregate.argumentTypes.end());
        if (findFunction(keyspace, aggregate.stateFunction, arguments) == function ||
            findFunction(keyspace, aggregate.finalFunction, {aggregate.stateType}) == function) {
            users += (users.empty() ? "" : ", ") + aggregate.keyspace + "." + aggregate.name;
        }
    }
    if (!users.empty()) {
        return invalidAt(statement.function.name.span,
                         fmt::format("Function '{}.{}' is still referenced by aggregates {}", keyspaceName,
                                     function->name, users));
    }
    if (const auto masked = tablesMaskedWith(keyspace, *function); !masked.empty()) {
        return invalidAt(statement.function.name.span,
                         fmt::format("Function '{}.{}' is still referenced by column masks in tables {}", keyspaceName,
                                     function->name, fmt::join(masked, ", ")));
    }
    auto next = copyOf(keyspace);
    auto arguments = storedNames(function->argumentTypes);
    const std::string name = function->name;
    next->functions.erase(next->functions.begin() + (function - keyspace.functions.data()));
    return changed(current, std::move(next), {"DROPPED", "FUNCTION", keyspaceName, name, std::move(arguments)});
}

Result<SchemaTransformation> createAggregate(const syntax::CreateAggregateStatement& statement,
                                             const std::string& keyspaceName, const schema::Schema& current,
                                             const ClusterFacts&, const ExecutionContext&) {
    const std::string& name = statement.aggregate.name.text;
    TRY(checkModes(statement.orReplace, statement.ifNotExists));
    TRY(guard(keyspaceName));
    for (const syntax::TypeRef& type : statement.argumentTypes) {
        TRY(checkNotFrozen(type, "Argument"));
    }
    TRY(checkNotFrozen(statement.stateType, "State type"));
    const auto* keyspace = current.findKeyspace(keyspaceName);
    if (keyspace == nullptr) {
        return configError(fmt::format("Keyspace {} doesn't exist", keyspaceName));
    }
    schema::UserAggregate aggregate;
    aggregate.keyspace = keyspaceName;
    aggregate.name = name;
    TRY_ASSIGN(aggregate.argumentTypes, resolveAll(statement.argumentTypes, current, keyspaceName));
    TRY_ASSIGN(aggregate.stateType, resolveType(statement.stateType, current, keyspaceName));
    aggregate.stateFunction = statement.stateFunction.text;
    aggregate.finalFunction = statement.finalFunction ? statement.finalFunction->text : "";
    TRY(checkParts(aggregate, **keyspace));
    if (statement.initialCondition) {
        TRY_ASSIGN(aggregate.initialCondition, initialCondition(*statement.initialCondition, aggregate.stateType,
                                                                current, keyspaceName));
    }
    Types stateArguments{aggregate.stateType};
    stateArguments.insert(stateArguments.end(), aggregate.argumentTypes.begin(), aggregate.argumentTypes.end());
    const auto* state = findFunction(**keyspace, aggregate.stateFunction, stateArguments);
    if (!state->calledOnNullInput && !aggregate.initialCondition) {
        return invalid(fmt::format("Cannot create aggregate '{}' without INITCOND because state function {}.{} does "
                                   "not accept 'null' arguments",
                                   name, keyspaceName, aggregate.stateFunction));
    }
    if (findFunction(**keyspace, name, aggregate.argumentTypes) != nullptr) {
        return invalid(fmt::format("Aggregate '{}' cannot replace a function", name));
    }
    auto next = copyOf(**keyspace);
    const auto* existing = findAggregate(**keyspace, name, aggregate.argumentTypes);
    if (existing != nullptr) {
        if (statement.ifNotExists) {
            return unchanged();
        }
        if (!statement.orReplace) {
            return invalidAt(statement.aggregate.name.span, fmt::format("Aggregate '{}' already exists", name));
        }
        if (!types::isCompatible(*aggregate.returnType, *existing->returnType)) {
            return invalid(fmt::format("Cannot replace aggregate '{}', the new return type {} isn't compatible with "
                                       "the return type {} of existing function",
                                       name, types::cqlName(aggregate.returnType),
                                       types::cqlName(existing->returnType)));
        }
        if (*existing == aggregate) {
            return unchanged();
        }
        next->aggregates.erase(next->aggregates.begin() + (existing - (*keyspace)->aggregates.data()));
    }
    auto arguments = eventNames(aggregate.argumentTypes);
    insertSorted(next->aggregates, std::move(aggregate));
    return changed(current, std::move(next),
                   {existing != nullptr ? "UPDATED" : "CREATED", "AGGREGATE", keyspaceName, name, std::move(arguments)});
}

Result<SchemaTransformation> dropAggregate(const syntax::DropAggregateStatement& statement,
                                           const std::string& keyspaceName, const schema::Schema& current,
                                           const ClusterFacts&, const ExecutionContext&) {
    TRY(guard(keyspaceName));
    TRY_ASSIGN(const schema::UserAggregate* aggregate,
               findDropped(statement, statement.aggregate, keyspaceName, current, &schema::Keyspace::aggregates,
                           "AGGREGATE"));
    if (aggregate == nullptr) {
        return unchanged();
    }
    const schema::Keyspace& keyspace = **current.findKeyspace(keyspaceName);
    auto next = copyOf(keyspace);
    auto arguments = storedNames(aggregate->argumentTypes);
    const std::string name = aggregate->name;
    next->aggregates.erase(next->aggregates.begin() + (aggregate - keyspace.aggregates.data()));
    return changed(current, std::move(next), {"DROPPED", "AGGREGATE", keyspaceName, name, std::move(arguments)});
}

}  // namespace engine::cql
