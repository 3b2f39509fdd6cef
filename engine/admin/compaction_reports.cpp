#include "engine/admin/storage_tool.h"

#include <fmt/format.h>

#include "engine/storage/compaction_manager.h"
#include "engine/storage/lifecycle/snapshots.h"
#include "engine/system/compaction_tables.h"

/// Which compactions run, and which ran.
namespace engine::admin {

using runtime::Task;

Task<NodetoolAnswer> StorageTool::compactionStats() {
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

Task<NodetoolAnswer> StorageTool::compactionHistory() {
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

}  // namespace engine::admin
