#include "engine/messaging/messaging_service.h"

#include <optional>
#include <unordered_map>
#include <utility>

#include "engine/base/ensure.h"
#include "engine/messaging/frame.h"
#include "engine/messaging/open_requests.h"
#include "engine/messaging/outbound_link.h"
#include "engine/messaging/wire.h"

namespace engine::messaging {

namespace {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>()(text);
    }
};

/// A connection that another node opened.
struct Inbound {
    std::shared_ptr<runtime::Connection> connection;
    FrameReader reader{kHelloBytesMax};
    std::string peer;  // Empty until it has said hello.
    PeerStats* stats = nullptr;
    runtime::Instant lastHeld;  // In slow motion: when the message before this one is delivered.
};

}  // namespace

struct MessagingService::Impl : std::enable_shared_from_this<Impl> {
    struct Peer {
        Peer(LinkContext& context, const std::string& name, const runtime::Endpoint& endpoint)
            : data(context, name, endpoint, false, stats),
              urgent(context, name, endpoint, true, stats) {
            stats.peer = name;
        }
        OutboundLink& link(Verb verb) { return isUrgent(verb) ? urgent : data; }

        PeerStats stats;
        OutboundLink data;
        OutboundLink urgent;
    };
    struct Owned {
        MessageHead head;
        Bytes payload;
    };

    Impl(const runtime::Runtime& runtime, runtime::Endpoint endpoint, MessagingOptions options,
         observe::Observer& tell, Log& log)
        : context{runtime,
                  std::move(options),
                  endpoint,
                  endpoint.toString(),
                  log,
                  {},
                  std::make_unique<runtime::TaskGroup>()},
          observer(tell),
          open(runtime.clock) {
        context.onDrop = [this](const std::string& peer, Verb verb, DropReason reason) {
            noteDrop(peer, verb, reason);
        };
    }

    runtime::Clock& clock() { return context.runtime.clock; }
    const std::string& self() const { return context.selfName; }

    Peer* peer(std::string_view name);
    void noteDrop(std::string_view peer, Verb verb, DropReason reason);
    std::uint64_t transmit(std::string_view to, OutboundMessage message);
    void tellSent(std::string_view to, const OutboundMessage& message);
    void traceSent(std::string_view to, const OutboundMessage& message);
    void tellReceived(const Message& message);
    void sendLocal(const OutboundMessage& message);
    void runLocal();
    void sendRemote(std::string_view to, const OutboundMessage& message);
    void sendDelayed(std::string_view to, const OutboundMessage& message, runtime::Duration delay);
    void flushSoon(OutboundLink& link);
    void flushAll();

    void accept(std::shared_ptr<runtime::Connection> connection);
    void onData(const std::shared_ptr<Inbound>& inbound, BytesView bytes);
    Result<void> greet(Inbound& inbound, BytesView payload);
    Result<void> readFrame(Inbound& inbound, BytesView payload);
    void receive(Inbound& inbound, const WireMessage& wire, runtime::Instant now,
                 std::int64_t machineNow);
    void hold(Inbound& inbound, Message message, runtime::Duration transit, runtime::Instant now);
    void drop(const std::shared_ptr<Inbound>& inbound, const std::string& reason);
    void deliver(const Message& message);
    void finish(const Message& message);
    void stop();

    LinkContext context;
    observe::Observer& observer;
    OpenRequests open;
    std::function<void(const TracedMessage&)> traced;
    LinkRules rules;
    std::array<Handler, kVerbCount> handlers;
    std::array<std::uint64_t, kVerbCount> droppedByVerb{};
    std::uint64_t lastId = 0;
    std::unordered_map<std::string, std::unique_ptr<Peer>, TextHash, std::equal_to<>> peers;
    std::map<Inbound*, std::shared_ptr<Inbound>> inbound;
    std::vector<Owned> localQueue;
    bool localPosted = false;
    std::vector<OutboundLink*> dirty;
    bool stopped = false;
    std::unique_ptr<runtime::Listener> listener;
};

// ---- sending -----------------------------------------------------------------------------------

