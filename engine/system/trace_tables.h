#pragma once

#include <cstdint>

#include "engine/coordinator/tracing.h"
#include "engine/rows/partition.h"
#include "engine/schema/schema.h"

namespace engine::system {

/// trace_type_query_ttl: rows of system_traces live for a day.
inline constexpr std::int32_t kTraceTtlSeconds = 24 * 60 * 60;

/// A report as rows of system_traces.sessions and events, which share their partition key
/// (org.apache.cassandra.tracing.TraceKeyspace). `node` is who reports.
rows::Mutation traceMutation(const schema::Schema& schema, const runtime::Endpoint& node,
                             const coordinator::TraceReport& report, std::int64_t nowMicros);

}  // namespace engine::system
