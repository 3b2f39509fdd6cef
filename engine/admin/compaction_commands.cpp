#include "engine/admin/storage_tool.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/storage/compaction_manager.h"
#include "engine/storage/lifecycle/import_sstables.h"

/// Verbs that compact, rewrite or check files, and what compactions are told.
namespace engine::admin {

using runtime::Task;
using storage::CompactionRequest;

namespace {

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

}  // namespace

Task<NodetoolAnswer> StorageTool::compact() {
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
        // One without the other is an empty text, and that is no token.
        const auto from = numberOf<std::int64_t>(start.value_or(""));
        const auto to = numberOf<std::int64_t>(end.value_or(""));
        if (!from || !to) {
            co_return serverError(fmt::format(
                "Invalid token for Murmur3Partitioner. Got {} but expected a long value (unsigned 8 bytes integer).",
                (!from ? start : end).value_or("")));
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

/// The files that may have one of the partitions, whose tombstones go whatever their age.
Task<NodetoolAnswer> StorageTool::forceCompact() {
    if (m_words.size() < 3) {
        co_return wrongUsage("forcecompact requires keyspace, table and keys args");
    }
    const schema::TablePtr table = m_schema->findTable(m_words[0], m_words[1]);
    if (table == nullptr) {
        co_return serverError(fmt::format("Unknown keyspace/cf pair ({}.{})", m_words[0], m_words[1]));
    }
    CompactionRequest request;
    request.kind = CompactionRequest::Kind::UserDefined;
    for (std::size_t i = 2; i < m_words.size(); ++i) {
        const auto key = partitionKeyFromText(*table, m_words[i]);
        if (!key) {
            co_return serverError(key.error().message);
        }
        request.graceless.insert(key.value());
    }
    for (const auto& reader : m_storage.readers(*table)) {
        const bool mayHaveOne = std::any_of(request.graceless.begin(), request.graceless.end(), [&](const Bytes& key) {
            return reader->mayContain(rows::decorate(key));
        });
        if (mayHaveOne) {
            request.generations.push_back(reader->generation());
        }
    }
    if (!request.generations.empty()) {
        auto done = co_await m_storage.compactions().compact(table, std::move(request));
        if (!done) {
            co_return serverError(done.error().message);
        }
    }
    co_return NodetoolAnswer{};
}

Task<NodetoolAnswer> StorageTool::compactFiles() {
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

Task<NodetoolAnswer> StorageTool::rewrite(CompactionRequest request) {
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

Task<NodetoolAnswer> StorageTool::cleanup() {
    takeValue({"-j", "--jobs"});
    if (auto wrong = checkTables(true)) {
        co_return *wrong;
    }
    CompactionRequest request;
    request.kind = CompactionRequest::Kind::Cleanup;
    NodetoolAnswer answer = co_await rewrite(std::move(request));
    co_return answer;
}

Task<NodetoolAnswer> StorageTool::garbageCollect() {
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
    request.shadows = granularity == "CELL" ? storage::compaction::ShadowKind::Cell : storage::compaction::ShadowKind::Row;
    NodetoolAnswer answer = co_await rewrite(std::move(request));
    co_return answer;
}

Task<NodetoolAnswer> StorageTool::upgrade() {
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

Task<NodetoolAnswer> StorageTool::scrub() {
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

Task<NodetoolAnswer> StorageTool::verify() {
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

Task<NodetoolAnswer> StorageTool::setAutomatic(bool enabled) {
    if (auto wrong = checkTables(false)) {
        co_return *wrong;
    }
    for (const schema::TablePtr& table : tables()) {
        m_storage.compactions().setAutomatic(table->id, enabled);
    }
    co_return NodetoolAnswer{};
}

Task<NodetoolAnswer> StorageTool::enableAutomatic() { return setAutomatic(true); }

Task<NodetoolAnswer> StorageTool::disableAutomatic() { return setAutomatic(false); }

Task<NodetoolAnswer> StorageTool::automaticStatus() {
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

Task<NodetoolAnswer> StorageTool::stop() {
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

Task<NodetoolAnswer> StorageTool::getThroughput() {
    const bool exact = takeFlag({"-d", "--precise-mib"});
    const double mebibytes =
        static_cast<double>(m_storage.compactions().settings().bytesPerSecond) / (1 << 20);
    co_return said(exact ? fmt::format("Current compaction throughput: {:.1f} MiB/s\n", mebibytes)
                         : fmt::format("Current compaction throughput: {:.0f} MB/s\n", mebibytes));
}

Task<NodetoolAnswer> StorageTool::setThroughput() {
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

Task<NodetoolAnswer> StorageTool::getConcurrent() {
    co_return said(fmt::format("Current concurrent compactors in the system is: \n{}\n",
                               m_storage.compactions().settings().concurrent));
}

Task<NodetoolAnswer> StorageTool::setConcurrent() {
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

}  // namespace engine::admin
