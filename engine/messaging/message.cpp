#include "engine/messaging/message.h"

#include <array>

namespace engine::messaging {

namespace {

constexpr std::array<std::string_view, 11> kReasons = {"UNKNOWN",
                                                       "READ_TOO_MANY_TOMBSTONES",
                                                       "TIMEOUT",
                                                       "INCOMPATIBLE_SCHEMA",
                                                       "READ_SIZE",
                                                       "NODE_DOWN",
                                                       "INDEX_NOT_AVAILABLE",
                                                       "READ_TOO_MANY_INDEXES",
                                                       "NOT_CMS",
                                                       "INVALID_ROUTING",
                                                       "COORDINATOR_BEHIND"};

}  // namespace

std::string_view toString(FailureReason reason) {
    const auto index = static_cast<std::size_t>(reason);
    return index < kReasons.size() ? kReasons[index] : kReasons[0];
}

}  // namespace engine::messaging
