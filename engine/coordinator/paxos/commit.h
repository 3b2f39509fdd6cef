#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/rows/partition.h"
#include "engine/schema/schema.h"

namespace engine::coordinator {

/// A ballot and what is to be written under it (org.apache.cassandra.service.paxos.Commit). Ballots
/// are time UUIDs; nil comes before all.
struct Commit {
    Uuid ballot;
    rows::PartitionUpdate update;  // Empty partition: nothing (serial reads, conditions that failed).

    bool isEmpty() const { return update.partition.isEmpty(); }
};

/// Later ones win; those of one moment by their other bits.
bool isAfter(const Uuid& ballot, const Uuid& other);
/// The time a ballot stands for, which its cells carry.
std::int64_t ballotMicros(const Uuid& ballot);

void write(ByteWriter& out, const Commit& commit);
/// Nil ballot: none; the update is of `table` and `key` then.
Result<Commit> readCommit(ByteReader& in, const schema::Schema& schema);

Bytes encodeUpdate(const rows::PartitionUpdate& update);
Result<rows::PartitionUpdate> decodeUpdate(BytesView bytes, const schema::Schema& schema);

}  // namespace engine::coordinator