MessagingService::Impl::Peer* MessagingService::Impl::peer(std::string_view name) {
    const auto known = peers.find(name);
    if (known != peers.end()) {
        return known->second.get();
    }
    const Result<runtime::Endpoint> endpoint = parseEndpoint(name);
    if (!endpoint) {
        context.log.warn("{}", endpoint.error().message);
        return nullptr;
    }
    const std::string key(name);
    return peers.emplace(key, std::make_unique<Peer>(context, key, endpoint.value()))
        .first->second.get();
}

void MessagingService::Impl::noteDrop(std::string_view peerName, Verb verb, DropReason reason) {
    ++droppedByVerb[static_cast<std::size_t>(verb)];
    const auto known = peers.find(peerName);
    if (known != peers.end()) {
        ++known->second->stats.dropped[static_cast<std::size_t>(reason)];
    }
}

std::uint64_t MessagingService::Impl::transmit(std::string_view to, OutboundMessage message) {
    message.id = ++lastId;
    if (stopped) {
        return message.id;
    }
    if (!message.request.isNil()) {
        if (observer.wants(observe::Category::Requests)) {
            tellSent(to, message);
        }
        traceSent(to, message);
    }
    if (to == self()) {
        sendLocal(message);
        return message.id;
    }
    if (!rules.empty()) [[unlikely]] {
        const LinkRules::Verdict verdict = rules.judge(to, message.verb, context.runtime.random);
        if (verdict.drop) {
            noteDrop(to, message.verb, DropReason::Rule);
            return message.id;
        }
        if (verdict.delay.count() > 0) {
            sendDelayed(to, message, verdict.delay);
            return message.id;
        }
    }
    sendRemote(to, message);
    return message.id;
}

void MessagingService::Impl::tellSent(std::string_view to, const OutboundMessage& message) {
    observe::MessageSent event;
    event.request = message.request;
    event.message = message.id;
    event.verb = toString(message.verb);
    event.to = to;
    event.bytes = static_cast<std::uint32_t>(message.payload.size());
    observer.tell(std::move(event));
}

void MessagingService::Impl::traceSent(std::string_view to, const OutboundMessage& message) {
    if (traced && isTraced(message.request)) {
        traced({message.request, message.verb, to, message.payload.size(), message.replyTo != 0, true});
    }
}

void MessagingService::Impl::sendLocal(const OutboundMessage& message) {
    Owned owned;
    owned.head = {message.id,      message.replyTo,        message.verb,    self(),
                  message.request, clock().machineNanos(), message.deadline};
    owned.payload = message.payload;
    localQueue.push_back(std::move(owned));
    if (!std::exchange(localPosted, true)) {
        context.runtime.executor.post([weak = weak_from_this()] {
            if (const auto impl = weak.lock()) {
                impl->runLocal();
            }
        });
    }
}

void MessagingService::Impl::runLocal() {
    localPosted = false;
    std::vector<Owned> queue;
    queue.swap(localQueue);
    for (Owned& owned : queue) {
        if (stopped) {
            return;
        }
        Message message;
        static_cast<MessageHead&>(message) = std::move(owned.head);
        message.payload = owned.payload;
        deliver(message);
    }
}

void MessagingService::Impl::sendRemote(std::string_view to, const OutboundMessage& message) {
    if (Peer* known = peer(to)) {
        OutboundLink& link = known->link(message.verb);
        if (link.send(message)) {
            flushSoon(link);
        }
    }
}

void MessagingService::Impl::sendDelayed(std::string_view to, const OutboundMessage& message,
                                         runtime::Duration delay) {
    const runtime::Instant at = clock().now() + delay;
    clock().callAt(at, [weak = weak_from_this(), peerName = std::string(to), message,
                        payload = Bytes(message.payload)] {
        const auto impl = weak.lock();
        if (impl && !impl->stopped) {
            OutboundMessage late = message;
            late.payload = payload;
            impl->sendRemote(peerName, late);
        }
    });
}

void MessagingService::Impl::flushSoon(OutboundLink& link) {
    dirty.push_back(&link);
    if (dirty.size() == 1) {
        context.runtime.executor.post([weak = weak_from_this()] {
            if (const auto impl = weak.lock()) {
                impl->flushAll();
            }
        });
    }
}

