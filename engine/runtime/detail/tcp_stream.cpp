#include "engine/runtime/detail/tcp_stream.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <utility>

namespace engine::runtime::detail {

namespace {

using boost::asio::ip::tcp;

/// Messages up to kSmallBytes are copied together into chunks of up to kChunkBytes.
constexpr std::size_t kSmallBytes = 4 * 1024;
constexpr std::size_t kChunkBytes = 16 * 1024;
constexpr std::size_t kGatheredChunks = 64;
/// For how long a closed connection may take to drain and to see the other side's end.
constexpr Duration kCloseLimit = std::chrono::seconds(10);

std::string reasonOfErrno(int number) {
    return reasonOf({number, boost::system::system_category()});
}

Endpoint localOf(const tcp::socket& socket) {
    boost::system::error_code failure;
    return toEndpoint(socket.local_endpoint(failure));
}

Endpoint remoteOf(const tcp::socket& socket) {
    boost::system::error_code failure;
    return toEndpoint(socket.remote_endpoint(failure));
}

}  // namespace

Endpoint toEndpoint(const tcp::endpoint& address) {
    return {address.address().to_string(), address.port()};
}

std::string reasonOf(const boost::system::error_code& failure) {
    std::string reason = failure.message();
    if (!reason.empty()) {
        reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
    }
    return reason;
}

TcpStream::TcpStream(Loop& loop, Clock& clock, tcp::socket socket)
    : m_loop(loop),
      m_clock(clock),
      m_socket(std::move(socket)),
      m_local(localOf(m_socket)),
      m_remote(remoteOf(m_socket)) {
    boost::system::error_code ignored;
    m_socket.set_option(tcp::no_delay(true), ignored);
}

TcpStream::~TcpStream() { m_clock.cancel(m_closeLimit); }

void TcpStream::start(OnData onData, OnClosed onClosed) {
    ENSURE(!m_started);
    m_started = true;
    m_onData = std::move(onData);
    m_onClosed = std::move(onClosed);
    if (m_state == State::Open) {
        armRead();
        return;
    }
    m_loop.post([self = shared_from_this()] {
        if (const auto closed = std::exchange(self->m_onClosed, nullptr)) {
            closed(self->m_endReason);
        }
        self->dropHandlers();
    });
}

void TcpStream::armRead() {
    if (m_readArmed || m_state == State::Closed ||
        (m_state == State::Open && (m_paused || !m_started))) {
        return;
    }
    m_readArmed = true;
    m_socket.async_wait(tcp::socket::wait_read,
                        [self = shared_from_this()](const boost::system::error_code& failure) {
                            self->m_readArmed = false;
                            if (!failure) {
                                self->onReadable();
                            }
                        });
}

void TcpStream::onReadable() {
    if (m_state == State::Closed || (m_state == State::Open && m_paused)) {
        return;
    }
    auto& buffer = m_loop.readBuffer();
    const ssize_t got = ::recv(m_socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got == 0) {
        end("closed by the other side");
        return;
    }
    if (got < 0 && errno != EAGAIN && errno != EINTR) {
        end(reasonOfErrno(errno));
        return;
    }
    if (got > 0 && m_state == State::Open) {
        deliver(BytesView(buffer.data(), static_cast<std::size_t>(got)));
    }
    armRead();
}

void TcpStream::deliver(BytesView bytes) {
    m_inHandler = true;
    m_onData(bytes);
    m_inHandler = false;
    if (m_state != State::Open) {
        dropHandlers();
    }
}

void TcpStream::pauseReading(bool paused) {
    m_paused = paused;
    armRead();
}

void TcpStream::send(Bytes bytes) {
    if (m_state != State::Open || bytes.empty()) {
        return;
    }
    m_unsent += bytes.size();
    queue(std::move(bytes));
    if (!m_flushQueued && !m_writeArmed) {
        m_flushQueued = true;
        m_loop.flushLater(shared_from_this());
    }
}

void TcpStream::queue(Bytes bytes) {
    if (bytes.size() > kSmallBytes) {
        m_out.push_back(std::move(bytes));
        return;
    }
    if (m_out.size() == m_outDone || m_out.back().size() + bytes.size() > kChunkBytes) {
        m_out.push_back(std::move(m_spare));
        m_spare.clear();
    }
    m_out.back().append(bytes);
}

void TcpStream::flush() {
    m_flushQueued = false;
    if (m_state == State::Closed || m_writeArmed) {
        return;
    }
    while (m_unsent > 0) {
        if (!writeSome()) {
            return;
        }
    }
    if (m_state == State::Draining) {
        linger();
    }
}

bool TcpStream::writeSome() {
    iovec chunks[kGatheredChunks];
    std::size_t count = 0;
    for (std::size_t i = m_outDone; i < m_out.size() && count < kGatheredChunks; ++i, ++count) {
        const std::size_t skipped = i == m_outDone ? m_outOffset : 0;
        chunks[count] = {m_out[i].data() + skipped, m_out[i].size() - skipped};
    }
    msghdr message{};
    message.msg_iov = chunks;
    message.msg_iovlen = count;
    const ssize_t sent =
        ::sendmsg(m_socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
        dropWritten(static_cast<std::size_t>(sent));
        return true;
    }
    if (errno == EINTR) {
        return true;
    }
    if (errno == EAGAIN) {
        waitWritable();
    } else {
        end(reasonOfErrno(errno));
    }
    return false;
}

void TcpStream::dropWritten(std::size_t written) {
    m_unsent -= written;
    m_outOffset += written;
    while (m_outDone < m_out.size() && m_outOffset >= m_out[m_outDone].size()) {
        Bytes& done = m_out[m_outDone++];
        m_outOffset -= done.size();
        if (done.capacity() > m_spare.capacity() && done.capacity() <= kChunkBytes) {
            done.clear();
            m_spare = std::move(done);
        } else {
            Bytes().swap(done);
        }
    }
    if (m_outDone == m_out.size()) {
        m_out.clear();
        m_outDone = 0;
    }
}

void TcpStream::waitWritable() {
    m_writeArmed = true;
    m_socket.async_wait(tcp::socket::wait_write,
                        [self = shared_from_this()](const boost::system::error_code& failure) {
                            self->m_writeArmed = false;
                            if (!failure) {
                                self->flush();
                            }
                        });
}

void TcpStream::close(bool now) {
    if (m_state == State::Closed) {
        return;
    }
    if (now) {
        boost::system::error_code ignored;
        m_socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
        closeSocket();
    } else if (m_state == State::Open) {
        m_state = State::Draining;
        m_closeLimit = m_clock.callAt(m_clock.now() + kCloseLimit, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->closeSocket();
            }
        });
        if (m_unsent == 0) {
            linger();
        }
    }
    if (!m_inHandler) {
        dropHandlers();
    }
}

/// A socket closed with unread input resets the connection, and the last answer with it: so say the
/// end, and wait for the other side's.
void TcpStream::linger() {
    m_state = State::Lingering;
    boost::system::error_code failure;
    m_socket.shutdown(tcp::socket::shutdown_send, failure);
    if (failure) {
        closeSocket();
        return;
    }
    armRead();
}

void TcpStream::end(const std::string& reason) {
    const auto self = shared_from_this();
    const bool tell = m_state == State::Open;
    closeSocket();
    m_endReason = reason;
    if (tell && m_started) {
        if (const auto closed = std::exchange(m_onClosed, nullptr)) {
            closed(reason);
        }
        dropHandlers();
    }
}

void TcpStream::closeSocket() {
    m_state = State::Closed;
    boost::system::error_code ignored;
    m_socket.close(ignored);
    m_clock.cancel(std::exchange(m_closeLimit, 0));
    m_out.clear();
    m_outDone = 0;
    m_outOffset = 0;
    m_unsent = 0;
}

void TcpStream::dropHandlers() {
    const auto onData = std::exchange(m_onData, nullptr);
    const auto onClosed = std::exchange(m_onClosed, nullptr);
}

}  // namespace engine::runtime::detail
