#pragma once

#include <string>
#include <vector>

#include "app/explorer/names.h"
#include "app/sources/cluster_model.h"
#include "engine/observe/cluster_state.h"

namespace tests {

/// A cluster of events that no process told, for tests of views: three nodes of 16 vnodes, and what
/// happens to them by the test's word. Times are milliseconds after the start.
class Scene {
public:
    Scene();

    static std::string node(int number) { return "127.0.0." + std::to_string(number) + ":7000"; }
    static engine::observe::SchemaKeyspace library(int replicationFactor = 3);
    /// A ring of `nodes` x `vnodes` with evenly dealt tokens.
    static Scene ofSize(int nodes, int vnodes);

    void tell(int node, double millis, engine::observe::EventBody body);
    void reach(int node, bool reachable) { m_batch.reachable.emplace_back(Scene::node(node), reachable); }
    std::int64_t nanos(double millis) const { return kStart + static_cast<std::int64_t>(millis * 1e6); }

    /// A QUORUM write of m-1131 by n1 whose message to n3 is slow; the whole of it is told.
    engine::Uuid write(double at = 0);
    /// A QUORUM read by n2 that meets a mismatch and mends n3.
    engine::Uuid readWithMismatch(double at = 10);
    /// Gossip of all for `seconds`, in which `silent` says nothing after `silentFrom`; 0: all talk.
    void gossip(int seconds, int silent = 0, int silentFrom = 0);

    /// Files of library.books on every node: `perNode` of each, sizes in four tiers, and what goes with
    /// them: limits, definitions, a segment, a memtable, sums.
    void files(int perNode, const std::string& strategy = "SizeTieredCompactionStrategy");
    /// n2 merges its first four files and is half done.
    engine::Uuid compaction(double at = 100);

    const app::sources::SourceBatch& batch() const { return m_batch; }
    app::sources::SourceBatch take() { return std::exchange(m_batch, {}); }
    /// Into a model of its own.
    void into(app::sources::ClusterModel& model) { model.take(take()); }
    engine::observe::ClusterState state() const;
    app::explorer::Nodes nodes() const;

private:
    static constexpr std::int64_t kStart = 5'000'000'000'000'000;  // After any clock of this machine.

    explicit Scene(std::vector<std::vector<std::int64_t>> tokens);
    engine::observe::MessageSent sent(const engine::Uuid& id, std::uint64_t message, const char* verb, int to) const;

    app::sources::SourceBatch m_batch;
    int m_nodes = 0;
    std::uint64_t m_sequence = 0;
    std::uint64_t m_requests = 0;
};

}  // namespace tests
