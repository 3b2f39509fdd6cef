#include "engine/messaging/verb.h"

#include <array>

namespace engine::messaging {

namespace {

constexpr std::array<std::string_view, kVerbCount> kNames = {"MUTATION_REQ",
                                                             "MUTATION_RSP",
                                                             "READ_REQ",
                                                             "READ_RSP",
                                                             "RANGE_REQ",
                                                             "RANGE_RSP",
                                                             "READ_REPAIR_REQ",
                                                             "READ_REPAIR_RSP",
                                                             "HINT_REQ",
                                                             "HINT_RSP",
                                                             "BATCH_STORE_REQ",
                                                             "BATCH_STORE_RSP",
                                                             "BATCH_REMOVE_REQ",
                                                             "COUNTER_MUTATION_REQ",
                                                             "COUNTER_MUTATION_RSP",
                                                             "TRUNCATE_REQ",
                                                             "TRUNCATE_RSP",
                                                             "PAXOS_PREPARE_REQ",
                                                             "PAXOS_PREPARE_RSP",
                                                             "PAXOS_PROPOSE_REQ",
                                                             "PAXOS_PROPOSE_RSP",
                                                             "PAXOS_COMMIT_REQ",
                                                             "PAXOS_COMMIT_RSP",
                                                             "SCHEMA_PUSH_REQ",
                                                             "SCHEMA_PULL_REQ",
                                                             "SCHEMA_PULL_RSP",
                                                             "SCHEMA_VERSION_REQ",
                                                             "SCHEMA_VERSION_RSP",
                                                             "GOSSIP_DIGEST_SYN",
                                                             "GOSSIP_DIGEST_ACK",
                                                             "GOSSIP_DIGEST_ACK2",
                                                             "GOSSIP_SHUTDOWN",
                                                             "ECHO_REQ",
                                                             "ECHO_RSP",
                                                             "PING_REQ",
                                                             "PING_RSP",
                                                             "SNAPSHOT_REQ",
                                                             "SNAPSHOT_RSP",
                                                             "VALIDATION_REQ",
                                                             "VALIDATION_RSP",
                                                             "SYNC_REQ",
                                                             "SYNC_RSP",
                                                             "STREAM_REQ",
                                                             "STREAM_RSP",
                                                             "REPLICATION_DONE_REQ",
                                                             "REPLICATION_DONE_RSP",
                                                             "FAILURE_RSP"};

}  // namespace

std::string_view toString(Verb verb) {
    const auto index = static_cast<std::size_t>(verb);
    return index < kNames.size() ? kNames[index] : "UNKNOWN";
}

}  // namespace engine::messaging
