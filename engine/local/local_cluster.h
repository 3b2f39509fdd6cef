#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace engine::local {

/// What `ringctl cluster create` takes; defaults are Cassandra's and ccm's.
struct ClusterSpec {
    std::string name;
    /// Nodes of each datacenter in order; without names all are in datacenter1.
    std::vector<std::pair<std::string, int>> datacenters{{"datacenter1", 3}};
    int racks = 1;  // Nodes are dealt to rack1…rackN in turn.
    int vnodes = 16;
    std::string net = "127.0.0";  // Node n listens on net.n.
    std::uint16_t nativePort = 9042;
    std::uint16_t internodePort = 7000;
    std::uint16_t adminPort = 7199;
    /// cassandra.yaml's names.
    std::map<std::string, std::string> settings;
    /// One a node when tokens are given: datacenter, rack, tokens, and whether it joins later.
    struct Placement {
        std::string datacenter;
        std::string rack;
        std::vector<std::int64_t> tokens;
        bool later = false;
    };
    std::vector<Placement> placements;
};

enum class ProcessState { Stopped, Starting, Running, Paused };

struct LocalNode {
    int number = 0;  // From 1.
    std::string address;
    std::uint16_t nativePort = 0;
    std::uint16_t internodePort = 0;
    std::uint16_t adminPort = 0;
    std::string datacenter;
    std::string rack;
    std::string folder;   // Its data, commit log, node.conf and node.log.
    std::string adminToken;
    ProcessState state = ProcessState::Stopped;
    int processId = 0;
    std::string name() const { return address + ':' + std::to_string(internodePort); }
};

/// Where clusters live: $RINGSIDE_HOME, else the platform's data folder.
std::string defaultHome();

/// One cluster of ringside-node processes on this machine, described by files under home/NAME. Calls
/// block; use it from one thread at a time. Several programs may look at a cluster; one that runs
/// it (`hold`) owns its lock.
class LocalCluster {
public:
    /// Probes addresses and ports first: where NET.n cannot be bound every node gets ports of its
    /// own on 127.0.0.1. Errors name what is in the way.
    static Result<std::unique_ptr<LocalCluster>> create(const std::string& home, ClusterSpec spec);
    static Result<std::unique_ptr<LocalCluster>> open(const std::string& home, const std::string& name);
    static std::vector<std::string> list(const std::string& home);
    virtual ~LocalCluster() = default;

    /// Nodes started from now on end when this process ends, however it ends.
    virtual void bindToThisProcess() = 0;
    /// Another program that holds the cluster is an error that names its process.
    virtual Result<void> hold() = 0;

    /// Starts every node that is not `later` and waits until each answers a CQL handshake.
    virtual Result<std::chrono::milliseconds> start() = 0;
    virtual Result<void> startNode(int number) = 0;   // Waits for its handshake.
    virtual Result<void> stopNode(int number) = 0;    // SIGTERM: announces, flushes, ends.
    virtual Result<void> killNode(int number) = 0;    // SIGKILL.
    virtual Result<void> pauseNode(int number) = 0;   // SIGSTOP.
    virtual Result<void> resumeNode(int number) = 0;  // SIGCONT.
    virtual Result<void> stop() = 0;
    virtual Result<void> destroy() = 0;

    /// Fresh from the processes.
    virtual std::vector<LocalNode> nodes() const = 0;
    virtual const ClusterSpec& spec() const = 0;
    virtual const std::string& folder() const = 0;
};

}  // namespace engine::local
