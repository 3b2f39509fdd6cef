#include "engine/messaging/open_requests.h"

#include <utility>

namespace engine::messaging {

void OpenRequests::add(std::uint64_t id, std::string_view to, runtime::Instant deadline,
                       ReplyHandler handler) {
    const auto timer = m_deadlines.add(deadline.nanos, id);
    m_open.emplace(id, Open{std::string(to), std::move(handler), timer});
    arm();
}

bool OpenRequests::finish(std::uint64_t id, Reply reply) {
    auto node = m_open.extract(id);
    if (node.empty()) {
        return false;
    }
    m_deadlines.cancel(node.mapped().timer);
    reply.from = node.mapped().to;
    node.mapped().handler(reply);
    return true;
}

/// The timer only ever moves forward: when the request it was armed for has ended it fires once for
/// nothing, which is cheaper than to move it with every reply.
void OpenRequests::arm() {
    if (m_deadlines.empty() || (m_armedFor != 0 && m_armedFor <= m_deadlines.firstTime())) {
        return;
    }
    if (m_armedFor != 0) {
        m_clock.cancel(m_timer);
    }
    m_armedFor = m_deadlines.firstTime();
    m_timer = m_clock.callAt(runtime::Instant{m_armedFor}, [this] {
        m_armedFor = 0;
        expire();
    });
}

void OpenRequests::expire() {
    const std::int64_t now = m_clock.now().nanos;
    while (!m_deadlines.empty() && m_deadlines.firstTime() <= now) {
        auto node = m_open.extract(m_deadlines.takeFirst());
        Reply reply;
        reply.kind = Reply::Kind::Timeout;
        reply.reason = FailureReason::Timeout;
        reply.from = node.mapped().to;
        node.mapped().handler(reply);
    }
    arm();
}

void OpenRequests::clear() {
    if (m_armedFor != 0) {
        m_clock.cancel(m_timer);
        m_armedFor = 0;
    }
    m_deadlines = {};
    // Handlers may own what comes back here when it is dropped.
    const auto dropped = std::exchange(m_open, {});
}

}  // namespace engine::messaging
