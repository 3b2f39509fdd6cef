#include "engine/runtime/detail/real_executor.h"

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

}  // namespace engine::runtime::detail
