#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/client/client.h"
#include "engine/client/reply.h"
#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"

namespace engine::client {

class Channel;

/// A CQL client over one connection of native protocol v5 and any runtime (so the simulator's too):
/// as many requests at a time as wanted, each a coroutine. Lives on the runtime's thread. A client
/// that is destroyed ends what still waits with a Cancelled error.
class AsyncClient {
public:
    /// Connects, says STARTUP and, if asked, USE.
    static runtime::Task<Result<std::unique_ptr<AsyncClient>>> connect(runtime::Runtime runtime,
                                                                       ConnectOptions options);
    ~AsyncClient();

    runtime::Task<Result<QueryAnswer>> execute(Query query);
    runtime::Task<Result<PreparedQuery>> prepare(std::string text);
    /// `query.text` is not looked at. `prepared` must outlive the call.
    runtime::Task<Result<QueryAnswer>> execute(const PreparedQuery& prepared, Query query);
    /// Events of the kinds TOPOLOGY_CHANGE, STATUS_CHANGE, SCHEMA_CHANGE from here on.
    runtime::Task<Result<void>> listen(std::vector<std::string> kinds,
                                       std::function<void(const EventReply&)> onEvent);
    runtime::Task<Result<SupportedReply>> options();

    const std::string& keyspace() const { return m_keyspace; }
    bool isOpen() const;
    void close();

private:
    explicit AsyncClient(std::shared_ptr<Channel> channel) : m_channel(std::move(channel)) {}
    runtime::Task<Result<void>> startup(ConnectOptions options);
    Result<QueryAnswer> take(Result<Reply> reply, std::string_view text);

    std::shared_ptr<Channel> m_channel;
    std::string m_keyspace;
};

}  // namespace engine::client
