#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/coordinator/query_processor.h"

namespace engine::access {

/// One row of a table of system_auth.
class AuthRow {
public:
    AuthRow(const cql::ResultMetadata& metadata, const cql::ResultRow& row);

    std::optional<std::string> text(const std::string& column) const;
    bool flag(const std::string& column) const;  // Null: false.
    std::set<std::string> texts(const std::string& column) const;

private:
    std::map<std::string, Bytes> m_values;
};

Bytes flagBytes(bool value);
Bytes textsBytes(const std::set<std::string>& values);

/// Reads and writes system_auth as the node itself: nobody is asked, and the explorer is not told.
class AuthTables {
public:
    explicit AuthTables(coordinator::QueryProcessor& queries);

    /// Reads at LOCAL_QUORUM (auth_read_consistency_level), the default superuser's role at QUORUM.
    runtime::Task<Result<std::vector<AuthRow>>> read(std::string cql, std::vector<Bytes> values, bool ofDefaultSuperuser = false);
    /// Writes at EACH_QUORUM (auth_write_consistency_level).
    runtime::Task<Result<void>> write(std::string cql, std::vector<Bytes> values);

private:
    coordinator::QueryProcessor& m_queries;
    coordinator::ClientSession m_session;
};

}  // namespace engine::access
