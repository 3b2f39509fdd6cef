#pragma once

#include <vector>

#include "engine/coordinator/cluster_view.h"
#include "engine/rows/read_command.h"

/// The trace lines of a replica's read, in Cassandra's words (SinglePartitionReadCommand,
/// PartitionRangeReadCommand, ReadCommand.withMetricsRecording). They cost a branch when `request`
/// is not traced.
namespace engine::coordinator {

void traceReadStart(const ClusterView& view, const rows::ReadCommand& command, const Uuid& request);
void traceReadEnd(const ClusterView& view, const rows::ReadCommand& command,
                  const std::vector<rows::Partition>& read, const Uuid& request);
/// The digests of the replicas differ.
void traceMismatch(const ClusterView& view, const rows::ReadCommand& command, const Uuid& request);

}  // namespace engine::coordinator
