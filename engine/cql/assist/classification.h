#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cql/assist/names.h"

namespace engine::cql::assist {

enum class StatementKind : std::uint8_t { Read, Write, Batch, Truncate, Schema, Access, Use, Describe };

/// Which of the two levels a request is run with decides what it waits for.
enum class LevelUse : std::uint8_t {
    None,    // Schema, USE, DESCRIBE, system tables: every node answers by itself.
    Normal,  // The consistency level.
    Serial,  // A condition: first the serial level, then the consistency level for the commit.
};

struct TableUse {
    std::string keyspace;  // As written; empty for the one in use.
    std::string table;
    bool operator==(const TableUse&) const = default;
};

/// What a statement is about, read from its text and the names alone.
struct Classification {
    StatementKind kind = StatementKind::Read;
    LevelUse level = LevelUse::None;
    std::vector<TableUse> tables;  // Each once, in order.
    bool fullScan = false;         // A read that names no whole partition key: it walks the ring.
    bool allowFiltering = false;
    bool logged = false;           // BATCH that goes through the batch log.
    /// How many partitions a read or write names: the product of the keys' IN lists, or of a batch the
    /// different keys written out. 0: not known (a bind marker, unknown columns, a scan).
    std::size_t partitions = 0;
};

/// Nothing when the text is not one statement of CQL.
std::optional<Classification> classify(std::string_view statement, const Names& names, std::string_view used);

}  // namespace engine::cql::assist
