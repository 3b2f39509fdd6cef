#include "engine/messaging/outbound_link.h"

#include <algorithm>

namespace engine::messaging {

namespace {

/// A frame is sent when it has grown so large, even before the turn ends.
constexpr std::size_t kFrameBytesGoal = 64 * 1024;

Bytes framed(BytesView payload) {
    FrameWriter writer;
    writer.payload().raw(payload);
    return writer.seal();
}

Result<void> checkAnswer(BytesView payload) {
    TRY_ASSIGN(const HelloAnswer answer, decodeHelloAnswer(payload));
    if (!answer.refused.empty()) {
        return makeError(ErrorKind::Protocol, answer.refused);
    }
    return ok();
}

}  // namespace

std::size_t OutboundLink::queuedBytes() const {
    return m_waitingBytes + m_frame.payloadBytes() +
           (m_connection ? m_connection->unsentBytes() : 0);
}

bool OutboundLink::send(const OutboundMessage& message) {
    if (queuedBytes() + message.payload.size() > m_context.options.queueBytesMax) {
        drop(message.verb, DropReason::QueueFull);
        return false;
    }
    if (!m_connection) {
        wait(message);
        return false;
    }
    append(message);
    if (m_frame.payloadBytes() >= kFrameBytesGoal) {
        m_connection->send(m_frame.seal());
    }
    return !std::exchange(m_flushWanted, true);
}

void OutboundLink::append(const OutboundMessage& message) {
    WireMessage wire;
    wire.verb = message.verb;
    wire.id = message.id;
    wire.replyTo = message.replyTo;
    wire.request = message.request;
    wire.sentNanos = m_context.runtime.clock.machineNanos();
    wire.payload = message.payload;
    if (message.deadline != OutboundMessage::kNoDeadline) {
        const auto left = (message.deadline - m_context.runtime.clock.now()).count() / 1000;
        wire.leftMicros = static_cast<std::uint64_t>(std::max<std::int64_t>(left, 1));
    }
    const std::size_t before = m_frame.payloadBytes();
    writeMessage(m_frame.payload(), wire);
    ++m_stats.sent;
    m_stats.bytesSent += m_frame.payloadBytes() - before;
}

void OutboundLink::flush() {
    m_flushWanted = false;
    if (m_connection && !m_frame.empty()) {
        m_connection->send(m_frame.seal());
    }
}

void OutboundLink::wait(const OutboundMessage& message) {
    m_waiting.push_back({message, Bytes(message.payload)});
    m_waitingBytes += message.payload.size();
    connectSoon();
}

void OutboundLink::connectSoon() {
    if (!m_connecting && m_context.tasks) {
        m_connecting = true;
        m_context.tasks->spawn(connectWhileWaiting());
    }
}

void OutboundLink::dropExpired() {
    const runtime::Instant now = m_context.runtime.clock.now();
    std::erase_if(m_waiting, [&](const Waiting& waiting) {
        if (waiting.message.deadline > now) {
            return false;
        }
        m_waitingBytes -= waiting.payload.size();
        drop(waiting.message.verb, DropReason::Expired);
        return true;
    });
}

void OutboundLink::drainWaiting() {
    dropExpired();
    for (Waiting& waiting : m_waiting) {
        waiting.message.payload = waiting.payload;
        append(waiting.message);
    }
    m_waiting.clear();
    m_waitingBytes = 0;
    flush();
}

void OutboundLink::close(bool now) {
    for (const Waiting& waiting : m_waiting) {
        drop(waiting.message.verb, DropReason::Disconnected);
    }
    m_waiting.clear();
    m_waitingBytes = 0;
    if (!now) {
        flush();
    }
    m_frame.clear();
    if (const auto connection = std::exchange(m_connection, nullptr)) {
        connection->close(now);
    }
}

void OutboundLink::onClosed(const std::string& reason) {
    m_context.log.info("connection to {} ended: {}", m_peer, reason);
    m_connection.reset();
    m_frame.clear();
}

void OutboundLink::noteFailure(const Error& error) {
    if (!std::exchange(m_failureNoted, true)) {
        m_context.log.info("{} (again with back-off)", error.message);
    }
}

runtime::Task<void> OutboundLink::connectWhileWaiting() {
    runtime::Clock& clock = m_context.runtime.clock;
    runtime::Duration pause = m_context.options.reconnectFirst;
    while (!m_waiting.empty()) {
        const Result<void> opened = co_await open();
        if (opened) {
            break;
        }
        noteFailure(opened.error());
        dropExpired();
        if (!m_waiting.empty()) {
            co_await runtime::sleep(clock, pause);
            pause = std::min(pause * 2, m_context.options.reconnectMax);
        }
    }
    m_connecting = false;
}

runtime::Task<Result<void>> OutboundLink::open() {
    const runtime::Endpoint from{m_context.self.host, 0};
    Result<std::shared_ptr<runtime::Connection>> connected =
        co_await m_context.runtime.network.connect(from, m_endpoint,
                                                   m_context.options.connectTimeout);
    if (!connected) {
        co_return connected.error();
    }
    const std::shared_ptr<runtime::Connection> connection = std::move(connected.value());
    const Result<void> greeted = co_await greet(connection);
    if (!greeted) {
        connection->close(true);
        co_return greeted.error();
    }
    m_connection = connection;
    m_failureNoted = false;
    drainWaiting();
    co_return ok();
}

/// Says hello and waits for consent; afterwards the peer says nothing on this connection.
runtime::Task<Result<void>> OutboundLink::greet(std::shared_ptr<runtime::Connection> connection) {
    const runtime::Promise<Result<void>> answered;
    const auto reader = std::make_shared<FrameReader>(kHelloBytesMax);
    connection->start(
        [answered, reader](BytesView bytes) {
            const Result<void> fed = reader->feed(bytes, [&](BytesView payload) {
                answered.set(checkAnswer(payload));
                return true;
            });
            if (!fed) {
                answered.set(fed.error());
            }
        },
        [this, answered](const std::string& reason) {
            if (answered.isSet()) {
                onClosed(reason);
            } else {
                answered.set(makeError(ErrorKind::Io, "no answer to hello: " + reason));
            }
        });
    Hello hello;
    hello.urgent = m_urgent;
    hello.cluster = m_context.options.clusterName;
    hello.from = m_context.selfName;
    hello.to = m_peer;
    connection->send(framed(encodeHello(hello)));
    runtime::Clock& clock = m_context.runtime.clock;
    const runtime::TimerId timer = clock.callAt(
        clock.now() + m_context.options.connectTimeout,
        [answered] { answered.set(makeError(ErrorKind::Timeout, "no answer to hello in time")); });
    const Result<void> answer = co_await answered;
    clock.cancel(timer);
    if (!answer) {
        co_return makeError(answer.error().kind,
                            "cannot talk to " + m_peer + ": " + answer.error().message);
    }
    co_return ok();
}

}  // namespace engine::messaging
