#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "labs/checks.h"
#include "labs/words.h"

namespace lab {

namespace {

struct KeyspaceFacts {
    std::string name;
    std::string strategy;  // Short name.
    int copies = 0;
};

struct TableFacts {
    std::vector<std::string> partitionKey;
    std::vector<std::string> clustering;
    std::map<std::string, std::string> types;
};

bool isSystem(const std::string& keyspace) { return keyspace.rfind("system", 0) == 0; }

KeyspaceFacts keyspaceOf(const std::vector<std::string>& row) {
    KeyspaceFacts out;
    out.name = plain(row[0]);
    const std::vector<std::string> texts = stringsIn(row[1]);
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
        if (texts[i] == "class") {
            out.strategy = texts[i + 1].substr(texts[i + 1].rfind('.') + 1);
        } else {
            out.copies += std::atoi(texts[i + 1].c_str());
        }
    }
    return out;
}

/// Rows of the schema tables; of no error when nothing is found.
class SchemaLook {
public:
    explicit SchemaLook(World& world) : m_world(world) {}

    Result<std::vector<KeyspaceFacts>> keyspaces() {
        TRY_ASSIGN(const Answer answer,
                   m_world.query({"SELECT keyspace_name, replication FROM system_schema.keyspaces", "ONE", 0}));
        std::vector<KeyspaceFacts> out;
        for (const auto& row : answer.rows) {
            out.push_back(keyspaceOf(row));
        }
        return out;
    }

    /// Keyspace and name of every table that is not the system's.
    Result<std::vector<std::pair<std::string, std::string>>> tables() {
        TRY_ASSIGN(const Answer answer,
                   m_world.query({"SELECT keyspace_name, table_name FROM system_schema.tables", "ONE", 0}));
        std::vector<std::pair<std::string, std::string>> out;
        for (const auto& row : answer.rows) {
            if (!isSystem(plain(row[0]))) {
                out.emplace_back(plain(row[0]), plain(row[1]));
            }
        }
        return out;
    }

