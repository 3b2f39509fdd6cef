#include "engine/coordinator/batchlog/batch_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/coordinator/paxos/commit.h"
#include "engine/coordinator/truncations.h"
#include "engine/rows/serialization.h"
#include "engine/types/codec.h"

namespace engine::coordinator {

using messaging::FailureReason;
using messaging::Reply;
using messaging::Verb;
using ring::Consistency;
using runtime::Task;

namespace {

/// The version of the mutations' bytes: our own, not Cassandra's.
constexpr std::int32_t kMutationVersion = 0;
constexpr std::uint32_t kKept = 2;

template <typename T>
void shuffle(std::vector<T>& items, runtime::Random& random) {
    for (std::size_t i = items.size(); i > 1; --i) {
        std::swap(items[i - 1], items[random.below(i)]);
    }
}

Bytes encodeBatch(const Uuid& id, const std::vector<rows::Mutation>& mutations) {
    ByteWriter out;
    out.raw(id.toBytes());
    out.u32(static_cast<std::uint32_t>(mutations.size()));
    for (const rows::Mutation& mutation : mutations) {
        ByteWriter one;
        rows::write(one, mutation);
        out.longBlob(one.bytes());
    }
    return out.take();
}

}  // namespace

BatchLogChoice chooseBatchLogNodes(const std::vector<BatchLogCandidate>& members, const std::string& localRack,
                                   runtime::Random& random) {
    BatchLogChoice out;
    if (members.size() <= kKept) {
        out.isSmall = true;
        for (const BatchLogCandidate& member : members) {
            out.nodes.push_back(member.node);
        }
        return out;
    }
    std::map<std::string, std::vector<std::string>> racks;
    std::size_t usable = 0;
    for (const BatchLogCandidate& member : members) {
        if (member.isUsable) {
            racks[member.rack].push_back(member.node);
            out.nodes.push_back(member.node);
            ++usable;
        }
    }
    if (usable <= kKept) {
        return out;
    }
    out.nodes.clear();
    const auto local = racks.find(localRack);
    if (local != racks.end() && usable - local->second.size() >= kKept) {
        racks.erase(local);
    }
    if (racks.size() == 1) {
        std::vector<std::string> nodes = racks.begin()->second;
        shuffle(nodes, random);
        nodes.resize(kKept);
        out.nodes = std::move(nodes);
        return out;
    }
    std::vector<std::string> names;
    for (const auto& [name, nodes] : racks) {
        names.push_back(name);
    }
    shuffle(names, random);
    for (std::size_t i = 0; i < kKept; ++i) {
        const std::vector<std::string>& nodes = racks[names[i]];
        out.nodes.push_back(nodes[random.below(nodes.size())]);
    }
    return out;
}

Task<Result<void>> BatchLog::write(std::vector<rows::Mutation> mutations, Consistency level, Uuid request) {
    CO_TRY_ASSIGN(const auto nodes, keepers(level));
    for (const rows::Mutation& mutation : mutations) {
        CO_TRY(m_writer.check(mutation, level));
    }
    const Uuid id =
        Uuid::timeBased(m_view.runtime.clock.wallMicros() * 10, m_view.runtime.random.next());
    Bytes payload = encodeBatch(id, mutations);
    const std::int64_t start = m_view.observer.nanos();
    const Result<void> stored = co_await store(std::move(payload), nodes, request);
    if (!request.isNil()) {
        m_view.observer.tell(observe::Work{request, "batchlog", start, m_view.observer.nanos()});
    }
    if (!stored) {
        co_return stored;
    }
    Result<void> done = co_await m_writer.write(std::move(mutations), level, "BATCH", request);
    if (!done) {
        co_return done;  // What is in the log is written later.
    }
    for (const std::string& node : nodes) {
        m_view.messaging.send(node, Verb::BatchRemoveReq, id.toBytes(), request);
    }
    co_return ok();
}

Result<std::vector<std::string>> BatchLog::keepers(Consistency level) const {
    const ring::TopologyPtr topology = m_view.topology.current();
    std::vector<BatchLogCandidate> members;
    std::string localRack;
    for (const ring::NodeInfo& node : topology->nodes()) {
        if (node.datacenter != topology->localDatacenter()) {
            continue;
        }
        const bool isSelf = m_view.isSelf(node.node);
        localRack = isSelf ? node.rack : localRack;
        members.push_back({node.node, node.rack, !isSelf && m_view.isAlive(node.node)});
    }
    BatchLogChoice choice = chooseBatchLogNodes(members, localRack, m_view.runtime.random);
    if (!choice.nodes.empty()) {
        return std::move(choice.nodes);
    }
    // At ANY the coordinator would do, but is only one.
    Error error = unavailable(Consistency::Two, kKept, level == Consistency::Any ? 1 : 0);
    if (level != Consistency::Any) {
        error.message += " for batchlog in local DC, required:2, available:0";
    }
    return error;
}

Task<Result<void>> BatchLog::store(Bytes payload, std::vector<std::string> nodes, Uuid request) {
    const auto required = static_cast<std::uint32_t>(nodes.size());
    struct Round {
        std::uint32_t received = 0;
        std::uint32_t ended = 0;
        std::vector<ReplicaFailure> failures;
        runtime::Promise<Result<void>> outcome;
    };
    const auto round = std::make_shared<Round>();
    const Consistency told = required < kKept ? Consistency::One : Consistency::Two;
    for (const std::string& node : nodes) {
        m_view.messaging.request(
            node, Verb::BatchStoreReq, payload, m_view.in(m_view.timeouts.write),
            [round, required, told, node](const Reply& reply) {
                ++round->ended;
                if (reply.kind == Reply::Kind::Answer) {
                    ++round->received;
                } else if (reply.kind == Reply::Kind::Failure) {
                    round->failures.push_back({node, reply.reason});
                }
                if (round->received >= required) {
                    round->outcome.set(ok());
                } else if (!round->failures.empty()) {
                    round->outcome.set(writeFailure(told, round->received, required, "BATCH_LOG", round->failures));
                } else if (round->ended >= required) {
                    round->outcome.set(writeTimeout(told, round->received, required, "BATCH_LOG"));
                }
            },
            request);
    }
    Result<void> stored = co_await round->outcome;
    co_return stored;
}

// ---- who keeps it ------------------------------------------------------------------------------

void BatchLog::serve() {
    m_view.messaging.on(Verb::BatchStoreReq, [this](const messaging::Message& message) {
        m_tasks.spawn(storeFor(message, Bytes(message.payload)));
    });
    m_view.messaging.on(Verb::BatchRemoveReq, [this](const messaging::Message& message) {
        if (const auto id = Uuid::fromBytes(message.payload)) {
            m_tasks.spawn(remove(*id));
        }
    });
}

/// The row of system.batches.
Result<rows::Mutation> BatchLog::rowOf(BytesView payload) const {
    const schema::TablePtr table = m_view.schema.current()->findTable("system", "batches");
    ByteReader in(payload);
    const auto id = Uuid::fromBytes(in.raw(16));
    const std::uint32_t count = in.u32();
    if (in.failed() || !id) {
        return makeError(ErrorKind::Corrupt, "a batch to keep is truncated");
    }
    const std::int64_t micros = ballotMicros(*id);
    rows::Row row;
    row.liveness.timestamp = micros;
    const schema::Column& mutations = *table->find("mutations");
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto one = in.longBlob();
        if (in.failed() || !one) {
            return makeError(ErrorKind::Corrupt, "a batch to keep is truncated");
        }
        rows::Cell cell;
        cell.column = mutations.name;
        cell.path = Uuid::timeBased(micros * 10 + i, id->low).toBytes();
        cell.value = Bytes(*one);
        cell.timestamp = micros;
        row.cells.push_back(std::move(cell));
    }
    rows::Cell version;
    version.column = table->find("version")->name;
    version.value = types::encodeInt(kMutationVersion);
    version.timestamp = micros;
    row.cells.push_back(std::move(version));
    rows::PartitionUpdate update{table, {}};
    update.partition.key = rows::decorate(id->toBytes());
    update.partition.rows.push_back(std::move(row));
    rows::Mutation out;
    out.updates.push_back(std::move(update));
    return out;
}

