#include "engine/admin/table_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "engine/admin/table_facts.h"

namespace engine::admin {

namespace {

/// StatsTableComparator.supportedSortKeys.
constexpr const char* kSortKeys[] = {
    "average_live_cells_per_slice_last_five_minutes", "average_tombstones_per_slice_last_five_minutes",
    "bloom_filter_false_positives", "bloom_filter_false_ratio", "bloom_filter_off_heap_memory_used",
    "bloom_filter_space_used", "compacted_partition_maximum_bytes", "compacted_partition_mean_bytes",
    "compacted_partition_minimum_bytes", "compression_metadata_off_heap_memory_used", "dropped_mutations",
    "full_name", "index_summary_off_heap_memory_used", "local_read_count", "local_read_latency_ms",
    "local_write_latency_ms", "maximum_live_cells_per_slice_last_five_minutes",
    "maximum_tombstones_per_slice_last_five_minutes", "memtable_cell_count", "memtable_data_size",
    "memtable_off_heap_memory_used", "memtable_switch_count", "number_of_partitions_estimate",
    "off_heap_memory_used_total", "pending_flushes", "percent_repaired", "read_latency", "reads",
    "space_used_by_snapshots_total", "space_used_live", "space_used_total", "sstable_compression_ratio",
    "sstable_count", "table_name", "write_latency", "writes", "max_sstable_size", "local_read_write_ratio",
    "twcs_max_duration", "sai_local_query_latency_ms", "sai_post_filtering_read_latency", "sai_disk_used_bytes",
    "sai_sstable_indexes_hit", "sai_index_segments_hit", "sai_rows_filtered", "sai_total_query_timeouts",
    "sai_total_queryable_index_ratio"};

/// What the words ask for.
struct Wish {
    bool human = false;
    bool location = false;
    bool ignores = false;  // The named are left out.
    std::string format;    // json, yaml, or text.
    std::string sortKey;
    std::int64_t top = 0;
    std::vector<std::string> names;
};

std::optional<NodetoolAnswer> readWords(std::vector<std::string> words, Wish& wish) {
    std::string top;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const auto is = [&](std::string_view brief, std::string_view full) { return word == brief || word == full; };
        const auto value = [&] { return i + 1 < words.size() ? words[++i] : std::string(); };
        if (is("-H", "--human-readable")) {
            wish.human = true;
        } else if (is("-l", "--sstable-location-check")) {
            wish.location = true;
        } else if (word == "-i") {
            wish.ignores = true;
        } else if (is("-F", "--format")) {
            wish.format = value();
        } else if (is("-s", "--sort")) {
            wish.sortKey = value();
        } else if (is("-t", "--top")) {
            top = value();
        } else {
            wish.names.push_back(word);
        }
    }
    if (!wish.format.empty() && wish.format != "json" && wish.format != "yaml") {
        return wrongUsage("arguments for -F are json,yaml only.");
    }
    if (!wish.sortKey.empty() && std::find(std::begin(kSortKeys), std::end(kSortKeys), wish.sortKey) == std::end(kSortKeys)) {
        return wrongUsage(fmt::format("argument for sort must be one of: {}",
                                      fmt::join(std::begin(kSortKeys), std::end(kSortKeys), ", ")));
    }
    if (!top.empty()) {
        const auto parsed = std::from_chars(top.data(), top.data() + top.size(), wish.top);
        if (parsed.ec != std::errc() || parsed.ptr != top.data() + top.size()) {
            return wrongUsage(fmt::format("top: can not convert \"{}\" to a int", top));
        }
        if (wish.sortKey.empty()) {
            return wrongUsage("cannot filter top K tables without specifying a sort key.");
        }
        if (wish.top <= 0) {
            return wrongUsage("argument for top must be a positive integer.");
        }
    }
    return std::nullopt;
}

std::optional<NodetoolAnswer> checkNames(const schema::Schema& schema, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        const std::size_t dot = name.find('.');
        const std::string keyspace = name.substr(0, dot);
        if (schema.findKeyspace(keyspace) == nullptr) {
            return wrongUsage("Unknown keyspace: " + keyspace);
        }
        if (dot != std::string::npos && schema.findTable(keyspace, name.substr(dot + 1)) == nullptr) {
            return wrongUsage(fmt::format("Unknown tables: [{}] in keyspace: {}", name.substr(dot + 1), keyspace));
        }
    }
    return std::nullopt;
}

