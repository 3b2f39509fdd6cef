#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/messaging/message.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/timer_queue.h"

namespace engine::messaging {

/// Requests that wait for a reply, each until its deadline (RequestCallbacks). One clock timer
/// serves all. Lives on the node's thread.
class OpenRequests {
public:
    using ReplyHandler = std::function<void(const Reply&)>;

    explicit OpenRequests(runtime::Clock& clock) : m_clock(clock) {}
    ~OpenRequests() { clear(); }
    OpenRequests(const OpenRequests&) = delete;
    OpenRequests& operator=(const OpenRequests&) = delete;

    void add(std::uint64_t id, std::string_view to, runtime::Instant deadline,
             ReplyHandler handler);
    /// Ends a request; false when it has ended before. `reply.from` is filled in.
    bool finish(std::uint64_t id, Reply reply);
    std::size_t size() const { return m_open.size(); }
    /// Forgets all without a reply.
    void clear();

private:
    struct Open {
        std::string to;
        ReplyHandler handler;
        runtime::TimerQueue<std::uint64_t>::Id timer = 0;
    };

    void arm();
    void expire();

    runtime::Clock& m_clock;
    std::unordered_map<std::uint64_t, Open> m_open;
    runtime::TimerQueue<std::uint64_t> m_deadlines;
    runtime::TimerId m_timer = 0;
    std::int64_t m_armedFor = 0;  // 0: not armed.
};

}  // namespace engine::messaging
