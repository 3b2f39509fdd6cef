#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/gossip/endpoint_state.h"

namespace engine::gossip {

using StateMap = std::map<std::string, EndpointState, std::less<>>;

/// The three messages of an exchange, and the farewell. `exchange` is drawn by who begins.
struct GossipSyn {
    std::uint64_t exchange = 0;
    std::string cluster;
    std::string partitioner;
    std::vector<GossipDigest> digests;  // All that the sender knows; empty in a shadow round.
};
struct GossipAck {
    std::uint64_t exchange = 0;
    std::vector<GossipDigest> requests;  // "Tell me what is newer than this."
    StateMap states;                     // "This is newer than what you have."
};
struct GossipAck2 {
    std::uint64_t exchange = 0;
    StateMap states;
};

Bytes encode(const GossipSyn& syn);
Bytes encode(const GossipAck& ack);
Bytes encode(const GossipAck2& ack2);
/// GOSSIP_SHUTDOWN: the sender's last state.
Bytes encode(const EndpointState& state);
Result<GossipSyn> decodeSyn(BytesView payload);
Result<GossipAck> decodeAck(BytesView payload);
Result<GossipAck2> decodeAck2(BytesView payload);
Result<EndpointState> decodeState(BytesView payload);

}  // namespace engine::gossip
