#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "engine/runtime/clock.h"

namespace engine::runtime::detail {

/// Something with bytes to hand to the system at the end of the loop's turn.
class Flushable {
public:
    virtual ~Flushable() = default;
    virtual void flush() = 0;
};

/// The node's one thread: an io_context, cut into turns. A turn runs what was posted, in order, then
/// flushes every connection that was written to, so that many small messages cost one system call.
/// All but post() and stop() belong to the thread that runs the loop.
class Loop {
public:
    static constexpr std::size_t kReadBytes = 64 * 1024;

    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Until stop(); may be run again.
    void run();
    void stop();
    /// From any thread.
    void post(Callback callback);
    void flushLater(std::shared_ptr<Flushable> stream);
    /// Drops what was posted and whatever else waits; nothing runs here any more.
    void shutDown();

    boost::asio::io_context& context() { return m_context; }
    /// Scratch space for one read; its content lasts until the next.
    std::array<char, kReadBytes>& readBuffer() { return *m_readBuffer; }

private:
    bool onThread() const { return m_thread.load(std::memory_order_relaxed) == std::this_thread::get_id(); }
    void append(Callback callback);
    void scheduleTurn();
    void turn();

    boost::asio::io_context m_context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work;
    std::atomic<std::thread::id> m_thread;
    std::vector<Callback> m_posted;
    std::vector<Callback> m_running;
    std::vector<std::shared_ptr<Flushable>> m_unflushed;
    std::vector<std::shared_ptr<Flushable>> m_flushing;
    bool m_turnScheduled = false;
    bool m_shutDown = false;
    std::unique_ptr<std::array<char, kReadBytes>> m_readBuffer;
};

}  // namespace engine::runtime::detail
