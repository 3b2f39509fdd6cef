#include "engine/runtime/detail/loop.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace engine::runtime::detail {

Loop::Loop()
    : m_work(m_context.get_executor()), m_readBuffer(new std::array<char, kReadBytes>) {}

Loop::~Loop() = default;

void Loop::run() {
    m_context.restart();
    m_thread = std::this_thread::get_id();
    m_context.run();
    m_thread = std::thread::id();
}

void Loop::stop() { m_context.stop(); }

void Loop::post(Callback callback) {
    if (onThread()) {
        append(std::move(callback));
        return;
    }
    boost::asio::post(m_context, [this, c = std::move(callback)]() mutable { append(std::move(c)); });
}

void Loop::append(Callback callback) {
    if (m_shutDown) {
        return;
    }
    m_posted.push_back(std::move(callback));
    scheduleTurn();
}

void Loop::flushLater(std::shared_ptr<Flushable> stream) {
    m_unflushed.push_back(std::move(stream));
    scheduleTurn();
}

void Loop::scheduleTurn() {
    if (!m_turnScheduled) {
        m_turnScheduled = true;
        boost::asio::post(m_context, [this] { turn(); });
    }
}

void Loop::turn() {
    m_turnScheduled = false;
    // What these post runs in the next turn, so that sockets and timers get their share.
    m_running.swap(m_posted);
    for (Callback& callback : m_running) {
        std::exchange(callback, nullptr)();
    }
    m_running.clear();
    m_flushing.swap(m_unflushed);
    for (const auto& stream : m_flushing) {
        stream->flush();
    }
    m_flushing.clear();
    if (!m_posted.empty() || !m_unflushed.empty()) {
        scheduleTurn();
    }
}

void Loop::shutDown() {
    m_shutDown = true;
    while (!m_posted.empty()) {
        const std::vector<Callback> dropped = std::exchange(m_posted, {});
    }
    m_unflushed.clear();
    // Waits of closed sockets end here rather than in the context's destructor, where what their
    // handlers hold would find its clock and network gone.
    m_context.restart();
    m_context.poll();
}

}  // namespace engine::runtime::detail
