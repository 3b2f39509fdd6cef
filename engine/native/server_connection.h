#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/base/log.h"
#include "engine/coordinator/query_processor.h"
#include "engine/native/authenticator.h"
#include "engine/native/envelope_reader.h"
#include "engine/native/envelope_writer.h"
#include "engine/native/native_options.h"
#include "engine/native/request.h"
#include "engine/native/request_budget.h"
#include "engine/native/response.h"
#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"

namespace engine::native {

class ServerConnection;

/// What the connections of one server share; outlives them and their requests.
struct ServerContext {
    runtime::Runtime runtime;
    NativeOptions options;
    coordinator::QueryProcessor& queries;
    Log& log;
    runtime::TaskGroup& tasks;
    RequestBudget& budget;
    std::function<void(ServerConnection&)> onReady;
    std::function<void(ServerConnection&)> onClosed;  // Once; the server drops it.
};

/// One client: cuts its bytes into requests, runs each in a coroutine of its own, sends answers in
/// whatever order they come, gathered into one write a turn. Reads no more while too much is in
/// flight or unsent. Lives on the node's thread; running requests keep it alive.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
public:
    ServerConnection(ServerContext& context, std::shared_ptr<runtime::Connection> stream);

    void start();
    /// Sends what is ready, then closes; tells nobody.
    void close();

    /// Whether it is ready and has registered for events of this kind.
    bool wants(EventBit events) const { return (m_events & events) != 0; }
    void pushNodeEvent(std::string_view type, std::string_view change,
                       const runtime::Endpoint& node);
    void pushSchemaEvent(const schema::SchemaChange& change);

    ConnectionInfo info() const;
    const runtime::Endpoint& remote() const { return m_remote; }
    /// Nothing is under way, and nothing has come since `then`, nanoseconds of the machine's clock.
    bool idleSince(std::int64_t then) const { return m_inFlight == 0 && m_receivedNanos < then; }
    /// Closed for want of any request; the server drops it.
    void closeIdle();

private:
    enum class State : std::uint8_t { Fresh, Authenticating, Ready, Closed };
    /// A request that is being worked on.
    struct Pending {
        std::int16_t stream = 0;
        bool skipMetadata = false;
        std::size_t bytes = 0;
        coordinator::RequestInfo info;
    };
    /// The session a request runs in: the connection's, or a copy with the keyspace it brings.
    class RequestSession;
    using Self = std::shared_ptr<ServerConnection>;

    void onData(BytesView bytes);
    void onClosed(const std::string& reason);
    void processBuffered();
    void resume();

    void handle(const Envelope& envelope);
    void handleFault(const EnvelopeFault& fault);
    void dispatch(const EnvelopeHeader& header, Request request);
    void startup(const EnvelopeHeader& header, StartupRequest request);
    Result<Compression> checkStartup(int version, const StartupRequest& request) const;
    runtime::Task<void> authenticate(Self self, EnvelopeHeader header, Bytes token);
    void beginFrames(int version);
    void run(const EnvelopeHeader& header, Request request);

    static runtime::Task<void> runQuery(Self self, QueryRequest request, Pending pending);
    static runtime::Task<void> runPrepare(Self self, PrepareRequest request, Pending pending);
    static runtime::Task<void> runExecute(Self self, ExecuteRequest request, Pending pending);
    static runtime::Task<void> runBatch(Self self, BatchRequest request, Pending pending);

    void answer(const Pending& pending, const Result<coordinator::Answer>& answer);
    void answer(const Pending& pending, const Result<coordinator::PreparedAnswer>& prepared);
    void sendError(int version, std::int16_t stream, const Error& error);
    void sendEmpty(const EnvelopeHeader& header, Opcode opcode);
    void endResponse(int version, std::int16_t stream);
    void finish(const Pending& pending);

    void flushSoon();
    void flush();
    std::size_t unsent() const { return m_writer.size() + m_stream->unsentBytes(); }
    bool overloaded() const;
    bool hasCalmedDown() const;
    void resumeWhenCalm();
    void updateReading(bool pause);
    void watchUnsent();

    /// A protocol error, said on the stream and logged; before the connection is ready also its end.
    void refuse(const EnvelopeHeader& header, const std::string& message);
    /// The same, and the end of the connection.
    void fail(int version, std::int16_t stream, const std::string& message);
    void closeAndTell();

    ServerContext& m_context;
    const std::shared_ptr<runtime::Connection> m_stream;
    const runtime::Endpoint m_remote;
    EnvelopeReader m_reader;
    EnvelopeWriter m_writer;
    coordinator::ClientSession m_session;
    std::map<std::string, std::string> m_startupOptions;
    std::shared_ptr<SaslNegotiator> m_sasl;  // Shared with who looks at a token.
    bool m_evaluating = false;  // A token of the client's is looked at.
    State m_state = State::Fresh;
    int m_version = 0;
    Compression m_compression = Compression::None;
    std::uint8_t m_events = 0;
    std::size_t m_inFlight = 0;
    std::uint64_t m_requests = 0;
    std::int64_t m_receivedNanos = 0;
    bool m_inTurn = false;      // Within processBuffered(), which flushes at its end.
    bool m_flushPosted = false;
    bool m_resumePosted = false;
    bool m_paused = false;
    bool m_refuses = false;     // THROW_ON_OVERLOAD: what does not fit is refused and not waited for.
    bool m_waits = false;       // For the budget of all.
    bool m_wasReady = false;
    bool m_watching = false;    // A timer looks whether the client takes its answers.
};

}  // namespace engine::native
