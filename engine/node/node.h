#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/node/node_config.h"
#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"

namespace engine::coordinator {
class QueryProcessor;
}
namespace engine::gossip {
class Gossiper;
}
namespace engine::observe {
class Observer;
}

namespace engine::node {

/// One database node: all of the engine wired together over four doors. Runs unchanged in a process of
/// its own and inside the simulator. Lives on its thread; after stop() or a crash make a new one over
/// the same folders.
class Node {
public:
    Node(const runtime::Runtime& runtime, NodeConfig config, Log& log);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    /// Reads the disk, joins the ring, answers CQL when it returns.
    runtime::Task<Result<void>> start();
    /// Announces it, ends connections, syncs the commit log.
    runtime::Task<void> stop();

    /// For programs and tests that drive a node without its sockets.
    coordinator::QueryProcessor& queries();
    gossip::Gossiper& gossiper();
    observe::Observer& observer();
    /// Asked to end by the admin endpoint.
    void onShutdownAsked(std::function<void()> callback);
    /// A failure policy `die` wants the process gone at once.
    void onDied(std::function<void()> callback);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace engine::node
