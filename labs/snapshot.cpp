#include "labs/snapshot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "engine/base/hash.h"
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

/// What kinds of columns a table has, by name.
struct SavedTable {
    std::string name;  // With its keyspace, quoted where it has to be.
    std::set<std::string> partitionKey;
    std::set<std::string> clustering;
    std::set<std::string> statics;
    bool counts = false;

    bool isKey(const std::string& column) const { return partitionKey.contains(column) || clustering.contains(column); }
};

Result<SavedTable> tableOf(World& world, const std::string& keyspace, const std::string& table) {
    TRY_ASSIGN(const Answer answer,
               world.query({fmt::format("SELECT column_name, kind, type FROM system_schema.columns WHERE keyspace_name = {} "
                                        "AND table_name = {}",
                                        quoted(keyspace), quoted(table)),
                            "ONE", 0}));
    SavedTable out;
    out.name = fmt::format("{}.{}", maybeQuote(keyspace), maybeQuote(table));
    for (const auto& row : answer.rows) {
        const std::string kind = plain(row[1]);
        if (kind != "regular") {
            (kind == "partition_key" ? out.partitionKey : kind == "clustering" ? out.clustering : out.statics).insert(plain(row[0]));
        }
        out.counts = out.counts || plain(row[2]) == "counter";
    }
    return out;
}

std::string insertOf(const SavedTable& table, const Answer& answer, const std::vector<std::string>& row) {
    std::vector<std::string> columns;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] != "null") {
            columns.push_back(maybeQuote(answer.columns[i]));
            values.push_back(row[i]);
        }
    }
    return fmt::format("INSERT INTO {} ({}) VALUES ({})", table.name, fmt::join(columns, ", "), fmt::join(values, ", "));
}

/// Rows of a counter table as additions. A static counter is shown by every row of its partition, and is added
/// once.
class Additions {
public:
    Additions(const SavedTable& table, const Answer& answer) : m_table(table), m_answer(answer) {}

    /// Empty when the row has nothing that was not added before.
    std::string of(const std::vector<std::string>& row) {
        std::vector<std::string> where;
        std::vector<std::string> partition;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string& column = m_answer.columns[i];
            if (m_table.isKey(column) && row[i] != "null") {
                where.push_back(fmt::format("{} = {}", maybeQuote(column), row[i]));
                if (m_table.partitionKey.contains(column)) {
                    partition.push_back(row[i]);
                }
            }
        }
        const bool isFirst = m_seen.insert(fmt::format("{}", fmt::join(partition, ", "))).second;
        std::vector<std::string> sums;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string& column = m_answer.columns[i];
            if (!m_table.isKey(column) && row[i] != "null" && (isFirst || !m_table.statics.contains(column))) {
                sums.push_back(fmt::format("{0} = {0} + {1}", maybeQuote(column), row[i]));
            }
        }
        return sums.empty() ? std::string()
                            : fmt::format("UPDATE {} SET {} WHERE {}", m_table.name, fmt::join(sums, ", "), fmt::join(where, " AND "));
    }

private:
    const SavedTable& m_table;
    const Answer& m_answer;
    std::set<std::string> m_seen;  // Partitions.
};

Result<void> addRows(World& world, const std::string& keyspace, const std::string& name, Snapshot& out) {
    TRY_ASSIGN(const SavedTable table, tableOf(world, keyspace, name));
    TRY_ASSIGN(Answer answer, readRows(world, fmt::format("SELECT * FROM {} LIMIT {}", table.name, kSnapshotRowsMax + 1)));
    if (answer.rows.size() > kSnapshotRowsMax) {
        answer.rows.resize(kSnapshotRowsMax);
        out.remarks.push_back(fmt::format("Of {} only {} rows were saved.", table.name, kSnapshotRowsMax));
    }
    Additions additions(table, answer);
    for (const auto& row : answer.rows) {
        std::string statement = table.counts ? additions.of(row) : insertOf(table, answer, row);
        if (!statement.empty()) {
            out.statements.push_back(std::move(statement));
        }
    }
    return engine::ok();
}

bool isWrite(const std::string& statement) { return statement.rfind("INSERT", 0) == 0 || statement.rfind("UPDATE", 0) == 0; }

/// Rows at QUORUM; at ONE where too few nodes are up for that, since then nothing has been written yet.
Result<void> runSaved(World& world, const std::string& statement) {
    auto done = world.query({statement, isWrite(statement) ? "QUORUM" : "ONE", 0, kSolverName});
    if (!done && isWrite(statement) && done.error().kind == engine::ErrorKind::Unavailable) {
        done = world.query({statement, "ONE", 0, kSolverName});
    }
    return done ? engine::ok() : Result<void>(done.error());
}

}  // namespace

Result<Snapshot> takeSnapshot(World& world, const std::vector<std::string>& keyspaces) {
    Snapshot out;
    TRY_ASSIGN(const Answer all, world.query({"SELECT keyspace_name FROM system_schema.keyspaces", "ONE", 0}));
    for (const std::string& keyspace : keyspaces) {
        const bool there = std::any_of(all.rows.begin(), all.rows.end(),
                                       [&keyspace](const auto& row) { return plain(row.front()) == keyspace; });
        if (!there) {
            continue;
        }
        TRY_ASSIGN(const Answer described, world.query({"DESCRIBE KEYSPACE " + maybeQuote(keyspace), "ONE", 0}));
        for (const auto& row : described.rows) {  // keyspace_name, type, name, create_statement
            out.statements.push_back(plain(row[3]));
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
    for (std::size_t i = 0; i < statements.size(); ++i) {
        if (const auto done = runSaved(world, statements[i]); !done) {
            return engine::makeError(done.error().kind,
                                     fmt::format("{} of {} saved statements were run, and the rows of the others are missing; "
                                                 "another Undo begins anew. {}: {}",
                                                 i, statements.size(), statements[i], done.error().message));
        }
    }
    return engine::ok();
}

std::string fingerprintOf(const std::vector<std::string>& statements) {
    const auto hash = engine::murmur3(fmt::format("{}", fmt::join(statements, "\n")));
    return fmt::format("{:016x}{:016x}", static_cast<std::uint64_t>(hash[0]), static_cast<std::uint64_t>(hash[1]));
}

}  // namespace lab
