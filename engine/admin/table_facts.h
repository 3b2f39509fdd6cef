#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/admin/node_methods.h"

/// What `nodetool tablestats` tells of tables (StatsTable, StatsKeyspace), before it is text.
namespace engine::admin {

struct TableFact {
    const char* label = nullptr;  // In text; null: only in JSON and YAML.
    std::string key;              // In JSON, YAML, and for `-s`; empty: only in text.
    std::string text;
    std::string json;
    double number = 0;  // To sort by.
};

struct TableFacts {
    std::string keyspace;
    std::string name;
    std::vector<TableFact> facts;  // In the order of the text.

    std::string fullName() const { return keyspace + '.' + name; }
    const TableFact* find(std::string_view key) const;
};

/// Means in milliseconds, NaN without any.
struct KeyspaceFacts {
    std::string name;
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    double readMillis = 0;
    double writeMillis = 0;
    std::vector<TableFacts> tables;
};

/// Gathers them; what this node does not count is at what Cassandra prints without data, and
/// docs/fidelity.md lists it. Sizes are readable ones in text, JSON and YAML where wished. On the node's thread.
class FactsGatherer {
public:
    FactsGatherer(const NodeParts& parts, bool human);
    KeyspaceFacts keyspace(const std::string& name, const std::vector<schema::TablePtr>& tables);

private:
    TableFacts table(const schema::Table& table);

    const NodeParts& m_parts;
    const bool m_human;
    std::map<std::pair<std::string, std::string>, std::uint64_t> m_snapshotBytes;
};

/// As Java prints a double: `1.0`, `NaN`.
std::string decimalText(double value);

/// JSON or YAML, with the keys in the order that Cassandra's have.
std::string asTree(const std::vector<KeyspaceFacts>& keyspaces, std::size_t total, bool location, bool isJson);
/// The same without keyspaces: of tables that were sorted.
std::string asTree(const std::vector<TableFacts>& tables, std::size_t total, bool location, bool isJson);

}  // namespace engine::admin
