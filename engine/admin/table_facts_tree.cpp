#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/admin/table_facts.h"

/// `nodetool tablestats -F json|yaml`.
namespace engine::admin {

namespace {

/// The order of Java's hash map.
constexpr const char* kTreeOrder[] = {
    "twcs", "sai_total_queryable_index_ratio", "memtable_switch_count", "sai_post_filtering_read_latency",
    "speculative_retries", "average_live_cells_per_slice_last_five_minutes", "local_read_latency_ms", "sstable_count",
    "compacted_partition_minimum_bytes", "sstable_compression_ratio", "max_sstable_size", "sai_index_segments_hit",
    "memtable_off_heap_memory_used", "bloom_filter_space_used", "compacted_partition_maximum_bytes",
    "sai_rows_filtered", "droppable_tombstone_ratio", "compression_metadata_off_heap_memory_used",
    "bloom_filter_false_ratio", "percent_repaired", "average_tombstones_per_slice_last_five_minutes",
    "top_tombstone_partitions", "sai_total_query_timeouts", "bloom_filter_off_heap_memory_used",
    "bytes_pending_repair", "maximum_tombstones_per_slice_last_five_minutes", "memtable_cell_count",
    "memtable_data_size", "local_write_latency_ms", "pending_flushes", "local_read_count", "top_size_partitions",
    "bloom_filter_false_positives", "off_heap_memory_used_total", "index_summary_off_heap_memory_used",
    "sai_local_query_latency_ms", "sstables_in_each_level", "sstable_bytes_in_each_level", "space_used_total",
    "local_write_count", "sai_sstable_indexes_hit", "local_read_write_ratio", "number_of_partitions_estimate",
    "sai_disk_used_bytes", "bytes_repaired", "maximum_live_cells_per_slice_last_five_minutes", "space_used_live",
    "compacted_partition_mean_bytes", "old_sstable_count", "bytes_unrepaired", "space_used_by_snapshots_total"};

bool looksLikeANumber(const std::string& text) {
    double parsed = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), parsed);
    return text != "NaN" && end.ec == std::errc() && end.ptr == text.data() + text.size();
}

/// Writes names and values with the indentation of one of both forms.
class Tree {
public:
    explicit Tree(bool isJson) : m_isJson(isJson) {
        if (isJson) {
            m_out = "{";
            m_isFirst.push_back(true);
        }
    }

    void begin(const std::string& name) {
        key(name);
        m_out += m_isJson ? "{" : "\n";
        m_isFirst.push_back(true);
        ++m_depth;
    }
    void end() {
        --m_depth;
        m_isFirst.pop_back();
        if (m_isJson) {
            m_out += '\n' + std::string(2 * (m_depth + 1), ' ') + '}';
        }
    }
    /// `json`: as it stands in JSON.
    void value(const std::string& name, const std::string& json) {
        key(name);
        m_out += m_isJson ? json : ' ' + yamlOf(json) + '\n';
    }
    std::string text() { return m_isJson ? std::move(m_out) + "\n}\n" : std::move(m_out); }

private:
    void key(const std::string& name) {
        if (m_isJson) {
            m_out += m_isFirst.back() ? "\n" : ",\n";
            m_isFirst.back() = false;
            m_out += fmt::format("{}\"{}\" : ", std::string(2 * (m_depth + 1), ' '), name);
        } else {
            m_out += fmt::format("{}{}:", std::string(2 * m_depth, ' '), name);
        }
    }
    static std::string yamlOf(const std::string& json) {
        if (json == "[ ]" || json == "{ }") {
            return json == "[ ]" ? "[]" : "{}";
        }
        if (json.front() == '"') {
            const std::string text = json.substr(1, json.size() - 2);
            return looksLikeANumber(text) ? '\'' + text + '\'' : text;
        }
        std::string out;
        if (json.front() == '[') {  // One line of texts.
            out = "['" + json.substr(3);
            for (std::size_t at = 0; (at = out.find('"', at)) != std::string::npos;) {
                out[at] = '\'';
            }
            out.erase(out.size() - 2, 1);
            return out;
        }
        return json;
    }

    const bool m_isJson;
    std::size_t m_depth = 0;
    std::vector<bool> m_isFirst{true};
    std::string m_out;
};

void addTable(Tree& tree, const std::string& name, const TableFacts& table, bool location) {
    tree.begin(name);
    for (const char* key : kTreeOrder) {
        if (const TableFact* fact = table.find(key)) {
            tree.value(key, fact->json);
        }
    }
    if (location) {
        tree.value("sstables_in_correct_location", "true");
    }
    tree.end();
}

std::string millisOf(double value) { return std::isnan(value) ? "\"NaN\"" : decimalText(value); }

}  // namespace

std::string asTree(const std::vector<KeyspaceFacts>& keyspaces, std::size_t total, bool location, bool isJson) {
    Tree tree(isJson);
    for (const KeyspaceFacts& keyspace : keyspaces) {
        tree.begin(keyspace.name);
        tree.value("write_latency_ms", millisOf(keyspace.writeMillis));
        tree.begin("tables");
        for (const TableFacts& table : keyspace.tables) {
            addTable(tree, table.name, table, location);
        }
        tree.end();
        tree.value("read_latency_ms", millisOf(keyspace.readMillis));
        tree.value("pending_flushes", "0");
        tree.value("write_count", std::to_string(keyspace.writes));
        tree.value("read_latency", millisOf(keyspace.readMillis));
        tree.value("read_count", std::to_string(keyspace.reads));
        tree.end();
    }
    tree.value("total_number_of_tables", std::to_string(total));
    return tree.text();
}

std::string asTree(const std::vector<TableFacts>& tables, std::size_t total, bool location, bool isJson) {
    Tree tree(isJson);
    for (const TableFacts& table : tables) {
        addTable(tree, table.fullName(), table, location);
    }
    tree.value("total_number_of_tables", std::to_string(total));
    return tree.text();
}

}  // namespace engine::admin
