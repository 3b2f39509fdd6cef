#pragma once

#include <string>
#include <vector>

#include "engine/cql/result.h"
#include "engine/cql/syntax/ast.h"
#include "engine/schema/schema.h"
#include "engine/types/functions/function.h"

namespace engine::cql {

/// What preparing a statement reads and gathers. Lives on the stack of prepare().
struct PrepareContext {
    const schema::Schema& schema;
    /// The session's keyspace, or the table's once it is known: where user types and functions are.
    std::string keyspace;
    const std::vector<syntax::BindMarker>& markers;
    /// One a marker, filled as each finds its receiver.
    std::vector<ColumnSpec>& variables;
    std::vector<std::string>& warnings;
    /// Functions that the statement calls, as they are found; null: nobody asks.
    std::vector<types::FunctionPtr>* functions = nullptr;

    /// Notes what the marker is for; the answer is its index.
    std::size_t bindMarker(syntax::MarkerRef marker, const ColumnSpec& receiver) {
        const auto index = static_cast<std::size_t>(marker.index);
        variables[index] = receiver;
        if (markers[index].name) {
            variables[index].name = markers[index].name->text;
        }
        return index;
    }
};

}  // namespace engine::cql
