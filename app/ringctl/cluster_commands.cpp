#include <fmt/format.h>
#include <signal.h>

#include <boost/json.hpp>
#include <fstream>
#include <ostream>
#include <sstream>

#include "app/ringctl/clusters.h"
#include "app/ringctl/commands.h"
#include "engine/local/link_faults.h"
#include "engine/ring/allocation.h"
#include "engine/runtime/process.h"
#include "engine/runtime/real_runtime.h"

namespace app::ringctl {

namespace json = boost::json;
using engine::Result;
using engine::local::ClusterSpec;
using engine::local::LocalCluster;
using engine::local::LocalNode;
using engine::local::ProcessState;

namespace {

constexpr int kNodesMax = 200;
constexpr std::string_view kForms =
    "cluster create NAME [options] | list | status NAME | start NAME | stop NAME | destroy NAME";

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);) {
        out.push_back(part);
    }
    return out;
}

/// "dc1:3,dc2:3"
Result<void> readDatacenters(ClusterSpec& spec, const std::string& text) {
    spec.datacenters.clear();
    for (const std::string& part : split(text, ',')) {
        const auto colon = part.find(':');
        if (colon == std::string::npos || colon == 0) {
            return engine::invalid(fmt::format("--dc: '{}' is not NAME:NODES", part));
        }
        TRY_ASSIGN(const int count, parseNumber("--dc", part.substr(colon + 1), 1, kNodesMax));
        spec.datacenters.emplace_back(part.substr(0, colon), count);
    }
    return engine::ok();
}

Result<void> readTokens(ClusterSpec& spec, const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        return engine::makeError(engine::ErrorKind::Io, "cannot read " + path);
    }
    std::ostringstream content;
    content << file.rdbuf();
    TRY_ASSIGN(const auto places, engine::ring::parseTokenFile(content.str()));
    for (const engine::ring::NodePlace& place : places) {
        spec.placements.push_back({place.datacenter, place.rack, place.tokens, place.later});
    }
    if (!spec.placements.empty()) {
        spec.vnodes = static_cast<int>(spec.placements.front().tokens.size());
    }
    return engine::ok();
}

Result<ClusterSpec> readSpec(const CommandLine& line) {
    ClusterSpec spec;
    spec.name = line.words()[1];
    TRY_ASSIGN(const int nodes, line.number("--nodes", 3, 1, kNodesMax));
    spec.datacenters = {{"datacenter1", nodes}};
    if (line.has("--dc")) {
        TRY(readDatacenters(spec, line.value("--dc")));
    }
    TRY_ASSIGN(spec.racks, line.number("--racks", 1, 1, kNodesMax));
    TRY_ASSIGN(spec.vnodes, line.number("--vnodes", 16, 1, 1024));
    spec.net = line.value("--net", spec.net);
    TRY_ASSIGN(const int port, line.number("--port", spec.nativePort, 1, 65535));
    spec.nativePort = static_cast<std::uint16_t>(port);
    for (const std::string& setting : line.values("--set")) {
        const auto equals = setting.find('=');
        if (equals == std::string::npos) {
            return engine::invalid(fmt::format("--set: '{}' is not key=value", setting));
        }
        spec.settings[setting.substr(0, equals)] = setting.substr(equals + 1);
    }
    if (line.has("--tokens")) {
        TRY(readTokens(spec, line.value("--tokens")));
    }
    return spec;
}

ExitCode started(const Context& context, LocalCluster& cluster) {
    const auto took = cluster.start();
    if (!took) {
        return failed(context, took.error().message);
    }
    const std::size_t up = cluster.nodes().size();
    context.out << fmt::format("{}: {} node{} answer CQL after {:.2f} s\n", cluster.spec().name, up,
                               up == 1 ? "" : "s", static_cast<double>(took.value().count()) / 1000);
    return ExitCode::Ok;
}

/// Stays until Ctrl+C, SIGTERM or its parent's end; the nodes end with it.
ExitCode stayInForeground(const Context& context, LocalCluster& cluster) {
    engine::runtime::RealRuntime runtime;
    runtime.onSignal(SIGINT, [&runtime] { runtime.stop(); });
    runtime.onSignal(SIGTERM, [&runtime] { runtime.stop(); });
    runtime.onStdinClosed([&runtime] { runtime.stop(); });
    context.out << "running; Ctrl+C stops it\n" << std::flush;
    runtime.run();
    const auto stopped = cluster.stop();
    return stopped ? ExitCode::Ok : failed(context, stopped.error().message);
}

ExitCode create(const Context& context, const CommandLine& line) {
    const auto spec = readSpec(line);
    if (!spec) {
        context.err << "ringctl: " << spec.error().message << '\n';
        return ExitCode::Usage;
    }
    auto cluster = LocalCluster::create(context.home, spec.value());
    if (!cluster) {
        return failed(context, cluster.error().message);
    }
    const bool foreground = line.has("--foreground");
    if (foreground) {
        cluster.value()->bindToThisProcess();
    }
    if (!line.has("--start") && !foreground) {
        context.out << fmt::format("{}: created in {}\n", spec.value().name, cluster.value()->folder());
        return ExitCode::Ok;
    }
    const ExitCode done = started(context, *cluster.value());
    return done == ExitCode::Ok && foreground ? stayInForeground(context, *cluster.value()) : done;
}

