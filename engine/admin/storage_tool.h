#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "engine/admin/node_methods.h"
#include "engine/admin/nodetool.h"
#include "engine/storage/compaction_request.h"

namespace engine::admin {

/// One command of nodetool about a node's files, while it runs: what it works on, its words, and the verbs by
/// subject, each in a source of its own. On the node's thread.
class StorageTool {
public:
    StorageTool(NodeParts parts, std::vector<std::string> words);

    // compaction_commands.cpp
    runtime::Task<NodetoolAnswer> compact();
    runtime::Task<NodetoolAnswer> forceCompact();
    runtime::Task<NodetoolAnswer> cleanup();
    runtime::Task<NodetoolAnswer> garbageCollect();
    runtime::Task<NodetoolAnswer> upgrade();
    runtime::Task<NodetoolAnswer> scrub();
    runtime::Task<NodetoolAnswer> verify();
    runtime::Task<NodetoolAnswer> enableAutomatic();
    runtime::Task<NodetoolAnswer> disableAutomatic();
    runtime::Task<NodetoolAnswer> automaticStatus();
    runtime::Task<NodetoolAnswer> stop();
    runtime::Task<NodetoolAnswer> getThroughput();
    runtime::Task<NodetoolAnswer> setThroughput();
    runtime::Task<NodetoolAnswer> getConcurrent();
    runtime::Task<NodetoolAnswer> setConcurrent();

    // compaction_reports.cpp
    runtime::Task<NodetoolAnswer> compactionStats();
    runtime::Task<NodetoolAnswer> compactionHistory();

    // snapshot_commands.cpp
    runtime::Task<NodetoolAnswer> snapshot();
    runtime::Task<NodetoolAnswer> listSnapshots();
    runtime::Task<NodetoolAnswer> clearSnapshot();
    runtime::Task<NodetoolAnswer> enableBackup();
    runtime::Task<NodetoolAnswer> disableBackup();
    runtime::Task<NodetoolAnswer> backupStatus();
    runtime::Task<NodetoolAnswer> import();
    runtime::Task<NodetoolAnswer> refresh();

    // storage_commands.cpp
    runtime::Task<NodetoolAnswer> getSstables();
    runtime::Task<NodetoolAnswer> refreshSizeEstimates();
    runtime::Task<NodetoolAnswer> invalidateKeyCache();
    runtime::Task<NodetoolAnswer> setCacheCapacity();
    runtime::Task<NodetoolAnswer> tableStats();
    runtime::Task<NodetoolAnswer> tableHistograms();

private:
    using Names = std::vector<std::string>;

    runtime::Task<NodetoolAnswer> compactFiles();
    runtime::Task<NodetoolAnswer> rewrite(storage::CompactionRequest request);
    runtime::Task<NodetoolAnswer> setAutomatic(bool enabled);

    bool takeFlag(const Names& names);
    std::optional<std::string> takeValue(const Names& names);
    /// `[keyspace [table...]]`. An unknown table is an error of the server for some verbs.
    std::optional<NodetoolAnswer> checkTables(bool isServerError) const;
    std::vector<schema::TablePtr> allTables() const;
    /// Those that the words name; all without words.
    std::vector<schema::TablePtr> tables() const;
    static bool isLocal(const schema::Table& table);
    /// The ranges of the ring of which this node is a replica.
    std::vector<rows::TokenRange> ownedRanges(const schema::Table& table) const;

    NodeParts m_parts;
    storage::StorageEngine& m_storage;
    schema::SchemaPtr m_schema;
    std::vector<std::string> m_words;
};

inline NodetoolAnswer said(std::string out) { return {std::move(out), "", 0}; }

/// TableBuilder: columns as wide as their widest entry, one blank between.
std::string columns(const std::vector<std::vector<std::string>>& rows);

template <typename Number>
std::optional<Number> numberOf(const std::string& text) {
    Number out{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? std::optional(out)
                                                                               : std::nullopt;
}

}  // namespace engine::admin
