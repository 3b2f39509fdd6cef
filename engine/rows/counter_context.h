#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/uuid.h"

/// What a cell of a counter holds (org.apache.cassandra.db.context.CounterContext), in Cassandra's
/// bytes: a header of 16-bit numbers that tells which shards are global (as every shard written since
/// 2.1 is) or local, and the shards, ordered by id: the writer's id, how often it wrote, its sum.
namespace engine::rows {

struct CounterShard {
    enum class Kind : std::uint8_t { Remote, Local, Global };
    Uuid id;
    std::int64_t clock = 0;
    std::int64_t count = 0;
    Kind kind = Kind::Global;
    bool operator==(const CounterShard&) const = default;
};

/// Malformed bytes give the shards before the damage.
std::vector<CounterShard> counterShards(BytesView context);
Bytes counterContext(const std::vector<CounterShard>& shards);

/// What a client adds, until a replica has made a shard of its own of it.
Bytes counterUpdate(std::int64_t delta);
bool isCounterUpdate(BytesView context);

/// The counter's value: the sum of its shards.
std::int64_t counterTotal(BytesView context);
/// The shard of `id`; with clock 0 when it has none.
CounterShard counterShardOf(BytesView context, const Uuid& id);
/// Of each id the shard that knows most.
Bytes mergeCounters(BytesView left, BytesView right);

}  // namespace engine::rows
