#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "engine/native/protocol.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/network.h"

namespace engine::native {

/// What one server and each of its connections may hold at most.
struct NativeLimits {
    std::size_t maxEnvelopeBytes = kMaxEnvelopeBytes;  // native_transport_max_frame_size
    std::size_t maxConnections = 4096;  // native_transport_max_concurrent_connections
    /// Requests of a connection that are being worked on, and bytes of them: past either, nothing
    /// more is read from it until some are answered.
    std::size_t maxRequestsInFlight = 1024;
    std::size_t maxRequestBytesInFlight = 32 * 1024 * 1024;
    /// Answers a client has not taken yet: past the first nothing more is read from it, past the
    /// second it is cut off.
    std::size_t pauseUnsentBytes = 4 * 1024 * 1024;
    std::size_t maxUnsentBytes = 256 * 1024 * 1024;
};

struct NativeOptions {
    runtime::Endpoint listen;
    NativeLimits limits;
    bool allowOlderProtocols = true;  // native_transport_allow_older_protocols: false leaves only v5.
};

/// A client as system_views.clients and the explorer show it.
struct ConnectionInfo {
    runtime::Endpoint remote;
    int protocolVersion = 0;  // 0 before the first message.
    bool ready = false;       // STARTUP is done.
    std::string driverName;
    std::string driverVersion;
    std::string keyspace;  // After USE.
    Compression compression = Compression::None;
    std::uint64_t requests = 0;
    std::map<std::string, std::string> options;  // Of STARTUP, keys in upper case.
};

/// Told on the node's thread: after STARTUP, and once such a connection has ended.
struct NativeCallbacks {
    std::function<void(const ConnectionInfo&)> clientConnected;
    std::function<void(const ConnectionInfo&)> clientClosed;
};

}  // namespace engine::native
