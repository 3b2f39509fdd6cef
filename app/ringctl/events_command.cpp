#include <csignal>
#include <iostream>
#include <sstream>

#include "app/ringctl/clusters.h"
#include "engine/observe/codec.h"
#include "engine/observe/observer.h"
#include "engine/observe/recording.h"
#include "engine/runtime/posix_file_system.h"
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

void print(const Context& context, const engine::observe::Event& event) {
    context.out << (context.json ? engine::observe::toJson(event) : engine::observe::toText(event)) << '\n';
}

ExitCode printRecording(const Context& context, const std::string& file, std::uint32_t mask) {
    engine::runtime::PosixFileSystem files;
    const auto bytes = engine::runtime::readFile(files, file);
    if (!bytes) {
        return failed(context, bytes.error().message);
    }
    const auto recording = engine::observe::readRecording(bytes.value());
    if (!recording) {
        return failed(context, file + ": " + recording.error().message);
    }
    for (const auto& event : recording.value().events) {
        if ((mask & engine::observe::Observer::bit(engine::observe::categoryOf(event))) != 0) {
            print(context, event);
        }
    }
    return ExitCode::Ok;
}

}  // namespace

ExitCode runEvents(const Context& context, const Words& words) {
    constexpr std::string_view kForm =
        "events [--cluster NAME | --from FILE] [--category cluster,gossip,requests,storage,schema,clients,metrics] [--json]";
    const auto line = CommandLine::parse(words, {}, {"--cluster", "--category", "--from"});
    if (!line || !line.value().words().empty()) {
        return usage(context, kForm);
    }
    const auto mask = maskOf(line.value().value("--category"));
    if (!mask) {
        return usage(context, kForm);
    }
    if (const std::string file = line.value().value("--from"); !file.empty()) {
        return printRecording(context, file, *mask);
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
                print(context, event);
            }
            context.out << std::flush;
        });
    while (g_ended == 0) {
        engine::runtime::pauseThread(std::chrono::milliseconds(50));
    }
    return ExitCode::Ok;
}

}  // namespace app::ringctl
