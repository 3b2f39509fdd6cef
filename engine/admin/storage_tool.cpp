#include "engine/admin/storage_tool.h"

#include <fmt/format.h>

#include <algorithm>

namespace engine::admin {

std::string columns(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += fmt::format("{}{:<{}}", i > 0 ? " " : "", row[i], widths[i]);
        }
        out += '\n';
    }
    return out;
}

StorageTool::StorageTool(NodeParts parts, std::vector<std::string> words)
    : m_parts(std::move(parts)),
      m_storage(m_parts.view.storage),
      m_schema(m_parts.view.schema.current()),
      m_words(std::move(words)) {}

bool StorageTool::takeFlag(const Names& names) {
    return std::erase_if(m_words, [&](const std::string& word) {
               return std::find(names.begin(), names.end(), word) != names.end();
           }) > 0;
}

std::optional<std::string> StorageTool::takeValue(const Names& names) {
    for (std::size_t i = 0; i + 1 < m_words.size(); ++i) {
        if (std::find(names.begin(), names.end(), m_words[i]) != names.end()) {
            std::string value = m_words[i + 1];
            m_words.erase(m_words.begin() + static_cast<std::ptrdiff_t>(i),
                          m_words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
            return value;
        }
    }
    return std::nullopt;
}

std::optional<NodetoolAnswer> StorageTool::checkTables(bool isServerError) const {
    if (m_words.empty()) {
        return std::nullopt;
    }
    if (m_schema->findKeyspace(m_words[0]) == nullptr) {
        return wrongUsage(fmt::format("Keyspace [{}] does not exist.", m_words[0]));
    }
    for (std::size_t i = 1; i < m_words.size(); ++i) {
        if (m_schema->findTable(m_words[0], m_words[i]) == nullptr) {
            const std::string message =
                fmt::format("Unknown keyspace/cf pair ({}.{})", m_words[0], m_words[i]);
            return isServerError ? serverError(message) : wrongUsage(message);
        }
    }
    return std::nullopt;
}

std::vector<schema::TablePtr> StorageTool::allTables() const {
    std::vector<schema::TablePtr> out;
    for (const auto& [name, keyspace] : m_schema->keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            if (!table->isVirtual) {
                out.push_back(table);
            }
        }
    }
    return out;
}

std::vector<schema::TablePtr> StorageTool::tables() const {
    std::vector<schema::TablePtr> out = allTables();
    std::erase_if(out, [&](const schema::TablePtr& table) {
        return !m_words.empty() &&
               (table->keyspace != m_words[0] ||
                (m_words.size() > 1 &&
                 std::find(m_words.begin() + 1, m_words.end(), table->name) == m_words.end()));
    });
    return out;
}

bool StorageTool::isLocal(const schema::Table& table) {
    return table.keyspace == "system" || table.keyspace == "system_schema";
}

std::vector<rows::TokenRange> StorageTool::ownedRanges(const schema::Table& table) const {
    const ring::TopologyPtr topology = m_parts.view.topology.current();
    const auto& replication = (*m_schema->findKeyspace(table.keyspace))->replication;
    std::vector<ring::Token> tokens;
    for (const ring::NodeInfo& node : topology->nodes()) {
        tokens.insert(tokens.end(), node.tokens.begin(), node.tokens.end());
    }
    std::sort(tokens.begin(), tokens.end());
    std::vector<rows::TokenRange> out;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto replicas = topology->replicasFor(replication, tokens[i]).natural;
        const bool isOurs = std::any_of(replicas.begin(), replicas.end(), [&](const ring::NodeInfo* node) {
            return node->node == m_parts.view.messaging.self();
        });
        if (isOurs) {
            out.push_back({tokens[(i + tokens.size() - 1) % tokens.size()], tokens[i]});
        }
    }
    return out;
}

}  // namespace engine::admin
