#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/observe/event.h"
#include "engine/observe/storage_view.h"

namespace engine::observe {

/// What one node knows of another by gossip.
struct Knowledge {
    std::int32_t generation = 0;
    std::int32_t heartbeat = 0;
    std::int32_t maxVersion = 0;
    std::int64_t changedNanos = 0;  // When the newest news arrived.
    double phi = 0;
    double meanGapMillis = 0;
    std::int64_t heardNanos = 0;    // Last heartbeat, by the teller's clock.
    bool alive = true;
    std::string reason;             // Of the verdict `alive`, as told.
    std::int64_t judgedNanos = 0;   // When that was; 0: not told.
    std::map<std::string, std::pair<std::string, std::int32_t>> states;  // Key: value, version.
};

struct PhiPoint {
    std::int64_t nanos = 0;
    double phi = 0;
    std::int64_t heardNanos = 0;  // The last heartbeat before it.
};

/// One call of a gossip round with its SYN, ACK and ACK2, as far as they came; zero: not seen. A call
/// that nobody received has no id.
struct GossipExchange {
    std::uint64_t id = 0;
    std::string from;  // Who called.
    std::string to;
    std::int64_t startedNanos = 0;
    std::int64_t synNanos = 0;
    std::int64_t ackNanos = 0;
    std::int64_t ack2Nanos = 0;
};

struct NodeView {
    std::string node;
    Uuid hostId;
    int number = 0;  // 1 for the first by address; what badges show.
    std::string datacenter;
    std::string rack;
    std::string status = "NORMAL";
    std::string nativeAddress;
    std::vector<std::int64_t> tokens;
    /// Whether its own event stream is connected, and when it last told anything.
    bool reachable = false;
    std::int64_t lastSeenNanos = 0;
    std::int32_t generation = 0;
    std::uint64_t residentBytes = 0;
    std::uint64_t loadBytes = 0;
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t clients = 0;
    std::int32_t heartbeat = 0;
    std::map<std::string, Knowledge> knows;               // By subject.
    std::map<std::string, std::deque<PhiPoint>> phi;      // By subject, the last 60 s.
    NodeStorageView storage;
};

struct MessageView {
    std::uint64_t id = 0;
    std::string verb;
    std::string from;
    std::string to;
    std::int64_t sentNanos = 0;      // 0: not seen.
    std::int64_t receivedNanos = 0;  // 0: not arrived yet.
    std::uint32_t bytes = 0;
};
struct WorkView {
    std::string node;
    std::string phase;
    std::int64_t startNanos = 0;
    std::int64_t endNanos = 0;
};
struct AckView {
    std::string replica;
    std::uint32_t order = 0;
    bool counted = false;
    bool digest = false;
    bool failed = false;
    std::int64_t nanos = 0;
};

/// A request as far as its events have arrived. Parts may come before RequestStarted: then
/// `started` is still false.
struct RequestView {
    Uuid id;
    bool started = false;
    std::string coordinator;
    RequestStarted info;
    std::int64_t startedNanos = 0;
    std::vector<MessageView> messages;  // In order of the first event about each.
    std::vector<WorkView> work;
    std::vector<AckView> acks;          // In order of arrival.
    std::int64_t levelMetNanos = 0;     // 0: not met.
    std::int64_t answeredNanos = 0;     // 0: not answered.
    std::string error;
    std::uint32_t rows = 0;
    bool mismatch = false;
    std::int64_t mismatchNanos = 0;
    std::vector<ReadRepair> repairs;
    /// Received by the coordinator to answered, once known.
    std::optional<std::int64_t> durationNanos() const;
};

struct ClientView {
    std::string node;
    std::string client;
    std::string driver;
    std::string driverVersion;
    std::uint32_t protocol = 0;
};

/// Everything the views draw: a fold of events, and of nothing else. Values only; copying it is a
/// checkpoint (requests are shared and copied on write).
struct ClusterState {
    static constexpr std::size_t kRequestsMax = 2000;
    static constexpr std::size_t kExchangesMax = 512;
    static constexpr std::int64_t kPhiKeptNanos = 60'000'000'000;

    std::string clusterName;
    std::uint64_t ringVersion = 0;
    std::map<std::string, NodeView> nodes;
    std::vector<SchemaKeyspace> keyspaces;
    Uuid schemaVersion;
    std::map<Uuid, std::shared_ptr<const RequestView>> requests;
    std::deque<Uuid> requestOrder;  // Oldest first.
    std::deque<GossipExchange> exchanges;
    double phiThreshold = 8;  // phi_convict_threshold, as last told.
    std::vector<ClientView> clients;
    std::uint64_t eventsSeen = 0;
    std::uint64_t eventsLost = 0;
    std::int64_t nanos = 0;       // Newest machine time seen.
    std::int64_t wallMicros = 0;  // And the wall clock that belongs to it.

    const NodeView* node(const std::string& name) const;
    /// Nodes by number.
    std::vector<const NodeView*> ordered() const;
    std::shared_ptr<const RequestView> request(const Uuid& id) const;
};

/// The pure reducer: the state after one more event. Events of one node come in order, those of
/// different nodes in any interleaving.
void fold(ClusterState& state, const Event& event);
/// The source lost or found the node's stream; not an event of the node's own.
void setReachable(ClusterState& state, const std::string& node, bool reachable, std::int64_t nanos);

}  // namespace engine::observe
