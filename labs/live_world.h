#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "engine/client/client.h"
#include "engine/local/local_cluster.h"
#include "labs/world.h"

namespace lab {

/// Local processes as a World: CQL through one connection a node and asker, the rest through admin
/// endpoints. Uses the cluster from the thread that calls; the cluster outlives it.
class LiveWorld : public World {
public:
    /// `stopWanted` ends waiting early, with an error.
    explicit LiveWorld(engine::local::LocalCluster& cluster, std::function<bool()> stopWanted = nullptr)
        : m_cluster(cluster), m_stopWanted(std::move(stopWanted)) {}

    std::vector<WorldNode> nodes() override;
    Result<Answer> query(const CqlRequest& request) override;
    Result<KeyPlace> place(const KeyName& name) override;
    Result<void> act(const std::string& action) override;
    std::int64_t nanos() override;

private:
    using ClientKey = std::pair<int, std::string>;

    Result<engine::local::LocalNode> nodeFor(int coordinator);
    Result<engine::client::Client*> client(const engine::local::LocalNode& node, std::string_view asWho);
    Result<void> wait(int number, bool up);
    Result<void> sleep(std::chrono::seconds time);
    Result<void> load(const std::string& table, std::uint64_t rows, std::uint32_t valueBytes);
    bool isSeen(const engine::local::LocalNode& subject, bool up);

    engine::local::LocalCluster& m_cluster;
    std::function<bool()> m_stopWanted;
    std::map<ClientKey, std::unique_ptr<engine::client::Client>> m_clients;
};

}  // namespace lab
