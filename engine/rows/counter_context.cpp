#include "engine/rows/counter_context.h"

namespace engine::rows {
namespace {

constexpr std::size_t kShardBytes = 32;
constexpr int kGlobalMark = 0x8000;  // Added to the place of a global shard in the header.

/// CounterContext.UPDATE_CLOCK_ID, CounterId.fromInt(0).
const Uuid kUpdateId{};

/// CounterContext.compare and merge: of two shards of one id.
CounterShard winner(const CounterShard& a, const CounterShard& b) {
    using Kind = CounterShard::Kind;
    if (a.kind == Kind::Local && b.kind == Kind::Local) {
        return {a.id, a.clock + b.clock, a.count + b.count, Kind::Local};
    }
    if (a.kind != b.kind) {
        return a.kind > b.kind ? a : b;
    }
    if (a.clock != b.clock) {
        return a.clock > b.clock ? a : b;
    }
    return a.count >= b.count ? a : b;
}

}  // namespace

std::vector<CounterShard> counterShards(BytesView context) {
    std::vector<CounterShard> out;
    ByteReader in(context);
    std::vector<std::uint16_t> header(in.u16());
    for (std::uint16_t& mark : header) {
        mark = in.u16();
    }
    if (in.failed()) {
        return out;
    }
    while (in.remaining() >= kShardBytes) {
        CounterShard shard;
        shard.kind = CounterShard::Kind::Remote;
        shard.id.high = in.u64();
        shard.id.low = in.u64();
        shard.clock = in.i64();
        shard.count = in.i64();
        out.push_back(shard);
    }
    for (const std::uint16_t mark : header) {
        const std::size_t place = mark & ~static_cast<unsigned>(kGlobalMark);
        if (place < out.size()) {
            out[place].kind = (mark & kGlobalMark) != 0 ? CounterShard::Kind::Global : CounterShard::Kind::Local;
        }
    }
    return out;
}

Bytes counterContext(const std::vector<CounterShard>& shards) {
    ByteWriter out;
    std::vector<std::uint16_t> header;
    for (std::size_t i = 0; i < shards.size(); ++i) {
        if (shards[i].kind != CounterShard::Kind::Remote) {
            header.push_back(static_cast<std::uint16_t>(
                i | (shards[i].kind == CounterShard::Kind::Global ? kGlobalMark : 0)));
        }
    }
    out.u16(static_cast<std::uint16_t>(header.size()));
    for (const std::uint16_t mark : header) {
        out.u16(mark);
    }
    for (const CounterShard& shard : shards) {
        out.u64(shard.id.high);
        out.u64(shard.id.low);
        out.i64(shard.clock);
        out.i64(shard.count);
    }
    return out.take();
}

Bytes counterUpdate(std::int64_t delta) {
    return counterContext({{kUpdateId, 1, delta, CounterShard::Kind::Local}});
}

bool isCounterUpdate(BytesView context) {
    const auto shards = counterShards(context);
    return shards.size() == 1 && shards.front().kind == CounterShard::Kind::Local &&
           shards.front().id == kUpdateId;
}

std::int64_t counterTotal(BytesView context) {
    std::uint64_t sum = 0;  // Wraps as Java's long does.
    for (const CounterShard& shard : counterShards(context)) {
        sum += static_cast<std::uint64_t>(shard.count);
    }
    return static_cast<std::int64_t>(sum);
}

CounterShard counterShardOf(BytesView context, const Uuid& id) {
    for (const CounterShard& shard : counterShards(context)) {
        if (shard.id == id) {
            return shard;
        }
    }
    return {id, 0, 0, CounterShard::Kind::Global};
}

Bytes mergeCounters(BytesView left, BytesView right) {
    if (left == right && !isCounterUpdate(left)) {
        return Bytes(left);
    }
    const auto a = counterShards(left);
    const auto b = counterShards(right);
    std::vector<CounterShard> out;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        if (j == b.size() || (i < a.size() && a[i].id < b[j].id)) {
            out.push_back(a[i++]);
        } else if (i == a.size() || b[j].id < a[i].id) {
            out.push_back(b[j++]);
        } else {
            out.push_back(winner(a[i++], b[j++]));
        }
    }
    return counterContext(out);
}

}  // namespace engine::rows
