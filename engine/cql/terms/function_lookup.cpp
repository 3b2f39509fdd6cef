#include "engine/cql/terms/function_lookup.h"

#include <fmt/format.h>

#include "engine/cql/functions/user_functions.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/types/functions/native_functions.h"

namespace engine::cql {

types::Assignment TermArgument::assignableTo(const types::TypePtr& type) const {
    auto fits = testAssignment(m_term, {m_context.keyspace, {}, {}, type}, m_context);
    if (!fits) {
        m_error = fits.error();
        return types::Assignment::NotAssignable;
    }
    return fits.value();
}

types::TypePtr TermArgument::compatibleType() const {
    return compatibleTypeIfKnown(m_term, m_context);
}

std::string TermArgument::text() const { return textOf(m_term); }

bool TermArgument::isMarker() const {
    return std::holds_alternative<syntax::MarkerRef>(m_term.node);
}

Result<types::FunctionPtr> lookUpFunction(const types::FunctionName& name,
                                          std::span<const types::ArgumentTerm* const> arguments,
                                          const types::TypePtr& receiver,
                                          std::string_view tableKeyspace, std::string_view table,
                                          const PrepareContext& context) {
    std::vector<types::FunctionPtr> others;
    if (name.name == "token" && (name.keyspace.empty() || name.keyspace == types::kNativeKeyspace)) {
        if (const schema::TablePtr found = context.schema.findTable(tableKeyspace, table)) {
            std::vector<types::TypePtr> key;
            for (const schema::Column& column : found->partitionKey()) {
                key.push_back(column.type);
            }
            others.push_back(types::tokenFunction(std::move(key)));
        }
    }
    const std::string_view keyspace = name.keyspace.empty() ? std::string_view(context.keyspace) : name.keyspace;
    if (const auto* found = context.schema.findKeyspace(keyspace); found != nullptr) {
        for (types::FunctionPtr& function : userFunctions(**found, name.name)) {
            others.push_back(std::move(function));
        }
    }
    TRY_ASSIGN(types::FunctionPtr found, types::resolveFunction({name, arguments, receiver, others}));
    if (found != nullptr && context.functions != nullptr) {
        context.functions->push_back(found);
    }
    return found;
}

ColumnSpec argumentSpec(const types::Function& function, std::size_t i, std::string_view keyspace,
                        std::string_view table) {
    return {std::string(keyspace), std::string(table),
            fmt::format("arg{}({})", i, function.name().toString()), function.argumentTypes()[i]};
}

}  // namespace engine::cql
