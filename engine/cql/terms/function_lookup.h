#pragma once

#include "engine/cql/prepare_context.h"
#include "engine/types/functions/function_resolver.h"

namespace engine::cql {

/// A term as the resolver sees it. A failure inside (an unknown function, say) is kept in error().
class TermArgument : public types::ArgumentTerm {
public:
    TermArgument(const syntax::Term& term, const PrepareContext& context)
        : m_term(term), m_context(context) {}

    types::Assignment assignableTo(const types::TypePtr& type) const override;
    types::TypePtr compatibleType() const override;
    std::string text() const override;
    bool isMarker() const override;
    const std::optional<Error>& error() const { return m_error; }

private:
    const syntax::Term& m_term;
    const PrepareContext& m_context;
    mutable std::optional<Error> m_error;
};

/// FunctionResolver.get, with token() of the table concerned; null when no function has the name.
Result<types::FunctionPtr> lookUpFunction(const types::FunctionName& name,
                                          std::span<const types::ArgumentTerm* const> arguments,
                                          const types::TypePtr& receiver,
                                          std::string_view tableKeyspace, std::string_view table,
                                          const PrepareContext& context);

/// What a function's argument is called and typed: `arg0(system.f)`.
ColumnSpec argumentSpec(const types::Function& function, std::size_t i, std::string_view keyspace,
                        std::string_view table);

}  // namespace engine::cql
