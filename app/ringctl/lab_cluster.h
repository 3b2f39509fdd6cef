#pragma once

#include <memory>
#include <string>

#include "app/ringctl/commands.h"
#include "engine/local/local_cluster.h"
#include "labs/lab.h"

namespace app::ringctl {

/// The nodes that a lab runs on: an existing cluster, or one of its own on a free net that ends with
/// this process and leaves nothing behind.
class LabCluster {
public:
    /// With `name` empty, creates and starts one by the lab's topology.
    static engine::Result<std::unique_ptr<LabCluster>> open(const Context& context, const std::string& name,
                                                            const lab::Lab& lab);
    ~LabCluster();
    LabCluster(const LabCluster&) = delete;
    LabCluster& operator=(const LabCluster&) = delete;

    engine::local::LocalCluster& cluster() { return *m_cluster; }
    bool isOwn() const { return !m_home.empty(); }
    /// Where its description lies: what $RINGSIDE_HOME must be for other commands to find it.
    const std::string& home() const { return m_home; }

private:
    LabCluster() = default;
    engine::Result<void> create(const lab::Lab& lab);

    std::string m_home;  // Of an own cluster: removed at the end.
    std::unique_ptr<engine::local::LocalCluster> m_cluster;
};

/// What the hidden `lab guard HOME` does, which LabCluster starts beside itself: waits until the standard input
/// ends, which is when its parent has, then ends the nodes under HOME and removes it.
ExitCode guardLabFolder(const std::string& home);

/// True once SIGINT or SIGTERM came; the first call catches them from then on.
bool stopWanted();

}  // namespace app::ringctl
