#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/latency.h"
#include "engine/coordinator/read_round.h"
#include "engine/coordinator/write_handler.h"

namespace engine::coordinator {

/// Reads from replicas (StorageProxy.read): the data of one and digests of the others; when they
/// differ, the data of all, reconciled, and a repair of those that lag before the answer goes out.
class Reader {
public:
    using ReadWarnings = std::shared_ptr<std::vector<std::string>>;

    Reader(const ClusterView& view, Writer& writer) : m_view(view), m_writer(writer) {}

    /// A partition or a range, as the command says. What comes back is reconciled and may still hold
    /// tombstones. Tables of local keyspaces are read here whatever the level.
    /// `warnings` takes what the client should be told of the reads on this node (ClientWarn).
    runtime::Task<Result<std::vector<rows::Partition>>> read(rows::ReadCommand command,
                                                             ring::Consistency level, Uuid request,
                                                             ReadWarnings warnings = nullptr);

    /// This node's own rows; `request` is told how long it took.
    runtime::Task<Result<std::vector<rows::Partition>>> readHere(rows::ReadCommand command, Uuid request,
                                                                 ReadWarnings warnings = nullptr);

    /// Replica side: READ_REQ and RANGE_REQ.
    void serve();

private:
    using Partitions = std::vector<rows::Partition>;
    using Targets = std::vector<const ring::NodeInfo*>;
    struct Job;

    runtime::Task<Result<Partitions>> readReplicated(rows::ReadCommand command, ring::Consistency level,
                                                     Uuid request, ReadWarnings warnings);
    runtime::Task<Result<Partitions>> readRange(rows::ReadCommand command, ring::Consistency level,
                                                Uuid request, ReadWarnings warnings);
    /// One set of replicas for everything in the command.
    runtime::Task<Result<Partitions>> readFrom(std::shared_ptr<Job> job);
    runtime::Task<Result<Partitions>> reconcile(std::shared_ptr<Job> job, std::uint32_t seen);
    runtime::Task<Result<Partitions>> readIndexed(std::shared_ptr<Job> job);
    runtime::Task<Result<void>> repair(std::shared_ptr<Job> job, const Partitions& merged,
                                       const std::vector<ReplicaAnswer>& answers);

    std::shared_ptr<ReadRound> ask(const std::shared_ptr<Job>& job, bool digests, std::uint32_t seen);
    void askOne(const std::shared_ptr<Job>& job, const std::shared_ptr<ReadRound>& round,
                const ring::NodeInfo& target, bool wantsDigest);
    /// A read that asks no other node: its own answer meets the level.
    void tellOwnAnswer(const Uuid& request, bool answered);
    class Speculation;
    /// How long the answers may take before a spare is asked too; negative: no spare is.
    runtime::Duration patience(const Job& job);
    runtime::Task<void> answerHere(std::shared_ptr<Job> job, std::shared_ptr<ReadRound> round,
                                   std::string node, bool wantsDigest);
    void onRead(const messaging::Message& message, messaging::Verb answer);
    runtime::Task<void> answerFor(messaging::MessageHead head, messaging::Verb answer, bool wantsDigest,
                                  rows::ReadCommand command);

    ClusterView m_view;
    Writer& m_writer;
    std::map<Uuid, LatencyTracker> m_latencies;  // By table: when a read is late enough to speculate.
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::coordinator
