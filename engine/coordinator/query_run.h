#pragma once

#include <string>
#include <vector>

#include "engine/coordinator/query_runner.h"

namespace engine::coordinator {

/// One execution of one statement.
struct QueryRunner::Run {
    ClientSession& session;  // Outlives its requests.
    cql::PreparedPtr prepared;  // Of a BATCH request the first one.
    cql::QueryOptions options;
    RequestInfo info;
    cql::ExecutionContext context;
    bool isPrepared = false;   // Came as EXECUTE.
    std::int64_t parsedNanos = 0;
    Uuid request;              // Nil: neither traced nor told to the explorer.
    bool told = false;         // RequestStarted went out.
    std::vector<std::string> warnings;
    /// What reads of this node warn of.
    Reader::ReadWarnings readWarnings = std::make_shared<std::vector<std::string>>();
};

template <typename Describe>
Uuid QueryRunner::beginTrace(const RequestInfo& info, Describe describe) {
    return info.tracing ? m_view.tracer.begin(describe(m_view.runtime.clock.wallMillis())) : Uuid();
}

/// There is a value for each marker (ERR-83).
Result<void> checkValueCount(const cql::Prepared& prepared, const cql::QueryOptions& options,
                             std::string_view firstWord = "there");

}  // namespace engine::coordinator
