#include "engine/cql/terms/literal_value.h"

#include "engine/cql/syntax/parser.h"
#include "engine/cql/terms/term_preparer.h"

namespace engine::cql {

Result<std::optional<Bytes>> literalValue(std::string_view text, const types::TypePtr& type) {
    TRY_ASSIGN(const syntax::Term parsed, syntax::parseTerm(text));
    const schema::Schema none;
    const std::vector<syntax::BindMarker> markers;
    std::vector<ColumnSpec> variables;
    std::vector<std::string> warnings;
    PrepareContext context{none, {}, markers, variables, warnings};
    TRY_ASSIGN(const Term term, prepareTerm(parsed, {{}, {}, "(literal)", type}, context));
    const ExecutionContext world{};
    TRY_ASSIGN(BoundValue value, term.bind(Binding{{}, world}));
    return value.state == BoundValue::State::Set ? std::optional(std::move(value.bytes)) : std::nullopt;
}

}  // namespace engine::cql
