#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/messaging/message.h"
#include "engine/ring/consistency.h"

/// The errors a coordinator answers with, with Cassandra's texts and fields (compatibility ERR-77 to
/// ERR-79, org.apache.cassandra.exceptions).
namespace engine::coordinator {

struct ReplicaFailure {
    std::string node;
    messaging::FailureReason reason = messaging::FailureReason::Unknown;
};

/// `datacenter` is named by EACH_QUORUM only.
Error unavailable(ring::Consistency level, std::uint32_t required, std::uint32_t alive,
                  std::string_view datacenter = {});
/// A level that is content with no answer (ALL of a keyspace that nobody keeps), where a read needs one.
Error noReplicas(ring::Consistency level);
Error writeTimeout(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                   std::string_view writeType);
/// Conditional statements (ERR-80, ERR-81): what the protocol wants beside the common fields.
struct CasErrorDetail : ErrorDetail {
    std::uint16_t contentions = 0;
    bool isUnknown = false;  // Some have accepted the proposal, but no majority: 0x1700 from v5 on.
};
/// `writeType` is CAS, or SIMPLE when it was the commit that took too long.
Error casTimeout(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                 std::string_view writeType, std::uint32_t contentions);
Error casUnknown(ring::Consistency level, std::uint32_t accepted, std::uint32_t required);
/// Made by one of these two: its detail is a CasErrorDetail.
/// In the header, as the protocol server knows the coordinator by its headers alone.
inline bool isCasError(const Error& error) {
    return error.kind == ErrorKind::WriteTimeout && error.message.starts_with("CAS operation ");
}

Error readTimeout(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                  bool dataPresent);
Error writeFailure(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                   std::string_view writeType, const std::vector<ReplicaFailure>& failures);
Error readFailure(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                  bool dataPresent, const std::vector<ReplicaFailure>& failures);

}  // namespace engine::coordinator
