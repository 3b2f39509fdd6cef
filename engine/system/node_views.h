#pragma once

#include <map>
#include <string>

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/hints/hints_service.h"
#include "engine/coordinator/query_runner.h"
#include "engine/system/virtual_tables.h"

namespace engine::system {

/// What system_views tells of a node. References outlive the tables.
struct NodeViews {
    coordinator::ClusterView view;
    const coordinator::QueryRunner& queries;
    /// The settings in force, by their names in cassandra.yaml.
    const std::map<std::string, std::string>& settings;
    runtime::Instant started;
};

/// Adds settings, system_properties, caches, cql_metrics, thread_pools, the latencies by table,
/// disk_usage, batch_metrics, tombstones_per_read, rows_per_read, rows of internode_outbound and internode_inbound.
void addNodeViews(NodeVirtualTables& tables, NodeViews views);

/// system_views.pending_hints.
NodeVirtualTables::Source pendingHints(const coordinator::HintsService& hints, const coordinator::ClusterView& view);

}  // namespace engine::system
