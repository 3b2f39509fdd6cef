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
Error writeTimeout(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                   std::string_view writeType);
Error readTimeout(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                  bool dataPresent);
Error writeFailure(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                   std::string_view writeType, const std::vector<ReplicaFailure>& failures);
Error readFailure(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                  bool dataPresent, const std::vector<ReplicaFailure>& failures);

}  // namespace engine::coordinator
