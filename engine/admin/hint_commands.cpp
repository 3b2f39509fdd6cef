#include "engine/admin/hint_commands.h"

#include "engine/admin/nodetool.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace engine::admin {

namespace {

std::string timeOf(std::int64_t millis) {
    const std::time_t seconds = millis / 1000;
    return fmt::format("{:%Y-%m-%d %H:%M:%S},{:03}", fmt::gmtime(seconds), millis % 1000);
}

using Line = std::array<std::string, 8>;

/// TableBuilder: columns as wide as their widest, a blank between.
std::string tableOf(const std::vector<Line>& lines) {
    std::array<std::size_t, 8> widths{};
    for (const Line& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], line[i].size());
        }
    }
    std::string out;
    for (const Line& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            out += fmt::format("{}{:<{}}", i == 0 ? "" : " ", line[i], widths[i]);
        }
        out += '\n';
    }
    return out;
}

NodetoolAnswer pending(const NodeParts& parts) {
    const auto hints = parts.hints.pending();
    if (hints.empty()) {
        return {"This node does not have any pending hints\n", "", 0};
    }
    std::vector<Line> lines{{"Host ID", "Address", "Rack", "DC", "Status", "Total files", "Newest", "Oldest"}};
    const ring::TopologyPtr topology = parts.view.topology.current();
    for (const coordinator::PendingHints& one : hints) {
        const ring::NodeInfo* node = topology->find(one.host);
        const bool isUp = node != nullptr && parts.view.isAlive(node->node);
        lines.push_back({one.host.toString(), node != nullptr ? node->node : "Unknown",
                         node != nullptr ? node->rack : "Unknown", node != nullptr ? node->datacenter : "Unknown",
                         isUp ? "UP" : "DOWN", std::to_string(one.files), timeOf(one.newestMillis),
                         timeOf(one.oldestMillis)});
    }
    return {tableOf(lines), "", 0};
}

NodetoolAnswer status(const coordinator::HintsService& hints) {
    std::string out = fmt::format("Hinted handoff is {}running\n", hints.isEnabled() ? "" : "not ");
    for (const std::string& datacenter : hints.disabledDatacenters()) {
        out += fmt::format("Data center {} is disabled\n", datacenter);
    }
    return {out, "", 0};
}

bool isAddress(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.:") == std::string_view::npos;
}

NodetoolAnswer truncate(const NodeParts& parts, const std::vector<std::string>& words) {
    std::optional<Uuid> host;
    if (!words.empty()) {
        const std::string& name = words.front();
        if (!isAddress(name)) {
            return wrongUsage(fmt::format("java.net.UnknownHostException: {}: Name or service not known", name));
        }
        for (const ring::NodeInfo& node : parts.view.topology.current()->nodes()) {
            if (node.node == name || node.internode.host == name) {
                host = node.hostId;
            }
        }
        if (!host) {
            return wrongUsage(fmt::format("Can't delete hints for unknown address /{}{}", name,
                                          name.find(':') == std::string::npos ? ":7000" : ""));
        }
    }
    const Result<void> done = parts.hints.truncate(host);
    return done ? NodetoolAnswer{} : NodetoolAnswer{"", fmt::format("error: {}\n", done.error().message), 2};
}

/// The one whole number that a verb takes; -1: it is none.
std::int64_t numberOf(const std::vector<std::string>& words) {
    std::int64_t out = -1;
    if (words.size() == 1) {
        const std::string& word = words.front();
        const auto read = std::from_chars(word.data(), word.data() + word.size(), out);
        out = read.ec == std::errc() && read.ptr == word.data() + word.size() ? out : -1;
    }
    return out;
}

NodetoolAnswer unexpected(const std::vector<std::string>& words) {
    return wrongUsage(fmt::format("Found unexpected parameters: [{}]", fmt::join(words, ", ")));
}

}  // namespace

std::optional<NodetoolAnswer> runHintCommand(const NodeParts& parts, const std::string& verb,
                                             const std::vector<std::string>& words) {
    coordinator::HintsService& hints = parts.hints;
    if (verb == "enablehintsfordc" || verb == "disablehintsfordc") {
        if (words.size() != 1) {
            return wrongUsage(verb + " requires exactly one data center");
        }
        hints.setDatacenter(words.front(), verb == "enablehintsfordc");
        return NodetoolAnswer{};
    }
    if (verb == "truncatehints") {
        return words.size() > 1 ? unexpected({words.begin() + 1, words.end()}) : truncate(parts, words);
    }
    if (verb == "setmaxhintwindow" || verb == "sethintedhandoffthrottlekb") {
        const std::int64_t value = numberOf(words);
        if (value < 0) {
            return words.empty() ? wrongUsage("Required parameters are missing: " +
                                              std::string(verb == "setmaxhintwindow" ? "value_in_ms"
                                                                                     : "value_in_kb_per_sec"))
                                 : wrongUsage(fmt::format("\"{}\" is not a whole number", words.front()));
        }
        if (verb == "setmaxhintwindow") {
            hints.setWindow(std::chrono::milliseconds(value));
        } else {
            hints.setThrottle(static_cast<std::uint64_t>(value) * 1024);
        }
        return NodetoolAnswer{};
    }
    const bool isPlain = verb == "enablehandoff" || verb == "disablehandoff" || verb == "statushandoff" ||
                         verb == "pausehandoff" || verb == "resumehandoff" || verb == "listpendinghints" ||
                         verb == "getmaxhintwindow";
    if (!isPlain) {
        return std::nullopt;
    }
    if (!words.empty()) {
        return unexpected(words);
    }
    if (verb == "statushandoff") {
        return status(hints);
    }
    if (verb == "listpendinghints") {
        return pending(parts);
    }
    if (verb == "getmaxhintwindow") {
        const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(hints.window()).count();
        return NodetoolAnswer{fmt::format("Current max hint window: {} ms\n", millis), "", 0};
    }
    if (verb == "enablehandoff" || verb == "disablehandoff") {
        hints.setEnabled(verb == "enablehandoff");
    } else {
        hints.setPaused(verb == "pausehandoff");
    }
    return NodetoolAnswer{};
}

}  // namespace engine::admin
