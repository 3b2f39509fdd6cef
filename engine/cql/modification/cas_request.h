#pragma once

#include <memory>
#include <vector>

#include "engine/cql/statement.h"

namespace engine::cql {

/// A statement of a conditional execution, with the values of its own.
struct CasPart {
    std::shared_ptr<const ModificationStatement> statement;
    QueryOptions options;
};

/// One run of a conditional statement or batch over one partition: what it has to see, whether that
/// lets it go ahead, and what it then writes (org.apache.cassandra.cql3.statements.CQL3CasRequest).
/// The round that runs it may ask several times.
class CasRequest {
public:
    virtual ~CasRequest() = default;

    virtual const schema::TablePtr& table() const = 0;
    virtual const rows::DecoratedKey& key() const = 0;
    virtual rows::ReadCommand readCommand() const = 0;

    /// Shows what readCommand() has found, reconciled. The next three are about that.
    virtual void see(std::vector<rows::Partition> found) = 0;
    virtual Result<bool> applies() const = 0;
    /// Everything carries the ballot's time, deletions a microsecond less, so that they hide nothing
    /// of the same round (PartitionUpdate.updateAllTimestamp).
    virtual Result<rows::PartitionUpdate> updates(std::int64_t ballotMicros) const = 0;
    /// What the client learns when it does not apply: [applied] and what is there instead.
    virtual RowsResult refusal() const = 0;
    /// What it learns when it does.
    virtual RowsResult success() const = 0;
};

/// Of a single statement, or of a batch of which some have conditions. Refuses what may not stand
/// together.
Result<std::unique_ptr<CasRequest>> makeCasRequest(std::vector<CasPart> parts, bool isBatch,
                                                   const ExecutionContext& context);

}  // namespace engine::cql
