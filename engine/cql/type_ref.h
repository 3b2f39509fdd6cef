#pragma once

#include "engine/base/result.h"
#include "engine/cql/syntax/ast_terms.h"
#include "engine/schema/schema.h"
#include "engine/types/data_type.h"

namespace engine::cql {

/// The type a statement's text means (CQL3Type.Raw.prepare): user types are those of `keyspace`.
/// Errors as Cassandra words them: unknown types, nested non-frozen collections, counters inside.
Result<types::TypePtr> resolveType(const syntax::TypeRef& ref, const schema::Schema& schema,
                                   std::string_view keyspace);

}  // namespace engine::cql