std::string_view wordOf(ProcessState state) {
    switch (state) {
        case ProcessState::Stopped: return "stopped";
        case ProcessState::Starting: return "starting";
        case ProcessState::Running: return "running";
        case ProcessState::Paused: return "paused";
    }
    return "?";
}

ExitCode status(const Context& context, LocalCluster& cluster) {
    json::array rows;
    for (const LocalNode& node : cluster.nodes()) {
        rows.push_back(json::object{{"node", node.number},
                                    {"state", std::string(wordOf(node.state))},
                                    {"address", node.address},
                                    {"native_port", node.nativePort},
                                    {"internode_port", node.internodePort},
                                    {"admin_port", node.adminPort},
                                    {"datacenter", node.datacenter},
                                    {"rack", node.rack},
                                    {"process", node.processId},
                                    {"folder", node.folder}});
        if (!context.json) {
            context.out << fmt::format("n{:<4}{:<10}{}:{:<8}{:<14}{:<10}{}\n", node.number, wordOf(node.state),
                                       node.address, node.nativePort, node.datacenter, node.rack,
                                       node.processId != 0 ? fmt::format("process {}", node.processId) : "");
        }
    }
    if (context.json) {
        context.out << json::serialize(rows) << '\n';
    }
    return ExitCode::Ok;
}

ExitCode list(const Context& context) {
    json::array rows;
    for (const std::string& name : LocalCluster::list(context.home)) {
        const auto cluster = LocalCluster::open(context.home, name);
        if (!cluster) {
            continue;
        }
        const auto nodes = cluster.value()->nodes();
        const auto running = std::count_if(nodes.begin(), nodes.end(), [](const LocalNode& n) {
            return n.state == ProcessState::Running || n.state == ProcessState::Paused;
        });
        rows.push_back(json::object{{"name", name}, {"nodes", nodes.size()}, {"running", running}});
        if (!context.json) {
            context.out << fmt::format("{}: {} nodes, {} running\n", name, nodes.size(), running);
        }
    }
    if (context.json) {
        context.out << json::serialize(rows) << '\n';
    }
    return ExitCode::Ok;
}

ExitCode done(const Context& context, const Result<void>& result) {
    return result ? ExitCode::Ok : failed(context, result.error().message);
}

/// start, stop, kill, pause, resume of one node.
Result<void> act(LocalCluster& cluster, const std::string& verb, int number) {
    if (verb == "start") {
        return cluster.startNode(number);
    }
    if (verb == "stop") {
        return cluster.stopNode(number);
    }
    if (verb == "kill") {
        return cluster.killNode(number);
    }
    return verb == "pause" ? cluster.pauseNode(number) : cluster.resumeNode(number);
}

bool isNodeVerb(const std::string& word) {
    return word == "start" || word == "stop" || word == "kill" || word == "pause" || word == "resume";
}

constexpr int kWaitSeconds = 60;

Result<void> waitFor(LocalCluster& cluster, const std::string& what, const std::function<bool()>& reached) {
    const auto until = engine::runtime::monotonicMillis() + std::chrono::seconds(kWaitSeconds);
    while (!reached()) {
        if (engine::runtime::monotonicMillis() > until) {
            return engine::makeError(engine::ErrorKind::Timeout,
                                     fmt::format("{}: {} not reached in {} s", cluster.spec().name, what, kWaitSeconds));
        }
        engine::runtime::pauseThread(std::chrono::milliseconds(50));
    }
    return engine::ok();
}

std::vector<LocalNode> running(const LocalCluster& cluster) {
    std::vector<LocalNode> out;
    for (const LocalNode& node : cluster.nodes()) {
        if (node.state == ProcessState::Running) {
            out.push_back(node);
        }
    }
    return out;
}

/// What every running node says of the others.
Result<void> waitNode(LocalCluster& cluster, int number, bool up) {
    const auto nodes = cluster.nodes();
    const auto target = std::find_if(nodes.begin(), nodes.end(), [number](const LocalNode& n) { return n.number == number; });
    if (target == nodes.end()) {
        return engine::invalid(fmt::format("there is no node {}", number));
    }
    const std::string name = target->name();
    return waitFor(cluster, fmt::format("n{} {}", number, up ? "up" : "down"), [&] {
        for (const LocalNode& node : running(cluster)) {
            if (node.number == number) {
                continue;
            }
            const auto live = liveSeenBy(node);
            if (!live || (std::find(live->begin(), live->end(), name) != live->end()) != up) {
                return false;
            }
        }
        return true;
    });
}

Result<void> waitSchema(LocalCluster& cluster) {
    return waitFor(cluster, "one schema", [&] {
        std::string version;
        for (const LocalNode& node : running(cluster)) {
            const std::string own = schemaVersionOf(node);
            if (own.empty() || (!version.empty() && own != version)) {
                return false;
            }
            version = own;
        }
        return true;
    });
}

