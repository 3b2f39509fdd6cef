#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/errors.h"
#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"
#include "engine/runtime/task.h"

namespace engine::coordinator {

/// What one replica answered to a read: its partitions, or the digest over them.
struct ReplicaAnswer {
    std::string node;
    bool isDigest = false;
    Bytes digest;
    std::vector<rows::Partition> data;
};

/// Collects the answers of one round of a read (org.apache.cassandra.service.reads.ReadCallback).
/// More replicas than needed may be asked (speculation); the first `required` decide.
class ReadRound {
public:
    struct Plan {
        ring::Consistency level = ring::Consistency::One;
        std::uint32_t required = 0;
        std::uint32_t contacted = 0;
        Uuid request;
        std::uint32_t orderFrom = 0;  // Answers counted before this round, for the events.
    };

    ReadRound(Plan plan, observe::Observer& observer) : m_plan(std::move(plan)), m_observer(observer) {}

    void answered(ReplicaAnswer answer);
    void failed(const std::string& node, messaging::FailureReason reason);
    /// One more replica has been asked.
    void contactedMore() { ++m_plan.contacted; }

    bool isDecided() const { return m_outcome.isSet(); }
    /// Set once: ok when enough answered, the timeout or failure otherwise.
    runtime::Promise<Result<void>>& outcome() { return m_outcome; }
    std::vector<ReplicaAnswer>& answers() { return m_answers; }
    std::uint32_t seen() const { return m_plan.orderFrom + m_ended; }

private:
    bool dataPresent() const;
    bool enough() const;
    void decide();

    Plan m_plan;
    observe::Observer& m_observer;
    std::vector<ReplicaAnswer> m_answers;
    std::vector<ReplicaFailure> m_failures;
    std::uint32_t m_ended = 0;  // Answers, failures and time-outs.
    runtime::Promise<Result<void>> m_outcome;
};

}  // namespace engine::coordinator
