#include "engine/native/server_connection.h"

#include <fmt/format.h>

#include "engine/native/error_codec.h"
#include "engine/native/type_codec.h"

namespace engine::native {

namespace {

/// How often to look whether a slow client has taken its answers.
constexpr runtime::Duration kUnsentPoll = std::chrono::milliseconds(5);
constexpr int kFramedVersion = 5;

std::string versionName(int version) {
    return fmt::format("{}/v{}{}", version, version, version == kBetaVersion ? "-beta" : "");
}

/// CQL_VERSION must be at least 3.0.0 (StartupMessage.java: compared with 2.99.0).
bool isKnownCqlVersion(const std::string& version) {
    return !version.empty() && version[0] >= '0' && version[0] <= '9' && std::atoi(version.c_str()) >= 3;
}

std::string optionOr(const std::map<std::string, std::string>& options, const char* key) {
    const auto found = options.find(key);
    return found == options.end() ? std::string() : found->second;
}

}  // namespace

class ServerConnection::RequestSession {
public:
    RequestSession(coordinator::ClientSession& session, std::string keyspace) : m_session(&session) {
        if (!keyspace.empty()) {
            m_own = std::make_unique<coordinator::ClientSession>(session);
            m_own->state.keyspace = std::move(keyspace);
            m_session = m_own.get();
        }
    }
    coordinator::ClientSession& get() { return *m_session; }

private:
    coordinator::ClientSession* m_session;
    std::unique_ptr<coordinator::ClientSession> m_own;
};

ServerConnection::ServerConnection(ServerContext& context,
                                   std::shared_ptr<runtime::Connection> stream)
    : m_context(context),
      m_stream(std::move(stream)),
      m_remote(m_stream->remote()),
      m_reader(EnvelopeLimits{Side::Server,
                              context.options.allowOlderProtocols ? kMinVersion : kMaxVersion,
                              context.options.limits.maxEnvelopeBytes}) {
    m_session.address = m_remote.toString();
    m_receivedNanos = context.runtime.clock.machineNanos();
}

void ServerConnection::start() {
    m_stream->start(
        [weak = weak_from_this()](BytesView bytes) {
            if (const auto self = weak.lock()) {
                self->onData(bytes);
            }
        },
        [weak = weak_from_this()](const std::string& reason) {
            if (const auto self = weak.lock()) {
                self->onClosed(reason);
            }
        });
}

void ServerConnection::close() {
    if (m_state == State::Closed) {
        return;
    }
    flush();
    m_state = State::Closed;
    m_events = 0;
    m_stream->close();
}

void ServerConnection::closeIdle() {
    m_context.log.debug("native: {} has sent nothing for {} ms: closed", m_session.address,
                        std::chrono::duration_cast<std::chrono::milliseconds>(m_context.options.idleTimeout).count());
    closeAndTell();
}

void ServerConnection::closeAndTell() {
    if (m_state != State::Closed) {
        close();
        m_context.onClosed(*this);
    }
}

ConnectionInfo ServerConnection::info() const {
    ConnectionInfo out;
    out.remote = m_remote;
    out.protocolVersion = m_version;
    out.ready = m_state == State::Ready || (m_state == State::Closed && m_wasReady);
    out.driverName = m_session.driverName;
    out.driverVersion = m_session.driverVersion;
    out.keyspace = m_session.state.keyspace;
    out.compression = m_compression;
    out.requests = m_requests;
    out.user = m_session.user.empty() ? "anonymous" : m_session.user;
    out.options = m_startupOptions;
    return out;
}

// ---- bytes in ----------------------------------------------------------------------------------

void ServerConnection::onData(BytesView bytes) {
    m_receivedNanos = m_context.runtime.clock.machineNanos();
    m_reader.add(bytes);
    processBuffered();
    m_reader.keep();
}

void ServerConnection::onClosed(const std::string& reason) {
    if (m_state != State::Closed) {
        m_context.log.debug("native: {} has gone: {}", m_session.address, reason);
        m_state = State::Closed;
        m_events = 0;
        m_context.onClosed(*this);
    }
}

void ServerConnection::processBuffered() {
    m_inTurn = true;
    bool mayHaveMore = true;
    while (mayHaveMore && m_state != State::Closed && !overloaded()) {
        const EnvelopeReader::Step step = m_reader.next();
        if (const auto* envelope = std::get_if<Envelope>(&step)) {
            handle(*envelope);
        } else if (const auto* fault = std::get_if<EnvelopeFault>(&step)) {
            handleFault(*fault);
        } else {
            mayHaveMore = false;
        }
    }
    m_inTurn = false;
    flush();
    updateReading(mayHaveMore || overloaded());
}

void ServerConnection::resume() {
    m_resumePosted = false;
    if (m_state != State::Closed) {
        processBuffered();
        m_reader.keep();
    }
}

void ServerConnection::handleFault(const EnvelopeFault& fault) {
    const int version = m_version == 0 ? kMaxVersion : m_version;
    if (fault.kind == ErrorKind::Protocol) {
        fail(version, fault.stream, fault.message);
    } else {
        m_context.log.warn("native: {}: {}", m_session.address, fault.message);
        sendError(version, fault.stream, makeError(fault.kind, fault.message));
    }
}

void ServerConnection::handle(const Envelope& envelope) {
    const EnvelopeHeader& header = envelope.header;
    if (m_state == State::Ready && header.version != m_version) {
        fail(m_version, header.stream,
             fmt::format("Invalid message version. Got {} but previous messages on this connection "
                         "had version {}", versionName(header.version), versionName(m_version)));
        return;
    }
    m_version = header.version;
    ++m_requests;
    auto request = decodeRequest(header, envelope.body);
    if (request.has_error()) {
        refuse(header, request.error().message);
        return;
    }
    dispatch(header, std::move(request.value()));
}

void ServerConnection::dispatch(const EnvelopeHeader& header, Request request) {
    const auto opcode = static_cast<Opcode>(header.opcode);
    if (opcode == Opcode::Options) {
        ByteWriter& out = m_writer.begin(header.version, true, 0, header.stream, Opcode::Supported);
        writeSupported(out);
        endResponse(header.version, header.stream);
        return;
    }
    if (m_state == State::Fresh) {
        if (opcode == Opcode::Startup) {
            startup(header, std::get<StartupRequest>(std::move(request)));
        } else {
            fail(header.version, header.stream,
                 fmt::format("Unexpected message {}, expecting STARTUP or OPTIONS", toString(opcode)));
        }
        return;
    }
    if (m_state == State::Authenticating) {
        if (m_evaluating) {
            fail(header.version, header.stream, fmt::format("Unexpected message {} before AUTH_RESPONSE is answered", toString(opcode)));
        } else if (opcode == Opcode::AuthResponse) {
            m_context.tasks.spawn(authenticate(shared_from_this(), header, std::move(std::get<AuthResponseRequest>(request).token)));
        } else {
            fail(header.version, header.stream, fmt::format("Unexpected message {}, expecting AUTH_RESPONSE", toString(opcode)));
        }
        return;
    }
    if (opcode == Opcode::Startup || opcode == Opcode::AuthResponse) {
        refuse(header, fmt::format("Unexpected message {}, the connection is already initialized",
                                   toString(opcode)));
    } else if (opcode == Opcode::Register) {
        m_events |= std::get<RegisterRequest>(request).events;
        sendEmpty(header, Opcode::Ready);
    } else if (m_refuses && !m_context.budget.fits(m_remote.host, header.length)) {
        sendError(header.version, header.stream, m_context.budget.overloaded(m_remote.host));
    } else {
        run(header, std::move(request));
    }
}

// ---- STARTUP -----------------------------------------------------------------------------------

Result<Compression> ServerConnection::checkStartup(int version,
                                                   const StartupRequest& request) const {
    const auto cqlVersion = request.options.find("CQL_VERSION");
    if (cqlVersion == request.options.end()) {
        return protocolError("Missing value CQL_VERSION in STARTUP message");
    }
    if (!isKnownCqlVersion(cqlVersion->second)) {
        return protocolError(fmt::format("CQL version {} is not supported by the binary protocol "
                                         "(supported version are >= 3.0.0)", cqlVersion->second));
    }
    std::string name = optionOr(request.options, "COMPRESSION");
    for (char& c : name) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (name.empty()) {
        return Compression::None;
    }
    if (name == toString(Compression::Lz4)) {
        return Compression::Lz4;
    }
    if (name == toString(Compression::Snappy)) {
        if (version >= kFramedVersion) {
            return protocolError("Snappy compression is not supported in protocol V5");
        }
        return Compression::Snappy;
    }
    return protocolError(fmt::format("Unknown compression algorithm: {}", name));
}

void ServerConnection::startup(const EnvelopeHeader& header, StartupRequest request) {
    const auto compression = checkStartup(header.version, request);
    if (compression.has_error()) {
        fail(header.version, header.stream, compression.error().message);
        return;
    }
    m_compression = compression.value();
    m_startupOptions = std::move(request.options);
    m_session.driverName = optionOr(m_startupOptions, "DRIVER_NAME");
    m_session.driverVersion = optionOr(m_startupOptions, "DRIVER_VERSION");
    const std::string tell = optionOr(m_startupOptions, kTellKey.data());
    m_session.tellAll = tell == "all";
    m_session.tellNothing = tell == "none";
    m_refuses = optionOr(m_startupOptions, "THROW_ON_OVERLOAD") == "1";
    if (m_context.options.authenticator != nullptr) {
        m_state = State::Authenticating;
        m_sasl = m_context.options.authenticator->negotiate(m_remote.host);
        ByteWriter& out = m_writer.begin(header.version, true, 0, header.stream, Opcode::Authenticate);
        writeString(out, m_context.options.authenticator->className());
        m_writer.end();
        beginFrames(header.version);
        return;
    }
    m_state = State::Ready;
    m_wasReady = true;
    sendEmpty(header, Opcode::Ready);  // Still bare, as AUTHENTICATE is (NET-08).
    beginFrames(header.version);
    m_context.onReady(*this);
}

void ServerConnection::beginFrames(int version) {
    if (version >= kFramedVersion) {
        m_reader.useFrames(m_compression);
        m_writer.useFrames(m_compression);
    } else {
        m_reader.useCompression(m_compression);
        m_writer.useCompression(m_compression);
    }
}

runtime::Task<void> ServerConnection::authenticate([[maybe_unused]] Self self, EnvelopeHeader header, Bytes token) {
    const std::shared_ptr<SaslNegotiator> sasl = m_sasl;
    m_evaluating = true;  // Looking costs: one at a time.
    const Result<Bytes> answer = co_await sasl->evaluate(std::move(token));
    m_evaluating = false;
    if (m_state != State::Authenticating) {
        co_return;
    }
    if (!answer) {
        sendError(header.version, header.stream, answer.error());
        m_sasl = m_context.options.authenticator->negotiate(m_remote.host);  // The client may try again.
        flushSoon();
        co_return;
    }
    const bool done = sasl->complete();
    ByteWriter& out = m_writer.begin(header.version, true, 0, header.stream, done ? Opcode::AuthSuccess : Opcode::AuthChallenge);
    if (done && answer.value().empty()) {
        out.i32(-1);  // Nothing more to say: null.
    } else {
        out.i32(static_cast<std::int32_t>(answer.value().size()));
        out.raw(answer.value());
    }
    m_writer.end();
    if (done) {
        m_session.user = sasl->user();
        m_sasl.reset();
        m_state = State::Ready;
        m_wasReady = true;
        m_context.onReady(*this);
    }
    flushSoon();
}

// ---- requests ----------------------------------------------------------------------------------

void ServerConnection::run(const EnvelopeHeader& header, Request request) {
    Pending pending;
    pending.stream = header.stream;
    pending.bytes = header.length;
    pending.info = {m_receivedNanos, (header.flags & flag::kTracing) != 0};
    ++m_inFlight;
    m_context.budget.take(m_remote.host, pending.bytes);
    Self self = shared_from_this();
    if (auto* query = std::get_if<QueryRequest>(&request)) {
        m_context.tasks.spawn(runQuery(std::move(self), std::move(*query), pending));
    } else if (auto* prepare = std::get_if<PrepareRequest>(&request)) {
        m_context.tasks.spawn(runPrepare(std::move(self), std::move(*prepare), pending));
    } else if (auto* execute = std::get_if<ExecuteRequest>(&request)) {
        m_context.tasks.spawn(runExecute(std::move(self), std::move(*execute), pending));
    } else {
        auto& batch = std::get<BatchRequest>(request);
        m_context.tasks.spawn(runBatch(std::move(self), std::move(batch), pending));
    }
}

runtime::Task<void> ServerConnection::runQuery(Self self, QueryRequest request, Pending pending) {
    QueryParameters& parameters = request.parameters;
    pending.skipMetadata = parameters.skipMetadata;
    RequestSession session(self->m_session, std::move(parameters.keyspace));
    auto task = self->m_context.queries.query(session.get(), std::move(request.text),
                                              std::move(parameters.options), pending.info);
    const auto result = co_await task;
    self->answer(pending, result);
}

runtime::Task<void> ServerConnection::runPrepare(Self self, PrepareRequest request,
                                                 Pending pending) {
    auto task = self->m_context.queries.prepare(self->m_session, std::move(request.text),
                                                std::move(request.keyspace));
    const auto result = co_await task;
    self->answer(pending, result);
}

runtime::Task<void> ServerConnection::runExecute(Self self, ExecuteRequest request,
                                                 Pending pending) {
    QueryParameters& parameters = request.parameters;
    pending.skipMetadata = parameters.skipMetadata;
    RequestSession session(self->m_session, std::move(parameters.keyspace));
    auto task = self->m_context.queries.execute(session.get(), std::move(request.id),
                                                std::move(request.resultMetadataId),
                                                std::move(parameters.options), pending.info);
    const auto result = co_await task;
    self->answer(pending, result);
}

runtime::Task<void> ServerConnection::runBatch(Self self, BatchRequest request, Pending pending) {
    QueryParameters& parameters = request.parameters;
    pending.skipMetadata = parameters.skipMetadata;
    RequestSession session(self->m_session, std::move(parameters.keyspace));
    auto task = self->m_context.queries.batch(session.get(), request.type,
                                              std::move(request.entries),
                                              std::move(parameters.options), pending.info);
    const auto result = co_await task;
    self->answer(pending, result);
}

void ServerConnection::answer(const Pending& pending, const Result<coordinator::Answer>& answer) {
    if (m_state == State::Closed) {
        finish(pending);
        return;
    }
    if (answer.has_error()) {
        sendError(m_version, pending.stream, answer.error());
    } else {
        const coordinator::Answer& good = answer.value();
        if (const auto* use = std::get_if<cql::SetKeyspaceResult>(&good.result)) {
            m_session.state.keyspace = use->keyspace;
        }
        const ResponsePrefix prefix{good.tracingId, &good.warnings, {}};
        ByteWriter& out = m_writer.begin(m_version, true, prefix.flags(m_version), pending.stream,
                                         Opcode::Result);
        prefix.write(out, m_version);
        writeResult(out, m_version, good.result, {pending.skipMetadata, good.metadataChanged});
        endResponse(m_version, pending.stream);
    }
    finish(pending);
}

void ServerConnection::answer(const Pending& pending,
                              const Result<coordinator::PreparedAnswer>& prepared) {
    if (m_state == State::Closed) {
        finish(pending);
        return;
    }
    if (prepared.has_error()) {
        sendError(m_version, pending.stream, prepared.error());
    } else {
        const ResponsePrefix prefix{std::nullopt, &prepared.value().warnings, {}};
        ByteWriter& out = m_writer.begin(m_version, true, prefix.flags(m_version), pending.stream,
                                         Opcode::Result);
        prefix.write(out, m_version);
        writePrepared(out, m_version, prepared.value());
        endResponse(m_version, pending.stream);
    }
    finish(pending);
}

void ServerConnection::finish(const Pending& pending) {
    --m_inFlight;
    m_context.budget.release(m_remote.host, pending.bytes);
    if (m_state == State::Closed) {
        return;
    }
    if (unsent() > m_context.options.limits.maxUnsentBytes) {
        m_context.log.warn("native: {} does not take its answers: closed", m_session.address);
        closeAndTell();
        return;
    }
    flushSoon();
    if (m_paused && !m_inTurn) {
        resumeWhenCalm();
    }
}

// ---- bytes out ---------------------------------------------------------------------------------

void ServerConnection::sendError(int version, std::int16_t stream, const Error& error) {
    ResponsePrefix prefix;
    if (m_session.tellAll && error.detail && error.detail->hasSpan) {
        prefix.span = packSpan(error.detail->span);
    }
    ByteWriter& out = m_writer.begin(version, true, prefix.flags(version), stream, Opcode::Error);
    prefix.write(out, version);
    writeError(out, version, error);
    m_writer.end();
}

void ServerConnection::sendEmpty(const EnvelopeHeader& header, Opcode opcode) {
    m_writer.begin(header.version, true, 0, header.stream, opcode);
    m_writer.end();
}

void ServerConnection::endResponse(int version, std::int16_t stream) {
    const std::size_t body = m_writer.bodySize();
    if (body <= kLongestEnvelope) {
        m_writer.end();
        return;
    }
    m_writer.drop();
    sendError(version, stream,
              makeError(ErrorKind::Server,
                        fmt::format("The answer takes {} bytes, the protocol allows {}: ask for "
                                    "smaller pages", body, kLongestEnvelope)));
}

void ServerConnection::pushNodeEvent(std::string_view type, std::string_view change,
                                     const runtime::Endpoint& node) {
    ByteWriter& out = m_writer.begin(m_version, true, 0, -1, Opcode::Event);
    writeNodeEvent(out, type, change, node);
    m_writer.end();
    flushSoon();
}

void ServerConnection::pushSchemaEvent(const schema::SchemaChange& change) {
    ByteWriter& out = m_writer.begin(m_version, true, 0, -1, Opcode::Event);
    writeSchemaEvent(out, m_version, change);
    m_writer.end();
    flushSoon();
}

void ServerConnection::flushSoon() {
    if (m_inTurn || m_flushPosted) {
        return;
    }
    m_flushPosted = true;
    m_context.runtime.executor.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->m_flushPosted = false;
            self->flush();
        }
    });
}

