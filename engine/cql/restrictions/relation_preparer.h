#pragma once

#include <variant>

#include "engine/cql/prepare_context.h"
#include "engine/cql/restrictions/restriction.h"

namespace engine::cql {

/// One relation of WHERE against its table (Relation.toRestriction): names looked up, values
/// prepared. IS NOT NULL is refused: views alone know it.
Result<std::variant<Restriction, TokenRestriction>> prepareRelation(const syntax::Relation& relation,
                                                                    const schema::Table& table,
                                                                    PrepareContext& context);

/// The column, or 0x2200 `Undefined column name …`.
Result<const schema::Column*> existingColumn(const schema::Table& table, const syntax::Name& name);

/// How messages and bind variables name a column's values.
ColumnSpec specOf(const schema::Table& table, const schema::Column& column);

}  // namespace engine::cql
