#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/observe/event.h"
#include "engine/observe/observer.h"
#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"

namespace engine::admin {

struct AdminOptions {
    runtime::Endpoint listen;
    std::string token;  // A connection that does not show it is closed.
    std::size_t lineBytesMax = 1 << 20;
    std::size_t connectionsMax = 256;
    /// A viewer with more than this unsent loses events until it has caught up.
    std::size_t unsentBytesMax = 4 << 20;
};

/// A node's observe-and-control endpoint on loopback: JSON-RPC 2.0, one request a line. The first
/// request must be `hello` with the token. `subscribe` turns the connection into a stream of
/// [u32 length][event] after its answer's line; a slow viewer loses events and is told how many.
/// Lives on the node's thread; layout in docs/formats.md.
class AdminServer {
public:
    /// Params and result are JSON texts. Errors become JSON-RPC errors.
    using Method = std::function<runtime::Task<Result<std::string>>(std::string params)>;
    /// Events that a new subscriber needs before live ones: the state so far.
    using Snapshot = std::function<std::vector<observe::EventBody>()>;

    AdminServer(const runtime::Runtime& runtime, AdminOptions options, observe::Observer& observer, Log& log);
    ~AdminServer();

    void add(std::string method, Method handler);
    void setSnapshot(Snapshot snapshot);
    Result<void> start();
    runtime::Task<void> stop();
    runtime::Endpoint local() const;

private:
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

}  // namespace engine::admin