void MessagingService::Impl::flushAll() {
    for (OutboundLink* link : std::exchange(dirty, {})) {
        link->flush();
    }
}

// ---- receiving ---------------------------------------------------------------------------------

void MessagingService::Impl::accept(std::shared_ptr<runtime::Connection> connection) {
    const auto accepted = std::make_shared<Inbound>();
    accepted->connection = std::move(connection);
    inbound.emplace(accepted.get(), accepted);
    const std::weak_ptr<Inbound> weak = accepted;
    accepted->connection->start(
        [this, weak](BytesView bytes) {
            if (const auto from = weak.lock()) {
                onData(from, bytes);
            }
        },
        [this, weak](const std::string& reason) {
            if (const auto from = weak.lock()) {
                drop(from, reason);
            }
        });
}

void MessagingService::Impl::drop(const std::shared_ptr<Inbound>& from, const std::string& reason) {
    const std::string who = from->peer.empty() ? from->connection->remote().toString() : from->peer;
    context.log.debug("connection from {} ended: {}", who, reason);
    inbound.erase(from.get());
}

void MessagingService::Impl::onData(const std::shared_ptr<Inbound>& from, BytesView bytes) {
    const auto alive = shared_from_this();
    if (from->stats != nullptr) {
        from->stats->bytesReceived += bytes.size();
    }
    Result<void> handled = ok();
    const Result<void> fed = from->reader.feed(bytes, [&](BytesView payload) {
        handled = from->peer.empty() ? greet(*from, payload) : readFrame(*from, payload);
        return handled.has_value() && !stopped;
    });
    if (fed && handled) {
        return;
    }
    const Error& error = fed ? handled.error() : fed.error();
    const std::string who = from->peer.empty() ? from->connection->remote().toString() : from->peer;
    context.log.warn("closing the connection from {}: {}", who, error.message);
    from->connection->close(false);
    inbound.erase(from.get());
}

Result<void> MessagingService::Impl::greet(Inbound& from, BytesView payload) {
    TRY_ASSIGN(Hello hello, decodeHello(payload));
    HelloAnswer answer;
    if (hello.version != kWireVersion) {
        answer.refused = fmt::format("internode protocol version {} here, {} there", kWireVersion,
                                     hello.version);
    } else if (hello.cluster != context.options.clusterName) {
        answer.refused = fmt::format("cluster name mismatch: '{}' here, '{}' there",
                                     context.options.clusterName, hello.cluster);
    } else if (hello.to != self()) {
        answer.refused = fmt::format("this is {}, not {}", self(), hello.to);
    }
    Peer* known = answer.refused.empty() ? peer(hello.from) : nullptr;
    if (known == nullptr && answer.refused.empty()) {
        answer.refused = "not an address: " + hello.from;
    }
    FrameWriter frame;
    frame.payload().raw(encodeHelloAnswer(answer));
    from.connection->send(frame.seal());
    if (known == nullptr) {
        return makeError(ErrorKind::Protocol, answer.refused);
    }
    from.peer = hello.from;
    from.stats = &known->stats;
    from.reader.setPayloadMax(kFrameBytesMax);
    return ok();
}

Result<void> MessagingService::Impl::readFrame(Inbound& from, BytesView payload) {
    const runtime::Instant now = clock().now();
    const std::int64_t machineNow = clock().machineNanos();
    ByteReader in(payload);
    while (!in.atEnd() && !stopped) {
        const std::optional<WireMessage> wire = readMessage(in);
        if (!wire) {
            return makeError(ErrorKind::Corrupt, "a frame that holds no message");
        }
        receive(from, *wire, now, machineNow);
    }
    return ok();
}

