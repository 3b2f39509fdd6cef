#pragma once

#include <functional>
#include <map>
#include <string>

#include "engine/admin/admin_server.h"
#include "engine/coordinator/hints/hints_service.h"
#include "engine/coordinator/query_runner.h"
#include "engine/index/index_manager.h"
#include "engine/native/native_server.h"
#include "engine/system/local_tables.h"

namespace engine::admin {

/// What the methods of a node's admin endpoint look at. References outlive the server.
struct NodeParts {
    const coordinator::ClusterView& view;
    coordinator::QueryRunner& queries;
    coordinator::HintsService& hints;
    index::IndexManager& indexes;
    const native::NativeServer& native;
    const std::string& clusterName;
    const system::LocalState& local;
    const std::map<std::string, std::string>& settings;
    const runtime::Instant& started;
    std::function<void()> shutdown;
};

/// Adds the methods to the endpoint:
///   status    {} -> {node, hostId, datacenter, rack, state, native, live, unreachable, loadBytes, residentBytes, uptimeMillis}
///   explain   {keyspace, table, key: ["'m-1131'", …]} -> serialised bytes, token, range, the placement walk
///   readpath  {keyspace, table, key: [literals of the key, clustering columns behind them if wanted]} -> what a read
///             of it meets on this node, step by step (read_methods.h)
///   xray      {keyspace, table, generation, key?} -> an SSTable's bytes on the way to a key, and what they mean
///   flush     {keyspace?, tables?} -> null
///   nodetool  {words: ["status", …]} -> {out, err, exit}
///   shutdown  {} -> null; ends the node as SIGTERM does
///   links     {set|remove|clear}? -> the rules for messages to other nodes (link_methods.h)
///   pace      {factor}? -> {factor}: how many times slower than the wall this node's time runs (pace.h)
///   compactions {paused}? -> {paused}: whether the node's compactions stand still
///   budget    {requestsPerSecond} -> null; how many requests under load are told in full
void addNodeMethods(AdminServer& server, NodeParts parts);

}  // namespace engine::admin
