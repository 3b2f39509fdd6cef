#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "engine/runtime/detail/loop.h"
#include "engine/runtime/executor.h"

namespace engine::runtime::detail {

/// The loop, and a pool of threads that is started by the first work for it.
class RealExecutor : public Executor {
public:
    explicit RealExecutor(Loop& loop) : m_loop(loop) {}

    void post(Callback callback) override { m_loop.post(std::move(callback)); }
    void runBlocking(Callback work, Callback done) override;
    std::uint32_t processId() const override;
    std::uint64_t residentBytes() const override;
    /// Waits for work under way and drops the rest.
    void stopPool();

private:
    static constexpr std::size_t kPoolThreads = 2;

    Loop& m_loop;
    std::unique_ptr<boost::asio::thread_pool> m_pool;
};

}  // namespace engine::runtime::detail
