#include <cstdio>
#include <string>

#include "engine/local/local_cluster.h"
#include "engine/runtime/process.h"

/// `cluster_holder HOME NAME`: holds and starts a cluster, says so, and stays until it is killed: what
/// its nodes do then is what the test looks at.
int main(int argc, char** argv) {
    if (argc != 3) {
        return 2;
    }
    auto cluster = engine::local::LocalCluster::open(argv[1], argv[2]);
    if (!cluster) {
        std::fprintf(stderr, "%s\n", cluster.error().message.c_str());
        return 1;
    }
    cluster.value()->bindToThisProcess();
    if (const auto held = cluster.value()->hold(); !held) {
        std::fprintf(stderr, "%s\n", held.error().message.c_str());
        return 1;
    }
    if (const auto started = cluster.value()->start(); !started) {
        std::fprintf(stderr, "%s\n", started.error().message.c_str());
        return 1;
    }
    std::puts("started");
    std::fflush(stdout);
    while (true) {
        engine::runtime::pauseThread(std::chrono::milliseconds(100));
    }
}
