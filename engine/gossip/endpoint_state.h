#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/ring/node_info.h"

namespace engine::gossip {

/// Keys of what nodes tell about themselves (org.apache.cassandra.gms.ApplicationState), in its
/// order, which `nodetool gossipinfo` follows. The values are the wire format's.
enum class ApplicationState : std::uint8_t {
    Status = 0,
    Load = 1,
    Schema = 2,
    Dc = 3,
    Rack = 4,
    ReleaseVersion = 5,
    RemovalCoordinator = 6,
    InternalIp = 7,
    RpcAddress = 8,
    Severity = 10,
    NetVersion = 11,
    HostId = 12,
    Tokens = 13,
    RpcReady = 14,
    InternalAddressAndPort = 15,
    NativeAddressAndPort = 16,
    StatusWithPort = 17,
    SstableVersions = 18,
    DiskUsage = 19,
    IndexStatus = 20,
};
/// STATUS, LOAD, ..., STATUS_WITH_PORT, ...
std::string_view toString(ApplicationState key);

struct VersionedValue {
    std::string value;
    std::int32_t version = 0;
    bool operator==(const VersionedValue&) const = default;
};

/// A node's life (generation: the second it started) and how often its heart has beaten in it.
struct HeartBeat {
    std::int32_t generation = 0;
    std::int32_t version = 0;
    auto operator<=>(const HeartBeat&) const = default;
};

/// What is known of one endpoint. Versions grow with every change at the endpoint, across heartbeat
/// and states, so that "newer than v" is one comparison.
struct EndpointState {
    HeartBeat heartBeat;
    std::map<ApplicationState, VersionedValue> states;

    const VersionedValue* find(ApplicationState key) const;
    /// Empty when absent.
    std::string_view value(ApplicationState key) const;
    /// The first word of STATUS_WITH_PORT: BOOT, NORMAL, LEAVING, LEFT, MOVING, removing, removed,
    /// shutdown, hibernate; empty when there is none.
    std::string_view status() const;
    std::int32_t maxVersion() const;
};

/// "I know this endpoint's life up to this version."
struct GossipDigest {
    std::string endpoint;
    std::int32_t generation = 0;
    std::int32_t maxVersion = 0;
    bool operator==(const GossipDigest&) const = default;
};

/// STATUS_WITH_PORT "NORMAL,<first token>" (VersionedValueFactory.normal); likewise for the others.
std::string statusValue(std::string_view status, const std::vector<std::int64_t>& tokens);
/// TOKENS: in decimal with commas between, so that people can read it.
std::string tokensValue(const std::vector<std::int64_t>& tokens);
std::vector<std::int64_t> parseTokensValue(std::string_view value);

/// The endpoint as a member of the ring; empty while it has told too little (no host id, no status)
/// or is gone. A node that announced its shutdown keeps its place.
std::optional<ring::NodeInfo> nodeInfoOf(const std::string& endpoint, const EndpointState& state);

}  // namespace engine::gossip
