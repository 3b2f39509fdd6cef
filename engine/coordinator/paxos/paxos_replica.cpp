#include "engine/coordinator/paxos/paxos_replica.h"

#include <algorithm>

#include "engine/coordinator/truncations.h"
#include "engine/types/codec.h"

namespace engine::coordinator {

using messaging::FailureReason;
using messaging::Verb;
using runtime::Task;

namespace {

/// How long a round is remembered at least (SystemKeyspace.paxosTtlSec).
constexpr std::int32_t kKeptSeconds = 3 * 60 * 60;
/// The version of most_recent_commit's and proposal's bytes: our own mutations, not Cassandra's.
constexpr std::int32_t kUpdateVersion = 0;

Bytes lockOf(const schema::Table& table, BytesView key) { return table.id.toBytes() + Bytes(key); }

}  // namespace

Bytes encodePrepare(const PrepareRequest& request) {
    ByteWriter out;
    out.raw(request.table->id.toBytes());
    out.raw(request.ballot.toBytes());
    out.blob(request.key);
    return out.take();
}

Bytes encodePromise(const PaxosPromise& promise) {
    ByteWriter out;
    out.boolean(promise.promised);
    write(out, promise.inProgress);
    write(out, promise.committed);
    return out.take();
}

Result<PaxosPromise> decodePromise(BytesView payload, const schema::Schema& schema) {
    ByteReader in(payload);
    PaxosPromise out;
    out.promised = in.boolean();
    TRY_ASSIGN(out.inProgress, readCommit(in, schema));
    TRY_ASSIGN(out.committed, readCommit(in, schema));
    return out;
}

void PaxosReplica::serve() {
    m_view.messaging.on(Verb::PaxosPrepareReq, [this](const messaging::Message& m) { onPrepare(m); });
    m_view.messaging.on(Verb::PaxosProposeReq, [this](const messaging::Message& m) { onPropose(m); });
    m_view.messaging.on(Verb::PaxosCommitReq, [this](const messaging::Message& m) { onCommit(m); });
}

void PaxosReplica::fail(const messaging::MessageHead& head, const Error& error) {
    const bool schema = error.kind == ErrorKind::NotFound;
    if (!schema) {
        m_view.log.error("a Paxos message of {} fails: {}", head.from, error.message);
    }
    m_view.messaging.failure(head, schema ? FailureReason::IncompatibleSchema : FailureReason::Unknown,
                             error.message);
}

void PaxosReplica::onPrepare(const messaging::Message& message) {
    ByteReader in(message.payload);
    const auto table = Uuid::fromBytes(in.raw(16));
    const auto ballot = Uuid::fromBytes(in.raw(16));
    PrepareRequest request;
    request.key = Bytes(in.blob());
    if (in.failed() || !table || !ballot) {
        fail(message, makeError(ErrorKind::Corrupt, "PAXOS_PREPARE_REQ is truncated"));
        return;
    }
    request.table = m_view.schema.current()->findTable(*table);
    if (!request.table) {
        fail(message, makeError(ErrorKind::NotFound, "unknown table " + table->toString()));
        return;
    }
    request.ballot = *ballot;
    m_tasks.spawn(prepare(message, std::move(request)));
}

void PaxosReplica::onPropose(const messaging::Message& message) {
    ByteReader in(message.payload);
    auto proposal = readCommit(in, *m_view.schema.current());
    if (!proposal) {
        fail(message, proposal.error());
        return;
    }
    m_tasks.spawn(propose(message, std::move(proposal).value()));
}

void PaxosReplica::onCommit(const messaging::Message& message) {
    ByteReader in(message.payload);
    auto commit = readCommit(in, *m_view.schema.current());
    if (!commit) {
        fail(message, commit.error());
        return;
    }
    m_tasks.spawn(this->commit(message, std::move(commit).value()));
}

Task<void> PaxosReplica::prepare(messaging::MessageHead head, PrepareRequest request) {
    const auto held = co_await m_locks.lock(lockOf(*request.table, request.key));
    Result<State> state = co_await load(request.table, request.key);
    if (!state) {
        fail(head, state.error());
        co_return;
    }
    PaxosPromise answer;
    answer.committed = std::move(state.value().committed);
    if (!isAfter(request.ballot, state.value().promised)) {
        m_view.tracer.trace(head.request, stage::kMutation, "Promise rejected; {} is not sufficiently newer than {}",
                            request.ballot.toString(), state.value().promised.toString());
        answer.inProgress.ballot = state.value().promised;
        m_view.messaging.reply(head, Verb::PaxosPrepareRsp, encodePromise(answer));
        co_return;
    }
    m_view.tracer.trace(head.request, stage::kMutation, "Promising ballot {}", request.ballot.toString());
    std::vector<std::pair<std::string_view, std::optional<Bytes>>> columns;
    columns.emplace_back("in_progress_ballot", request.ballot.toBytes());
    const Result<void> saved =
        co_await save(request.table, request.key, ballotMicros(request.ballot), std::move(columns));
    if (!saved) {
        fail(head, saved.error());
        co_return;
    }
    answer.promised = true;
    answer.inProgress = std::move(state.value().accepted);
    m_view.messaging.reply(head, Verb::PaxosPrepareRsp, encodePromise(answer));
}

Task<void> PaxosReplica::propose(messaging::MessageHead head, Commit proposal) {
    const schema::TablePtr table = proposal.update.table;
    const Bytes key = proposal.update.partition.key.key;
    const auto held = co_await m_locks.lock(lockOf(*table, key));
    Result<State> state = co_await load(table, key);
    if (!state) {
        fail(head, state.error());
        co_return;
    }
    const Uuid& promised = state.value().promised;
    const bool accepted = proposal.ballot == promised || isAfter(proposal.ballot, promised);
    if (accepted) {
        m_view.tracer.trace(head.request, stage::kMutation, "Accepting proposal {}", proposal.ballot.toString());
        std::vector<std::pair<std::string_view, std::optional<Bytes>>> columns;
        columns.emplace_back("in_progress_ballot", proposal.ballot.toBytes());
        columns.emplace_back("proposal", encodeUpdate(proposal.update));
        columns.emplace_back("proposal_ballot", proposal.ballot.toBytes());
        columns.emplace_back("proposal_version", types::encodeInt(kUpdateVersion));
        const Result<void> saved =
            co_await save(table, key, ballotMicros(proposal.ballot), std::move(columns));
        if (!saved) {
            fail(head, saved.error());
            co_return;
        }
    } else {
        m_view.tracer.trace(head.request, stage::kMutation, "Rejecting proposal for {} because inProgress is now {}",
                            proposal.ballot.toString(), promised.toString());
    }
    m_view.messaging.reply(head, Verb::PaxosProposeRsp, Bytes(1, accepted ? '\1' : '\0'));
}

Task<void> PaxosReplica::commit(messaging::MessageHead head, Commit commit) {
    const schema::TablePtr table = commit.update.table;
    const Bytes key = commit.update.partition.key.key;
    const auto held = co_await m_locks.lock(lockOf(*table, key));
    m_view.tracer.trace(head.request, stage::kMutation, "Committing proposal {}", commit.ballot.toString());
    std::vector<std::pair<std::string_view, std::optional<Bytes>>> columns;
    columns.emplace_back("most_recent_commit", encodeUpdate(commit.update));
    columns.emplace_back("most_recent_commit_at", commit.ballot.toBytes());
    columns.emplace_back("most_recent_commit_version", types::encodeInt(kUpdateVersion));
    columns.emplace_back("proposal", std::nullopt);
    columns.emplace_back("proposal_ballot", std::nullopt);
    columns.emplace_back("proposal_version", std::nullopt);
    // Commits may come in any order: timestamps put them right.
    Result<void> done = ok();
    if (!m_view.truncations.covers(*table, ballotMicros(commit.ballot) / 1000)) {
        rows::Mutation mutation;
        mutation.updates.push_back(std::move(commit.update));
        done = co_await m_writer.applyHere(std::move(mutation), head.request);
    }
    if (done) {
        done = co_await save(table, key, ballotMicros(commit.ballot), std::move(columns));
    }
    if (!done) {
        fail(head, done.error());
        co_return;
    }
    m_view.messaging.reply(head, Verb::PaxosCommitRsp, {});
}

Task<Result<PaxosReplica::State>> PaxosReplica::load(schema::TablePtr table, Bytes key) {
    const schema::SchemaPtr schema = m_view.schema.current();
    rows::ReadCommand command;
    command.table = schema->findTable("system", "paxos");
    command.key = rows::decorate(std::move(key));
    command.names.push_back({table->id.toBytes()});
    command.nowSeconds = m_view.runtime.clock.wallSeconds();
    State out;
    auto read = co_await m_view.storage.read(command);
    if (!read) {
        co_return read.error();
    }
    if (read.value().empty()) {
        co_return out;
    }
    rows::Partition& partition = read.value().front();
    rows::filterLive(*command.table, partition, command.nowSeconds);
    if (partition.rows.empty()) {
        co_return out;
    }
    std::map<std::string, BytesView, std::less<>> cells;
    for (const rows::Cell& cell : partition.rows.front().cells) {
        cells.emplace(std::string(std::string_view(cell.column)), cell.value);
    }
    const auto ballot = [&cells](std::string_view column) {
        const auto it = cells.find(column);
        return it == cells.end() ? Uuid() : Uuid::fromBytes(it->second).value_or(Uuid());
    };
    const auto update = [&](std::string_view column, Commit& into) -> Result<void> {
        const auto it = cells.find(column);
        if (it != cells.end()) {
            TRY_ASSIGN(into.update, decodeUpdate(it->second, *schema));
        }
        return ok();
    };
    out.accepted.ballot = ballot("proposal_ballot");
    out.committed.ballot = ballot("most_recent_commit_at");
    CO_TRY(update("proposal", out.accepted));
    CO_TRY(update("most_recent_commit", out.committed));
    out.promised = ballot("in_progress_ballot");
    for (const Uuid& other : {out.accepted.ballot, out.committed.ballot}) {
        out.promised = isAfter(other, out.promised) ? other : out.promised;
    }
    co_return out;
}

Task<Result<void>> PaxosReplica::save(
    schema::TablePtr table, Bytes key, std::int64_t micros,
    std::vector<std::pair<std::string_view, std::optional<Bytes>>> columns) {
    const schema::TablePtr paxos = m_view.schema.current()->findTable("system", "paxos");
    const std::int64_t now = m_view.runtime.clock.wallSeconds();
    const std::int32_t ttl = std::max(kKeptSeconds, table->options.gcGraceSeconds);
    rows::Row row;
    row.clustering.push_back(table->id.toBytes());
    for (auto& [name, value] : columns) {
        const schema::Column& column = *paxos->find(name);
        rows::Cell cell;
        cell.column = column.name;
        cell.timestamp = micros;
        if (value) {
            cell.value = std::move(*value);
            cell.ttl = ttl;
            cell.localDeletionTime = now + ttl;
        } else {
            cell.localDeletionTime = now;
        }
        row.cells.push_back(std::move(cell));
    }
    rows::PartitionUpdate update{paxos, {}};
    update.partition.key = rows::decorate(std::move(key));
    update.partition.rows.push_back(std::move(row));
    rows::Mutation mutation;
    mutation.updates.push_back(std::move(update));
    Result<void> done = co_await m_view.storage.apply(std::move(mutation), true);
    co_return done;
}

}  // namespace engine::coordinator