void MessagingService::Impl::receive(Inbound& from, const WireMessage& wire, runtime::Instant now,
                                     std::int64_t machineNow) {
    ++from.stats->received;
    Message message;
    message.id = wire.id;
    message.replyTo = wire.replyTo;
    message.verb = wire.verb;
    message.from = from.peer;
    message.request = wire.request;
    message.sentNanos = wire.sentNanos;
    message.payload = wire.payload;
    message.deadline = OutboundMessage::kNoDeadline;
    const runtime::Duration transit(std::max<std::int64_t>(machineNow - wire.sentNanos, 0));
    const double dilation = clock().dilation();
    if (wire.leftMicros != 0) {
        const auto spent =
            static_cast<std::int64_t>(static_cast<double>(transit.count()) / dilation);
        const auto left = static_cast<std::int64_t>(wire.leftMicros) * 1000;
        message.deadline = now + runtime::Duration(left - spent);
    }
    if (dilation > 1) [[unlikely]] {
        hold(from, std::move(message), transit, now);
    } else {
        deliver(message);
    }
}

/// In slow motion a message is under way for its real transit times the factor. Its order among the
/// messages of its connection stays.
void MessagingService::Impl::hold(Inbound& from, Message message, runtime::Duration transit,
                                  runtime::Instant now) {
    constexpr runtime::Duration kTransitMax = std::chrono::milliseconds(5);
    const double factor = clock().dilation();
    const auto capped = static_cast<double>(std::min(transit, kTransitMax).count());
    const runtime::Duration rest(static_cast<std::int64_t>(capped * (factor - 1) / factor));
    from.lastHeld = std::max(from.lastHeld, now + rest);
    clock().callAt(from.lastHeld,
                   [weak = weak_from_this(), message, payload = Bytes(message.payload)] {
                       const auto impl = weak.lock();
                       if (impl && !impl->stopped) {
                           Message late = message;
                           late.payload = payload;
                           impl->deliver(late);
                       }
                   });
}

void MessagingService::Impl::tellReceived(const Message& message) {
    if (observer.wants(observe::Category::Requests)) {
        observe::MessageReceived event;
        event.request = message.request;
        event.message = message.id;
        event.verb = toString(message.verb);
        event.from = message.from;
        observer.tell(std::move(event));
    }
    if (traced && isTraced(message.request)) {
        traced({message.request, message.verb, message.from, message.payload.size(), message.replyTo != 0, false});
    }
}

void MessagingService::Impl::deliver(const Message& message) {
    if (!message.request.isNil()) {
        tellReceived(message);
    }
    if (message.replyTo != 0) {
        finish(message);
        return;
    }
    if (message.deadline != OutboundMessage::kNoDeadline && message.deadline <= clock().now()) {
        noteDrop(message.from, message.verb, DropReason::Expired);
        return;
    }
    const Handler& handler = handlers[static_cast<std::size_t>(message.verb)];
    if (!handler) {
        noteDrop(message.from, message.verb, DropReason::NoHandler);
        return;
    }
    handler(message);
}

void MessagingService::Impl::finish(const Message& message) {
    Reply reply;
    reply.kind = Reply::Kind::Answer;
    reply.verb = message.verb;
    reply.payload = message.payload;
    reply.sentNanos = message.sentNanos;
    if (message.verb == Verb::FailureRsp) {
        ByteReader in(message.payload);
        reply.kind = Reply::Kind::Failure;
        reply.reason = static_cast<FailureReason>(in.u16());
        reply.payload = in.raw(in.remaining());
    }
    open.finish(message.replyTo, reply);
}

void MessagingService::Impl::stop() {
    if (std::exchange(stopped, true)) {
        return;
    }
    listener.reset();
    context.tasks.reset();
    open.clear();
    dirty.clear();
    for (const auto& [name, known] : peers) {
        known->data.close(false);
        known->urgent.close(false);
    }
    for (const auto& [raw, from] : std::exchange(inbound, {})) {
        from->connection->close(false);
    }
}

// ---- the service -------------------------------------------------------------------------------

MessagingService::MessagingService(const runtime::Runtime& runtime, runtime::Endpoint self,
                                   MessagingOptions options, observe::Observer& observer, Log& log)
    : m_impl(std::make_shared<Impl>(runtime, std::move(self), std::move(options), observer, log)) {}

MessagingService::~MessagingService() {
    m_impl->stop();
}

Result<void> MessagingService::start() {
    TRY_ASSIGN(m_impl->listener, m_impl->context.runtime.network.listen(
                                     m_impl->context.self, [impl = m_impl.get()](auto connection) {
                                         impl->accept(std::move(connection));
                                     }));
    return ok();
}

