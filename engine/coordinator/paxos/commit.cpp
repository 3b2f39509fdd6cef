#include "engine/coordinator/paxos/commit.h"

#include "engine/rows/serialization.h"

namespace engine::coordinator {

bool isAfter(const Uuid& ballot, const Uuid& other) {
    const std::int64_t a = ballot.timestamp();
    const std::int64_t b = other.timestamp();
    return a != b ? a > b : ballot.low > other.low;
}

std::int64_t ballotMicros(const Uuid& ballot) {
    static const std::int64_t kEpoch = Uuid::timeBased(0, 0).timestamp();
    return (ballot.timestamp() - kEpoch) / 10;
}

Bytes encodeUpdate(const rows::PartitionUpdate& update) {
    rows::Mutation mutation;
    mutation.updates.push_back(update);
    ByteWriter out;
    rows::write(out, mutation);
    return out.take();
}

Result<rows::PartitionUpdate> decodeUpdate(BytesView bytes, const schema::Schema& schema) {
    ByteReader in(bytes);
    TRY_ASSIGN(auto mutation, rows::readMutation(in, schema));
    if (mutation.updates.size() != 1) {
        return makeError(ErrorKind::Corrupt, "a Paxos proposal is not of one partition");
    }
    return std::move(mutation.updates.front());
}

void write(ByteWriter& out, const Commit& commit) {
    out.raw(commit.ballot.toBytes());
    out.blob(commit.update.table ? encodeUpdate(commit.update) : Bytes());
}

Result<Commit> readCommit(ByteReader& in, const schema::Schema& schema) {
    Commit out;
    const auto ballot = Uuid::fromBytes(in.raw(16));
    const BytesView update = in.blob();
    if (in.failed() || !ballot) {
        return makeError(ErrorKind::Corrupt, "a Paxos message is truncated");
    }
    out.ballot = *ballot;
    if (!update.empty()) {
        TRY_ASSIGN(out.update, decodeUpdate(update, schema));
    }
    return out;
}

}  // namespace engine::coordinator
