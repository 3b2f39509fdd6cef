#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/result.h"
#include "engine/observe/event.h"

namespace engine::admin {

struct AdminAddress {
    std::string host;
    std::uint16_t port = 0;
    std::string token;
};

/// One JSON-RPC call to a node's admin endpoint; blocks. `params` and the result are JSON texts.
Result<std::string> call(const AdminAddress& at, const std::string& method, const std::string& params,
                         int timeoutMillis = 10000);

/// Follows the events of several nodes from a thread of its own: connects, subscribes, reconnects
/// when a node comes back. Callbacks run on that thread, in batches of at most one a frame (16 ms).
class EventFollower {
public:
    struct Target {
        std::string node;  // As events name it.
        AdminAddress at;
    };
    struct Batch {
        std::vector<observe::Event> events;
        /// Streams that opened or ended since the last batch.
        std::vector<std::pair<std::string, bool>> reachable;
    };
    using Handler = std::function<void(Batch)>;

    /// `categories`: bits of observe::Observer.
    static std::unique_ptr<EventFollower> start(std::vector<Target> targets, std::uint32_t categories,
                                                Handler handler);
    virtual ~EventFollower() = default;  // Stops and joins.
    virtual void setTargets(std::vector<Target> targets) = 0;
};

}  // namespace engine::admin
