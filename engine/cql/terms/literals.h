#pragma once

#include "engine/cql/terms/term_preparer.h"

/// Collection, tuple, vector and user type literals (Lists, Sets, Maps, Tuples, Vectors, UserTypes).
namespace engine::cql {

Result<Term> prepareList(const syntax::ListTerm& term, const ColumnSpec& receiver,
                         PrepareContext& context);
Result<Term> prepareSet(const syntax::SetTerm& term, const ColumnSpec& receiver,
                        PrepareContext& context);
Result<Term> prepareMap(const std::vector<syntax::MapTermEntry>& entries,
                        const ColumnSpec& receiver, PrepareContext& context);
Result<Term> prepareTuple(const std::vector<syntax::Term>& items, const ColumnSpec& receiver,
                          PrepareContext& context);
/// A field's type as its user type declares it: in a value of a frozen type all fields are frozen, but messages
/// do not say so.
types::TypePtr declaredField(const types::DataType& type, std::size_t field, const schema::Schema& schema);
Result<Term> prepareUserType(const syntax::UserTypeTerm& term, const ColumnSpec& receiver,
                             PrepareContext& context);

}  // namespace engine::cql
