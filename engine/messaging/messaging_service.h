#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/messaging/link_rules.h"
#include "engine/messaging/message.h"
#include "engine/observe/observer.h"
#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"

namespace engine::messaging {

struct MessagingOptions {
    std::string clusterName = "Test Cluster";
    /// Bytes that may wait for one peer before messages to it are dropped.
    std::size_t queueBytesMax = 64u << 20;
    runtime::Duration connectTimeout = std::chrono::seconds(2);
    runtime::Duration reconnectFirst = std::chrono::milliseconds(10);
    runtime::Duration reconnectMax = std::chrono::milliseconds(200);
    /// How long a one-way message is worth delivering, and one of gossip.
    runtime::Duration oneWayTimeout = std::chrono::seconds(10);
    runtime::Duration urgentTimeout = std::chrono::seconds(2);
};

/// Why messages were not delivered.
enum class DropReason : std::uint8_t { Expired, QueueFull, Rule, Disconnected, NoHandler };
constexpr std::size_t kDropReasonCount = 5;
std::string_view toString(DropReason reason);

struct PeerStats {
    std::string peer;
    bool connected = false;
    std::uint64_t sent = 0;  // Written to a connection.
    std::uint64_t received = 0;
    std::uint64_t bytesSent = 0;
    std::uint64_t bytesReceived = 0;
    std::uint64_t queuedBytes = 0;
    std::array<std::uint64_t, kDropReasonCount> dropped{};
};

/// A request whose client asked for a trace is named by a time UUID; replicas know it by that.
inline bool isTraced(const Uuid& request) { return request.version() == 1; }

/// A message that belongs to such a request.
struct TracedMessage {
    Uuid request;
    Verb verb = Verb::PingReq;
    std::string_view peer;  // Ends with the listener's call.
    std::size_t bytes = 0;
    bool isReply = false;
    bool isSent = false;  // False: received.
};

/// Internode messages (MessagingService, OutboundConnection, InboundMessageHandler): requests
/// matched with their replies, one-way messages, delivery to the node itself without a socket.
/// Lives on the node's thread; handlers run there, never inside a call made on the service.
///
/// A peer is named by its internode address "host:port". To each there is one connection outwards
/// for data and a second one for gossip, opened when first needed and again, with back-off, when
/// lost; what was queued waits for it until its deadline. A peer that is down therefore looks like
/// one that is silent: the request ends in Reply::Kind::Timeout. Wire format: docs/formats.md,
/// "Internode connections".
class MessagingService {
public:
    using Handler = std::function<void(const Message&)>;
    using ReplyHandler = std::function<void(const Reply&)>;

    MessagingService(const runtime::Runtime& runtime, runtime::Endpoint self,
                     MessagingOptions options, observe::Observer& observer, Log& log);
    ~MessagingService();
    MessagingService(const MessagingService&) = delete;
    MessagingService& operator=(const MessagingService&) = delete;

    /// Begins to listen. Register handlers before.
    Result<void> start();
    /// Sends what is queued, closes all connections; open requests are forgotten without a reply.
    runtime::Task<void> stop();

    const std::string& self() const;

    /// One handler a verb; a later one replaces it.
    void on(Verb verb, Handler handler);

    /// One way; lost silently when the peer does not take it in time.
    void send(std::string_view to, Verb verb, BytesView payload, const Uuid& request = {});
    /// `onReply` runs exactly once, unless the service stops before. `deadline` is of the node's
    /// clock.
    void request(std::string_view to, Verb verb, BytesView payload, runtime::Instant deadline,
                 ReplyHandler onReply, const Uuid& request = {});
    /// The same as a coroutine: the answer's payload; Timeout, or Server with the peer's words.
    runtime::Task<Result<Bytes>> call(std::string to, Verb verb, Bytes payload,
                                      runtime::Instant deadline, Uuid request = {});

    /// Answers a request, now or later.
    void reply(const MessageHead& request, Verb verb, BytesView payload);
    void failure(const MessageHead& request, FailureReason reason, std::string_view words = {});

    /// Told of the messages of traced requests.
    void onTraced(std::function<void(const TracedMessage&)> listener);

    /// Faults on the way to other nodes.
    LinkRules& rules();

    /// Drops connections to a peer and what is queued for it: it was judged dead or has left.
    void disconnect(std::string_view peer);
    std::vector<PeerStats> stats() const;
    /// Messages of a verb that were dropped, for whatever reason.
    std::uint64_t dropped(Verb verb) const;
    std::size_t openRequests() const;

private:
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

/// "127.0.0.1:7000" or "[::1]:7000".
Result<runtime::Endpoint> parseEndpoint(std::string_view text);

}  // namespace engine::messaging
