#pragma once

#include "engine/cql/modification/modification.h"

namespace engine::cql {

/// INSERT … JSON: every column of the table is set, from the object's values by name (Json.Raw).
Result<std::shared_ptr<const Modification>> prepareJsonInsert(const syntax::InsertJsonStatement& insert,
                                                              schema::TablePtr table,
                                                              Attributes attributes,
                                                              PrepareContext& context);

}  // namespace engine::cql
