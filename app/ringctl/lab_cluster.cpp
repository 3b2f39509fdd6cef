#include "app/ringctl/lab_cluster.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "app/ringctl/clusters.h"
#include "engine/runtime/process.h"

namespace app::ringctl {

using engine::Result;
using engine::local::ClusterSpec;
using engine::local::LocalCluster;

namespace {

/// 127.0.FIRST to 127.0.LAST are tried for a free one.
constexpr int kFirstNet = 77;
constexpr int kLastNet = 99;
constexpr const char* kClusterName = "lab";

constexpr std::string_view kFolderPrefix = "ringside-lab-";

volatile std::sig_atomic_t g_stopWanted = 0;

/// Another ringctl that outlives this one, however it ends, and then removes what it left.
Result<void> startGuard(const std::string& home) {
    std::error_code failed;
    std::filesystem::create_directories(home, failed);
    if (failed) {
        return engine::makeError(engine::ErrorKind::Io, fmt::format("cannot make {}: {}", home, failed.message()));
    }
    engine::runtime::ProcessSpec spec;
    spec.command = {engine::runtime::programFolder() + "/ringctl", "lab", "guard", home};
    spec.outputFile = home + "/guard.log";
    spec.tiedToThisProcess = true;
    TRY(engine::runtime::spawn(spec));
    return engine::ok();
}

}  // namespace

ExitCode guardLabFolder(const std::string& home) {
    const std::filesystem::path path(home);
    if (path.parent_path() != std::filesystem::temp_directory_path() ||
        !path.filename().string().starts_with(kFolderPrefix)) {
        return ExitCode::Usage;
    }
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    if (const auto cluster = LocalCluster::open(home, kClusterName)) {
        static_cast<void>(cluster.value()->destroy());
    }
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
    return ExitCode::Ok;
}

bool stopWanted() {
    static const bool caught = [] {
        std::signal(SIGINT, [](int) { g_stopWanted = 1; });
        std::signal(SIGTERM, [](int) { g_stopWanted = 1; });
        return true;
    }();
    return caught && g_stopWanted != 0;
}

Result<void> LabCluster::create(const lab::Lab& lab) {
    m_home = (std::filesystem::temp_directory_path() / fmt::format("{}{}", kFolderPrefix, engine::runtime::thisProcessId())).string();
    TRY(startGuard(m_home));
    Result<void> last = engine::ok();
    for (int net = kFirstNet; net <= kLastNet && !stopWanted(); ++net) {
        ClusterSpec spec;
        spec.name = kClusterName;
        spec.datacenters = {{"datacenter1", lab.topology.nodes}};
        spec.vnodes = lab.topology.vnodes;
        spec.settings = lab.topology.settings;
        spec.net = fmt::format("127.0.{}", net);
        TRY_ASSIGN(m_cluster, LocalCluster::create(m_home, spec));
        m_cluster->bindToThisProcess();
        const auto started = m_cluster->start();
        if (started) {
            return engine::ok();
        }
        last = started.error();
        TRY(m_cluster->destroy());
        m_cluster.reset();
    }
    return last;
}

Result<std::unique_ptr<LabCluster>> LabCluster::open(const Context& context, const std::string& name,
                                                     const lab::Lab& lab) {
    std::unique_ptr<LabCluster> out(new LabCluster);
    if (name.empty()) {
        TRY(out->create(lab));
    } else {
        TRY_ASSIGN(out->m_cluster, chooseCluster(context, name));
    }
    if (out->m_cluster == nullptr) {
        return engine::makeError(engine::ErrorKind::Cancelled, "stopped");
    }
    return out;
}

LabCluster::~LabCluster() {
    if (!isOwn()) {
        return;
    }
    if (m_cluster) {
        // Nothing is left to tell it to: what stays is in the system's folder for temporary files.
        static_cast<void>(m_cluster->destroy());
    }
    std::error_code ignored;
    std::filesystem::remove_all(m_home, ignored);
}

}  // namespace app::ringctl