runtime::Task<void> MessagingService::stop() {
    m_impl->stop();
    co_return;
}

const std::string& MessagingService::self() const {
    return m_impl->context.selfName;
}

void MessagingService::on(Verb verb, Handler handler) {
    m_impl->handlers[static_cast<std::size_t>(verb)] = std::move(handler);
}

void MessagingService::send(std::string_view to, Verb verb, BytesView payload,
                            const Uuid& request) {
    const MessagingOptions& options = m_impl->context.options;
    OutboundMessage message;
    message.verb = verb;
    message.request = request;
    message.deadline =
        m_impl->clock().now() + (isUrgent(verb) ? options.urgentTimeout : options.oneWayTimeout);
    message.payload = payload;
    m_impl->transmit(to, message);
}

void MessagingService::request(std::string_view to, Verb verb, BytesView payload,
                               runtime::Instant deadline, ReplyHandler onReply,
                               const Uuid& request) {
    if (m_impl->stopped) {
        return;
    }
    OutboundMessage message;
    message.verb = verb;
    message.request = request;
    message.deadline = deadline;
    message.payload = payload;
    const std::uint64_t id = m_impl->transmit(to, message);
    m_impl->open.add(id, to, deadline, std::move(onReply));
}

runtime::Task<Result<Bytes>> MessagingService::call(std::string to, Verb verb, Bytes payload,
                                                    runtime::Instant deadline, Uuid traced) {
    const runtime::Promise<Result<Bytes>> done;
    request(
        to, verb, payload, deadline,
        [done, to, verb](const Reply& reply) {
            if (reply.kind == Reply::Kind::Answer) {
                done.set(Bytes(reply.payload));
            } else if (reply.kind == Reply::Kind::Timeout) {
                done.set(makeError(ErrorKind::Timeout, fmt::format("{} did not answer {} in time",
                                                                   to, toString(verb))));
            } else {
                done.set(makeError(
                    ErrorKind::Server,
                    fmt::format("{} failed at {}: {}", to, toString(verb),
                                reply.payload.empty() ? toString(reply.reason) : reply.payload)));
            }
        },
        traced);
    Result<Bytes> result = co_await done;
    co_return result;
}

void MessagingService::reply(const MessageHead& request, Verb verb, BytesView payload) {
    OutboundMessage message;
    message.verb = verb;
    message.replyTo = request.id;
    message.request = request.request;
    message.deadline = request.deadline;
    message.payload = payload;
    m_impl->transmit(request.from, message);
}

void MessagingService::failure(const MessageHead& request, FailureReason reason,
                               std::string_view words) {
    ByteWriter payload;
    payload.u16(static_cast<std::uint16_t>(reason));
    payload.raw(words);
    reply(request, Verb::FailureRsp, payload.bytes());
}

void MessagingService::onTraced(std::function<void(const TracedMessage&)> listener) {
    m_impl->traced = std::move(listener);
}

LinkRules& MessagingService::rules() {
    return m_impl->rules;
}

void MessagingService::disconnect(std::string_view peerName) {
    const auto known = m_impl->peers.find(peerName);
    if (known != m_impl->peers.end()) {
        known->second->data.close(true);
        known->second->urgent.close(true);
    }
}

std::vector<PeerStats> MessagingService::stats() const {
    std::map<std::string_view, PeerStats> sorted;
    for (const auto& [name, known] : m_impl->peers) {
        PeerStats stats = known->stats;
        stats.connected = known->data.isConnected() || known->urgent.isConnected();
        stats.queuedBytes = known->data.queuedBytes() + known->urgent.queuedBytes();
        sorted.emplace(name, std::move(stats));
    }
    std::vector<PeerStats> all;
    for (auto& [name, stats] : sorted) {
        all.push_back(std::move(stats));
    }
    return all;
}

std::uint64_t MessagingService::dropped(Verb verb) const {
    return m_impl->droppedByVerb[static_cast<std::size_t>(verb)];
}

std::size_t MessagingService::openRequests() const {
    return m_impl->open.size();
}

}  // namespace engine::messaging
