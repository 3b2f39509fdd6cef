#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/detail/loop.h"
#include "engine/runtime/network.h"

namespace engine::runtime::detail {

Endpoint toEndpoint(const boost::asio::ip::tcp::endpoint& address);
/// The system's reason in lower case, as it goes into the middle of a sentence.
std::string reasonOf(const boost::system::error_code& failure);

/// The socket behind a connection; pending waits keep it alive. Reads and writes go straight to
/// the system when the socket is ready, into the loop's one read buffer and from gathered chunks.
class TcpStream final : public Flushable, public std::enable_shared_from_this<TcpStream> {
public:
    using OnData = std::function<void(BytesView)>;
    using OnClosed = std::function<void(const std::string&)>;

    TcpStream(Loop& loop, Clock& clock, boost::asio::ip::tcp::socket socket);
    ~TcpStream() override;

    void start(OnData onData, OnClosed onClosed);
    void send(Bytes bytes);
    std::size_t unsentBytes() const { return m_unsent; }
    void pauseReading(bool paused);
    void close(bool now);
    Endpoint local() const { return m_local; }
    Endpoint remote() const { return m_remote; }

    void flush() override;

private:
    /// Open; flushing what is queued before the end is said; waiting for the other side's end; closed.
    enum class State { Open, Draining, Lingering, Closed };

    void armRead();
    void onReadable();
    void deliver(BytesView bytes);
    void queue(Bytes bytes);
    bool writeSome();
    void dropWritten(std::size_t written);
    void waitWritable();
    void linger();
    /// The network ended the stream.
    void end(const std::string& reason);
    void closeSocket();
    void dropHandlers();

    Loop& m_loop;
    Clock& m_clock;
    boost::asio::ip::tcp::socket m_socket;
    const Endpoint m_local;
    const Endpoint m_remote;
    State m_state = State::Open;
    OnData m_onData;
    OnClosed m_onClosed;
    std::string m_endReason;  // Why the stream ended before start().
    bool m_started = false;
    bool m_inHandler = false;
    bool m_paused = false;
    bool m_readArmed = false;
    bool m_writeArmed = false;
    bool m_flushQueued = false;
    std::vector<Bytes> m_out;       // Chunks; the first m_outDone are written,
    std::size_t m_outDone = 0;      // and of the next m_outOffset bytes.
    std::size_t m_outOffset = 0;
    std::size_t m_unsent = 0;
    Bytes m_spare;  // An empty chunk whose memory is used again.
    TimerId m_closeLimit = 0;
};

}  // namespace engine::runtime::detail
