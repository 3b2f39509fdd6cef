#pragma once

#include <memory>
#include <vector>

#include "engine/runtime/detail/tcp_stream.h"

namespace engine::runtime::detail {

/// TCP.
class RealNetwork : public Network {
public:
    RealNetwork(Loop& loop, Clock& clock) : m_loop(loop), m_clock(clock) {}

    Result<std::unique_ptr<Listener>> listen(
        const Endpoint& at, std::function<void(std::shared_ptr<Connection>)> onAccept) override;
    Task<Result<std::shared_ptr<Connection>>> connect(Endpoint from, Endpoint to,
                                                      Duration timeout) override;
    /// Closes every connection without a word and drops its handlers.
    void clear();

    std::shared_ptr<Connection> adopt(boost::asio::ip::tcp::socket socket);

private:
    Loop& m_loop;
    Clock& m_clock;
    // Forgotten lazily; only clear() walks them.
    std::vector<std::weak_ptr<TcpStream>> m_streams;
    std::size_t m_sweepAt = 64;
};

}  // namespace engine::runtime::detail
