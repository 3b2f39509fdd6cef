#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "app/ringctl/clusters.h"

namespace app::ringctl {

namespace json = boost::json;
using engine::Result;
using engine::local::LocalCluster;
using engine::local::LocalNode;
using engine::local::ProcessState;

namespace {

constexpr std::string_view kReadPathForm = "readpath [--cluster NAME] [--node N] KEYSPACE.TABLE LITERAL [LITERAL ...] [--json]";
constexpr int kNodeMost = 1000;

std::int64_t wholeOf(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

std::string wordOf(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::string counted(std::int64_t count, std::string_view noun) { return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s"); }

bool isTrue(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->as_bool();
}

std::string foundWords(const json::object& sstable) {
    std::string out;
    if (const json::value* index = sstable.if_contains("index")) {
        const json::object& at = index->as_object();
        out += fmt::format("summary entry {} of {}, {} index entries passed ({})", wholeOf(at, "summaryEntry") + 1, wholeOf(at, "summaryEntries"),
                           wholeOf(at, "passed"), isTrue(at, "cached") ? "cached" : "from disk");
    }
    if (const json::value* promoted = sstable.if_contains("promoted")) {
        const json::object& at = promoted->as_object();
        out += fmt::format(", promoted index of {} blocks ({})", wholeOf(at, "blocks"), isTrue(at, "cached") ? "in the key cache" : "from disk");
    }
    for (const json::value& value : sstable.at("chunks").as_array()) {
        const json::object& chunk = value.as_object();
        out += fmt::format(", chunk {} ({})", wholeOf(chunk, "number"), isTrue(chunk, "cached") ? std::string("cached") : fmt::format("{} bytes from disk", wholeOf(chunk, "stored")));
    }
    return out;
}

std::string outcomeWords(const json::object& source) {
    const std::string outcome = wordOf(source, "outcome");
    if (outcome == "not-reached") {
        return "not looked at";
    }
    if (outcome == "all-deleted") {
        return "the read ends: the partition's deletion is newer than all of it";
    }
    if (outcome == "answered") {
        return "the read ends: all is known, and newer than anything in it";
    }
    if (outcome == "no-rows") {
        return "passed over: no row of it can be meant, by its smallest and largest clustering";
    }
    if (outcome == "out-of-range") {
        return "passed over: the key lies outside its first and last key";
    }
    if (outcome == "bloom-no") {
        return "passed over: the bloom filter says no";
    }
    return outcome == "bloom-false" ? "a false hit of the bloom filter: the index has no such key" : foundWords(source);
}

void printSource(const Context& context, const json::object& source) {
    const bool isThere = isTrue(source, "found");
    const bool isSstable = source.contains("outcome");
    const std::string what = isSstable ? outcomeWords(source) : isThere ? "" : "nothing of this key";
    const std::string rows = isThere ? counted(wholeOf(source, "rows"), "row") + ", " + counted(wholeOf(source, "cells"), "cell") : std::string();
    context.out << fmt::format("{:<24}{}{}{}\n", wordOf(source, "name"), rows, rows.empty() || what.empty() ? "" : "; ", what);
}

void printCells(const Context& context, const json::object& answer) {
    for (const json::value& value : answer.at("cells").as_array()) {
        const json::object& cell = value.as_object();
        context.out << fmt::format("{}{}{}:", wordOf(cell, "row"), wordOf(cell, "row").empty() ? "" : " ", wordOf(cell, "column"));
        for (const json::value& each : cell.at("versions").as_array()) {
            const json::object& version = each.as_object();
            context.out << fmt::format("  {}{} {} @{}", isTrue(version, "wins") ? "* " : "", wordOf(version, "source"),
                                       isTrue(version, "tombstone") ? std::string("deleted") : wordOf(version, "value"), wholeOf(version, "timestamp"));
        }
        context.out << '\n';
    }
}

void printReplicas(const Context& context, const json::object& answer, const std::vector<LocalNode>& nodes, int asked) {
    std::vector<std::string> labels;
    for (const json::value& value : answer.at("replicas").as_array()) {
        const std::string name(value.as_string());
        const auto at = std::find_if(nodes.begin(), nodes.end(), [&](const LocalNode& node) { return node.name() == name; });
        labels.push_back(at == nodes.end() ? name : fmt::format("n{}", at->number));
    }
    const bool isOne = std::find(labels.begin(), labels.end(), fmt::format("n{}", asked)) != labels.end();
    context.out << fmt::format("kept by {}{}\n", fmt::join(labels, ", "), isOne ? "" : fmt::format(": n{} is no replica of this key", asked));
}

void print(const Context& context, const json::object& answer, const std::vector<LocalNode>& nodes, int asked) {
    context.out << wordOf(answer, "statement") << '\n';
    printReplicas(context, answer, nodes, asked);
    for (const char* kind : {"memtables", "sstables"}) {
        for (const json::value& source : answer.at(kind).as_array()) {
            printSource(context, source.as_object());
        }
    }
    context.out << fmt::format("{}, {}, {} µs; * is in the answer\n", counted(wholeOf(answer, "liveRows"), "live row"), counted(wholeOf(answer, "tombstones"), "tombstone"),
                               wholeOf(answer, "endNanos") / 1000);
    printCells(context, answer);
}

}  // namespace

ExitCode runReadPath(const Context& context, const Words& words) {
    const auto line = CommandLine::parse(words, {}, {"--cluster", "--node"});
    if (!line || line.value().words().size() < 2 || line.value().words()[0].find('.') == std::string::npos) {
        return usage(context, kReadPathForm);
    }
    const auto number = line.value().number("--node", 1, 1, kNodeMost);
    if (!number) {
        return usage(context, kReadPathForm);
    }
    const auto cluster = chooseCluster(context, line.value().value("--cluster"));
    if (!cluster) {
        return failed(context, cluster.error().message);
    }
    const std::vector<LocalNode> nodes = cluster.value()->nodes();
    const auto node = std::find_if(nodes.begin(), nodes.end(), [&](const LocalNode& n) { return n.number == number.value(); });
    if (node == nodes.end() || node->state != ProcessState::Running) {
        return failed(context, fmt::format("n{} does not run", number.value()));
    }
    const Words& parts = line.value().words();
    const std::size_t dot = parts[0].find('.');
    const json::object params{{"keyspace", parts[0].substr(0, dot)}, {"table", parts[0].substr(dot + 1)}, {"key", json::array(parts.begin() + 1, parts.end())}};
    const auto answer = engine::admin::call(adminOf(*node), "readpath", json::serialize(params));
    if (!answer) {
        return failed(context, answer.error().message);
    }
    if (context.json) {
        context.out << answer.value() << '\n';
    } else {
        print(context, json::parse(answer.value()).as_object(), nodes, node->number);
    }
    return ExitCode::Ok;
}

}  // namespace app::ringctl
