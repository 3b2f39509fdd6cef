#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/paxos/commit.h"
#include "engine/coordinator/reader.h"
#include "engine/coordinator/write_handler.h"
#include "engine/cql/modification/cas_request.h"

namespace engine::coordinator {

/// Leads rounds of Paxos over the replicas of one key, as Cassandra's `paxos_variant: v1`
/// (org.apache.cassandra.service.StorageProxy, legacyCas to commitPaxos): prepare, finish what others
/// have left, read, propose, commit. On the node's thread.
class Paxos {
public:
    /// The longest a sleep after a lost ballot takes.
    static constexpr std::int64_t kBackoffMillisMax = 100;

    Paxos(const ClusterView& view, Reader& reader, Writer& writer)
        : m_view(view), m_reader(reader), m_writer(writer) {}

    /// A conditional statement. `serial` is SERIAL or LOCAL_SERIAL, `commit` any but those.
    runtime::Task<Result<cql::RowsResult>> run(std::shared_ptr<cql::CasRequest> request, ring::Consistency serial,
                                               ring::Consistency commit, Uuid id);
    /// Before a serial read: what was in flight for the key is finished or can never be. Errors are
    /// those of the read.
    runtime::Task<Result<void>> settle(schema::TablePtr table, rows::DecoratedKey key, ring::Consistency serial,
                                       Uuid id);

private:
    struct Job;
    struct Participants;
    struct Prepared;
    class Prepare;
    class Propose;

    Result<Participants> participants(const Job& job) const;
    Uuid nextBallot(std::int64_t leastMicros);
    bool isLate(const Job& job) const;
    runtime::Task<void> backOff(std::shared_ptr<Job> job);
    void tell(const Job& job, const char* phase, std::int64_t startNanos);

    /// The refusal or success of a conditional statement; nothing of a serial read.
    runtime::Task<Result<std::optional<cql::RowsResult>>> play(std::shared_ptr<Job> job);
    runtime::Task<Result<Uuid>> begin(std::shared_ptr<Job> job, std::shared_ptr<const Participants> replicas);
    runtime::Task<Result<Prepared>> prepare(std::shared_ptr<Job> job, std::shared_ptr<const Participants> replicas,
                                            Uuid ballot);
    /// True: a majority has accepted it. With `isOwn` an outcome that nobody knows is an error.
    runtime::Task<Result<bool>> propose(std::shared_ptr<Job> job, std::shared_ptr<const Participants> replicas,
                                        Commit proposal, bool isOwn);
    runtime::Task<Result<void>> commit(std::shared_ptr<Job> job, Commit decided, ring::Consistency level,
                                       bool hints);
    Error timeout(const Job& job, std::uint32_t received, std::uint32_t required) const;

    ClusterView m_view;
    Reader& m_reader;
    Writer& m_writer;
    std::int64_t m_lastMicros = 0;
};

}  // namespace engine::coordinator
