#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/uuid.h"
#include "engine/observe/event_kind.h"
#include "engine/observe/storage_events.h"

/// What nodes tell about themselves. Every event type is a plain struct whose `fields()` names its
/// members once; the binary codec, the JSON form and the tests are all made from that.
///
/// Nodes are named by their internode address with port ("127.0.0.1:7000") everywhere.
namespace engine::observe {

// ---- cluster -----------------------------------------------------------------------------------

/// One node as the teller knows it. `status` is Cassandra's: NORMAL, JOINING, LEAVING, MOVING, LEFT.
struct RingNode {
    std::string node;
    Uuid hostId;
    std::string datacenter;
    std::string rack;
    std::string status;
    std::string nativeAddress;  // Address and port where it answers CQL.
    bool alive = false;
    std::vector<std::int64_t> tokens;
    template <typename F>
    void fields(F&& f) {
        f("node", node), f("hostId", hostId), f("datacenter", datacenter), f("rack", rack);
        f("status", status), f("nativeAddress", nativeAddress), f("alive", alive), f("tokens", tokens);
    }
};

/// First event of every subscription, and again when the teller's ring changed: all nodes it knows.
struct RingSnapshot {
    RINGSIDE_EVENT(Cluster, "RingSnapshot")
    std::string clusterName;
    std::uint64_t ringVersion = 0;
    std::vector<RingNode> nodes;
    template <typename F>
    void fields(F&& f) {
        f("clusterName", clusterName), f("ringVersion", ringVersion), f("nodes", nodes);
    }
};

/// The teller's verdict on another node changed.
struct NodeJudged {
    RINGSIDE_EVENT(Cluster, "NodeJudged")
    std::string subject;
    bool alive = false;
    std::string reason;  // "phi 8.3 over threshold 8", "heartbeat", "shutdown announced".
    template <typename F>
    void fields(F&& f) {
        f("subject", subject), f("alive", alive), f("reason", reason);
    }
};

struct NodeStarted {
    RINGSIDE_EVENT(Cluster, "NodeStarted")
    Uuid hostId;
    std::string release;
    std::int32_t generation = 0;
    std::uint32_t processId = 0;
    template <typename F>
    void fields(F&& f) {
        f("hostId", hostId), f("release", release), f("generation", generation);
        f("processId", processId);
    }
};

struct NodeStopping {
    RINGSIDE_EVENT(Cluster, "NodeStopping")
    template <typename F>
    void fields(F&&) {}
};

// ---- gossip ------------------------------------------------------------------------------------

/// A round began: the teller chose whom to call (Gossiper.GossipTask).
struct GossipRound {
    RINGSIDE_EVENT(Gossip, "GossipRound")
    std::uint64_t round = 0;
    std::int32_t heartbeat = 0;  // Its own version after the increment.
    std::vector<std::string> targets;  // One live node, at times an unreachable one or a seed.
    template <typename F>
    void fields(F&& f) {
        f("round", round), f("heartbeat", heartbeat), f("targets", targets);
    }
};

/// One message of an exchange, told by the side that received it. `exchange` is the id that SYN,
/// ACK and ACK2 share.
struct GossipMessage {
    RINGSIDE_EVENT(Gossip, "GossipMessage")
    std::uint64_t exchange = 0;
    std::string from;
    std::string to;
    std::string phase;  // SYN, ACK, ACK2.
    std::int64_t sentNanos = 0;  // Machine time at the sender.
    std::uint32_t digests = 0;
    std::uint32_t states = 0;
    template <typename F>
    void fields(F&& f) {
        f("exchange", exchange), f("from", from), f("to", to), f("phase", phase);
        f("sentNanos", sentNanos), f("digests", digests), f("states", states);
    }
};

/// What the teller knows of `subject`, when that changed.
struct EndpointKnowledge {
    RINGSIDE_EVENT(Gossip, "EndpointKnowledge")
    std::string subject;
    std::int32_t generation = 0;
    std::int32_t heartbeat = 0;
    std::int32_t maxVersion = 0;
    template <typename F>
    void fields(F&& f) {
        f("subject", subject), f("generation", generation), f("heartbeat", heartbeat);
        f("maxVersion", maxVersion);
    }
};

/// An application state (STATUS_WITH_PORT, LOAD, SCHEMA, ...) of `subject` as the teller knows it.
struct EndpointState {
    RINGSIDE_EVENT(Gossip, "EndpointState")
    std::string subject;
    std::string key;
    std::string value;
    std::int32_t version = 0;
    template <typename F>
    void fields(F&& f) {
        f("subject", subject), f("key", key), f("value", value), f("version", version);
    }
};

/// The failure detector's suspicion, sampled each round for each other node.
struct PhiSample {
    RINGSIDE_EVENT(Gossip, "PhiSample")
    std::string subject;
    double phi = 0;
    double meanGapMillis = 0;
    std::int64_t sinceHeartbeatMillis = 0;
    double threshold = 8;
    template <typename F>
    void fields(F&& f) {
        f("subject", subject), f("phi", phi), f("meanGapMillis", meanGapMillis);
        f("sinceHeartbeatMillis", sinceHeartbeatMillis), f("threshold", threshold);
    }
};

// ---- requests ----------------------------------------------------------------------------------
// A request is named by a UUID its coordinator draws; replicas get it with each message.

/// The coordinator has parsed and planned a request. Times of its start lie before the event's.
struct RequestStarted {
    RINGSIDE_EVENT(Requests, "RequestStarted")
    Uuid request;
    std::string kind;  // READ, WRITE, RANGE, BATCH, SCHEMA.
    std::string statement;
    bool prepared = false;
    std::string keyspace;
    std::string table;
    Bytes key;
    std::int64_t token = 0;
    std::string consistency;
    std::uint32_t required = 0;  // Answers the level waits for.
    std::vector<std::string> replicas;   // In ring order; dead ones too.
    std::vector<std::string> contacted;  // Those that were sent something.
    std::string client;                  // Address and port it came from.
    std::string clientName;              // DRIVER_NAME it gave.
    std::int64_t receivedNanos = 0;      // Frame decoded.
    std::int64_t parsedNanos = 0;
    std::int64_t plannedNanos = 0;
    template <typename F>
    void fields(F&& f) {
        f("request", request), f("kind", kind), f("statement", statement), f("prepared", prepared);
        f("keyspace", keyspace), f("table", table), f("key", key), f("token", token);
        f("consistency", consistency), f("required", required), f("replicas", replicas);
        f("contacted", contacted), f("client", client), f("clientName", clientName);
        f("receivedNanos", receivedNanos), f("parsedNanos", parsedNanos);
        f("plannedNanos", plannedNanos);
    }
};

/// A message on its way: `MessageSent` by its sender, `MessageReceived` by who got it, paired by
/// `message` (unique per sender). Messages of a node to itself travel without a socket.
struct MessageSent {
    RINGSIDE_EVENT(Requests, "MessageSent")
    Uuid request;
    std::uint64_t message = 0;
    std::string verb;  // MUTATION_REQ, READ_RSP, ...
    std::string to;
    std::uint32_t bytes = 0;
    template <typename F>
    void fields(F&& f) {
        f("request", request), f("message", message), f("verb", verb), f("to", to), f("bytes", bytes);
    }
};
struct MessageReceived {
    RINGSIDE_EVENT(Requests, "MessageReceived")
    Uuid request;
    std::uint64_t message = 0;
    std::string verb;
    std::string from;
    template <typename F>
    void fields(F&& f) {
        f("request", request), f("message", message), f("verb", verb), f("from", from);
    }
};

/// A stretch of work on the teller for a request.
struct Work {
    RINGSIDE_EVENT(Requests, "Work")
    Uuid request;
    std::string phase;  // commitlog, memtable, read, parse, answer.
    std::int64_t startNanos = 0;
    std::int64_t endNanos = 0;
    template <typename F>
    void fields(F&& f) {
        f("request", request), f("phase", phase), f("startNanos", startNanos), f("endNanos", endNanos);
    }
};

/// The coordinator took a replica's answer.
struct AckCounted {
    RINGSIDE_EVENT(Requests, "AckCounted")
    Uuid request;
    std::string replica;
    std::uint32_t order = 0;   // 1 for the first.
    bool counted = false;      // It helped to meet the level; false: late, or not of the level's datacenter.
    bool digest = false;
    bool failed = false;       // The replica answered that it could not.
    template <typename F>
    void fields(F&& f) {
        f("request", request), f("replica", replica), f("order", order), f("counted", counted);
        f("digest", digest), f("failed", failed);
    }
};

struct LevelMet {
    RINGSIDE_EVENT(Requests, "LevelMet")
    Uuid request;
    std::uint32_t received = 0;
    template <typename F>
    void fields(F&& f) {
        f("request", request), f("received", received);
    }
};

/// Replicas disagree: the digests differed and the data is fetched from all contacted.
struct DigestMismatch {
    RINGSIDE_EVENT(Requests, "DigestMismatch")
    Uuid request;
    std::vector<std::string> replicas;
    template <typename F>
    void fields(F&& f) {
        f("request", request), f("replicas", replicas);
    }
};

/// A stale replica is sent what it lacks.
struct ReadRepair {
    RINGSIDE_EVENT(Requests, "ReadRepair")
    Uuid request;
    std::string replica;
    std::uint32_t cells = 0;
    template <typename F>
    void fields(F&& f) {
        f("request", request), f("replica", replica), f("cells", cells);
    }
};

/// The client has been answered. `error` is empty on success, else the code's name and text.
struct RequestAnswered {
    RINGSIDE_EVENT(Requests, "RequestAnswered")
    Uuid request;
    std::string error;
    std::uint32_t rows = 0;
    template <typename F>
    void fields(F&& f) {
        f("request", request), f("error", error), f("rows", rows);
    }
};

/// Requests that were only counted since the last such event, and those told in full.
struct RequestsCounted {
    RINGSIDE_EVENT(Requests, "RequestsCounted")
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t told = 0;
    template <typename F>
    void fields(F&& f) {
        f("reads", reads), f("writes", writes), f("told", told);
    }
};

// ---- schema, clients, metrics ------------------------------------------------------------------

struct SchemaKeyspace {
    std::string name;
    std::string strategy;
    std::vector<std::pair<std::string, std::string>> replication;
    std::vector<std::string> tables;
    template <typename F>
    void fields(F&& f) {
        f("name", name), f("strategy", strategy), f("replication", replication), f("tables", tables);
    }
};
/// Sent at the start of a subscription and after each change: the keyspaces as the teller knows them.
struct SchemaSnapshot {
    RINGSIDE_EVENT(Schema, "SchemaSnapshot")
    Uuid version;
    std::vector<SchemaKeyspace> keyspaces;
    std::string change;  // "CREATED TABLE library.books"; empty for the first.
    template <typename F>
    void fields(F&& f) {
        f("version", version), f("keyspaces", keyspaces), f("change", change);
    }
};

/// A native-protocol connection opened (after STARTUP) or closed.
struct ClientConnection {
    RINGSIDE_EVENT(Clients, "ClientConnection")
    std::string client;
    std::string driver;
    std::string driverVersion;
    std::uint32_t protocol = 0;
    bool open = false;
    template <typename F>
    void fields(F&& f) {
        f("client", client), f("driver", driver), f("driverVersion", driverVersion);
        f("protocol", protocol), f("open", open);
    }
};

/// Once a second.
struct NodeMetrics {
    RINGSIDE_EVENT(Metrics, "NodeMetrics")
    std::uint64_t residentBytes = 0;
    std::uint64_t loadBytes = 0;
    std::uint64_t reads = 0;   // Since start, as coordinator.
    std::uint64_t writes = 0;
    std::uint64_t clients = 0;
    std::int64_t uptimeMillis = 0;
    template <typename F>
    void fields(F&& f) {
        f("residentBytes", residentBytes), f("loadBytes", loadBytes), f("reads", reads);
        f("writes", writes), f("clients", clients), f("uptimeMillis", uptimeMillis);
    }
};

/// The viewer was slower than the node: this many events were not delivered.
struct EventsLost {
    RINGSIDE_EVENT(Metrics, "EventsLost")
    std::uint64_t count = 0;
    template <typename F>
    void fields(F&& f) {
        f("count", count);
    }
};

#undef RINGSIDE_EVENT

/// The order is the wire format's: new types go to the end.
using EventBody =
    std::variant<RingSnapshot, NodeJudged, NodeStarted, NodeStopping, GossipRound, GossipMessage,
                 EndpointKnowledge, EndpointState, PhiSample, RequestStarted, MessageSent,
                 MessageReceived, Work, AckCounted, LevelMet, DigestMismatch, ReadRepair,
                 RequestAnswered, RequestsCounted, CommitLogSegment, MemtableGrew, FlushStarted,
                 SstableAdded, SstableRemoved, SchemaSnapshot, ClientConnection, NodeMetrics,
                 EventsLost, StorageSnapshot, TableStorage, FlushFinished, CompactionStarted,
                 CompactionProgress, CompactionFinished, TableStatistics, SstableUnreadable>;

struct Event {
    std::string node;              // The teller.
    std::int64_t nanos = 0;        // The machine's monotonic clock, the same for all nodes here.
    std::int64_t wallMicros = 0;   // The teller's wall clock.
    std::uint64_t sequence = 0;    // Counts up per teller.
    EventBody body;
};

Category categoryOf(const Event& event);
std::string_view nameOf(const Event& event);

}  // namespace engine::observe
