#include "engine/cql/masking/column_masks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/cql/functions/user_functions.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/function_lookup.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/types/functions/function_resolver.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

constexpr auto kDefaultMask = "mask_default";

/// As it was written.
std::string maskText(const syntax::Mask& mask) {
    std::vector<std::string> arguments;
    for (const syntax::Term& argument : mask.arguments) {
        arguments.push_back(textOf(argument));
    }
    const std::string& keyspace = mask.function.keyspace.text;
    return fmt::format("{}{}{}({})", keyspace, keyspace.empty() ? "" : ".", mask.function.name.text,
                       fmt::join(arguments, ", "));
}

Result<std::shared_ptr<const types::ScalarFunction>> findMaskingFunction(const syntax::Mask& mask,
                                                                         const std::string& column,
                                                                         const types::TypePtr& type,
                                                                         const std::string& table,
                                                                         const PrepareContext& context) {
    const types::FunctionName name = mask.isDefault
                                         ? types::FunctionName{std::string(types::kNativeKeyspace), kDefaultMask}
                                         : types::FunctionName{mask.function.keyspace.text, mask.function.name.text};
    const types::TypedArgument values(type, types::className(*type));
    std::vector<std::unique_ptr<TermArgument>> written;
    std::vector<const types::ArgumentTerm*> arguments{&values};
    for (const syntax::Term& argument : mask.arguments) {
        written.push_back(std::make_unique<TermArgument>(argument, context));
        arguments.push_back(written.back().get());
    }
    TRY_ASSIGN(const types::FunctionPtr found, lookUpFunction(name, arguments, type, context.keyspace, table, context));
    if (found == nullptr) {
        return invalid(fmt::format("Unable to find masking function for {}, no declared function matches the signature {}",
                                   column, maskText(mask)));
    }
    if (found->isAggregate()) {
        return invalid(fmt::format("Aggregate function {} cannot be used for masking table columns", maskText(mask)));
    }
    const types::TypePtr& returned = found->returnType();
    const bool legacy = type->kind() == types::Kind::Timeuuid && returned == types::legacyTimeuuid();
    if (!types::same(returned, type) && !legacy) {
        return invalid(fmt::format("Masking function {} return type is {}. This is different to the type of the masked "
                                   "column {} of type {}. Masking functions can only be attached to table columns if "
                                   "they return the same data type as the masked column.",
                                   maskText(mask), types::cqlName(*returned), column, types::cqlName(*type)));
    }
    return std::static_pointer_cast<const types::ScalarFunction>(found);
}

}  // namespace

Result<std::shared_ptr<const schema::ColumnMask>> prepareMask(const syntax::Mask& mask, const std::string& column,
                                                              const types::TypePtr& type, const std::string& keyspace,
                                                              const std::string& table, const schema::Schema& schema) {
    const std::vector<syntax::BindMarker> markers;
    std::vector<ColumnSpec> variables;
    std::vector<std::string> warnings;
    PrepareContext context{schema, keyspace, markers, variables, warnings};
    TRY_ASSIGN(const auto function, findMaskingFunction(mask, column, type, table, context));
    auto out = std::make_shared<schema::ColumnMask>();
    out->keyspace = function->name().keyspace;
    out->function = function->name().name;
    const ExecutionContext world{};
    for (std::size_t i = 0; i < mask.arguments.size(); ++i) {
        TRY_ASSIGN(const Term term,
                   prepareTerm(mask.arguments[i], argumentSpec(*function, i + 1, keyspace, table), context));
        TRY_ASSIGN(BoundValue value, term.bind(Binding{{}, world}));
        out->argumentTypes.push_back(function->argumentTypes()[i + 1]);
        out->arguments.push_back(value.state == BoundValue::State::Set ? std::optional(std::move(value.bytes))
                                                                       : std::nullopt);
    }
    return std::shared_ptr<const schema::ColumnMask>(std::move(out));
}

Result<void> refuseMarkers(const std::optional<syntax::Mask>& mask) {
    if (!mask) {
        return ok();
    }
    for (const syntax::Term& argument : mask->arguments) {
        if (std::holds_alternative<syntax::MarkerRef>(argument.node)) {
            // Cassandra fails over it, too.
            return makeError(ErrorKind::Server, "Bind variables cannot be used in masks");
        }
    }
    return ok();
}

std::vector<std::string> tablesMaskedWith(const schema::Keyspace& keyspace, const schema::UserFunction& function) {
    std::vector<std::string> out;
    for (const auto& [name, table] : keyspace.tables) {
        const bool masked = std::any_of(table->columns.begin(), table->columns.end(), [&](const schema::Column& column) {
            if (column.mask == nullptr || column.mask->keyspace != function.keyspace) {
                return false;
            }
            std::vector<types::TypePtr> arguments{column.type};
            arguments.insert(arguments.end(), column.mask->argumentTypes.begin(), column.mask->argumentTypes.end());
            return findFunction(keyspace, column.mask->function, arguments) == &function;
        });
        if (masked) {
            out.push_back(name);
        }
    }
    return out;
}

std::string textOf(const schema::ColumnMask& mask) {
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < mask.arguments.size(); ++i) {
        arguments.push_back(mask.arguments[i] ? types::toCqlLiteral(*mask.argumentTypes[i], *mask.arguments[i]) : "null");
    }
    return fmt::format("{}.{}({})", types::maybeQuote(mask.keyspace), types::maybeQuote(mask.function),
                       fmt::join(arguments, ", "));
}

Result<MaskCall> MaskCall::resolve(const schema::Column& column, const schema::Table& table,
                                   const schema::Schema& schema) {
    const schema::ColumnMask& mask = *column.mask;
    std::vector<types::TypedArgument> typed;
    typed.reserve(mask.argumentTypes.size() + 1);
    typed.emplace_back(column.type, column.name);
    for (const types::TypePtr& type : mask.argumentTypes) {
        typed.emplace_back(type, types::cqlName(*type));
    }
    std::vector<const types::ArgumentTerm*> arguments;
    for (const types::TypedArgument& argument : typed) {
        arguments.push_back(&argument);
    }
    const std::vector<syntax::BindMarker> markers;
    std::vector<ColumnSpec> variables;
    std::vector<std::string> warnings;
    const PrepareContext context{schema, table.keyspace, markers, variables, warnings};
    TRY_ASSIGN(const types::FunctionPtr found,
               lookUpFunction({mask.keyspace, mask.function}, arguments, column.type, table.keyspace, table.name, context));
    if (found == nullptr || found->isAggregate()) {
        return invalid(fmt::format("Unable to find masking function {} of column {}", textOf(mask), column.name));
    }
    MaskCall out;
    out.m_function = std::static_pointer_cast<const types::ScalarFunction>(found);
    out.m_mask = column.mask;
    return out;
}

Result<types::Value> MaskCall::over(const types::Value& value, const types::FunctionContext& context) const {
    std::vector<types::Argument> arguments;
    arguments.reserve(m_mask->arguments.size() + 1);
    arguments.push_back(value ? types::Argument(*value) : std::nullopt);
    for (const auto& argument : m_mask->arguments) {
        arguments.push_back(argument ? types::Argument(*argument) : std::nullopt);
    }
    return m_function->evaluate(context, arguments);
}

}  // namespace engine::cql