std::vector<KeyspaceFacts> chosen(const NodeParts& parts, const schema::Schema& schema, const Wish& wish) {
    FactsGatherer gatherer(parts, wish.human);
    std::vector<KeyspaceFacts> out;
    for (const auto& [name, keyspace] : schema.keyspaces()) {
        std::vector<schema::TablePtr> tables;
        for (const auto& [tableName, table] : keyspace->tables) {
            const bool isNamed = std::any_of(wish.names.begin(), wish.names.end(), [&](const std::string& word) {
                return word == name || word == name + '.' + tableName;
            });
            if (!table->isVirtual && (wish.names.empty() ? !wish.ignores : isNamed != wish.ignores)) {
                tables.push_back(table);
            }
        }
        if (!tables.empty()) {
            out.push_back(gatherer.keyspace(name, tables));
        }
    }
    return out;
}

/// The largest first; what is no number counts as 0, and of equals the names decide.
void sortTables(std::vector<TableFacts>& tables, const std::string& key) {
    static const std::map<std::string, std::string> kSynonyms{{"reads", "local_read_count"},
                                                              {"writes", "local_write_count"},
                                                              {"read_latency", "local_read_latency_ms"},
                                                              {"write_latency", "local_write_latency_ms"}};
    const auto synonym = kSynonyms.find(key);
    const std::string& which = synonym == kSynonyms.end() ? key : synonym->second;
    const auto number = [&](const TableFacts& table) {
        const TableFact* fact = table.find(which);
        return fact == nullptr || std::isnan(fact->number) ? 0 : fact->number;
    };
    const bool byName = key == "full_name" || key == "table_name";
    std::sort(tables.begin(), tables.end(), [&](const TableFacts& a, const TableFacts& b) {
        if (byName) {
            return key == "table_name" && a.name != b.name ? b.name < a.name : b.fullName() < a.fullName();
        }
        const double left = number(a);
        const double right = number(b);
        return left != right ? right < left : a.fullName() < b.fullName();
    });
}

void print(const TableFacts& table, const std::string& name, bool location, std::string_view indent, std::string& out) {
    out += fmt::format("{}Table: {}\n", indent, name);
    for (const TableFact& fact : table.facts) {
        if (fact.label != nullptr) {
            out += fmt::format("{}{}: {}\n", indent, fact.label, fact.text);
        }
    }
    if (location) {
        out += fmt::format("{}SSTables in correct location: true\n", indent);
    }
    out += '\n';
}

std::string asText(const std::vector<KeyspaceFacts>& keyspaces, std::size_t total, bool location) {
    std::string out = fmt::format("Total number of tables: {}\n----------------\n", total);
    for (const KeyspaceFacts& keyspace : keyspaces) {
        out += fmt::format(
            "Keyspace: {}\n\tRead Count: {}\n\tRead Latency: {} ms\n\tWrite Count: {}\n\tWrite Latency: {} ms\n"
            "\tPending Flushes: 0\n",
            keyspace.name, keyspace.reads, decimalText(keyspace.readMillis), keyspace.writes,
            decimalText(keyspace.writeMillis));
        for (const TableFacts& table : keyspace.tables) {
            print(table, table.name, location, "\t\t", out);
        }
        out += "----------------\n";
    }
    return out;
}

std::string asSortedText(const std::vector<TableFacts>& tables, std::size_t total, const Wish& wish) {
    std::string out = fmt::format("Total number of tables: {}", total);
    if (wish.top > 0) {
        out += fmt::format(" (showing top {} by {})", tables.size(), wish.sortKey);
    }
    out += "\n----------------\n";
    for (const TableFacts& table : tables) {
        print(table, table.fullName(), wish.location, "\t", out);
    }
    return out + "----------------\n";
}

}  // namespace

NodetoolAnswer tableStatistics(const NodeParts& parts, std::vector<std::string> words) {
    Wish wish;
    if (auto wrong = readWords(std::move(words), wish)) {
        return *wrong;
    }
    const schema::SchemaPtr schema = parts.view.schema.current();
    if (auto wrong = checkNames(*schema, wish.names)) {
        return *wrong;
    }
    std::vector<KeyspaceFacts> keyspaces = chosen(parts, *schema, wish);
    std::size_t total = 0;
    for (const KeyspaceFacts& keyspace : keyspaces) {
        total += keyspace.tables.size();
    }
    if (wish.sortKey.empty()) {
        return {wish.format.empty() ? asText(keyspaces, total, wish.location)
                                    : asTree(keyspaces, total, wish.location, wish.format == "json"),
                "", 0};
    }
    std::vector<TableFacts> tables;
    for (KeyspaceFacts& keyspace : keyspaces) {
        std::move(keyspace.tables.begin(), keyspace.tables.end(), std::back_inserter(tables));
    }
    sortTables(tables, wish.sortKey);
    if (wish.top > 0 && static_cast<std::size_t>(wish.top) < tables.size()) {
        tables.resize(static_cast<std::size_t>(wish.top));
    }
    return {wish.format.empty() ? asSortedText(tables, total, wish)
                                : asTree(tables, total, wish.location, wish.format == "json"),
            "", 0};
}

}  // namespace engine::admin
