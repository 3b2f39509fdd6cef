#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/coordinator/query_processor.h"
#include "engine/native/envelope.h"

namespace engine::native {

/// What QUERY, EXECUTE and BATCH bring beside the statement.
struct QueryParameters {
    cql::QueryOptions options;
    bool skipMetadata = false;
    std::string keyspace;  // v5: instead of the session's.
};

struct StartupRequest {
    std::map<std::string, std::string> options;  // Keys in upper case.
};
struct OptionsRequest {};
struct QueryRequest {
    std::string text;
    QueryParameters parameters;
};
struct PrepareRequest {
    std::string text;
    std::string keyspace;  // v5; empty: the session's.
};
struct ExecuteRequest {
    Bytes id;
    Bytes resultMetadataId;  // v5.
    QueryParameters parameters;
};
struct BatchRequest {
    cql::BatchType type = cql::BatchType::Logged;
    std::vector<coordinator::BatchEntry> entries;
    QueryParameters parameters;
};
/// Bits of the event types asked for.
enum EventBit : std::uint8_t { kTopologyEvents = 1, kStatusEvents = 2, kSchemaEvents = 4 };
struct RegisterRequest {
    std::uint8_t events = 0;
};
struct AuthResponseRequest {
    Bytes token;
};
using Request = std::variant<StartupRequest, OptionsRequest, QueryRequest, PrepareRequest,
                             ExecuteRequest, BatchRequest, RegisterRequest, AuthResponseRequest>;

/// Reads the body of a request; the result owns its bytes. Custom payloads are skipped. A body that
/// cannot be read gives a Protocol error.
Result<Request> decodeRequest(const EnvelopeHeader& header, BytesView body);

}  // namespace engine::native