/// control NAME slow FROM TO MILLIS [JITTER]; `words` from TO on.
ExitCode slow(const Context& context, LocalCluster& cluster, int from, const Words& words) {
    const int millisMax = static_cast<int>(std::chrono::milliseconds(engine::admin::kLinkDelayMax).count());
    const auto to = parseNumber("TO", words[0], 1, kNodesMax);
    const auto delay = parseNumber("MILLIS", words[1], 0, millisMax);
    const auto jitter = words.size() > 2 ? parseNumber("JITTER", words[2], 0, millisMax) : Result<int>(0);
    for (const auto* number : {&to, &delay, &jitter}) {
        if (!*number) {
            context.err << "ringctl: " << number->error().message << '\n';
            return ExitCode::Usage;
        }
    }
    return done(context, engine::local::slowDown(cluster.nodes(), from, to.value(),
                                                 std::chrono::milliseconds(delay.value()),
                                                 std::chrono::milliseconds(jitter.value())));
}

}  // namespace

ExitCode runCluster(const Context& context, const Words& words) {
    const auto line = CommandLine::parse(words, {"--start", "--foreground"},
                                         {"--nodes", "--dc", "--racks", "--vnodes", "--tokens", "--net", "--port", "--set"});
    if (!line) {
        context.err << "ringctl: " << line.error().message << '\n';
        return ExitCode::Usage;
    }
    const Words& parts = line.value().words();
    if (parts.size() == 1 && parts[0] == "list") {
        return list(context);
    }
    if (parts.size() != 2) {
        return usage(context, kForms);
    }
    if (parts[0] == "create") {
        return create(context, line.value());
    }
    const auto cluster = LocalCluster::open(context.home, parts[1]);
    if (!cluster) {
        return failed(context, cluster.error().message);
    }
    if (parts[0] == "status") {
        return status(context, *cluster.value());
    }
    if (parts[0] == "start") {
        return started(context, *cluster.value());
    }
    if (parts[0] == "stop") {
        return done(context, cluster.value()->stop());
    }
    if (parts[0] == "destroy") {
        return done(context, cluster.value()->destroy());
    }
    return usage(context, kForms);
}

ExitCode runNode(const Context& context, const Words& words) {
    constexpr std::string_view kForm = "node NAME N start | stop | kill | pause | resume";
    if (words.size() != 3 || !isNodeVerb(words[2])) {
        return usage(context, kForm);
    }
    const auto number = parseNumber("N", words[1], 1, kNodesMax);
    if (!number) {
        return usage(context, kForm);
    }
    const auto cluster = LocalCluster::open(context.home, words[0]);
    if (!cluster) {
        return failed(context, cluster.error().message);
    }
    return done(context, act(*cluster.value(), words[2], number.value()));
}

ExitCode runControl(const Context& context, const Words& words) {
    constexpr std::string_view kForm =
        "control NAME stop N | kill N | start N | pause N | resume N | wait N up|down | wait schema | "
        "cut N | slow N N MILLIS [JITTER] | heal | speed FACTOR | nodetool N VERB ...";
    if (words.size() < 3 && !(words.size() == 2 && words[1] == "heal")) {
        return usage(context, kForm);
    }
    const auto cluster = LocalCluster::open(context.home, words[0]);
    if (!cluster) {
        return failed(context, cluster.error().message);
    }
    if (words[1] == "heal" && words.size() == 2) {
        return done(context, engine::local::healLinks(cluster.value()->nodes()));
    }
    if (words[1] == "wait" && words[2] == "schema") {
        return done(context, waitSchema(*cluster.value()));
    }
    if (words[1] == "speed" && words.size() == 3) {
        const auto factor = parseNumber("FACTOR", words[2], 1, static_cast<int>(engine::admin::kPaceMax));
        return factor ? done(context, engine::local::setPace(cluster.value()->nodes(), factor.value()))
                      : failed(context, factor.error().message);
    }
    const auto number = parseNumber("N", words[2], 1, kNodesMax);
    if (!number) {
        return usage(context, kForm);
    }
    if (words[1] == "wait" && words.size() == 4 && (words[3] == "up" || words[3] == "down")) {
        return done(context, waitNode(*cluster.value(), number.value(), words[3] == "up"));
    }
    if (words[1] == "cut" && words.size() == 3) {
        return done(context, engine::local::cutOff(cluster.value()->nodes(), number.value()));
    }
    if (words[1] == "slow" && (words.size() == 5 || words.size() == 6)) {
        return slow(context, *cluster.value(), number.value(), {words.begin() + 3, words.end()});
    }
    if (words[1] == "nodetool") {
        return nodetoolOn(context, *cluster.value(), number.value(), {words.begin() + 3, words.end()});
    }
    if (isNodeVerb(words[1]) && words.size() == 3) {
        return done(context, act(*cluster.value(), words[1], number.value()));
    }
    return usage(context, kForm);
}

}  // namespace app::ringctl
