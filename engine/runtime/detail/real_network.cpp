#include "engine/runtime/detail/real_network.h"

#include <netinet/in.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace engine::runtime::detail {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

/// How long to stop accepting when the system has no descriptor left.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

Error failed(const char* what, const Endpoint& at, const error_code& failure) {
    const bool timedOut = failure == boost::asio::error::timed_out;
    return makeError(timedOut ? ErrorKind::Timeout : ErrorKind::Io,
                     std::string("cannot ") + what + ' ' + at.toString() + ": " +
                         (timedOut ? "timed out" : reasonOf(failure)));
}

Result<tcp::endpoint> addressOf(const char* what, const Endpoint& at) {
    error_code failure;
    const auto address = boost::asio::ip::make_address(at.host, failure);
    if (failure) {
        return makeError(ErrorKind::Config, std::string("cannot ") + what + ' ' + at.toString() +
                                                ": not a numeric address");
    }
    return tcp::endpoint(address, at.port);
}

/// The handle that users hold.
class TcpConnection : public Connection {
public:
    explicit TcpConnection(std::shared_ptr<TcpStream> stream) : m_stream(std::move(stream)) {}
    ~TcpConnection() override { m_stream->close(false); }

    void start(std::function<void(BytesView)> onData,
               std::function<void(const std::string&)> onClosed) override {
        m_stream->start(std::move(onData), std::move(onClosed));
    }
    void send(Bytes bytes) override { m_stream->send(std::move(bytes)); }
    std::size_t unsentBytes() const override { return m_stream->unsentBytes(); }
    void pauseReading(bool paused) override { m_stream->pauseReading(paused); }
    void close(bool now) override { m_stream->close(now); }
    Endpoint local() const override { return m_stream->local(); }
    Endpoint remote() const override { return m_stream->remote(); }

private:
    std::shared_ptr<TcpStream> m_stream;
};

/// The accepting socket; its pending wait keeps it alive past the listener.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
    using OnAccept = std::function<void(std::shared_ptr<Connection>)>;

    Acceptor(Loop& loop, RealNetwork& network, OnAccept onAccept)
        : m_network(network),
          m_acceptor(loop.context()),
          m_pause(loop.context()),
          m_onAccept(std::move(onAccept)) {}

    error_code open(const tcp::endpoint& at) {
        error_code failure;
        m_acceptor.open(at.protocol(), failure);
        if (!failure) {
            m_acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
        }
        if (!failure) {
            m_acceptor.bind(at, failure);
        }
        if (!failure) {
            m_acceptor.listen(boost::asio::socket_base::max_listen_connections, failure);
        }
        return failure;
    }

    void accept() {
        m_acceptor.async_accept(
            [self = shared_from_this()](const error_code& failure, tcp::socket socket) {
                self->accepted(failure, std::move(socket));
            });
    }

    void stop() {
        m_stopped = true;
        error_code ignored;
        m_acceptor.close(ignored);
        m_pause.cancel();
    }

    Endpoint local() const {
        error_code ignored;
        return toEndpoint(m_acceptor.local_endpoint(ignored));
    }

private:
    void accepted(const error_code& failure, tcp::socket socket) {
        if (m_stopped) {
            return;
        }
        if (!failure) {
            m_onAccept(m_network.adopt(std::move(socket)));
        }
        if (m_stopped) {
            return;  // By onAccept.
        }
        if (!failure || failure == boost::asio::error::connection_aborted) {
            accept();
            return;
        }
        m_pause.expires_after(kAcceptPause);
        m_pause.async_wait([self = shared_from_this()](const error_code&) {
            if (!self->m_stopped) {
                self->accept();
            }
        });
    }

    RealNetwork& m_network;
    tcp::acceptor m_acceptor;
    boost::asio::steady_timer m_pause;
    OnAccept m_onAccept;
    bool m_stopped = false;
};

class TcpListener : public Listener {
public:
    explicit TcpListener(std::shared_ptr<Acceptor> acceptor)
        : m_acceptor(std::move(acceptor)), m_local(m_acceptor->local()) {}
    ~TcpListener() override { m_acceptor->stop(); }
    Endpoint local() const override { return m_local; }

private:
    std::shared_ptr<Acceptor> m_acceptor;
    const Endpoint m_local;
};

