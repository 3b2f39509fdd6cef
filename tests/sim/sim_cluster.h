#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/coordinator/query_processor.h"
#include "engine/node/node.h"
#include "engine/ring/consistency.h"
#include "engine/sim/machine.h"
#include "engine/sim/world.h"

namespace simtest {

using engine::ring::Consistency;

/// How many of a test's seeds are played: under the address sanitizer a third, since each takes ten times as long.
constexpr int seedsPlayed(int count) {
#ifdef __SANITIZE_ADDRESS__
    return count / 3;
#else
    return count;
#endif
}

struct SimClusterOptions {
    std::size_t nodes = 3;
    std::uint64_t seed = 1;
    std::size_t tokensEach = 4;
    /// Datacenter and rack of each node; empty: all in datacenter1, rack1.
    std::vector<std::pair<std::string, std::string>> places;
    engine::storage::CommitLogSync sync = engine::storage::CommitLogSync::Batch;
    /// Changes what a node is started with.
    std::function<void(std::size_t node, engine::node::NodeConfig&)> adjust;
    /// Every node tells all events into eventDigest(), which costs time.
    bool recordEvents = false;
};

/// How a request ended; `ended` is false while it runs, and stays so when its node dies.
struct Request {
    bool ended = false;
    engine::Result<engine::coordinator::Answer> answer = engine::invalid("still running");
    bool isOk() const { return ended && answer.has_value(); }
};

/// A cluster of whole nodes in a simulated world: what a test does to it reads as a story. Nodes are
/// counted from 0; node n is 10.0.0.(n+1). One thread; virtual time passes only in runFor(), runUntil()
/// and calls said to wait.
class SimCluster {
public:
    explicit SimCluster(SimClusterOptions options);
    ~SimCluster();
    SimCluster(const SimCluster&) = delete;
    SimCluster& operator=(const SimCluster&) = delete;

    /// Starts all nodes and waits until each sees every other. False: not within the limit.
    bool start(engine::runtime::Duration limit = std::chrono::seconds(30));
    /// A node begins to start; it answers once isReady().
    void startNode(std::size_t node);
    /// Power cut, or with `processOnly` as kill -9. The machine is off until startNode().
    void crash(std::size_t node, engine::sim::CrashOptions how = {});
    /// SIGTERM: announces it, syncs, ends. Waits for it.
    void stop(std::size_t node);

    bool isUp(std::size_t node) const { return m_nodes[node].node != nullptr; }
    bool isReady(std::size_t node) const { return m_nodes[node].ready; }
    /// Why it did not start.
    const std::string& startError(std::size_t node) const { return m_nodes[node].startError; }
    /// Whether `who` holds `whom` for alive.
    bool sees(std::size_t who, std::size_t whom) const;
    /// Every node that is up sees exactly those that are up.
    bool converged() const;
    /// All nodes that are up have the same schema version.
    bool schemaAgrees() const;

    /// Sends CQL through a node and returns at once.
    std::shared_ptr<Request> send(std::size_t node, std::string text, Consistency level,
                                  std::int32_t pageSize = 0, std::optional<engine::Bytes> pagingState = {});
    /// The same, and waits for the answer.
    engine::Result<engine::coordinator::Answer> cql(std::size_t node, std::string text,
                                                    Consistency level = Consistency::Quorum);
    /// Rows as text: values are taken for int when they have 4 bytes, for text otherwise; null is
    /// "null". An error is one row: its text.
    std::vector<std::string> rows(std::size_t node, std::string text,
                                  Consistency level = Consistency::Quorum);

    /// The same, page by page.
    std::vector<std::string> pagedRows(std::size_t node, const std::string& text, Consistency level,
                                       std::int32_t pageSize);

    engine::sim::SimWorld& world() { return m_world; }
    engine::sim::SimMachine& machine(std::size_t node) { return m_world.machine(node); }
    engine::node::Node& node(std::size_t node) { return *m_nodes[node].node; }
    std::size_t size() const { return m_nodes.size(); }
    std::string nameOf(std::size_t node) const;
    void cut(std::size_t a, std::size_t b) { m_world.network().cut(machine(a), machine(b)); }
    /// Cuts these nodes from all others.
    void partition(const std::vector<std::size_t>& group);
    void heal() { m_world.network().healAll(); }
    void skewClock(std::size_t node, engine::runtime::Duration by) { machine(node).clock().jump(by); }
    void runFor(engine::runtime::Duration time) { m_world.runFor(time); }
    bool runUntil(const std::function<bool()>& reached, engine::runtime::Duration limit) {
        return m_world.runUntil(reached, limit);
    }

    /// A hash of all events of all nodes, in the order in which they were told.
    std::uint64_t eventDigest() const { return m_eventDigest; }
    std::uint64_t eventCount() const { return m_eventCount; }
    /// Every event in full, for a test that looks for one.
    void onEvent(std::function<void(std::size_t node, const engine::observe::Event&)> sink);
    /// Warnings and errors of all nodes, newest last.
    const std::vector<std::string>& complaints() const { return m_complaints; }

private:
    struct Slot {
        std::unique_ptr<engine::Log> log;
        std::unique_ptr<engine::node::Node> node;
        /// Everything that runs for clients of this node; ends before it.
        std::unique_ptr<engine::runtime::TaskGroup> tasks;
        std::unique_ptr<engine::coordinator::ClientSession> session;
        bool ready = false;
        std::string startError;
    };

    engine::node::NodeConfig configOf(std::size_t node) const;
    void listen(std::size_t node);
    void told(std::size_t node, const engine::observe::Event& event);
    engine::runtime::Task<void> runStart(std::size_t node);
    engine::runtime::Task<void> runStop(std::size_t node, std::shared_ptr<bool> done);
    engine::runtime::Task<void> runQuery(std::size_t node, std::string text, Consistency level,
                                         std::int32_t pageSize, std::optional<engine::Bytes> pagingState,
                                         std::shared_ptr<Request> request);
    void drop(std::size_t node);

    SimClusterOptions m_options;
    std::vector<std::vector<std::int64_t>> m_tokens;
    std::uint64_t m_eventDigest = 0;
    std::uint64_t m_eventCount = 0;
    std::function<void(std::size_t, const engine::observe::Event&)> m_onEvent;
    std::vector<std::string> m_complaints;
    engine::sim::SimWorld m_world;
    std::vector<Slot> m_nodes;
};

}  // namespace simtest
