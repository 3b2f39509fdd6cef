#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/access/node_access.h"
#include "engine/types/data_type.h"

namespace engine::access {

struct NodeAccess::Statement {
    const Performer& performer;
    const std::string& keyspace;  // Of the session.
    std::vector<std::string>& warnings;
};

/// Columns of what LIST answers, all of system_auth; cells are made by the functions below.
cql::ResultMetadataPtr listColumns(std::string_view table, const std::vector<std::pair<std::string, types::TypePtr>>& columns);
cql::Value cell(std::string_view text);
cql::Value cell(bool flag);
cql::Value emptyMap();

}  // namespace engine::access
