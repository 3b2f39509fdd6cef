#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/client/client.h"
#include "engine/native/envelope.h"

namespace engine::client {

/// READY and the like.
struct EmptyReply {};
/// The server wants to know who comes.
struct AuthenticateReply {
    std::string className;
};
struct SupportedReply {
    std::vector<std::pair<std::string, std::vector<std::string>>> options;
};
/// A statement the server has prepared; its id is good on the node that answered.
struct PreparedQuery {
    std::string text;
    Bytes id;
    Bytes resultMetadataId;
    std::vector<cql::ColumnSpec> variables;
    std::vector<std::uint16_t> partitionKeyVariables;
    cql::ResultMetadataPtr resultMetadata;
    std::vector<std::string> warnings;
};
struct EventReply {
    std::string type;    // TOPOLOGY_CHANGE, STATUS_CHANGE, SCHEMA_CHANGE
    std::string change;  // NEW_NODE, UP, CREATED, ...
    runtime::Endpoint node;       // Of the first two,
    schema::SchemaChange schema;  // of the last.
};
using Reply = std::variant<EmptyReply, AuthenticateReply, SupportedReply, QueryAnswer, PreparedQuery, EventReply>;

/// Reads a response of protocol v5. An ERROR message is the error of the result; so is a message
/// that cannot be read (kind Protocol). `known` has the columns of rows sent without them.
Result<Reply> decodeReply(const native::EnvelopeHeader& header, BytesView body,
                          const cql::ResultMetadataPtr& known);

/// Body of QUERY, or with `prepared` of EXECUTE (v5).
void writeQuery(ByteWriter& out, const Query& query, const PreparedQuery* prepared);

/// Gives an error its place in `text` where only its words tell it: `line 1:7 ...`.
Error locateInText(Error error, std::string_view text);

}  // namespace engine::client
