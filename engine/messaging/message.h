#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/uuid.h"
#include "engine/messaging/verb.h"
#include "engine/runtime/clock.h"

namespace engine::messaging {

/// Everything of a message but its content. A handler that answers later keeps a copy of this.
struct MessageHead {
    std::uint64_t id = 0;       // Unique per sender.
    std::uint64_t replyTo = 0;  // The id of the request it answers; 0: it is none.
    Verb verb = Verb::PingReq;
    std::string from;            // The sender's name.
    Uuid request;                // The traced request it belongs to; nil: not traced.
    std::int64_t sentNanos = 0;  // Machine time.
    runtime::Instant deadline;   // By the receiver's clock: nobody waits for an answer after it.
};

/// A message as its handler sees it. `payload` is a view that ends with the handler's call.
struct Message : MessageHead {
    BytesView payload;
};

/// Why a replica could not do what it was asked (RequestFailureReason, with its protocol codes).
enum class FailureReason : std::uint16_t {
    Unknown = 0,
    ReadTooManyTombstones = 1,
    Timeout = 2,
    IncompatibleSchema = 3,
    ReadSize = 4,
    NodeDown = 5,
    IndexNotAvailable = 6,
    ReadTooManyIndexes = 7,
    NotCms = 8,
    InvalidRouting = 9,
    CoordinatorBehind = 10,
};
/// UNKNOWN, READ_TOO_MANY_TOMBSTONES, TIMEOUT, ...
std::string_view toString(FailureReason reason);

/// How a request to one peer ended; the handler gets exactly one.
struct Reply {
    enum class Kind {
        Answer,   // `payload` is what the peer replied.
        Failure,  // The peer said that it could not: `reason`, and words in `payload`.
        Timeout,  // No answer before the deadline.
    };
    Kind kind = Kind::Timeout;
    std::string_view from;  // Whom the request was sent to.
    Verb verb = Verb::FailureRsp;
    FailureReason reason = FailureReason::Unknown;
    BytesView payload;           // Ends with the handler's call.
    std::int64_t sentNanos = 0;  // When the peer sent it, machine time.
};

}  // namespace engine::messaging
