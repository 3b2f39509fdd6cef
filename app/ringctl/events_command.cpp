#include <csignal>
#include <iostream>
#include <sstream>

#include "app/ringctl/clusters.h"
#include "engine/observe/codec.h"
#include "engine/observe/observer.h"
#include "engine/runtime/process.h"

namespace app::ringctl {

namespace {

using engine::observe::Category;

/// Bits of "requests,gossip"; nullopt for a name that is none.
std::optional<std::uint32_t> maskOf(const std::string& names) {
    if (names.empty()) {
        return engine::observe::Observer::kAll;
    }
    std::uint32_t mask = 0;
    std::istringstream in(names);
    for (std::string name; std::getline(in, name, ',');) {
        bool found = false;
        for (int i = 0; i <= static_cast<int>(Category::Metrics); ++i) {
            const auto category = static_cast<Category>(i);
            if (engine::observe::toString(category) == name) {
                mask |= engine::observe::Observer::bit(category);
                found = true;
            }
        }
        if (!found) {
            return std::nullopt;
        }
    }
    return mask;
}

volatile std::sig_atomic_t g_ended = 0;

}  // namespace

ExitCode runEvents(const Context& context, const Words& words) {
    constexpr std::string_view kForm =
        "events [--cluster NAME] [--category cluster,gossip,requests,storage,schema,clients,metrics] [--json]";
    const auto line = CommandLine::parse(words, {}, {"--cluster", "--category"});
    if (!line || !line.value().words().empty()) {
        return usage(context, kForm);
    }
    const auto mask = maskOf(line.value().value("--category"));
    if (!mask) {
        return usage(context, kForm);
    }
    const auto cluster = chooseCluster(context, line.value().value("--cluster"));
    if (!cluster) {
        return failed(context, cluster.error().message);
    }
    std::vector<engine::admin::EventFollower::Target> targets;
    for (const auto& node : cluster.value()->nodes()) {
        targets.push_back({node.name(), adminOf(node)});
    }
    std::signal(SIGINT, [](int) { g_ended = 1; });
    std::signal(SIGTERM, [](int) { g_ended = 1; });
    const auto follower = engine::admin::EventFollower::start(
        targets, *mask, [&context](engine::admin::EventFollower::Batch batch) {
            for (const auto& event : batch.events) {
                context.out << (context.json ? engine::observe::toJson(event) : engine::observe::toText(event))
                            << '\n';
            }
            context.out << std::flush;
        });
    while (g_ended == 0) {
        engine::runtime::pauseThread(std::chrono::milliseconds(50));
    }
    return ExitCode::Ok;
}

}  // namespace app::ringctl
