#include <fmt/format.h>

#include <cmath>
#include <csignal>
#include <ostream>

#include "app/ringctl/clusters.h"
#include "engine/client/load.h"
#include "engine/ring/consistency.h"
#include "engine/runtime/real_runtime.h"

namespace app::ringctl {

namespace {

using engine::Result;
using engine::client::Load;
using engine::client::LoadOptions;
using engine::client::LoadTally;

constexpr std::string_view kLoadForm =
    "load [--cluster NAME] [--table KEYSPACE.TABLE] [--rate 500] [--rows 100000] [--value-bytes 200]\n"
    "       [--reads PERCENT] [--deletes PERCENT] [--seconds 10 | --fill] [--level LOCAL_QUORUM] [--json]";
constexpr int kSecondsMax = 86'400;
constexpr int kRowsMax = 2'000'000'000;
constexpr int kValueBytesMax = 1 << 20;
constexpr int kReplication = 3;

Result<LoadOptions> optionsOf(const CommandLine& line) {
    LoadOptions out;
    TRY_ASSIGN(const int rate, line.number("--rate", static_cast<int>(out.rate), 1, static_cast<int>(LoadOptions::kRateMax)));
    TRY_ASSIGN(const int rows, line.number("--rows", static_cast<int>(out.rows), 1, kRowsMax));
    TRY_ASSIGN(const int bytes, line.number("--value-bytes", static_cast<int>(out.valueBytes), 0, kValueBytesMax));
    TRY_ASSIGN(const int reads, line.number("--reads", 0, 0, 100));
    TRY_ASSIGN(const int deletes, line.number("--deletes", 0, 0, 100 - reads));
    TRY_ASSIGN(const int seconds, line.number("--seconds", 10, 0, kSecondsMax));
    out.rate = rate;
    out.rows = static_cast<std::uint64_t>(rows);
    out.valueBytes = static_cast<std::uint32_t>(bytes);
    out.reads = reads / 100.0;
    out.deletes = deletes / 100.0;
    out.seconds = seconds;
    out.fill = line.has("--fill");
    if (const std::string level = line.value("--level"); !level.empty()) {
        const auto known = engine::ring::parseConsistency(level);
        if (!known) {
            return engine::invalid("--level: there is no consistency level " + level);
        }
        out.consistency = static_cast<std::uint16_t>(*known);
    }
    if (const std::string table = line.value("--table"); !table.empty()) {
        const auto dot = table.find('.');
        if (dot == std::string::npos || dot == 0 || dot + 1 == table.size()) {
            return engine::invalid("--table: '" + table + "' is not KEYSPACE.TABLE");
        }
        out.keyspace = table.substr(0, dot);
        out.table = table.substr(dot + 1);
    }
    return out;
}

void print(const Context& context, const LoadTally& tally) {
    if (context.json) {
        context.out << fmt::format(
                           R"({{"seconds":{:.1f},"writes":{},"reads":{},"deletes":{},"errors":{},"skipped":{},"per_second":{:.0f},"mean_ms":{:.3f}}})",
                           tally.seconds, tally.writes, tally.reads, tally.deletes, tally.errors, tally.skipped,
                           tally.requestsPerSecond, tally.meanMillis)
                    << std::endl;
        return;
    }
    context.out << fmt::format("{:6.1f} s  {:8} writes {:8} reads {:7} deletes  {:7.0f}/s  mean {:.2f} ms{}{}\n", tally.seconds,
                               tally.writes, tally.reads, tally.deletes, tally.requestsPerSecond, tally.meanMillis,
                               tally.skipped > 0 ? fmt::format("  {} not sent, the nodes do not keep up", tally.skipped) : "",
                               tally.errors > 0 ? fmt::format("  {} errors, the first: {}", tally.errors, tally.firstError) : "")
                << std::flush;
}

}  // namespace

ExitCode runLoad(const Context& context, const Words& words) {
    const auto line = CommandLine::parse(words, {"--fill"}, {"--cluster", "--table", "--rate", "--rows", "--value-bytes", "--reads",
                                                     "--deletes", "--seconds", "--level"});
    if (!line || !line.value().words().empty()) {
        return usage(context, kLoadForm);
    }
    auto options = optionsOf(line.value());
    if (!options) {
        return failed(context, options.error().message);
    }
    const auto cluster = chooseCluster(context, line.value().value("--cluster"));
    if (!cluster) {
        return failed(context, cluster.error().message);
    }
    int nodes = 0;
    for (const auto& node : cluster.value()->nodes()) {
        ++nodes;
        if (node.state == engine::local::ProcessState::Running) {
            options.value().contacts.push_back({node.address, node.nativePort});
        }
    }
    if (options.value().contacts.empty()) {
        return failed(context, "no node of the cluster runs; `ringctl cluster start` starts them");
    }
    options.value().replication = std::min(nodes, kReplication);
    double toldSecond = 0;
    engine::runtime::RealRuntime runtime;
    Load load(runtime.doors(), std::move(options.value()), [&](const LoadTally& tally) {
        if (std::floor(tally.seconds) > toldSecond) {
            toldSecond = std::floor(tally.seconds);
            print(context, tally);
        }
    });
    for (const int signal : {SIGINT, SIGTERM}) {
        runtime.onSignal(signal, [&load] { load.stop(); });
    }
    const Result<void> done = engine::runtime::runUntilDone(runtime, load.run());
    if (!done) {
        return failed(context, done.error().message);
    }
    print(context, load.tally());
    return load.tally().errors > 0 && load.tally().writes + load.tally().reads == 0 ? ExitCode::Failed : ExitCode::Ok;
}

}  // namespace app::ringctl
