#pragma once

#include "engine/cql/selection/selector.h"
#include "engine/cql/syntax/ast_terms.h"
#include "engine/schema/table.h"

/// The kinds of prepared selectors.
namespace engine::cql {

SelectorPtr selectColumn(int index, types::TypePtr type);
SelectorPtr selectTerm(Term term, types::TypePtr type);
/// The same value, taken for one of another type.
SelectorPtr selectAs(SelectorPtr operand, types::TypePtr type);
SelectorPtr selectCall(std::shared_ptr<const types::ScalarFunction> function,
                       std::vector<SelectorPtr> arguments);
/// The result of the selection's aggregate `index`.
SelectorPtr selectAggregate(std::size_t index, types::TypePtr type);
SelectorPtr selectField(SelectorPtr operand, std::size_t field);
SelectorPtr selectElement(SelectorPtr operand, Term key, std::string name);
SelectorPtr selectSlice(SelectorPtr operand, std::optional<Term> from, std::optional<Term> to,
                        std::string name);
/// A literal of selectors: `parts` are elements, or keys and values in turns, or fields.
SelectorPtr selectLiteral(types::TypePtr type, std::vector<SelectorPtr> parts);

/// WRITETIME, MAXWRITETIME or TTL of all of a column, or of a part of it.
struct MetadataTarget {
    syntax::MetadataSelector::Kind kind = syntax::MetadataSelector::Kind::Writetime;
    const schema::Column* column = nullptr;
    std::optional<Term> element;
    bool isSlice = false;
    std::optional<Term> from;
    std::optional<Term> to;
    int field = -1;
    /// The part itself, of a frozen value: no cell's time when it is absent.
    std::shared_ptr<const Selector> part;
};
SelectorPtr selectMetadata(MetadataTarget target);

}  // namespace engine::cql
