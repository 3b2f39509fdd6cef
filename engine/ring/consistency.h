#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace engine::ring {

/// Consistency levels with the codes of the native protocol
/// (org.apache.cassandra.db.ConsistencyLevel).
enum class Consistency : std::uint16_t {
    Any = 0,
    One = 1,
    Two = 2,
    Three = 3,
    Quorum = 4,
    All = 5,
    LocalQuorum = 6,
    EachQuorum = 7,
    Serial = 8,
    LocalSerial = 9,
    LocalOne = 10,
    NodeLocal = 11,
};

/// ANY, ONE, ..., LOCAL_ONE, NODE_LOCAL.
std::string_view toString(Consistency level);
/// By name, in any case.
std::optional<Consistency> parseConsistency(std::string_view name);
/// By the protocol's code; empty for a code that does not exist.
std::optional<Consistency> consistencyOf(std::uint16_t code);

/// SERIAL and LOCAL_SERIAL: only for the Paxos phase of conditional statements and serial reads.
constexpr bool isSerial(Consistency level) {
    return level == Consistency::Serial || level == Consistency::LocalSerial;
}
/// Levels for which only replicas of the coordinator's datacenter count.
constexpr bool isDatacenterLocal(Consistency level) {
    return level == Consistency::LocalOne || level == Consistency::LocalQuorum ||
           level == Consistency::LocalSerial;
}

}  // namespace engine::ring
