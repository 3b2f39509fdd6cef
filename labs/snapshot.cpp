#include "labs/snapshot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/cql/syntax/text.h"
#include "labs/words.h"

namespace lab {

namespace {

using engine::cql::syntax::maybeQuote;

/// At QUORUM; at ONE where too few nodes are up for that.
Result<Answer> readRows(World& world, const std::string& query) {
    auto rows = world.query({query, "QUORUM", 0});
    return rows ? std::move(rows) : world.query({query, "ONE", 0});
}

Result<void> addRows(World& world, const std::string& keyspace, const std::string& table,
                     std::vector<std::string>& out) {
    const std::string name = fmt::format("{}.{}", maybeQuote(keyspace), maybeQuote(table));
    TRY_ASSIGN(const Answer answer,
               readRows(world, fmt::format("SELECT * FROM {} LIMIT {}", name, kSnapshotRowsMax)));
    for (const auto& row : answer.rows) {
        std::vector<std::string> columns;
        std::vector<std::string> values;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (row[i] != "null") {
                columns.push_back(maybeQuote(answer.columns[i]));
                values.push_back(row[i]);
            }
        }
        out.push_back(
            fmt::format("INSERT INTO {} ({}) VALUES ({})", name, fmt::join(columns, ", "), fmt::join(values, ", ")));
    }
    return engine::ok();
}

}  // namespace

Result<std::vector<std::string>> takeSnapshot(World& world, const std::vector<std::string>& keyspaces) {
    std::vector<std::string> out;
    TRY_ASSIGN(const Answer all, world.query({"SELECT keyspace_name FROM system_schema.keyspaces", "ONE", 0}));
    for (const std::string& keyspace : keyspaces) {
        const bool there = std::any_of(all.rows.begin(), all.rows.end(),
                                       [&keyspace](const auto& row) { return plain(row.front()) == keyspace; });
        if (!there) {
            continue;
        }
        TRY_ASSIGN(const Answer described, world.query({"DESCRIBE KEYSPACE " + maybeQuote(keyspace), "ONE", 0}));
        for (const auto& row : described.rows) {  // keyspace_name, type, name, create_statement
            out.push_back(plain(row[3]));
        }
        for (const auto& row : described.rows) {
            if (plain(row[1]) == "table") {
                TRY(addRows(world, keyspace, plain(row[2]), out));
            }
        }
    }
    return out;
}

Result<void> restoreSnapshot(World& world, const std::vector<std::string>& keyspaces,
                             const std::vector<std::string>& statements) {
    for (const std::string& keyspace : keyspaces) {
        TRY(world.query({"DROP KEYSPACE IF EXISTS " + maybeQuote(keyspace), "ONE", 0, kSolverName}));
    }
    for (const std::string& statement : statements) {
        TRY(world.query({statement, statement.rfind("INSERT", 0) == 0 ? "QUORUM" : "ONE", 0, kSolverName}));
    }
    return engine::ok();
}

}  // namespace lab