    Result<TableFacts> table(const std::string& keyspace, const std::string& table) {
        TRY_ASSIGN(const Answer answer,
                   m_world.query({fmt::format("SELECT column_name, kind, position, type FROM system_schema.columns WHERE "
                                              "keyspace_name = {} AND table_name = {}",
                                              quoted(keyspace), quoted(table)),
                                  "ONE", 0}));
        TableFacts out;
        std::map<int, std::string> partition;
        std::map<int, std::string> clustering;
        for (const auto& row : answer.rows) {
            const std::string name = plain(row[0]);
            const std::string kind = plain(row[1]);
            out.types[name] = plain(row[3]);
            if (kind == "partition_key") {
                partition[std::atoi(row[2].c_str())] = name;
            } else if (kind == "clustering") {
                clustering[std::atoi(row[2].c_str())] = name;
            }
        }
        for (const auto& [position, name] : partition) {
            out.partitionKey.push_back(name);
        }
        for (const auto& [position, name] : clustering) {
            out.clustering.push_back(name);
        }
        return out;
    }

private:
    World& m_world;
};

std::string keyText(const std::vector<std::string>& partition, const std::vector<std::string>& clustering) {
    const std::string first = partition.size() == 1 ? partition.front() : fmt::format("({})", fmt::join(partition, ", "));
    return clustering.empty() ? first : fmt::format("{}, {}", first, fmt::join(clustering, ", "));
}

void nearMiss(CheckResult& out, std::string says, std::string change) {
    if (out.verdict != Verdict::Near) {
        out.verdict = Verdict::Near;
        out.says = "Near miss: " + std::move(says);
        out.smallestChange = std::move(change);
    }
}

/// Judges the keyspace; false when the rest need not be looked at.
bool judgeKeyspace(const SchemaWants& wants, const std::vector<KeyspaceFacts>& all, CheckResult& out) {
    const auto exact =
        std::find_if(all.begin(), all.end(), [&wants](const KeyspaceFacts& k) { return k.name == wants.keyspace; });
    if (exact == all.end()) {
        const auto cased = std::find_if(all.begin(), all.end(), [&wants](const KeyspaceFacts& k) {
            return equalIgnoringCase(k.name, wants.keyspace);
        });
        out.says = fmt::format("Waiting for the keyspace {}", wants.keyspace);
        if (cased != all.end()) {
            out.facts.push_back(fact("Keyspace", wants.keyspace, '"' + cased->name + '"'));
            nearMiss(out, "the quotes kept the capital letters of the keyspace's name",
                     fmt::format("create {} without quotes.", wants.keyspace));
        }
        return false;
    }
    out.facts.push_back(fact("Keyspace", wants.keyspace, exact->name));
    if (wants.copies > 0) {
        out.facts.push_back(fact("Copies", std::to_string(wants.copies), std::to_string(exact->copies)));
        if (exact->copies != wants.copies) {
            nearMiss(out, fmt::format("right keyspace, but it keeps {} {}", exact->copies,
                                      exact->copies == 1 ? "copy" : "copies"),
                     "one number, the replication factor. ALTER KEYSPACE changes it.");
        }
    }
    if (!wants.strategy.empty()) {
        out.facts.push_back(fact("Strategy", wants.strategy, exact->strategy));
        if (exact->strategy != wants.strategy) {
            nearMiss(out, "right keyspace, other strategy", "one word, the class. ALTER KEYSPACE changes it.");
        }
    }
    return true;
}

void tableIsElsewhere(const SchemaWants& wants, const std::vector<std::pair<std::string, std::string>>& tables,
                      CheckResult& out) {
    if (out.verdict == Verdict::Near) {
        return;  // The keyspace is what to mend first.
    }
    out.says = fmt::format("Waiting for the table {}.{}", wants.keyspace, wants.table);
    for (const auto& [keyspace, table] : tables) {
        if (keyspace == wants.keyspace && equalIgnoringCase(table, wants.table)) {
            out.facts.push_back(fact("Table", wants.table, '"' + table + '"'));
            nearMiss(out, "the quotes kept the capital letters of the table's name",
                     fmt::format("create {} without quotes.", wants.table));
            return;
        }
    }
    for (const auto& [keyspace, table] : tables) {
        if (table == wants.table) {
            out.facts.push_back(fact("Keyspace of the table", wants.keyspace, keyspace));
            nearMiss(out, "right table, in the wrong keyspace",
                     fmt::format("one name, {}.{} instead of {}.{}.", wants.keyspace, table, keyspace, table));
            return;
        }
    }
}

void judgeTable(const SchemaWants& wants, const TableFacts& table, CheckResult& out) {
    out.facts.push_back(fact("Table", wants.table, wants.table));
    if (!wants.partitionKey.empty()) {
        out.facts.push_back(fact("Primary key", keyText(wants.partitionKey, wants.clustering),
                                 keyText(table.partitionKey, table.clustering)));
        if (!out.facts.back().agrees) {
            nearMiss(out, "right table, other primary key", "the PRIMARY KEY. Drop the table and create it again.");
        }
    }
    for (const auto& [name, type] : wants.columns) {
        const auto it = table.types.find(name);
        out.facts.push_back(fact(name, type, it == table.types.end() ? "no such column" : it->second));
        if (!out.facts.back().agrees) {
            nearMiss(out, fmt::format("right table, but its column {} is not as asked", name),
                     it == table.types.end()
                         ? fmt::format("add the column {} as {}.", name, type)
                         : fmt::format("the type of {}. Drop the table and create it again, since a type cannot be changed.", name));
        }
    }
}

}  // namespace

CheckResult checkSchema(const SchemaWants& wants, const Evidence& evidence) {
    CheckResult out;
    SchemaLook look(evidence.world);
    const auto keyspaces = look.keyspaces();
    if (!keyspaces) {
        out.says = "Waiting: " + keyspaces.error().message;
        return out;
    }
    const bool there = judgeKeyspace(wants, keyspaces.value(), out);
    if (!wants.table.empty()) {
        const auto tables = look.tables();
        if (!tables) {
            out.says = "Waiting: " + tables.error().message;
            return out;
        }
        const auto& all = tables.value();
        if (!there || std::find(all.begin(), all.end(), std::pair(wants.keyspace, wants.table)) == all.end()) {
            tableIsElsewhere(wants, all, out);
            return out;
        }
        const auto table = look.table(wants.keyspace, wants.table);
        if (!table) {
            out.says = "Waiting: " + table.error().message;
            return out;
        }
        judgeTable(wants, table.value(), out);
    }
    if (there && out.verdict == Verdict::NotShownYet) {
        out.verdict = Verdict::Passed;
    }
    return out;
}

}  // namespace lab
