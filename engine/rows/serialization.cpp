#include "engine/rows/serialization.h"

#include <fmt/format.h>

#include "engine/rows/row_codec.h"

namespace engine::rows {

namespace {

constexpr std::uint8_t kHasStart = 1;
constexpr std::uint8_t kHasEnd = 2;

constexpr std::uint8_t kBoundInclusive = 1;
constexpr std::uint8_t kBoundHasKey = 2;

constexpr std::uint16_t kByKey = 1;
constexpr std::uint16_t kAllColumns = 2;
constexpr std::uint16_t kReversed = 4;
constexpr std::uint16_t kStaticOnly = 8;
constexpr std::uint16_t kDistinct = 16;
constexpr std::uint16_t kFilterAtReplica = 32;
constexpr std::uint16_t kUseIndex = 64;
constexpr std::uint16_t kNearest = 128;

Error truncated(const char* what, const ByteReader& in) {
    return makeError(ErrorKind::Corrupt,
                     fmt::format("{} is truncated or malformed at byte {}", what, in.offset()));
}

void writeId(ByteWriter& out, const Uuid& id) {
    out.u64(id.high);
    out.u64(id.low);
}

Uuid readId(ByteReader& in) {
    Uuid id;
    id.high = in.u64();
    id.low = in.u64();
    return id;
}

Partition readRows(ByteReader& in) {
    ColumnNames names(true);
    Partition out = readHead(in, names);
    const std::uint64_t count = readCount(in);
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
        out.rows.push_back(readRow(in, names));
    }
    return out;
}

/// Updates of tables that `schema` does not have end the reading, or are noted in `unknown`.
Result<Mutation> readUpdates(ByteReader& in, const schema::Schema& schema,
                             std::vector<Uuid>* unknown) {
    Mutation out;
    const std::uint64_t count = readCount(in);
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
        const Uuid id = readId(in);
        ByteReader body(in.raw(in.u32()));
        if (in.failed()) {
            break;
        }
        schema::TablePtr table = schema.findTable(id);
        if (!table) {
            if (unknown == nullptr) {
                return makeError(ErrorKind::NotFound, "no table has the id " + id.toString());
            }
            unknown->push_back(id);
            continue;
        }
        out.updates.push_back({std::move(table), readRows(body)});
        if (body.failed() || !body.atEnd()) {
            return truncated("mutation", body);
        }
    }
    if (in.failed()) {
        return truncated("mutation", in);
    }
    return out;
}

void writeBound(ByteWriter& out, const PartitionBound& bound) {
    out.u8(static_cast<std::uint8_t>((bound.inclusive ? kBoundInclusive : 0) |
                                     (bound.key ? kBoundHasKey : 0)));
    out.i64(bound.token);
    if (bound.key) {
        out.blob(*bound.key);
    }
}

PartitionBound readBound(ByteReader& in) {
    PartitionBound out;
    const std::uint8_t flags = in.u8();
    out.inclusive = (flags & kBoundInclusive) != 0;
    out.token = in.i64();
    if ((flags & kBoundHasKey) != 0) {
        out.key = in.blob();
    }
    return out;
}

void writeRange(ByteWriter& out, const PartitionRange& range) {
    out.u8(static_cast<std::uint8_t>((range.start ? kHasStart : 0) | (range.end ? kHasEnd : 0)));
    if (range.start) {
        writeBound(out, *range.start);
    }
    if (range.end) {
        writeBound(out, *range.end);
    }
}

PartitionRange readRange(ByteReader& in) {
    PartitionRange out;
    const std::uint8_t flags = in.u8();
    if ((flags & kHasStart) != 0) {
        out.start = readBound(in);
    }
    if ((flags & kHasEnd) != 0) {
        out.end = readBound(in);
    }
    return out;
}

void writeFilter(ByteWriter& out, const FilterExpression& filter) {
    out.u8(static_cast<std::uint8_t>(filter.op));
    out.blob(filter.column);
    out.blob(filter.value);
    out.blob(filter.mapKey);
    writeClustering(out, filter.values);
    out.u8(filter.analysis);
}

FilterExpression readFilter(ByteReader& in) {
    FilterExpression out;
    const std::uint8_t op = in.u8();
    if (op > static_cast<std::uint8_t>(Operator::LikeMatches)) {
        in.fail();
        return out;
    }
    out.op = static_cast<Operator>(op);
    out.column = in.blob();
    out.value = in.blob();
    out.mapKey = in.blob();
    out.values = readClustering(in);
    out.analysis = in.u8();
    return out;
}

