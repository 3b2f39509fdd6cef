#include "engine/admin/storage_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>

#include "engine/admin/nodetool.h"
#include "engine/admin/table_statistics.h"
#include "engine/storage/compaction_manager.h"
#include "engine/storage/lifecycle/import_sstables.h"
#include "engine/storage/lifecycle/snapshots.h"
#include "engine/system/compaction_tables.h"

namespace engine::admin {

using runtime::Task;
using storage::CompactionRequest;

namespace {

constexpr std::int64_t kSnapshotTtlAtLeastMillis = 60'000;

NodetoolAnswer said(std::string out) { return {std::move(out), "", 0}; }

/// TableBuilder: columns as wide as their widest entry, one blank between.
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

template <typename Number>
std::optional<Number> numberOf(const std::string& text) {
    Number out{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? std::optional(out)
                                                                               : std::nullopt;
}

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

/// OperationType's names, and what they are called when they run.
const std::map<std::string, std::string>& operationTypes() {
    static const std::map<std::string, std::string> kTypes{
        {"COMPACTION", "Compaction"},        {"MAJOR_COMPACTION", "Major compaction"},
        {"CLEANUP", "Cleanup"},              {"SCRUB", "Scrub"},
        {"UPGRADE_SSTABLES", "Upgrade sstables"},
        {"TOMBSTONE_COMPACTION", "Tombstone Compaction"},
        {"GARBAGE_COLLECT", "Remove deleted data"},
        {"VALIDATION", "Validation"},        {"INDEX_BUILD", "Secondary index build"},
        {"ANTICOMPACTION", "Anticompaction after repair"},
        {"VERIFY", "Verify"},                {"VIEW_BUILD", "View build"},
        {"INDEX_SUMMARY", "Index summary redistribution"},
        {"RELOCATE", "Relocate sstables to correct disk"}};
    return kTypes;
}

class StorageTool {
public:
    StorageTool(NodeParts parts, std::vector<std::string> words)
        : m_parts(std::move(parts)),
          m_storage(m_parts.view.storage),
          m_schema(m_parts.view.schema.current()),
          m_words(std::move(words)) {}

    // ---- compactions -----------------------------------------------------------------------------

    Task<NodetoolAnswer> compact() {
        CompactionRequest request;
        request.splitOutput = takeFlag({"-s", "--split-output"});
        const bool isUserDefined = takeFlag({"--user-defined"});
        const auto start = takeValue({"-st", "--start-token"});
        const auto end = takeValue({"-et", "--end-token"});
        const auto key = takeValue({"--partition"});
        if (isUserDefined) {
            NodetoolAnswer answer = co_await compactFiles();
            co_return answer;
        }
        if (auto wrong = checkTables(true)) {
            co_return *wrong;
        }
        if (start || end) {
            constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
            const auto from = start ? numberOf<std::int64_t>(*start) : kMin;
            const auto to = end ? numberOf<std::int64_t>(*end) : kMin;
            if (!from || !to) {
                co_return serverError(fmt::format(
                    "Invalid token for Murmur3Partitioner. Got {} but expected a long value (unsigned 8 bytes integer).",
                    !from ? *start : *end));
            }
            request.ranges = {{*from, *to}};
        }
        for (const schema::TablePtr& table : tables()) {
            CompactionRequest one = request;
            if (key) {
                const auto bytes = partitionKeyFromText(*table, *key);
                if (!bytes) {
                    co_return serverError(bytes.error().message);
                }
                const std::int64_t token = rows::tokenOf(bytes.value());
                one.ranges = {{token - 1, token}};
            }
            Result<void> flushed = co_await m_storage.flush(table);
            if (!flushed) {
                co_return serverError(flushed.error().message);
            }
            auto done = co_await m_storage.compactions().compact(table, one);
            if (!done) {
                co_return serverError(done.error().message);
            }
        }
        co_return NodetoolAnswer{};
    }

    Task<NodetoolAnswer> compactFiles() {
        std::map<Uuid, std::pair<schema::TablePtr, std::vector<std::uint64_t>>> named;
        for (const std::string& word : m_words) {
            const std::string name = word.substr(word.rfind('/') + 1);
            const auto parsed = storage::parseComponentPath("/x/" + name);
            if (!parsed) {
                co_return serverError(fmt::format(
                    "Invalid sstable file {}: the name doesn't look like a supported sstable file name", name));
            }
            for (const schema::TablePtr& table : allTables()) {
                for (const auto& reader : m_storage.readers(*table)) {
                    const bool isIt = word.find('/') == std::string::npos
                                          ? reader->descriptor().nameOf(storage::Component::Data) == name
                                          : reader->path().ends_with(word);
                    if (isIt) {
                        named[table->id].first = table;
                        named[table->id].second.push_back(reader->generation());
                    }
                }
            }
        }
        for (const auto& [id, files] : named) {
            CompactionRequest request;
            request.kind = CompactionRequest::Kind::UserDefined;
            request.generations = files.second;
            auto done = co_await m_storage.compactions().compact(files.first, request);
            if (!done) {
                co_return serverError(done.error().message);
            }
        }
        co_return NodetoolAnswer{};
    }

    Task<NodetoolAnswer> rewrite(CompactionRequest request) {
        for (const schema::TablePtr& table : tables()) {
            const bool isCleanup = request.kind == CompactionRequest::Kind::Cleanup;
            if (isCleanup && isLocal(*table)) {
                continue;
            }
            if (isCleanup) {
                request.owned = ownedRanges(*table);
            }
            Result<void> flushed = co_await m_storage.flush(table);
            if (!flushed) {
                co_return serverError(flushed.error().message);
            }
            auto done = co_await m_storage.compactions().compact(table, request);
            if (!done) {
                co_return serverError(done.error().message);
            }
        }
        co_return NodetoolAnswer{};
    }

    Task<NodetoolAnswer> cleanup() {
        takeValue({"-j", "--jobs"});
        if (auto wrong = checkTables(true)) {
            co_return *wrong;
        }
        CompactionRequest request;
        request.kind = CompactionRequest::Kind::Cleanup;
        NodetoolAnswer answer = co_await rewrite(std::move(request));
        co_return answer;
    }

    Task<NodetoolAnswer> garbageCollect() {
        takeValue({"-j", "--jobs"});
        const auto granularity = takeValue({"-g", "--granularity"});
        if (granularity && *granularity != "ROW" && *granularity != "CELL") {
            co_return serverError("No enum constant org.apache.cassandra.schema.CompactionParams.TombstoneOption." +
                                  *granularity);
        }
        if (auto wrong = checkTables(false)) {
            co_return *wrong;
        }
        CompactionRequest request;
        request.kind = CompactionRequest::Kind::GarbageCollect;
        NodetoolAnswer answer = co_await rewrite(std::move(request));
        co_return answer;
    }

    Task<NodetoolAnswer> upgrade() {
        takeValue({"-j", "--jobs"});
        takeValue({"-t", "--max-timestamp"});
        const bool all = takeFlag({"-a", "--include-all-sstables"});
        // Files of any other version do not open: without -a none needs it.
        if (!all) {
            co_return NodetoolAnswer{};
        }
        if (auto wrong = checkTables(true)) {
            co_return *wrong;
        }
        CompactionRequest request;
        request.kind = CompactionRequest::Kind::Upgrade;
        NodetoolAnswer answer = co_await rewrite(std::move(request));
        co_return answer;
    }

    Task<NodetoolAnswer> scrub() {
        takeValue({"-j", "--jobs"});
        takeFlag({"-s", "--skip-corrupted"});
        takeFlag({"-n", "--no-validate"});
        takeFlag({"-r", "--reinsert-overflowed-ttl"});
        const bool noSnapshot = takeFlag({"-ns", "--no-snapshot"});
        if (auto wrong = checkTables(false)) {
            co_return *wrong;
        }
        for (const schema::TablePtr& table : tables()) {
            if (!noSnapshot && !m_storage.readers(*table).empty()) {
                storage::SnapshotRequest snapshot;
                snapshot.tag = fmt::format("pre-scrub-{}", m_parts.view.runtime.clock.wallMillis());
                std::vector<schema::TablePtr> one{table};  // GCC 12 wants it named.
                Result<void> taken = co_await m_storage.snapshot(std::move(one), std::move(snapshot));
                if (!taken) {
                    co_return serverError(taken.error().message);
                }
            }
            CompactionRequest request;
            request.kind = CompactionRequest::Kind::Scrub;
            auto done = co_await m_storage.compactions().compact(table, request);
            if (!done) {
                co_return serverError(done.error().message);
            }
        }
        co_return NodetoolAnswer{};
    }

    Task<NodetoolAnswer> verify() {
        const bool force = takeFlag({"-f", "--force"});
        takeFlag({"-e", "--extended-verify", "-c", "--check-version", "-d", "--dfp", "-r", "--rsc", "-t",
                  "--check-tokens", "-q", "--quick"});
        if (!force) {
            co_return NodetoolAnswer{
                "verify is disabled unless a [-f|--force] override flag is provided. See CASSANDRA-9947 and "
                "CASSANDRA-17017 for details.\n",
                "", 1};
        }
        if (auto wrong = checkTables(false)) {
            co_return *wrong;
        }
        for (const schema::TablePtr& table : tables()) {
            for (const auto& reader : m_storage.readers(*table)) {
                // The reader is held, so that a compaction does not take the file away meanwhile.
                auto work = [&files = m_parts.view.runtime.files, reader, table] {
                    return storage::verifySstable(files, reader->descriptor(), table);
                };
                Result<void> done = co_await runtime::offload(m_parts.view.runtime.executor, std::move(work));
                if (!done) {
                    co_return serverError(done.error().message);
                }
            }
        }
        co_return NodetoolAnswer{};
    }

    Task<NodetoolAnswer> compactionStats() {
        const bool human = takeFlag({"-H", "--human-readable"});
        takeFlag({"-V", "--vtable"});
        const storage::CompactionTotals totals = m_storage.compactions().totals();
        std::uint32_t pending = 0;
        for (const schema::TablePtr& table : allTables()) {
            pending += m_storage.compactions().pending(table->id);
        }
        const auto bytes = [&](std::uint64_t value) {
            return human ? fileSizeText(static_cast<double>(value)) : std::to_string(value);
        };
        const double hours =
            std::chrono::duration<double>(m_parts.view.runtime.clock.now() - m_parts.started).count() / 3600;
        const storage::CompactionSettings& settings = m_storage.compactions().settings();
        const double mebibytes = static_cast<double>(settings.bytesPerSecond) / (1 << 20);
        std::string out = columns(
            {{"concurrent compactors", std::to_string(settings.concurrent)},
             {"pending tasks", std::to_string(pending)},
             {"compactions completed", std::to_string(totals.completed)},
             {"data compacted", bytes(totals.bytesCompacted)},
             {"compactions aborted", std::to_string(totals.aborted)},
             {"compactions reduced", "0"},
             {"sstables dropped from compaction", std::to_string(totals.expiredDropped)},
             {"15 minute rate", fmt::format("{:.2f}/minute", static_cast<double>(totals.completedLately) / 15)},
             {"mean rate", fmt::format("{:.2f}/hour", hours > 0 ? static_cast<double>(totals.completed) / hours : 0)},
             {"compaction throughput (MiB/s)",
              settings.bytesPerSecond == 0 ? "throttling disabled (0)" : fmt::format("{:.1f}", mebibytes)}});
        const auto running = m_storage.compactions().running();
        if (running.empty()) {
            co_return said(std::move(out));
        }
        std::vector<std::vector<std::string>> rows{
            {"id", "compaction type", "keyspace", "table", "completed", "total", "unit", "progress"}};
        std::uint64_t left = 0;
        for (const storage::RunningCompaction& task : running) {
            const double share = task.totalBytes > 0 ? 100.0 * static_cast<double>(task.progressBytes) /
                                                           static_cast<double>(task.totalBytes)
                                                     : 0;
            rows.push_back({task.id.toString(), task.type, task.keyspace, task.table, bytes(task.progressBytes),
                            bytes(task.totalBytes), "bytes",
                            task.totalBytes > 0 ? fmt::format("{:.2f}%", share) : "n/a"});
            left += task.totalBytes > task.progressBytes ? task.totalBytes - task.progressBytes : 0;
        }
        out += columns(rows);
        std::string time = "n/a";
        if (settings.bytesPerSecond > 0) {
            const std::uint64_t seconds = left / settings.bytesPerSecond;
            time = fmt::format("{}h{:02}m{:02}s", seconds / 3600, seconds / 60 % 60, seconds % 60);
        }
        out += fmt::format("{:>25}{:>10}\n", "Active compaction remaining time : ", time);
        co_return said(std::move(out));
    }

    Task<NodetoolAnswer> compactionHistory() {
        const auto format = takeValue({"-F", "--format"});
        if (format && *format != "json" && *format != "yaml") {
            co_return wrongUsage("arguments for -F are json,yaml only.");
        }
        if (!m_words.empty()) {
            co_return wrongUsage(fmt::format("Found unexpected parameters: [{}]", fmt::join(m_words, ", ")));
        }
        const auto history = system::loadCompactions(m_storage, m_parts.view.runtime.clock.wallSeconds());
        if (!history) {
            co_return serverError(history.error().message);
        }
        const auto merged = [](const storage::CompactionHistoryEntry& entry) {
            std::string out;
            for (const auto& [sources, count] : entry.rowsMerged) {
                out += fmt::format("{}{}:{}", out.empty() ? "" : ", ", sources, count);
            }
            return '{' + out + '}';
        };
        const auto at = [](const storage::CompactionHistoryEntry& entry) {
            std::string out = storage::isoMillis(entry.compactedAtMillis);
            out.pop_back();
            return out;
        };
        const auto properties = [](const storage::CompactionHistoryEntry& entry) {
            return "{compaction_type:" + entry.type + '}';
        };
        if (format && *format == "json") {
            std::string items;
            for (const auto& entry : history.value()) {
                items += fmt::format(
                    "{}{{\n    \"keyspace_name\" : \"{}\",\n    \"bytes_out\" : {},\n    \"bytes_in\" : {},\n"
                    "    \"compaction_properties\" : \"{}\",\n    \"columnfamily_name\" : \"{}\",\n"
                    "    \"rows_merged\" : \"{}\",\n    \"id\" : \"{}\",\n    \"compacted_at\" : \"{}\"\n  }}",
                    items.empty() ? "" : ", ", entry.keyspace, entry.bytesOut, entry.bytesIn, properties(entry),
                    entry.table, merged(entry), entry.id.toString(), at(entry));
            }
            co_return said(fmt::format("{{\n  \"CompactionHistory\" : [ {} ]\n}}\n", items));
        }
        if (format) {
            std::string out = "CompactionHistory:\n";
            for (const auto& entry : history.value()) {
                out += fmt::format(
                    "- bytes_in: {}\n  bytes_out: {}\n  columnfamily_name: {}\n  compacted_at: '{}'\n"
                    "  compaction_properties: '{}'\n  id: {}\n  keyspace_name: {}\n  rows_merged: '{}'\n",
                    entry.bytesIn, entry.bytesOut, entry.table, at(entry), properties(entry), entry.id.toString(),
                    entry.keyspace, merged(entry));
            }
            co_return said(std::move(out));
        }
        if (history.value().empty()) {
            co_return said("There is no compaction history\n");
        }
        std::vector<std::vector<std::string>> rows{{"id", "keyspace_name", "columnfamily_name", "compacted_at",
                                                    "bytes_in", "bytes_out", "rows_merged",
                                                    "compaction_properties"}};
        for (const auto& entry : history.value()) {
            rows.push_back({entry.id.toString(), entry.keyspace, entry.table, at(entry), std::to_string(entry.bytesIn),
                            std::to_string(entry.bytesOut), merged(entry), properties(entry)});
        }
        co_return said("Compaction History: \n" + columns(rows));
    }

    Task<NodetoolAnswer> getThroughput() {
        const bool exact = takeFlag({"-d", "--precise-mib"});
        const double mebibytes =
            static_cast<double>(m_storage.compactions().settings().bytesPerSecond) / (1 << 20);
        co_return said(exact ? fmt::format("Current compaction throughput: {:.1f} MiB/s\n", mebibytes)
                             : fmt::format("Current compaction throughput: {:.0f} MB/s\n", mebibytes));
    }

    Task<NodetoolAnswer> setThroughput() {
        if (m_words.empty()) {
            co_return wrongUsage("Required parameters are missing: compaction_throughput");
        }
        const auto value = numberOf<std::int32_t>(m_words[0]);
        if (!value) {
            co_return wrongUsage(
                fmt::format("compaction_throughput: can not convert \"{}\" to a Integer", m_words[0]));
        }
        if (*value < 0) {
            co_return wrongUsage("Invalid data rate: value must be non-negative");
        }
        m_storage.compactions().settings().bytesPerSecond = static_cast<std::uint64_t>(*value) << 20;
        co_return NodetoolAnswer{};
    }

    Task<NodetoolAnswer> getConcurrent() {
        co_return said(fmt::format("Current concurrent compactors in the system is: \n{}\n",
                                   m_storage.compactions().settings().concurrent));
    }

    Task<NodetoolAnswer> setConcurrent() {
        const auto value = m_words.empty() ? std::nullopt : numberOf<std::int32_t>(m_words[0]);
        if (m_words.empty()) {
            co_return wrongUsage("Required parameters are missing: concurrent_compactors");
        }
        if (!value) {
            co_return wrongUsage(
                fmt::format("concurrent_compactors: can not convert \"{}\" to a Integer", m_words[0]));
        }
        if (*value <= 0) {
            co_return wrongUsage("concurrent_compactors should be great than 0.");
        }
        m_storage.compactions().settings().concurrent = static_cast<std::uint32_t>(*value);
        m_storage.compactions().settingsChanged();
        co_return NodetoolAnswer{};
    }

    Task<NodetoolAnswer> setAutomatic(bool enabled) {
        if (auto wrong = checkTables(false)) {
            co_return *wrong;
        }
        for (const schema::TablePtr& table : tables()) {
            m_storage.compactions().setAutomatic(table->id, enabled);
        }
        co_return NodetoolAnswer{};
    }
    Task<NodetoolAnswer> enableAutomatic() { return setAutomatic(true); }
    Task<NodetoolAnswer> disableAutomatic() { return setAutomatic(false); }

    Task<NodetoolAnswer> automaticStatus() {
        const bool all = takeFlag({"-a", "--all"});
        if (auto wrong = checkTables(false)) {
            co_return *wrong;
        }
        std::vector<std::vector<std::string>> rows{{"Keyspace", "Table", "Status"}};
        std::size_t on = 0;
        const auto chosen = tables();
        for (const schema::TablePtr& table : chosen) {
            const bool isOn = m_storage.compactions().isAutomatic(table->id);
            on += isOn ? 1 : 0;
            rows.push_back({table->keyspace, table->name, isOn ? "running" : "not running"});
        }
        if (all) {
            co_return said(columns(rows));
        }
        co_return said(on == chosen.size() ? "running\n" : on == 0 ? "not running\n" : "partially running\n");
    }

    Task<NodetoolAnswer> stop() {
        const auto id = takeValue({"-id", "--compaction-id"});
        if (id) {
            if (const auto parsed = Uuid::parse(*id)) {
                m_storage.compactions().stopRunning("", *parsed);
            }
            co_return NodetoolAnswer{};
        }
        if (m_words.empty()) {
            m_storage.compactions().stopRunning("");
            co_return NodetoolAnswer{};
        }
        const auto type = operationTypes().find(m_words[0]);
        if (type == operationTypes().end()) {
            co_return wrongUsage(
                fmt::format("compaction_type: can not convert \"{}\" to a OperationType", m_words[0]));
        }
        m_storage.compactions().stopRunning(type->second);
        co_return NodetoolAnswer{};
    }

    // ---- snapshots and imports -------------------------------------------------------------------

    Task<NodetoolAnswer> snapshot() {
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

    Task<NodetoolAnswer> listSnapshots() {
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

    Task<NodetoolAnswer> clearSnapshot() {
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

    Task<NodetoolAnswer> enableBackup() {
        m_storage.setIncrementalBackups(true);
        co_return NodetoolAnswer{};
    }
    Task<NodetoolAnswer> disableBackup() {
        m_storage.setIncrementalBackups(false);
        co_return NodetoolAnswer{};
    }
    Task<NodetoolAnswer> backupStatus() {
        co_return said(m_storage.incrementalBackups() ? "running\n" : "not running\n");
    }

    Task<NodetoolAnswer> import() {
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

    Task<NodetoolAnswer> refresh() {
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

    Task<NodetoolAnswer> getSstables() {
        const bool isHex = takeFlag({"-hf", "--hex-format"});
        const bool byLevel = takeFlag({"-l", "--show-levels"});
        if (m_words.size() != 3) {
            co_return wrongUsage("getsstables requires ks, cf and key args");
        }
        const schema::TablePtr table = m_schema->findTable(m_words[0], m_words[1]);
        if (table == nullptr) {
            co_return NodetoolAnswer{
                "", fmt::format("ColumnFamilyStore for {}/{} not found.\n", m_words[0], m_words[1]), 1};
        }
        Bytes key;
        if (isHex) {
            const auto bytes = fromHex(m_words[2]);
            if (!bytes) {
                co_return serverError(fmt::format("{} is no hexadecimal number", m_words[2]));
            }
            key = *bytes;
        } else {
            auto bytes = partitionKeyFromText(*table, m_words[2]);
            if (!bytes) {
                co_return serverError(bytes.error().message);
            }
            key = std::move(bytes.value());
        }
        const rows::DecoratedKey decorated = rows::decorate(std::move(key));
        const bool hasLevels = byLevel && table->options.compaction.at("class").ends_with("LeveledCompactionStrategy");
        std::map<std::int32_t, std::vector<std::string>> found;
        for (const auto& reader : m_storage.readers(*table)) {
            const auto partition = reader->find(decorated);
            if (!partition) {
                co_return serverError(partition.error().message);
            }
            if (partition.value()) {
                found[hasLevels ? reader->level() : 0].push_back(reader->path());
            }
        }
        std::string out;
        for (const auto& [level, paths] : found) {
            if (hasLevels) {
                out += fmt::format("{}: {}\n", level, fmt::join(paths, "\n"));
            } else {
                out += fmt::format("{}\n", fmt::join(paths, "\n"));
            }
        }
        co_return said(std::move(out));
    }

    Task<NodetoolAnswer> tableStats() { co_return tableStatistics(m_parts, m_words); }
    Task<NodetoolAnswer> tableHistograms() { co_return tableHistogramsOf(m_parts, m_words); }

private:
    using Names = std::vector<std::string>;

    bool takeFlag(const Names& names) {
        return std::erase_if(m_words, [&](const std::string& word) {
                   return std::find(names.begin(), names.end(), word) != names.end();
               }) > 0;
    }
    std::optional<std::string> takeValue(const Names& names) {
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

    /// `[keyspace [table...]]`. An unknown table is an error of the server for some verbs.
    std::optional<NodetoolAnswer> checkTables(bool isServerError) const {
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
    std::vector<schema::TablePtr> allTables() const {
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
    std::vector<schema::TablePtr> tables() const {
        std::vector<schema::TablePtr> out = allTables();
        std::erase_if(out, [&](const schema::TablePtr& table) {
            return !m_words.empty() &&
                   (table->keyspace != m_words[0] ||
                    (m_words.size() > 1 &&
                     std::find(m_words.begin() + 1, m_words.end(), table->name) == m_words.end()));
        });
        return out;
    }
    static bool isLocal(const schema::Table& table) {
        return table.keyspace == "system" || table.keyspace == "system_schema";
    }

    /// The ranges of the ring of which this node is a replica.
    std::vector<rows::TokenRange> ownedRanges(const schema::Table& table) const {
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

    NodeParts m_parts;
    storage::StorageEngine& m_storage;
    schema::SchemaPtr m_schema;
    std::vector<std::string> m_words;
};

using Verb = Task<NodetoolAnswer> (StorageTool::*)();

const std::map<std::string, Verb>& verbs() {
    static const std::map<std::string, Verb> kVerbs{
        {"compact", &StorageTool::compact},
        {"cleanup", &StorageTool::cleanup},
        {"garbagecollect", &StorageTool::garbageCollect},
        {"scrub", &StorageTool::scrub},
        {"verify", &StorageTool::verify},
        {"upgradesstables", &StorageTool::upgrade},
        {"compactionstats", &StorageTool::compactionStats},
        {"compactionhistory", &StorageTool::compactionHistory},
        {"getcompactionthroughput", &StorageTool::getThroughput},
        {"setcompactionthroughput", &StorageTool::setThroughput},
        {"getconcurrentcompactors", &StorageTool::getConcurrent},
        {"setconcurrentcompactors", &StorageTool::setConcurrent},
        {"enableautocompaction", &StorageTool::enableAutomatic},
        {"disableautocompaction", &StorageTool::disableAutomatic},
        {"statusautocompaction", &StorageTool::automaticStatus},
        {"stop", &StorageTool::stop},
        {"snapshot", &StorageTool::snapshot},
        {"listsnapshots", &StorageTool::listSnapshots},
        {"clearsnapshot", &StorageTool::clearSnapshot},
        {"enablebackup", &StorageTool::enableBackup},
        {"disablebackup", &StorageTool::disableBackup},
        {"statusbackup", &StorageTool::backupStatus},
        {"import", &StorageTool::import},
        {"refresh", &StorageTool::refresh},
        {"getsstables", &StorageTool::getSstables},
        {"tablestats", &StorageTool::tableStats},
        {"cfstats", &StorageTool::tableStats},
        {"tablehistograms", &StorageTool::tableHistograms},
        {"cfhistograms", &StorageTool::tableHistograms}};
    return kVerbs;
}

}  // namespace

bool isStorageCommand(const std::string& verb) { return verbs().contains(verb); }

Task<NodetoolAnswer> storageCommand(NodeParts parts, std::string verb, std::vector<std::string> words) {
    StorageTool tool(std::move(parts), std::move(words));
    NodetoolAnswer answer = co_await (tool.*verbs().at(verb))();
    co_return answer;
}

}  // namespace engine::admin
