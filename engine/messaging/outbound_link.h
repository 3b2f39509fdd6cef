#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "engine/base/log.h"
#include "engine/messaging/frame.h"
#include "engine/messaging/messaging_service.h"
#include "engine/messaging/wire.h"
#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"

namespace engine::messaging {

/// A message on its way out. `payload` is a view.
struct OutboundMessage {
    static constexpr runtime::Instant kNoDeadline{std::numeric_limits<std::int64_t>::max()};

    Verb verb = Verb::PingReq;
    std::uint64_t id = 0;
    std::uint64_t replyTo = 0;
    Uuid request;
    runtime::Instant deadline = kNoDeadline;
    BytesView payload;
};

/// What the links of one service share; outlives them, but for the tasks.
struct LinkContext {
    runtime::Runtime runtime;
    MessagingOptions options;
    runtime::Endpoint self;
    std::string selfName;
    Log& log;
    std::function<void(const std::string& peer, Verb, DropReason)> onDrop;
    std::unique_ptr<runtime::TaskGroup> tasks;  // Null once the service has stopped.
};

/// One connection to one peer (OutboundConnection): opened when there is something to send, opened
/// again with back-off while something waits. Messages of one turn travel in one frame. Lives on
/// the node's thread; destroyed after the task group has dropped its coroutines.
class OutboundLink {
public:
    OutboundLink(LinkContext& context, std::string peer, runtime::Endpoint endpoint, bool urgent,
                 PeerStats& stats)
        : m_context(context),
          m_peer(std::move(peer)),
          m_endpoint(std::move(endpoint)),
          m_urgent(urgent),
          m_stats(stats) {}
    ~OutboundLink() { close(true); }
    OutboundLink(const OutboundLink&) = delete;
    OutboundLink& operator=(const OutboundLink&) = delete;

    /// True: the link now needs a flush() at the end of this turn, and did not before.
    bool send(const OutboundMessage& message);
    void flush();
    /// Drops what waits; `now` also what the connection has not sent yet.
    void close(bool now);
    bool isConnected() const { return m_connection != nullptr; }
    std::size_t queuedBytes() const;

private:
    struct Waiting {
        OutboundMessage message;
        Bytes payload;
    };

    void wait(const OutboundMessage& message);
    void append(const OutboundMessage& message);
    void dropExpired();
    void drainWaiting();
    void drop(Verb verb, DropReason reason) { m_context.onDrop(m_peer, verb, reason); }
    void onClosed(const std::string& reason);
    void noteFailure(const Error& error);
    void connectSoon();
    runtime::Task<void> connectWhileWaiting();
    runtime::Task<Result<void>> open();
    runtime::Task<Result<void>> greet(std::shared_ptr<runtime::Connection> connection);

    LinkContext& m_context;
    const std::string m_peer;
    const runtime::Endpoint m_endpoint;
    const bool m_urgent;
    PeerStats& m_stats;
    std::shared_ptr<runtime::Connection> m_connection;
    FrameWriter m_frame;
    bool m_flushWanted = false;
    std::deque<Waiting> m_waiting;
    std::size_t m_waitingBytes = 0;
    bool m_connecting = false;
    bool m_failureNoted = false;
};

}  // namespace engine::messaging
