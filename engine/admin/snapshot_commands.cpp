#include "engine/admin/storage_tool.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/storage/lifecycle/snapshots.h"

/// Snapshots, backups, and files that come from elsewhere.
namespace engine::admin {

using runtime::Task;

namespace {

constexpr std::int64_t kSnapshotTtlAtLeastMillis = 60'000;

/// `60s`, `5m`, `2h`, `1d`, in milliseconds (DurationSpec).
std::optional<std::int64_t> durationOf(const std::string& text) {
    static const std::map<std::string, std::int64_t> kUnits{
        {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
    std::int64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto unit = kUnits.find(std::string(parsed.ptr, text.data() + text.size()));
    return parsed.ec == std::errc() && unit != kUnits.end() ? std::optional(number * unit->second)
                                                            : std::nullopt;
}

}  // namespace

Task<NodetoolAnswer> StorageTool::snapshot() {
    storage::SnapshotRequest request;
    const auto tag = takeValue({"-t", "--tag"});
    const auto table = takeValue({"-cf", "--column-family", "--table"});
    const auto list = takeValue({"-kt", "--kt-list", "-kc", "--kc.list"});
    const auto ttl = takeValue({"--ttl"});
    request.skipFlush = takeFlag({"-sf", "--skip-flush"});
    request.tag = tag.value_or(std::to_string(m_parts.view.runtime.clock.wallMillis()));
    if (request.tag.find('/') != std::string::npos) {
        co_return serverError("Snapshot name cannot contain /");
    }
    std::string what = fmt::format("{}", fmt::join(m_words, ", "));
    if (list) {
        what = *list;
    } else if (m_words.empty()) {
        what = "all keyspaces";
    }
    const std::string options = fmt::format("{{skipFlush={}{}}}", request.skipFlush ? "true" : "false",
                                            ttl ? ", ttl=" + *ttl : "");
    std::string out = fmt::format("Requested creating snapshot(s) for [{}] with snapshot name [{}] and options {}\n",
                                  what, request.tag, options);
    const auto refuse = [&](NodetoolAnswer answer) {
        answer.out = out;
        return answer;
    };
    if (ttl) {
        request.ttlMillis = durationOf(*ttl);
        if (!request.ttlMillis) {
            co_return refuse(wrongUsage(fmt::format("Invalid duration: {}", *ttl)));
        }
        if (*request.ttlMillis < kSnapshotTtlAtLeastMillis) {
            co_return refuse(wrongUsage("ttl for snapshot must be at least 60 seconds"));
        }
    }
    std::vector<schema::TablePtr> chosen;
    std::vector<std::string> names = m_words;
    if (list) {
        names.clear();
        for (std::size_t at = 0; at <= list->size();) {
            const std::size_t comma = std::min(list->find(',', at), list->size());
            names.push_back(list->substr(at, comma - at));
            at = comma + 1;
        }
    }
    for (const std::string& name : names) {
        const std::size_t dot = list ? name.find('.') : std::string::npos;
        const std::string keyspaceName = name.substr(0, dot);
        const std::string tableName =
            dot != std::string::npos ? name.substr(dot + 1) : table.value_or(std::string());
        const auto* keyspace = m_schema->findKeyspace(keyspaceName);
        if (keyspace == nullptr || (*keyspace)->isVirtual) {
            co_return refuse(wrongUsage(fmt::format("Keyspace {} does not exist", keyspaceName)));
        }
        if (!tableName.empty() && m_schema->findTable(keyspaceName, tableName) == nullptr) {
            co_return refuse(wrongUsage(fmt::format("Unknown keyspace/cf pair ({}.{})", keyspaceName, tableName)));
        }
        for (const auto& [stored, definition] : (*keyspace)->tables) {
            if (tableName.empty() || stored == tableName) {
                chosen.push_back(definition);
            }
        }
    }
    if (names.empty()) {
        chosen = allTables();
    }
    Result<void> done = co_await m_storage.snapshot(std::move(chosen), request);
    if (!done) {
        co_return refuse(serverError(done.error().message));
    }
    co_return said(out + "Snapshot directory: " + request.tag + "\n");
}

Task<NodetoolAnswer> StorageTool::listSnapshots() {
    const bool noExpiring = takeFlag({"-nt", "--no-ttl"});
    const bool ephemeral = takeFlag({"-e", "--ephemeral"});
    const auto found = m_storage.snapshots();
    if (!found) {
        co_return serverError(found.error().message);
    }
    std::string out = "Snapshot Details: \n";
    std::vector<std::vector<std::string>> rows{{"Snapshot name", "Keyspace name", "Column family name",
                                                "True size", "Size on disk", "Creation time",
                                                "Expiration time"}};
    if (ephemeral) {
        rows[0].push_back("Ephemeral");
    }
    std::uint64_t total = 0;
    for (const storage::SnapshotInfo& info : found.value()) {
        if (noExpiring && info.expiresMillis) {
            continue;
        }
        total += info.trueBytes;
        rows.push_back({info.tag, info.keyspace, info.table, fileSizeText(static_cast<double>(info.trueBytes)),
                        fileSizeText(static_cast<double>(info.bytes)), storage::isoMillis(info.createdMillis),
                        info.expiresMillis ? storage::isoMillis(*info.expiresMillis) : ""});
        if (ephemeral) {
            rows.back().push_back("false");
        }
    }
    if (rows.size() == 1) {
        co_return said(out + "There are no snapshots\n");
    }
    co_return said(out + columns(rows) +
                   fmt::format("\nTotal TrueDiskSpaceUsed: {}\n\n", fileSizeText(static_cast<double>(total))));
}

Task<NodetoolAnswer> StorageTool::clearSnapshot() {
    const bool all = takeFlag({"--all"});
    const auto tag = takeValue({"-t", "--tag"});
    const auto older = takeValue({"--older-than"});
    const auto olderThan = takeValue({"--older-than-timestamp"});
    if (all && tag) {
        co_return wrongUsage("Specify only one of snapshot name or --all");
    }
    if (!all && !tag) {
        co_return wrongUsage("Specify snapshot name or --all");
    }
    std::optional<std::int64_t> before;
    if (older) {
        const auto age = durationOf(*older);
        if (!age) {
            co_return wrongUsage(fmt::format("Invalid duration: {}", *older));
        }
        before = m_parts.view.runtime.clock.wallMillis() - *age;
    } else if (olderThan) {
        before = storage::parseIsoMillis(*olderThan);
        if (!before) {
            co_return wrongUsage(
                fmt::format("Parameter --older-than-timestamp has to be a valid instant in ISO format."));
        }
    }
    const std::string where = m_words.empty() ? "all keyspaces" : fmt::format("{}", fmt::join(m_words, ", "));
    const std::string out =
        tag ? fmt::format("Requested clearing snapshot(s) for [{}] with snapshot name [{}]\n", where, *tag)
            : fmt::format("Requested clearing snapshot(s) for [{}] with [all snapshots]\n", where);
    const Result<void> done = m_storage.clearSnapshots(tag.value_or(""), m_words, before);
    if (!done) {
        NodetoolAnswer answer = serverError(done.error().message);
        answer.out = out;
        co_return answer;
    }
    co_return said(out);
}

Task<NodetoolAnswer> StorageTool::enableBackup() {
    m_storage.setIncrementalBackups(true);
    co_return NodetoolAnswer{};
}

Task<NodetoolAnswer> StorageTool::disableBackup() {
    m_storage.setIncrementalBackups(false);
    co_return NodetoolAnswer{};
}

Task<NodetoolAnswer> StorageTool::backupStatus() {
    co_return said(m_storage.incrementalBackups() ? "running\n" : "not running\n");
}

Task<NodetoolAnswer> StorageTool::import() {
    storage::ImportRequest request;
    request.keepLevel = takeFlag({"-l", "--keep-level"});
    request.keepRepaired = takeFlag({"-r", "--keep-repaired"});
    request.verifies = !takeFlag({"-v", "--no-verify"});
    request.copies = takeFlag({"-p", "--copy-data"});
    takeFlag({"-e", "--extended-verify"});
    takeFlag({"-c", "--no-invalidate-caches"});
    bool checksTokens = !takeFlag({"-t", "--no-tokens"});
    const bool isQuick = takeFlag({"-q", "--quick"});
    if (m_words.size() < 3) {
        co_return wrongUsage("import requires keyspace, table name and directories");
    }
    const schema::TablePtr table = m_schema->findTable(m_words[0], m_words[1]);
    if (table == nullptr) {
        co_return wrongUsage(fmt::format("Unknown keyspace/cf pair ({}.{})", m_words[0], m_words[1]));
    }
    NodetoolAnswer answer;
    if (isQuick) {
        answer.out = "Doing a quick import - skipping sstable verification and row cache invalidation\n";
        request.verifies = false;
        checksTokens = false;
    }
    if (checksTokens && !isLocal(*table)) {
        request.owned = ownedRanges(*table);
    }
    request.folders.assign(m_words.begin() + 2, m_words.end());
    auto done = co_await m_storage.importFiles(table, request);
    if (!done) {
        co_return serverError(done.error().message);
    }
    if (!done.value().failedFolders.empty()) {
        answer.err = fmt::format(
            "Some directories failed to import, check server logs for details:\n{}\n",
            fmt::join(done.value().failedFolders, "\n"));
        answer.exit = 1;
    }
    co_return answer;
}

Task<NodetoolAnswer> StorageTool::refresh() {
    const std::string out = "nodetool refresh is deprecated, use nodetool import instead\n";
    NodetoolAnswer answer = said(out);
    if (m_words.size() != 2) {
        answer = wrongUsage("refresh requires ks and cf args");
    } else if (m_schema->findTable(m_words[0], m_words[1]) == nullptr) {
        answer = wrongUsage(fmt::format("Unknown keyspace/cf pair ({}.{})", m_words[0], m_words[1]));
    } else {
        storage::ImportRequest request;
        request.keepRepaired = true;
        request.verifies = false;
        auto done = co_await m_storage.importFiles(m_schema->findTable(m_words[0], m_words[1]), request);
        if (!done) {
            answer = serverError(done.error().message);
        }
    }
    answer.out = out;
    co_return answer;
}

}  // namespace engine::admin
