#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/task.h"

namespace engine::runtime {

/// A numeric IPv4 or IPv6 address and a port. Not an aggregate: GCC 12 copies those bit by bit when
/// they are written in braces as arguments of an awaited call.
struct Endpoint {
    Endpoint() = default;
    Endpoint(std::string h, std::uint16_t p) : host(std::move(h)), port(p) {}

    std::string host;
    std::uint16_t port = 0;
    auto operator<=>(const Endpoint&) const = default;
    std::string toString() const { return host + ':' + std::to_string(port); }
};

/// One byte stream. Handlers run on the node's thread and never inside a call made on the
/// connection. Dropping the last reference closes it; no handler runs after close().
class Connection {
public:
    virtual ~Connection() = default;

    /// `onData` gets bytes as they come and keeps what it needs; `onClosed` runs once, when the
    /// other side or the network ended the stream.
    virtual void start(std::function<void(BytesView)> onData,
                       std::function<void(const std::string& reason)> onClosed) = 0;
    /// Queues bytes; everything queued in one turn of the loop leaves in one write.
    virtual void send(Bytes bytes) = 0;
    /// Bytes queued and not yet taken by the system: the measure for back pressure.
    virtual std::size_t unsentBytes() const = 0;
    /// While paused no data is read, so that the peer's window closes.
    virtual void pauseReading(bool paused) = 0;
    /// Sends what is queued, then closes; `now` drops it.
    virtual void close(bool now = false) = 0;
    virtual Endpoint local() const = 0;
    virtual Endpoint remote() const = 0;
};

class Listener {
public:
    virtual ~Listener() = default;  // Stops listening.
    virtual Endpoint local() const = 0;
};

/// The second door: other processes.
class Network {
public:
    virtual ~Network() = default;

    /// Port 0 lets the system choose. Errors name the address and what is in its way.
    virtual Result<std::unique_ptr<Listener>> listen(
        const Endpoint& at, std::function<void(std::shared_ptr<Connection>)> onAccept) = 0;
    /// `from.host`, if not empty, is the local address to come from.
    virtual Task<Result<std::shared_ptr<Connection>>> connect(Endpoint from, Endpoint to,
                                                              Duration timeout) = 0;
};

}  // namespace engine::runtime
