#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "engine/node/node.h"
#include "engine/runtime/real_runtime.h"
#include "engine/runtime/run_program.h"

/// `ringside-node --config FILE [--with-parent]`: one node in the foreground. With `--with-parent` it
/// ends when its standard input does, which is when the program that started it is gone, however it
/// went.
namespace {

using engine::LogLevel;

void writeLine(LogLevel level, std::string_view line) {
    std::timespec now{};
    std::timespec_get(&now, TIME_UTC);
    std::tm parts{};
    gmtime_r(&now.tv_sec, &parts);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &parts);
    std::fprintf(stderr, "%-5s %s,%03ld %.*s\n", std::string(engine::toString(level)).c_str(), stamp,
                 now.tv_nsec / 1'000'000, static_cast<int>(line.size()), line.data());
}

/// As Cassandra's (JVMStabilityInspector.Killer).
constexpr int kExitDiskFailure = 100;

struct Arguments {
    std::string config;
    bool withParent = false;
};

bool parse(int argc, char** argv, Arguments& out) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--config" && i + 1 < argc) {
            out.config = argv[++i];
        } else if (word == "--with-parent") {
            out.withParent = true;
        } else {
            return false;
        }
    }
    return !out.config.empty();
}

void raiseFileLimit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/// The whole life of the node as one coroutine.
engine::runtime::Task<void> live(engine::runtime::RealRuntime& runtime, engine::node::Node& node,
                                 engine::Log& log, int& exitCode) {
    const engine::Result<void> started = co_await node.start();
    if (!started) {
        log.error("cannot start: {}", started.error().message);
        exitCode = 1;
        runtime.stop();
    }
}

engine::runtime::Task<void> end(engine::runtime::RealRuntime& runtime, engine::node::Node& node) {
    co_await node.stop();
    runtime.stop();
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    if (!parse(argc, argv, arguments)) {
        std::fprintf(stderr, "usage: ringside-node --config FILE [--with-parent]\n");
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);
    raiseFileLimit();
    engine::Log log(writeLine);
    engine::runtime::RealRuntime runtime;
    auto config = engine::node::loadConfig(runtime.doors().files, arguments.config);
    if (!config) {
        log.error("{}", config.error().message);
        return 1;
    }
    config.value().storage.runCommand = engine::runtime::runProgram;
    int exitCode = 0;
    {
        engine::node::Node node(runtime.doors(), std::move(config).value(), log);
        engine::runtime::TaskGroup tasks;
        bool ending = false;
        const auto finish = [&] {
            if (!std::exchange(ending, true)) {
                tasks.spawn(end(runtime, node));
            }
        };
        runtime.onSignal(SIGTERM, finish);
        runtime.onSignal(SIGINT, finish);
        if (arguments.withParent) {
            runtime.onStdinClosed(finish);
        }
        node.onDied([] { std::_Exit(kExitDiskFailure); });
        node.onShutdownAsked([&runtime, finish] { runtime.post(finish); });
        runtime.post([&] { tasks.spawn(live(runtime, node, log, exitCode)); });
        runtime.run();
    }
    return exitCode;
}
