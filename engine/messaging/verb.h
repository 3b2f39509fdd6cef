#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace engine::messaging {

/// What a message asks or answers, by Cassandra's names (org.apache.cassandra.net.Verb). The values
/// are the wire format's: new ones go to the end.
enum class Verb : std::uint8_t {
    MutationReq,
    MutationRsp,
    ReadReq,
    ReadRsp,
    RangeReq,
    RangeRsp,
    ReadRepairReq,
    ReadRepairRsp,
    HintReq,
    HintRsp,
    BatchStoreReq,
    BatchStoreRsp,
    BatchRemoveReq,
    CounterMutationReq,
    CounterMutationRsp,
    TruncateReq,
    TruncateRsp,
    PaxosPrepareReq,
    PaxosPrepareRsp,
    PaxosProposeReq,
    PaxosProposeRsp,
    PaxosCommitReq,
    PaxosCommitRsp,
    SchemaPushReq,
    SchemaPullReq,
    SchemaPullRsp,
    SchemaVersionReq,
    SchemaVersionRsp,
    GossipDigestSyn,
    GossipDigestAck,
    GossipDigestAck2,
    GossipShutdown,
    EchoReq,
    EchoRsp,
    PingReq,
    PingRsp,
    SnapshotReq,
    SnapshotRsp,
    ValidationReq,
    ValidationRsp,
    SyncReq,
    SyncRsp,
    StreamReq,
    StreamRsp,
    ReplicationDoneReq,
    ReplicationDoneRsp,
    FailureRsp,
};
constexpr std::size_t kVerbCount = static_cast<std::size_t>(Verb::FailureRsp) + 1;

/// MUTATION_REQ, GOSSIP_DIGEST_SYN, ...
std::string_view toString(Verb verb);

/// Gossip and liveness travel on a connection of their own, so that bulk does not delay them.
constexpr bool isUrgent(Verb verb) {
    return verb >= Verb::GossipDigestSyn && verb <= Verb::PingRsp;
}

}  // namespace engine::messaging
