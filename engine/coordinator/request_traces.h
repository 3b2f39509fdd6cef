#pragma once

#include <string_view>

#include "engine/coordinator/query_processor.h"
#include "engine/coordinator/tracing.h"

/// How the sessions of traced requests describe themselves: `request` and `parameters` of
/// system_traces.sessions (QueryMessage, ExecuteMessage, BatchMessage).
namespace engine::coordinator {

TraceStart traceOfQuery(const ClientSession& session, std::string_view text,
                        const cql::QueryOptions& options, std::int64_t nowMillis);
TraceStart traceOfExecute(const ClientSession& session, const cql::Prepared& prepared,
                          const cql::QueryOptions& options, std::int64_t nowMillis);
TraceStart traceOfBatch(const ClientSession& session, const cql::QueryOptions& options,
                        std::int64_t nowMillis);

}  // namespace engine::coordinator