Task<void> BatchLog::storeFor(messaging::MessageHead head, Bytes payload) {
    Result<rows::Mutation> row = rowOf(payload);
    Result<void> done = ok();
    if (row) {
        m_view.tracer.trace(head.request, stage::kMutation, "Adding to batches memtable");
        done = co_await m_view.storage.apply(std::move(row).value(), true);
    } else {
        done = row.error();
    }
    if (done) {
        m_view.messaging.reply(head, Verb::BatchStoreRsp, {});
    } else {
        m_view.log.error("a batch of {} cannot be kept: {}", head.from, done.error().message);
        m_view.messaging.failure(head, FailureReason::Unknown, done.error().message);
    }
}

Task<void> BatchLog::remove(Uuid id) {
    rows::PartitionUpdate gone{m_view.schema.current()->findTable("system", "batches"), {}};
    gone.partition.key = rows::decorate(id.toBytes());
    gone.partition.deletion = {std::max(m_view.runtime.clock.wallMicros(), ballotMicros(id)),
                               m_view.runtime.clock.wallSeconds()};
    rows::Mutation mutation;
    mutation.updates.push_back(std::move(gone));
    const Result<void> done = co_await m_view.storage.apply(std::move(mutation), true);
    if (!done) {
        m_view.log.error("cannot remove batch {}: {}", id.toString(), done.error().message);
    }
}