void ServerConnection::flush() {
    if (m_state != State::Closed && !m_writer.empty()) {
        m_stream->send(m_writer.take());
    }
}

bool ServerConnection::overloaded() const {
    const NativeLimits& limits = m_context.options.limits;
    return m_inFlight >= limits.maxRequestsInFlight || unsent() > limits.pauseUnsentBytes ||
           (!m_refuses && m_context.budget.full(m_remote.host));
}

/// Half of each limit, so that a busy connection does not stop and go with every request.
bool ServerConnection::hasCalmedDown() const {
    const NativeLimits& limits = m_context.options.limits;
    return m_inFlight <= limits.maxRequestsInFlight / 2 && unsent() <= limits.pauseUnsentBytes / 2 &&
           (m_refuses || !m_context.budget.full(m_remote.host));
}

void ServerConnection::updateReading(bool pause) {
    if (m_state == State::Closed) {
        return;
    }
    if (pause != m_paused) {
        m_paused = pause;
        m_stream->pauseReading(pause);
    }
    if (pause) {
        resumeWhenCalm();
    }
}

void ServerConnection::resumeWhenCalm() {
    if (m_resumePosted) {
        return;
    }
    if (hasCalmedDown()) {
        m_resumePosted = true;
        m_context.runtime.executor.post([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->resume();
            }
        });
    } else if (unsent() > m_context.options.limits.pauseUnsentBytes / 2) {
        watchUnsent();
    } else if (!m_waits && !m_refuses && m_context.budget.full(m_remote.host)) {
        m_waits = true;
        m_context.budget.wait([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->m_waits = false;
                self->resumeWhenCalm();
            }
        });
    }
}

/// A connection does not say when its bytes have left: look again until they have.
void ServerConnection::watchUnsent() {
    if (m_watching) {
        return;
    }
    m_watching = true;
    runtime::Clock& clock = m_context.runtime.clock;
    clock.callAt(clock.now() + kUnsentPoll, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->m_watching = false;
            self->resumeWhenCalm();
        }
    });
}

/// A message whose borders are known can be refused alone, as Cassandra does.
void ServerConnection::refuse(const EnvelopeHeader& header, const std::string& message) {
    if (m_state != State::Ready) {
        fail(header.version, header.stream, message);
        return;
    }
    m_context.log.info("native: {} sent a message that is refused: {}", m_session.address, message);
    sendError(header.version, header.stream, protocolError(message));
}

void ServerConnection::fail(int version, std::int16_t stream, const std::string& message) {
    m_context.log.info("native: {} is refused: {}", m_session.address, message);
    sendError(version, stream, protocolError(message));
    closeAndTell();
}

}  // namespace engine::native
