#include "engine/coordinator/tracing.h"

#include <algorithm>

namespace engine::coordinator {

using messaging::TracedMessage;
using messaging::Verb;

namespace {

std::int32_t microsBetween(runtime::Instant from, runtime::Instant to) {
    return static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::microseconds>(to - from).count());
}

std::string_view stageOf(Verb answer) {
    switch (answer) {
        case Verb::MutationRsp:
        case Verb::ReadRepairRsp: return stage::kMutation;
        default: return stage::kRead;
    }
}

}  // namespace

Tracer::Tracer(const runtime::Runtime& runtime, messaging::MessagingService& messaging) : m_runtime(runtime) {
    messaging.onTraced([this](const TracedMessage& message) { onMessage(message); });
}

Tracer::~Tracer() {
    for (const auto& [id, session] : m_sessions) {
        if (session.closing) {
            m_runtime.clock.cancel(*session.closing);
        }
    }
}

Uuid Tracer::nextTimeUuid() {
    m_lastTicks = std::max(m_runtime.clock.wallMicros() * 10, m_lastTicks + 1);
    return Uuid::timeBased(m_lastTicks, m_runtime.random.next());
}

Uuid Tracer::begin(TraceStart start) {
    const Uuid id = nextTimeUuid();
    if (m_sink) {
        m_sessions[id] = {.started = m_runtime.clock.now(), .isOwn = true};
        m_sink({.session = id, .start = std::move(start)});
    }
    return id;
}

/// A node that is told of a request for the first time begins to keep its lines.
Tracer::Session* Tracer::find(const Uuid& id) {
    if (const auto it = m_sessions.find(id); it != m_sessions.end()) {
        return &it->second;
    }
    if (!m_sink || m_sessions.size() >= kSessionsMax) {
        return nullptr;
    }
    Session& fresh = m_sessions[id] = {.started = m_runtime.clock.now()};
    closeIn(kForeignKept, id, fresh);
    return &fresh;
}

void Tracer::add(const Uuid& id, std::string_view thread, std::string activity) {
    if (Session* session = find(id)) {
        session->lines.push_back({nextTimeUuid(), std::move(activity), thread,
                                  microsBetween(session->started, m_runtime.clock.now())});
    }
}

void Tracer::end(const Uuid& id) {
    const auto it = m_sessions.find(id);
    if (it == m_sessions.end()) {
        return;
    }
    Session& session = it->second;
    session.answered = true;
    session.durationMicros = microsBetween(session.started, m_runtime.clock.now());
    closeIn(session.waitingFor > 0 ? kGrace : kSettle, id, session);
}

void Tracer::closeIn(runtime::Duration time, const Uuid& id, Session& session) {
    if (session.closing) {
        m_runtime.clock.cancel(*session.closing);
    }
    session.closing = m_runtime.clock.callAt(m_runtime.clock.now() + time, [this, id] { close(id); });
}

void Tracer::close(const Uuid& id) {
    if (const auto it = m_sessions.find(id); it != m_sessions.end()) {
        handOn(id, it->second);
        m_sessions.erase(it);
    }
}

void Tracer::handOn(const Uuid& id, Session& session) {
    TraceReport report{.session = id, .lines = std::move(session.lines)};
    session.lines.clear();
    if (session.isOwn) {
        report.durationMicros = session.durationMicros;
    }
    if (m_sink && (session.isOwn || !report.lines.empty())) {
        m_sink(std::move(report));
    }
}

void Tracer::onMessage(const TracedMessage& message) {
    if (message.isSent) {
        onSent(message);
    } else {
        onReceived(message);
    }
}

void Tracer::onSent(const TracedMessage& message) {
    Session* session = find(message.request);
    if (session == nullptr) {
        return;
    }
    if (message.isReply) {
        add(message.request, stageOf(message.verb), fmt::format("Enqueuing response to /{}", message.peer));
    } else {
        ++session->waitingFor;
    }
    add(message.request, stage::kMessaging,
        fmt::format("Sending {} message to /{} message size {} bytes", messaging::toString(message.verb),
                    message.peer, message.bytes));
    if (message.isReply && !session->isOwn) {
        handOn(message.request, *session);
    }
}

void Tracer::onReceived(const TracedMessage& message) {
    Session* session = find(message.request);
    if (session == nullptr) {
        return;
    }
    add(message.request, stage::kMessaging,
        fmt::format("{} message received from /{}", messaging::toString(message.verb), message.peer));
    if (!message.isReply) {
        return;
    }
    add(message.request, stage::kResponse, fmt::format("Processing response from /{}", message.peer));
    --session->waitingFor;
    if (session->answered && session->waitingFor == 0) {
        closeIn(kSettle, message.request, *session);
    }
}

}  // namespace engine::coordinator
