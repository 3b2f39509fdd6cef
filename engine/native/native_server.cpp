#include "engine/native/native_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace engine::native {

namespace {

constexpr runtime::Duration kIdleLook = std::chrono::seconds(1);

}  // namespace

NativeServer::NativeServer(runtime::Runtime runtime, NativeOptions options,
                           coordinator::QueryProcessor& queries, Log& log,
                           NativeCallbacks callbacks)
    : m_callbacks(std::move(callbacks)),
      m_budget(options.limits.maxRequestBytes, options.limits.maxRequestBytesPerAddress),
      m_context{runtime,
                std::move(options),
                queries,
                log,
                m_tasks,
                m_budget,
                [this](ServerConnection& connection) {
                    if (m_callbacks.clientConnected) {
                        m_callbacks.clientConnected(connection.info());
                    }
                },
                [this](ServerConnection& connection) { forget(connection); }} {}

NativeServer::~NativeServer() {
    m_context.runtime.clock.cancel(m_idleTimer);
    for (const auto& [key, connection] : m_connections) {
        connection->close();
    }
}

Result<void> NativeServer::start() {
    TRY_ASSIGN(m_listener,
               m_context.runtime.network.listen(
                   m_context.options.listen,
                   [this](std::shared_ptr<runtime::Connection> stream) { accept(std::move(stream)); }));
    watchIdle();
    m_context.log.info("native: listening for CQL clients on {}", local().toString());
    return ok();
}

runtime::Task<void> NativeServer::stop() {
    m_listener.reset();
    m_context.runtime.clock.cancel(m_idleTimer);
    m_addresses.clear();
    const auto connections = std::exchange(m_connections, {});
    for (const auto& [key, connection] : connections) {
        connection->close();
    }
    co_await m_tasks.drained();
}

runtime::Endpoint NativeServer::local() const {
    return m_listener ? m_listener->local() : m_context.options.listen;
}

void NativeServer::accept(std::shared_ptr<runtime::Connection> stream) {
    const std::string address = stream->remote().host;
    if (const std::string why = fullFor(address); !why.empty()) {
        m_context.log.warn("native: {} is refused: {}", stream->remote().toString(), why);
        stream->close(true);
        return;
    }
    ++m_addresses[address];
    const auto connection = std::make_shared<ServerConnection>(m_context, std::move(stream));
    m_connections.emplace(connection.get(), connection);
    connection->start();
}

std::string NativeServer::fullFor(const std::string& address) const {
    const NativeLimits& limits = m_context.options.limits;
    if (m_connections.size() >= limits.maxConnections) {
        return fmt::format("{} clients are connected (native_transport_max_concurrent_connections)", m_connections.size());
    }
    const auto of = m_addresses.find(address);
    if (of != m_addresses.end() && of->second >= limits.maxConnectionsPerAddress) {
        return fmt::format("{} of its connections are open (native_transport_max_concurrent_connections_per_ip)", of->second);
    }
    return {};
}

void NativeServer::watchIdle() {
    const runtime::Duration limit = m_context.options.idleTimeout;
    if (limit == runtime::Duration::zero()) {
        return;
    }
    runtime::Clock& clock = m_context.runtime.clock;
    m_idleTimer = clock.callAt(clock.now() + std::min(limit, kIdleLook), [this, limit, &clock] {
        const std::int64_t then = clock.machineNanos() - limit.count();
        for (const auto& connection : std::vector(m_connections.begin(), m_connections.end())) {
            if (connection.second->idleSince(then)) {
                connection.second->closeIdle();
            }
        }
        watchIdle();
    });
}

void NativeServer::forget(ServerConnection& connection) {
    const ConnectionInfo info = connection.info();
    const auto found = m_connections.find(&connection);
    if (found == m_connections.end()) {
        return;
    }
    if (const auto of = m_addresses.find(info.remote.host); of != m_addresses.end() && --of->second == 0) {
        m_addresses.erase(of);
    }
    // The caller is a member of the connection and holds it until it returns.
    m_connections.erase(found);
    if (info.ready && m_callbacks.clientClosed) {
        m_callbacks.clientClosed(info);
    }
}

void NativeServer::pushSchemaChange(const schema::SchemaChange& change) {
    if (change.change.empty()) {
        return;
    }
    for (const auto& [key, connection] : m_connections) {
        if (connection->wants(kSchemaEvents)) {
            connection->pushSchemaEvent(change);
        }
    }
}

void NativeServer::pushStatusChange(const std::string& change, const std::string& address,
                                    std::uint16_t port) {
    const runtime::Endpoint node{address, port};
    std::string& last = m_lastStatus[node];
    if (last != change) {
        last = change;
        pushNodeEvent(kStatusEvents, "STATUS_CHANGE", change, node);
    }
}

void NativeServer::pushTopologyChange(const std::string& change, const std::string& address,
                                      std::uint16_t port) {
    pushNodeEvent(kTopologyEvents, "TOPOLOGY_CHANGE", change, {address, port});
}

void NativeServer::pushNodeEvent(EventBit events, std::string_view type, const std::string& change,
                                 const runtime::Endpoint& node) {
    for (const auto& [key, connection] : m_connections) {
        if (connection->wants(events)) {
            connection->pushNodeEvent(type, change, node);
        }
    }
}

std::vector<ConnectionInfo> NativeServer::connections() const {
    std::vector<ConnectionInfo> out;
    out.reserve(m_connections.size());
    for (const auto& [key, connection] : m_connections) {
        out.push_back(connection->info());
    }
    return out;
}

}  // namespace engine::native
