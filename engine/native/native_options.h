#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "engine/native/protocol.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/network.h"

namespace engine::native {

class Authenticator;

/// What one server and each of its connections may hold at most.
struct NativeLimits {
    static constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);

    std::size_t maxEnvelopeBytes = kMaxEnvelopeBytes;  // native_transport_max_frame_size
    std::size_t maxConnections = kUnlimited;  // native_transport_max_concurrent_connections
    std::size_t maxConnectionsPerAddress = kUnlimited;  // native_transport_max_concurrent_connections_per_ip
    /// Bytes of requests under way, over all connections and for one client address; Cassandra's are shares of its heap.
    /// Past either, requests wait unread, or are refused where STARTUP had THROW_ON_OVERLOAD.
    std::size_t maxRequestBytes = 128 * 1024 * 1024;  // native_transport_max_request_data_in_flight
    std::size_t maxRequestBytesPerAddress = 32 * 1024 * 1024;  // native_transport_max_request_data_in_flight_per_ip
    /// Requests of a connection that are being worked on: past it, nothing more is read until some are answered.
    std::size_t maxRequestsInFlight = 1024;
    /// Answers a client has not taken yet: past the first nothing more is read from it, past the
    /// second it is cut off.
    std::size_t pauseUnsentBytes = 4 * 1024 * 1024;
    std::size_t maxUnsentBytes = 256 * 1024 * 1024;
};

struct NativeOptions {
    runtime::Endpoint listen;
    NativeLimits limits;
    Authenticator* authenticator = nullptr;  // Null: everybody may connect.
    /// A connection that has sent nothing for so long is closed; 0: never. native_transport_idle_timeout
    runtime::Duration idleTimeout{};
    bool allowOlderProtocols = true;  // native_transport_allow_older_protocols: false leaves only v5.
};

/// A client as system_views.clients and the explorer show it.
struct ConnectionInfo {
    runtime::Endpoint remote;
    int protocolVersion = 0;  // 0 before the first message.
    bool ready = false;       // STARTUP is done.
    std::string user = "anonymous";
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
