#pragma once

#include "engine/cql/terms/term_preparer.h"

/// Terms that compute: function calls, CAST, operators (FunctionCall.Raw).
namespace engine::cql {

/// CallTerm, CastTerm, ArithmeticTerm or NegateTerm.
Result<Term> prepareCall(const syntax::Term& term, const ColumnSpec& receiver,
                         PrepareContext& context);
Result<types::Assignment> testCall(const syntax::Term& term, const ColumnSpec& receiver,
                                   const PrepareContext& context);
/// Null when no function of the name takes these arguments for certain.
types::TypePtr callType(const syntax::Term& term, const PrepareContext& context);

}  // namespace engine::cql
