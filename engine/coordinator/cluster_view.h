#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/log.h"
#include "engine/coordinator/table_latencies.h"
#include "engine/coordinator/tracing.h"
#include "engine/gossip/gossiper.h"
#include "engine/messaging/messaging_service.h"
#include "engine/observe/observer.h"
#include "engine/ring/topology.h"
#include "engine/runtime/runtime.h"
#include "engine/schema/schema.h"
#include "engine/storage/storage_engine.h"

namespace engine::coordinator {

/// cassandra.yaml's request timeouts.
struct Timeouts {
    runtime::Duration read = std::chrono::seconds(5);       // read_request_timeout
    runtime::Duration range = std::chrono::seconds(10);     // range_request_timeout
    runtime::Duration write = std::chrono::seconds(2);      // write_request_timeout
    runtime::Duration truncate = std::chrono::seconds(60);  // truncate_request_timeout
    runtime::Duration counterWrite = std::chrono::seconds(5);  // counter_write_request_timeout
    runtime::Duration casContention = std::chrono::milliseconds(1000);  // cas_contention_timeout
};

class Truncations;

/// What reads and writes need of the node they run on. References outlive the coordinator.
struct ClusterView {
    runtime::Runtime runtime;
    storage::StorageEngine& storage;
    messaging::MessagingService& messaging;
    gossip::Gossiper& gossiper;
    ring::TopologyRegistry& topology;
    schema::SchemaRegistry& schema;
    observe::Observer& observer;
    Log& log;
    Tracer& tracer;
    LatencyRegistry& latencies;
    Truncations& truncations;
    Timeouts timeouts;

    bool isSelf(std::string_view node) const { return node == messaging.self(); }
    bool isAlive(std::string_view node) const { return isSelf(node) || gossiper.isAlive(node); }
    runtime::Instant in(runtime::Duration time) const { return runtime.clock.now() + time; }
};

/// Replicas in the order in which they are asked: this node, its datacenter, the others, each in ring
/// order. Only live ones.
std::vector<const ring::NodeInfo*> liveByProximity(const ClusterView& view, const ring::Topology& topology,
                                                   const std::vector<const ring::NodeInfo*>& replicas);

}  // namespace engine::coordinator