// ---- replay ------------------------------------------------------------------------------------

void BatchLog::start() { m_tasks.spawn(replayEver()); }

Task<void> BatchLog::replayEver() {
    co_await runtime::sleep(m_view.runtime.clock, kFirstReplay);
    while (!m_stopping) {
        co_await replay();
        co_await runtime::sleep(m_view.runtime.clock, kReplayPeriod);
    }
}

/// What can still be read of a batch: mutations of tables that are gone are left out, as are those that
/// are older than the tombstones of their tables.
BatchLog::Batch BatchLog::readBatch(const schema::Table&, const rows::Partition& partition) const {
    Batch out;
    out.id = Uuid::fromBytes(partition.key.key).value_or(Uuid());
    const std::int64_t written = ballotMicros(out.id) / 1'000'000;
    for (const rows::Row& row : partition.rows) {
        for (const rows::Cell& cell : row.cells) {
            if (cell.column != "mutations") {
                continue;
            }
            ByteReader in(cell.value);
            std::vector<Uuid> unknown;
            auto mutation = rows::readMutation(in, *m_view.schema.current(), unknown);
            if (!mutation) {
                m_view.log.error("batch {} cannot be read: {}", out.id.toString(), mutation.error().message);
                continue;
            }
            std::erase_if(mutation.value().updates, [&](const rows::PartitionUpdate& update) {
                return written + update.table->options.gcGraceSeconds <= m_view.runtime.clock.wallSeconds();
            });
            m_view.truncations.removeCovered(mutation.value(), ballotMicros(out.id) / 1000);
            if (!mutation.value().updates.empty()) {
                out.mutations.push_back(std::move(mutation).value());
            }
        }
    }
    return out;
}

Task<void> BatchLog::replay() {
    if (m_replaying) {
        co_return;
    }
    m_replaying = true;
    rows::ReadCommand command;
    command.table = m_view.schema.current()->findTable("system", "batches");
    command.nowSeconds = m_view.runtime.clock.wallSeconds();
    auto read = co_await m_view.storage.read(command);
    if (!read) {
        m_view.log.error("cannot read the batch log: {}", read.error().message);
        m_replaying = false;
        co_return;
    }
    const std::int64_t patience = 2 * std::chrono::duration_cast<std::chrono::microseconds>(m_view.timeouts.write).count();
    const std::int64_t newest = m_view.runtime.clock.wallMicros() - patience;
    for (rows::Partition& partition : read.value()) {
        if (m_stopping) {
            break;
        }
        rows::filterLive(*command.table, partition, command.nowSeconds);
        if (partition.rows.empty()) {
            continue;
        }
        Batch batch = readBatch(*command.table, partition);
        if (ballotMicros(batch.id) > newest) {
            continue;
        }
        m_view.log.info("batch {} was left in the log: its {} mutations are written again", batch.id.toString(),
                        batch.mutations.size());
        for (rows::Mutation& mutation : batch.mutations) {
            co_await m_writer.deliver(std::move(mutation));
        }
        co_await remove(batch.id);
    }
    m_replaying = false;
}

}  // namespace engine::coordinator
