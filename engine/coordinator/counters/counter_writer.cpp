#include "engine/coordinator/counters/counter_writer.h"

#include <algorithm>

#include "engine/rows/counter_context.h"
#include "engine/rows/serialization.h"

namespace engine::coordinator {

using messaging::FailureReason;
using messaging::Reply;
using messaging::Verb;
using ring::Consistency;
using runtime::Task;

namespace {

constexpr std::string_view kWriteType = "COUNTER";

const rows::Row* findRow(const schema::Table& table, const rows::Partition& partition, const rows::Row& like) {
    for (const rows::Row& row : partition.rows) {
        if (rows::compareClustering(table, row.clustering, like.clustering) == 0) {
            return &row;
        }
    }
    return nullptr;
}

/// Each cell that adds becomes the node's shard of it (CounterMutation.updateWithCurrentValue).
void toShards(rows::Row& row, const rows::Row* current, const Uuid& self, std::int64_t nowMicros) {
    for (rows::Cell& cell : row.cells) {
        if (cell.isTombstone() || !rows::isCounterUpdate(cell.value)) {
            continue;
        }
        rows::CounterShard shard{self, 0, 0, rows::CounterShard::Kind::Global};
        if (current != nullptr) {
            for (const rows::Cell& known : current->cells) {
                if (known.column == cell.column) {
                    shard = rows::counterShardOf(known.value, self);
                }
            }
        }
        shard.kind = rows::CounterShard::Kind::Global;
        shard.clock = std::max(nowMicros, shard.clock + 1);
        // Wraps as Java's long does.
        shard.count = static_cast<std::int64_t>(static_cast<std::uint64_t>(shard.count) +
                                                static_cast<std::uint64_t>(rows::counterTotal(cell.value)));
        cell.value = rows::counterContext({shard});
    }
}

}  // namespace

Result<std::string> CounterWriter::leaderOf(const rows::Mutation& mutation, Consistency level) const {
    const ring::TopologyPtr topology = m_view.topology.current();
    const schema::KeyspacePtr* keyspace = m_view.schema.current()->findKeyspace(mutation.keyspace());
    if (keyspace == nullptr) {
        return invalid("keyspace " + mutation.keyspace() + " does not exist");
    }
    const ring::Placement& placement = topology->placement((*keyspace)->replication);
    const auto live =
        liveByProximity(m_view, *topology, placement.replicasFor(mutation.key().token).natural);
    std::vector<const ring::NodeInfo*> local;
    for (const ring::NodeInfo* node : live) {
        if (node->datacenter == topology->localDatacenter()) {
            local.push_back(node);
        }
    }
    if (live.empty() || (local.empty() && ring::isDatacenterLocal(level))) {
        return unavailable(level, placement.requiredResponses(level, topology->localDatacenter()), 0);
    }
    return local.empty() ? live.front()->node : local[m_view.runtime.random.below(local.size())]->node;
}

Task<Result<void>> CounterWriter::write(std::vector<rows::Mutation> mutations, Consistency level, Uuid request) {
    std::vector<Outcome> outcomes(mutations.size());
    for (std::size_t i = 0; i < mutations.size(); ++i) {
        m_tasks.spawn(writeOne(std::move(mutations[i]), level, request, outcomes[i]));
    }
    Result<void> first = ok();
    for (const Outcome& outcome : outcomes) {
        Result<void> done = co_await outcome;
        if (!done && first) {
            first = std::move(done);
        }
    }
    co_return first;
}

Task<void> CounterWriter::writeOne(rows::Mutation mutation, Consistency level, Uuid request, Outcome outcome) {
    const Result<std::string> leader = leaderOf(mutation, level);
    if (!leader) {
        outcome.set(leader.error());
        co_return;
    }
    if (m_view.isSelf(leader.value())) {
        Result<void> done = co_await lead(std::move(mutation), level, request);
        outcome.set(std::move(done));
        co_return;
    }
    // A level that cannot be met is refused before the leader is asked.
    const Result<void> possible = m_writer.check(mutation, level);
    if (!possible) {
        outcome.set(possible.error());
        co_return;
    }
    ByteWriter payload;
    payload.u16(static_cast<std::uint16_t>(level));
    rows::write(payload, mutation);
    m_view.messaging.request(
        leader.value(), Verb::CounterMutationReq, payload.bytes(), m_view.in(m_view.timeouts.counterWrite),
        [outcome, node = leader.value()](const Reply& reply) {
            switch (reply.kind) {
                case Reply::Kind::Answer: outcome.set(ok()); break;
                case Reply::Kind::Timeout:
                    outcome.set(writeTimeout(Consistency::One, 0, 1, kWriteType));
                    break;
                case Reply::Kind::Failure: {
                    const std::vector<ReplicaFailure> failures{{node, reply.reason}};
                    outcome.set(writeFailure(Consistency::One, 0, 1, kWriteType, failures));
                    break;
                }
            }
        },
        request);
}

Task<Result<void>> CounterWriter::lead(rows::Mutation mutation, Consistency level, Uuid request) {
    CO_TRY(m_writer.check(mutation, level));
    Result<rows::Mutation> applied = co_await apply(std::move(mutation), request);
    if (!applied) {
        co_return applied.error();
    }
    Result<std::shared_ptr<WriteHandler>> handler =
        m_writer.startOthers(std::move(applied).value(), level, std::string(kWriteType), request);
    if (!handler) {
        co_return handler.error();
    }
    Result<void> done = co_await handler.value()->outcome();
    co_return done;
}

Task<Result<rows::Mutation>> CounterWriter::apply(rows::Mutation mutation, Uuid request) {
    m_view.tracer.trace(request, stage::kMutation, "Acquiring counter locks");
    const auto held = co_await m_locks.lock(mutation.keyspace() + '\0' + mutation.key().key);
    const auto counted = std::make_shared<rows::Mutation>(std::move(mutation));
    const Result<void> done = co_await count(counted);
    if (!done) {
        co_return done.error();
    }
    rows::Mutation own = *counted;
    const Result<void> written = co_await m_writer.applyHere(std::move(own), request);
    if (!written) {
        co_return written.error();
    }
    co_return std::move(*counted);
}

Task<Result<void>> CounterWriter::count(std::shared_ptr<rows::Mutation> mutation) {
    const ring::NodeInfo* self = m_view.topology.current()->find(m_view.messaging.self());
    if (self == nullptr) {
        co_return makeError(ErrorKind::Server, "this node is not in its own ring");
    }
    const Uuid id = self->hostId;
    for (rows::PartitionUpdate& update : mutation->updates) {
        rows::ReadCommand command;
        command.table = update.table;
        command.key = update.partition.key;
        command.nowSeconds = m_view.runtime.clock.wallSeconds();
        if (!update.table->clustering().empty()) {
            for (const rows::Row& row : update.partition.rows) {
                command.names.push_back(row.clustering);
            }
            command.staticOnly = command.names.empty();
        }
        auto read = co_await m_view.storage.read(command);
        if (!read) {
            co_return read.error();
        }
        rows::Partition current;
        if (!read.value().empty()) {
            current = std::move(read.value().front());
            rows::filterLive(*update.table, current, command.nowSeconds);
        }
        const std::int64_t now = m_view.runtime.clock.wallMicros();
        toShards(update.partition.staticRow, &current.staticRow, id, now);
        for (rows::Row& row : update.partition.rows) {
            toShards(row, findRow(*update.table, current, row), id, now);
        }
    }
    co_return ok();
}

void CounterWriter::serve() {
    m_view.messaging.on(Verb::CounterMutationReq, [this](const messaging::Message& message) {
        ByteReader in(message.payload);
        const auto level = ring::consistencyOf(in.u16());
        auto mutation = rows::readMutation(in, *m_view.schema.current());
        if (!mutation || !level) {
            m_view.messaging.failure(message, FailureReason::IncompatibleSchema,
                                     mutation ? "unknown level" : mutation.error().message);
            return;
        }
        m_tasks.spawn(leadFor(message, std::move(mutation).value(), *level));
    });
}

Task<void> CounterWriter::leadFor(messaging::MessageHead head, rows::Mutation mutation, Consistency level) {
    const Result<void> done = co_await lead(std::move(mutation), level, head.request);
    if (done) {
        m_view.messaging.reply(head, Verb::CounterMutationRsp, {});
    } else if (done.error().kind != ErrorKind::WriteTimeout) {
        m_view.messaging.failure(head, FailureReason::Unknown, done.error().message);
    }
    // A leader that waited in vain says nothing: the coordinator's own time is up, too.
}

}  // namespace engine::coordinator
