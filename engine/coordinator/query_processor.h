#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/cql/result.h"
#include "engine/cql/statement.h"
#include "engine/runtime/task.h"

namespace engine::coordinator {

/// A client's connection as the statements see it. Owned by the connection; outlives its requests.
struct ClientSession {
    cql::SessionState state;
    std::string address;     // "127.0.0.1:51234"
    std::string user;        // The role that logged in; empty: anonymous.
    std::string driverName;  // As STARTUP told.
    std::string driverVersion;
    /// Requests of this session are always told in full to the explorer (console, lab checks): set
    /// when STARTUP carries RINGSIDE_TELL=all.
    bool tellAll = false;
    /// RINGSIDE_TELL=none: requests of those that only look (lab checks) are never told.
    bool tellNothing = false;
};

/// What the server knows of a request beside its content.
struct RequestInfo {
    std::int64_t receivedNanos = 0;  // Machine time of the decoded frame.
    bool tracing = false;
};

struct Answer {
    cql::StatementResult result;
    std::vector<std::string> warnings;
    std::optional<Uuid> tracingId;
    /// v5: metadata of an EXECUTE changed since it was prepared; send it whole with the new id.
    bool metadataChanged = false;
};

struct PreparedAnswer {
    Bytes id;  // MD5 of keyspace (if given or used) + text.
    cql::PreparedPtr statement;
    std::vector<std::string> warnings;
};

struct BatchEntry {
    std::variant<std::string, Bytes> textOrId;  // Index 0: statement text, 1: prepared id.
    std::vector<cql::BoundValue> values;
};

/// Runs CQL for the native server, the admin endpoint and tests: finds or makes the prepared
/// statement, drives its execution through the coordinator, tells the explorer.
/// Lives on the node's thread.
class QueryProcessor {
public:
    virtual ~QueryProcessor() = default;

    virtual runtime::Task<Result<Answer>> query(ClientSession& session, std::string text,
                                                cql::QueryOptions options, RequestInfo info) = 0;
    virtual runtime::Task<Result<PreparedAnswer>> prepare(ClientSession& session, std::string text,
                                                          std::string keyspace) = 0;
    /// `resultMetadataId` is what the client holds (v5; empty in v4).
    virtual runtime::Task<Result<Answer>> execute(ClientSession& session, Bytes id,
                                                  Bytes resultMetadataId, cql::QueryOptions options,
                                                  RequestInfo info) = 0;
    virtual runtime::Task<Result<Answer>> batch(ClientSession& session, cql::BatchType type,
                                                std::vector<BatchEntry> entries,
                                                cql::QueryOptions options, RequestInfo info) = 0;
};

}  // namespace engine::coordinator