/// What follows the count is read by `one` until done or failed.
template <typename T, typename F>
std::vector<T> readMany(ByteReader& in, F one) {
    std::vector<T> out;
    const std::uint64_t count = readCount(in);
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
        out.push_back(one(in));
    }
    return out;
}

std::uint16_t commandFlags(const ReadCommand& command) {
    return static_cast<std::uint16_t>(
        (command.key ? kByKey : 0) | (command.columns.all ? kAllColumns : 0) |
        (command.reversed ? kReversed : 0) | (command.staticOnly ? kStaticOnly : 0) |
        (command.limits.distinct ? kDistinct : 0) |
        (command.filterAtReplica ? kFilterAtReplica : 0) | (command.useIndex ? kUseIndex : 0) |
        (command.nearest ? kNearest : 0));
}

}  // namespace

void write(ByteWriter& out, const Partition& partition) {
    ColumnNames names(true);
    writeHead(out, partition, names);
    out.unsignedVint(partition.rows.size());
    for (const Row& row : partition.rows) {
        writeRow(out, row, names);
    }
}

Result<Partition> readPartition(ByteReader& in) {
    Partition out = readRows(in);
    if (in.failed()) {
        return truncated("partition", in);
    }
    return out;
}

void write(ByteWriter& out, const Mutation& mutation) {
    out.unsignedVint(mutation.updates.size());
    for (const PartitionUpdate& update : mutation.updates) {
        writeId(out, update.table->id);
        const std::size_t lengthAt = out.size();
        out.u32(0);
        write(out, update.partition);
        out.patchU32(lengthAt, static_cast<std::uint32_t>(out.size() - lengthAt - 4));
    }
}

Result<Mutation> readMutation(ByteReader& in, const schema::Schema& schema) {
    return readUpdates(in, schema, nullptr);
}

Result<Mutation> readMutation(ByteReader& in, const schema::Schema& schema,
                              std::vector<Uuid>& unknown) {
    return readUpdates(in, schema, &unknown);
}

void write(ByteWriter& out, const ReadCommand& command) {
    writeId(out, command.table->id);
    out.u16(commandFlags(command));
    if (command.key) {
        out.blob(command.key->key);
    } else {
        writeRange(out, command.range);
    }
    if (!command.columns.all) {
        writeClustering(out, command.columns.names);
    }
    out.unsignedVint(command.names.size());
    for (const Clustering& name : command.names) {
        writeClustering(out, name);
    }
    out.unsignedVint(command.slices.size());
    for (const Slice& slice : command.slices) {
        writeSlice(out, slice);
    }
    out.unsignedVint(command.filters.size());
    for (const FilterExpression& filter : command.filters) {
        writeFilter(out, filter);
    }
    out.unsignedVint(command.limits.rows);
    out.unsignedVint(command.limits.rowsPerPartition);
    out.vint(command.nowSeconds);
    if (command.nearest) {
        out.blob(command.nearest->column);
        out.blob(command.nearest->vector);
        out.unsignedVint(command.nearest->limit);
    }
}

Result<ReadCommand> readReadCommand(ByteReader& in, const schema::Schema& schema) {
    ReadCommand out;
    const Uuid id = readId(in);
    const std::uint16_t flags = in.u16();
    if ((flags & kByKey) != 0) {
        out.key = decorate(Bytes(in.blob()));
    } else {
        out.range = readRange(in);
    }
    out.columns.all = (flags & kAllColumns) != 0;
    if (!out.columns.all) {
        out.columns.names = readClustering(in);
    }
    out.names = readMany<Clustering>(in, readClustering);
    out.slices = readMany<Slice>(in, readSlice);
    out.filters = readMany<FilterExpression>(in, readFilter);
    out.limits.rows = static_cast<std::uint32_t>(in.unsignedVint());
    out.limits.rowsPerPartition = static_cast<std::uint32_t>(in.unsignedVint());
    out.limits.distinct = (flags & kDistinct) != 0;
    out.reversed = (flags & kReversed) != 0;
    out.staticOnly = (flags & kStaticOnly) != 0;
    out.filterAtReplica = (flags & kFilterAtReplica) != 0;
    out.nowSeconds = in.vint();
    out.useIndex = (flags & kUseIndex) != 0;
    if ((flags & kNearest) != 0) {
        NearestTo& nearest = out.nearest.emplace();
        nearest.column = in.blob();
        nearest.vector = in.blob();
        nearest.limit = static_cast<std::uint32_t>(in.unsignedVint());
    }
    if (in.failed()) {
        return truncated("read command", in);
    }
    out.table = schema.findTable(id);
    if (!out.table) {
        return makeError(ErrorKind::NotFound, "no table has the id " + id.toString());
    }
    return out;
}

}  // namespace engine::rows
