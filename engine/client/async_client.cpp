#include "engine/client/async_client.h"

#include "engine/client/channel.h"
#include "engine/native/type_codec.h"

namespace engine::client {

namespace {

using native::Opcode;
using runtime::Task;

/// QUERY's keyspace names go through CQL: in double quotes, inner ones doubled.
std::string inDoubleQuotes(const std::string& name) {
    std::string out = "\"";
    for (const char c : name) {
        out += c == '"' ? "\"\"" : std::string(1, c);
    }
    return out + '"';
}

void writeStartup(ByteWriter& out, const ConnectOptions& options) {
    std::vector<std::pair<std::string, std::string>> pairs = {
        {"CQL_VERSION", std::string(native::kCqlVersion)},
        {"DRIVER_NAME", options.driverName},
        {"DRIVER_VERSION", options.driverVersion},
    };
    if (options.tellNothing) {
        pairs.emplace_back(native::kTellKey, "none");
    } else if (options.tellAll) {
        pairs.emplace_back(native::kTellKey, "all");
    }
    if (options.compress) {
        pairs.emplace_back("COMPRESSION", native::toString(native::Compression::Lz4));
    }
    out.u16(static_cast<std::uint16_t>(pairs.size()));
    for (const auto& [key, value] : pairs) {
        native::writeString(out, key);
        native::writeString(out, value);
    }
}

template <typename T>
Result<T> pick(Result<Reply> reply) {
    if (reply.has_error()) {
        return reply.error();
    }
    if (auto* wanted = std::get_if<T>(&reply.value())) {
        return std::move(*wanted);
    }
    return makeError(ErrorKind::Protocol, "the server answered with another message than expected");
}

std::uint8_t flagsOf(const Query& query) { return query.tracing ? native::flag::kTracing : 0; }

}  // namespace

AsyncClient::~AsyncClient() { m_channel->close(); }

bool AsyncClient::isOpen() const { return m_channel->isOpen(); }

void AsyncClient::close() { m_channel->close(); }

Task<Result<std::unique_ptr<AsyncClient>>> AsyncClient::connect(runtime::Runtime runtime,
                                                                ConnectOptions options) {
    const runtime::Duration timeout = options.timeout;
    auto connecting = runtime.network.connect(runtime::Endpoint{}, options.contact, timeout);
    auto stream = co_await connecting;
    if (stream.has_error()) {
        co_return stream.error();
    }
    auto channel = std::make_shared<Channel>(runtime, std::move(stream.value()), timeout);
    channel->start();
    std::unique_ptr<AsyncClient> client(new AsyncClient(std::move(channel)));
    auto starting = client->startup(options);
    const auto started = co_await starting;
    if (started.has_error()) {
        co_return started.error();
    }
    if (!options.keyspace.empty()) {
        Query use;
        use.text = "USE " + inDoubleQuotes(options.keyspace);
        auto using_ = client->execute(std::move(use));
        const auto used = co_await using_;
        if (used.has_error()) {
            co_return used.error();
        }
    }
    co_return std::move(client);
}

Task<Result<void>> AsyncClient::startup(ConnectOptions options) {
    const auto waiting = m_channel->send(
        Opcode::Startup, 0, [&](ByteWriter& out) { writeStartup(out, options); });
    auto reply = co_await waiting;
    if (reply.has_error()) {
        co_return reply.error();
    }
    m_channel->useFrames(options.compress ? native::Compression::Lz4 : native::Compression::None);
    if (std::holds_alternative<AuthenticateReply>(reply.value())) {
        Bytes token(1, '\0');  // PLAIN (RFC 4616), on nobody else's behalf.
        token += options.user;
        token.push_back('\0');
        token += options.password;
        const auto answering = m_channel->send(Opcode::AuthResponse, 0, [&](ByteWriter& out) { out.longBlob(token); });
        reply = co_await answering;
    }
    const auto ready = pick<EmptyReply>(std::move(reply));
    if (ready.has_error()) {
        co_return ready.error();
    }
    co_return ok();
}

Result<QueryAnswer> AsyncClient::take(Result<Reply> reply, std::string_view text) {
    auto answer = pick<QueryAnswer>(std::move(reply));
    if (answer.has_error()) {
        return locateInText(std::move(answer.error()), text);
    }
    if (const auto* use = std::get_if<cql::SetKeyspaceResult>(&answer.value().result)) {
        m_keyspace = use->keyspace;
    }
    return answer;
}

Task<Result<QueryAnswer>> AsyncClient::execute(Query query) {
    const auto waiting = m_channel->send(Opcode::Query, flagsOf(query), [&](ByteWriter& out) {
        writeQuery(out, query, nullptr);
    });
    const auto channel = m_channel;
    auto reply = co_await waiting;
    if (!channel->isOpen() && reply.has_error()) {
        co_return reply.error();  // The client itself may be gone.
    }
    co_return take(std::move(reply), query.text);
}

Task<Result<QueryAnswer>> AsyncClient::execute(const PreparedQuery& prepared, Query query) {
    const auto waiting = m_channel->send(
        Opcode::Execute, flagsOf(query),
        [&](ByteWriter& out) { writeQuery(out, query, &prepared); }, prepared.resultMetadata);
    const auto channel = m_channel;
    auto reply = co_await waiting;
    if (!channel->isOpen() && reply.has_error()) {
        co_return reply.error();
    }
    co_return take(std::move(reply), {});
}

Task<Result<PreparedQuery>> AsyncClient::prepare(std::string text) {
    const auto waiting = m_channel->send(Opcode::Prepare, 0, [&](ByteWriter& out) {
        out.longBlob(text);
        out.u32(0);
    });
    auto reply = co_await waiting;
    auto prepared = pick<PreparedQuery>(std::move(reply));
    if (prepared.has_error()) {
        co_return locateInText(std::move(prepared.error()), text);
    }
    prepared.value().text = std::move(text);
    co_return std::move(prepared);
}

Task<Result<void>> AsyncClient::listen(std::vector<std::string> kinds,
                                       std::function<void(const EventReply&)> onEvent) {
    m_channel->onEvent(std::move(onEvent));
    const auto waiting = m_channel->send(
        Opcode::Register, 0, [&](ByteWriter& out) { native::writeStringList(out, kinds); });
    auto reply = co_await waiting;
    const auto ready = pick<EmptyReply>(std::move(reply));
    if (ready.has_error()) {
        co_return ready.error();
    }
    co_return ok();
}

Task<Result<SupportedReply>> AsyncClient::options() {
    const auto waiting = m_channel->send(Opcode::Options, 0, [](ByteWriter&) {});
    auto reply = co_await waiting;
    co_return pick<SupportedReply>(std::move(reply));
}

}  // namespace engine::client
