#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/coordinator/query_processor.h"
#include "engine/native/native_options.h"
#include "engine/native/request_budget.h"
#include "engine/native/server_connection.h"
#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"

namespace engine::native {

/// The CQL binary protocol server, v3 to v5: accepts clients and runs their requests through a
/// QueryProcessor. Lives on the node's thread. stop() before it is destroyed.
class NativeServer {
public:
    /// The references outlive the server.
    NativeServer(runtime::Runtime runtime, NativeOptions options,
                 coordinator::QueryProcessor& queries, Log& log, NativeCallbacks callbacks = {});
    ~NativeServer();
    NativeServer(const NativeServer&) = delete;
    NativeServer& operator=(const NativeServer&) = delete;

    Result<void> start();
    /// Ends every connection, then waits for the requests that still run; their answers are lost.
    runtime::Task<void> stop();
    bool isListening() const { return m_listener != nullptr; }
    /// With the port the system chose, where the options had 0.
    runtime::Endpoint local() const;

    // To every client that has registered for it. Say it only after system tables show it.
    void pushSchemaChange(const schema::SchemaChange& change);
    /// `change` is UP or DOWN; the address is the native one. Saying the same again is dropped.
    void pushStatusChange(const std::string& change, const std::string& address,
                          std::uint16_t port);
    /// `change` is NEW_NODE, REMOVED_NODE or MOVED_NODE.
    void pushTopologyChange(const std::string& change, const std::string& address,
                            std::uint16_t port);

    std::vector<ConnectionInfo> connections() const;

private:
    void accept(std::shared_ptr<runtime::Connection> stream);
    void forget(ServerConnection& connection);
    /// Why no further client of that address may connect; empty: it may.
    std::string fullFor(const std::string& address) const;
    void watchIdle();
    void pushNodeEvent(EventBit events, std::string_view type, const std::string& change,
                       const runtime::Endpoint& node);

    const NativeCallbacks m_callbacks;
    std::unique_ptr<runtime::Listener> m_listener;
    std::unordered_map<ServerConnection*, std::shared_ptr<ServerConnection>> m_connections;
    std::map<std::string, std::size_t> m_addresses;  // Connections of each client address.
    std::map<runtime::Endpoint, std::string> m_lastStatus;
    runtime::TimerId m_idleTimer = 0;
    RequestBudget m_budget;
    ServerContext m_context;
    runtime::TaskGroup m_tasks;  // Last: ends before what its tasks use.
};

}  // namespace engine::native
