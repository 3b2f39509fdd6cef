#include "engine/runtime/detail/real_executor.h"

#include <unistd.h>

#include <fstream>

#include <boost/asio/post.hpp>
#include <utility>

namespace engine::runtime::detail {

void RealExecutor::runBlocking(Callback work, Callback done) {
    if (!m_pool) {
        m_pool = std::make_unique<boost::asio::thread_pool>(kPoolThreads);
    }
    boost::asio::post(*m_pool, [this, w = std::move(work), d = std::move(done)]() mutable {
        w();
        // What the work captured must not die on the pool after the node's thread went on.
        w = nullptr;
        m_loop.post(std::move(d));
    });
}

void RealExecutor::stopPool() {
    if (m_pool) {
        m_pool->stop();
        m_pool->join();
        m_pool.reset();
    }
}

std::uint32_t RealExecutor::processId() const { return static_cast<std::uint32_t>(::getpid()); }

std::uint64_t RealExecutor::residentBytes() const {
    std::ifstream file("/proc/self/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    file >> total >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace engine::runtime::detail
