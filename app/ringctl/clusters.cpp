#include "app/ringctl/clusters.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

namespace app::ringctl {

namespace json = boost::json;
using engine::Result;
using engine::local::LocalCluster;
using engine::local::LocalNode;
using engine::local::ProcessState;

namespace {

constexpr int kStatusTimeoutMillis = 2000;
constexpr int kNodetoolTimeoutMillis = 120'000;

std::optional<json::object> statusOf(const LocalNode& node) {
    const auto answer = engine::admin::call(adminOf(node), "status", "{}", kStatusTimeoutMillis);
    if (!answer) {
        return std::nullopt;
    }
    boost::system::error_code broken;
    const json::value parsed = json::parse(answer.value(), broken);
    return broken || !parsed.is_object() ? std::nullopt : std::optional(parsed.as_object());
}

}  // namespace

Result<std::unique_ptr<LocalCluster>> chooseCluster(const Context& context, const std::string& name) {
    if (!name.empty()) {
        return LocalCluster::open(context.home, name);
    }
    std::vector<std::string> all = LocalCluster::list(context.home);
    if (all.size() > 1) {
        std::erase_if(all, [&context](const std::string& one) {
            const auto cluster = LocalCluster::open(context.home, one);
            if (!cluster) {
                return true;
            }
            for (const LocalNode& node : cluster.value()->nodes()) {
                if (node.state != ProcessState::Stopped) {
                    return false;
                }
            }
            return true;
        });
    }
    if (all.size() != 1) {
        return engine::invalid(all.empty() ? "no cluster runs; name one with --cluster"
                                           : "several clusters run; name one with --cluster");
    }
    return LocalCluster::open(context.home, all.front());
}

engine::admin::AdminAddress adminOf(const LocalNode& node) {
    return {node.address, node.adminPort, node.adminToken};
}

std::optional<std::vector<std::string>> liveSeenBy(const LocalNode& node) {
    const auto status = statusOf(node);
    const json::value* live = status ? status->if_contains("live") : nullptr;
    if (live == nullptr || !live->is_array()) {
        return std::nullopt;
    }
    std::vector<std::string> out;
    for (const json::value& name : live->as_array()) {
        out.emplace_back(name.as_string());
    }
    return out;
}

std::string schemaVersionOf(const LocalNode& node) {
    const auto status = statusOf(node);
    const json::value* version = status ? status->if_contains("schemaVersion") : nullptr;
    return version != nullptr && version->is_string() ? std::string(version->as_string()) : std::string();
}

ExitCode nodetoolOn(const Context& context, LocalCluster& cluster, int number, const Words& words) {
    for (const LocalNode& node : cluster.nodes()) {
        if (node.number != number) {
            continue;
        }
        const std::string params = json::serialize(json::object{{"words", json::array(words.begin(), words.end())}});
        const auto answer = engine::admin::call(adminOf(node), "nodetool", params, kNodetoolTimeoutMillis);
        if (!answer) {
            context.err << fmt::format("nodetool: Failed to connect to '{}:{}' - ConnectException: 'Connection refused'.\n",
                                       node.address, node.adminPort);
            return ExitCode::Failed;
        }
        const json::value parsed = json::parse(answer.value());
        context.out << std::string_view(parsed.at("out").as_string());
        context.err << std::string_view(parsed.at("err").as_string());
        return static_cast<ExitCode>(parsed.at("exit").to_number<int>());
    }
    return failed(context, fmt::format("cluster {} has no node {}", cluster.spec().name, number));
}

ExitCode runNodetool(const Context& context, const Words& words) {
    // The options come first; everything from the verb on belongs to nodetool.
    std::string clusterName;
    int number = 0;
    std::size_t i = 0;
    for (; i + 1 < words.size(); i += 2) {
        if (words[i] == "--cluster") {
            clusterName = words[i + 1];
        } else if (words[i] == "--node") {
            const auto parsed = parseNumber("--node", words[i + 1], 1, 1000);
            if (!parsed) {
                context.err << "ringctl: " << parsed.error().message << '\n';
                return ExitCode::Usage;
            }
            number = parsed.value();
        } else {
            break;
        }
    }
    const auto cluster = chooseCluster(context, clusterName);
    if (!cluster) {
        return failed(context, cluster.error().message);
    }
    if (number == 0) {
        for (const LocalNode& node : cluster.value()->nodes()) {
            if (node.state == ProcessState::Running) {
                number = node.number;
                break;
            }
        }
        number = number == 0 ? 1 : number;
    }
    return nodetoolOn(context, *cluster.value(), number, {words.begin() + static_cast<std::ptrdiff_t>(i), words.end()});
}

}  // namespace app::ringctl