/// One attempt to connect, ended by the system, by time, or with the frame that waits for it.
class Attempt {
public:
    Attempt(Loop& loop, Clock& clock) : m_clock(clock), m_state(std::make_shared<State>(loop)) {}
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    ~Attempt() {
        m_clock.cancel(m_timer);
        error_code ignored;
        m_state->socket.close(ignored);
    }

    error_code bindTo(const tcp::endpoint& from) {
        error_code failure;
        tcp::socket& socket = m_state->socket;
        socket.open(from.protocol(), failure);
        if (!failure) {
            // Leaves the port to connect(), which may share one among destinations.
            const boost::asio::detail::socket_option::boolean<IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT>
                noPort(true);
            error_code ignored;
            socket.set_option(noPort, ignored);
            socket.bind(from, failure);
        }
        return failure;
    }

    Promise<error_code> run(const tcp::endpoint& to, Duration timeout) {
        const Promise<error_code> done = m_state->done;
        m_state->socket.async_connect(
            to, [s = m_state](const error_code& failure) { s->done.set(failure); });
        m_timer = m_clock.callAt(m_clock.now() + timeout,
                                 [done] { done.set(boost::asio::error::timed_out); });
        return done;
    }

    tcp::socket takeSocket() { return std::move(m_state->socket); }

private:
    struct State {
        explicit State(Loop& loop) : socket(loop.context()) {}
        tcp::socket socket;
        Promise<error_code> done;
    };

    Clock& m_clock;
    std::shared_ptr<State> m_state;
    TimerId m_timer = 0;
};

bool talksToItself(const tcp::socket& socket) {
    error_code ignored;
    return socket.local_endpoint(ignored) == socket.remote_endpoint(ignored);
}

}  // namespace

Result<std::unique_ptr<Listener>> RealNetwork::listen(
    const Endpoint& at, std::function<void(std::shared_ptr<Connection>)> onAccept) {
    TRY_ASSIGN(const auto address, addressOf("listen on", at));
    const auto acceptor = std::make_shared<Acceptor>(m_loop, *this, std::move(onAccept));
    if (const error_code failure = acceptor->open(address)) {
        return failed("listen on", at, failure);
    }
    acceptor->accept();
    return std::unique_ptr<Listener>(std::make_unique<TcpListener>(acceptor));
}

Task<Result<std::shared_ptr<Connection>>> RealNetwork::connect(Endpoint from, Endpoint to,
                                                               Duration timeout) {
    CO_TRY_ASSIGN(const auto remote, addressOf("connect to", to));
    Attempt attempt(m_loop, m_clock);
    if (!from.host.empty()) {
        CO_TRY_ASSIGN(const auto local, addressOf("connect from", from));
        if (const error_code failure = attempt.bindTo(local)) {
            co_return failed("connect from", from, failure);
        }
    }
    const Promise<error_code> done = attempt.run(remote, timeout);
    const error_code failure = co_await done;
    if (failure) {
        co_return failed("connect to", to, failure);
    }
    tcp::socket socket = attempt.takeSocket();
    if (talksToItself(socket)) {
        // The system may pick the very port it connects to when nobody listens there.
        co_return failed("connect to", to, boost::asio::error::connection_refused);
    }
    co_return adopt(std::move(socket));
}

std::shared_ptr<Connection> RealNetwork::adopt(tcp::socket socket) {
    if (m_streams.size() >= m_sweepAt) {
        std::erase_if(m_streams, [](const auto& stream) { return stream.expired(); });
        m_sweepAt = 2 * m_streams.size() + 64;
    }
    auto stream = std::make_shared<TcpStream>(m_loop, m_clock, std::move(socket));
    m_streams.push_back(stream);
    return std::make_shared<TcpConnection>(std::move(stream));
}

void RealNetwork::clear() {
    for (const auto& weak : std::exchange(m_streams, {})) {
        if (const auto stream = weak.lock()) {
            stream->close(true);
        }
    }
}

}  // namespace engine::runtime::detail
