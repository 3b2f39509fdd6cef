#pragma once

#include "engine/cql/prepare_context.h"
#include "engine/cql/terms/term.h"
#include "engine/types/literals.h"

namespace engine::cql {

/// Makes a term fit for its receiver (Term.Raw.prepare): type errors are Cassandra's.
Result<Term> prepareTerm(const syntax::Term& term, const ColumnSpec& receiver, PrepareContext& context);

/// How well a term fits a receiver (Term.Raw.testAssignment). Fails on unknown functions.
Result<types::Assignment> testAssignment(const syntax::Term& term, const ColumnSpec& receiver,
                                         const PrepareContext& context);

/// The type a term has whoever receives it, null when that is not known (getExactTypeIfKnown).
types::TypePtr exactTypeIfKnown(const syntax::Term& term, const PrepareContext& context);
/// The same with a guess for constants and collections of them (getCompatibleTypeIfKnown).
types::TypePtr compatibleTypeIfKnown(const syntax::Term& term, const PrepareContext& context);

/// Receivers of what lies inside a value.
ColumnSpec elementSpec(const ColumnSpec& receiver);                    // value(c)
ColumnSpec keySpec(const ColumnSpec& receiver);                        // key(c)
ColumnSpec indexSpec(const ColumnSpec& receiver);                      // idx(c)
ColumnSpec fieldSpec(const ColumnSpec& receiver, std::size_t field);   // c.field
ColumnSpec componentSpec(const ColumnSpec& receiver, std::size_t i);   // c[i]

}  // namespace engine::cql
