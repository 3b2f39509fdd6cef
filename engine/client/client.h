#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/cql/result.h"
#include "engine/runtime/network.h"

namespace engine::client {

struct ConnectOptions {
    runtime::Endpoint contact;
    std::string driverName = "Ringside";
    std::string driverVersion = "0.1";
    std::string keyspace;
    /// Said to a server that asks; as they come, those of the role that every cluster begins with.
    std::string user = "cassandra";
    std::string password = "cassandra";
    bool tellAll = true;  // Ask the server to tell each request to the explorer in full.
    bool tellNothing = false;  // Or none: whoever only looks is not to be seen. Wins over tellAll.
    bool compress = false;  // LZ4.
    std::chrono::milliseconds timeout{12000};  // For connecting, and for each request.
};

struct Query {
    std::string text;
    std::uint16_t consistency = 1;
    std::uint16_t serialConsistency = 8;
    std::int32_t pageSize = 5000;
    std::optional<Bytes> pagingState;
    std::optional<std::int64_t> timestampMicros;
    bool tracing = false;
    std::vector<std::optional<Bytes>> values;
};

struct QueryAnswer {
    cql::StatementResult result;
    std::vector<std::string> warnings;
    std::optional<Uuid> tracingId;
};

/// A blocking CQL client over one connection of native protocol v5, for the console, lab checks and
/// ringctl. It runs a small event loop of its own inside each call; use one Client from one thread
/// at a time. Errors carry the server's code (as kind), text and detail.
class Client {
public:
    static Result<std::unique_ptr<Client>> connect(const ConnectOptions& options);
    virtual ~Client() = default;

    virtual Result<QueryAnswer> execute(const Query& query) = 0;
    /// Whether the server would take the statement; runs nothing.
    virtual Result<void> prepare(const std::string& text) = 0;
    virtual const std::string& keyspace() const = 0;  // After USE.
    virtual bool isOpen() const = 0;
};

}  // namespace engine::client
