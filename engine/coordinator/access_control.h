#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/coordinator/query_processor.h"
#include "engine/cql/statement.h"
#include "engine/runtime/task.h"

namespace engine::coordinator {

/// Who may do what, asked for each statement of a client that logged in. Lives on the node's thread.
class AccessControl {
public:
    virtual ~AccessControl() = default;

    /// Unauthorized when the session's role lacks what the statement needs. Puts into `context` what the role is exempt
    /// from and may see.
    virtual runtime::Task<Result<void>> authorize(const ClientSession& session, const cql::Prepared& prepared,
                                                  cql::ExecutionContext& context) = 0;
    /// After a change of the schema: its maker gets what it made, and nobody keeps what is gone.
    virtual runtime::Task<Result<void>> changed(const ClientSession& session, const cql::Prepared& prepared,
                                                const schema::SchemaChange& change) = 0;
    /// A statement about roles, permissions or identities.
    virtual runtime::Task<Result<cql::StatementResult>> run(const ClientSession& session,
                                                            std::shared_ptr<const cql::AccessStatement> statement,
                                                            std::vector<std::string>& warnings) = 0;
};

}  // namespace engine::coordinator
