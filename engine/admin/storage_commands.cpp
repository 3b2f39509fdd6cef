#include "engine/admin/storage_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/admin/storage_tool.h"
#include "engine/admin/table_statistics.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "engine/system/size_estimates.h"

namespace engine::admin {

using runtime::Task;

Task<NodetoolAnswer> StorageTool::getSstables() {
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

Task<NodetoolAnswer> StorageTool::refreshSizeEstimates() {
    const coordinator::ClusterView& view = m_parts.view;
    const Result<void> done = system::refreshSizeEstimates(view.storage, *view.schema.current(), *view.topology.current(),
                                                           view.messaging.self(), view.runtime.clock.wallMicros());
    if (!done) {
        co_return serverError(done.error().message);
    }
    co_return said({});
}

Task<NodetoolAnswer> StorageTool::invalidateKeyCache() {
    m_storage.clearKeyCache();
    co_return NodetoolAnswer{};
}

/// Mebibytes of the key cache, the row cache and the counter cache, of which only the first is there.
Task<NodetoolAnswer> StorageTool::setCacheCapacity() {
    constexpr std::string_view kTitle = "<key-cache-capacity> <row-cache-capacity> <counter-cache-capacity>";
    if (m_words.empty()) {
        co_return wrongUsage(fmt::format("Required parameters are missing: {}", kTitle));
    }
    std::vector<std::int32_t> sizes;
    for (const std::string& word : m_words) {
        const auto value = numberOf<std::int32_t>(word);
        if (!value) {
            co_return wrongUsage(fmt::format("{}: can not convert \"{}\" to a Integer", kTitle, word));
        }
        sizes.push_back(*value);
    }
    if (sizes.size() != 3) {
        co_return wrongUsage("setcachecapacity requires key-cache-capacity, row-cache-capacity, and "
                             "counter-cache-capacity args.");
    }
    if (*std::min_element(sizes.begin(), sizes.end()) < 0) {
        co_return serverError("capacity should not be negative.");
    }
    m_storage.setKeyCacheBytes(static_cast<std::uint64_t>(sizes[0]) << 20);
    co_return NodetoolAnswer{};
}

Task<NodetoolAnswer> StorageTool::tableStats() { co_return tableStatistics(m_parts, m_words); }

Task<NodetoolAnswer> StorageTool::tableHistograms() { co_return tableHistogramsOf(m_parts, m_words); }

namespace {

using Verb = Task<NodetoolAnswer> (StorageTool::*)();

const std::map<std::string, Verb>& verbs() {
    static const std::map<std::string, Verb> kVerbs{
        {"compact", &StorageTool::compact},
        {"forcecompact", &StorageTool::forceCompact},
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
        {"refreshsizeestimates", &StorageTool::refreshSizeEstimates},
        {"invalidatekeycache", &StorageTool::invalidateKeyCache},
        {"setcachecapacity", &StorageTool::setCacheCapacity},
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
