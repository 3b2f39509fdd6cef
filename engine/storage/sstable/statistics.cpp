#include "engine/storage/sstable/statistics.h"

#include <fmt/format.h>

#include <array>

#include "engine/base/hash.h"
#include "engine/storage/sstable/cardinality.h"

namespace engine::storage {

namespace {

/// Parts of the file, in its order (MetadataType).
enum Part : std::uint32_t { Validation = 0, Compaction = 1, Stats = 2, Header = 3 };
constexpr std::uint32_t kParts = 4;
constexpr std::uint32_t kPartsMax = 16;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kUuidBytes = 16;

void writePosition(ByteWriter& out, const LogPosition& position) {
    out.u64(position.segment);
    out.i32(static_cast<std::int32_t>(position.offset));
}

/// Cassandra's CommitLogPosition.NONE is segment -1.
std::optional<LogPosition> readPosition(ByteReader& in) {
    const std::int64_t segment = in.i64();
    const std::int32_t offset = in.i32();
    if (segment < 0 || offset < 0) {
        return std::nullopt;
    }
    return LogPosition{static_cast<std::uint64_t>(segment), static_cast<std::uint64_t>(offset)};
}

void writeNoPosition(ByteWriter& out) {
    out.i64(-1);
    out.i32(0);
}

void writeClustering(ByteWriter& out, const rows::Clustering& clustering) {
    out.i32(static_cast<std::int32_t>(clustering.size()));
    for (const Bytes& value : clustering) {
        out.shortBlob(value);
    }
}

rows::Clustering readClustering(ByteReader& in) {
    rows::Clustering out;
    const std::int32_t count = in.i32();
    for (std::int32_t i = 0; i < count && !in.failed(); ++i) {
        out.emplace_back(in.shortBlob());
    }
    return out;
}

void writeId(ByteWriter& out, const std::optional<Uuid>& id) {
    out.boolean(id.has_value());
    if (id) {
        out.raw(id->toBytes());
    }
}

std::optional<Uuid> readId(ByteReader& in) {
    return in.boolean() ? Uuid::fromBytes(in.raw(kUuidBytes)) : std::nullopt;
}

void writeStats(ByteWriter& out, const SstableStats& stats) {
    stats.partitionBytes.write(out);
    stats.cellsPerPartition.write(out);
    stats.flushedTo ? writePosition(out, *stats.flushedTo) : writeNoPosition(out);
    const bool any = stats.hasTimestamps();
    out.i64(any ? stats.minTimestamp : std::numeric_limits<std::int64_t>::min());
    out.i64(any ? stats.maxTimestamp : std::numeric_limits<std::int64_t>::max());
    out.i32(stats.minLocalDeletionTime);
    out.i32(stats.maxLocalDeletionTime);
    out.i32(stats.minTtl);
    out.i32(stats.maxTtl);
    out.f64(stats.compressionRatio);
    stats.tombstoneDropTimes.write(out);
    out.i32(stats.level);
    out.i64(stats.repairedAtMillis);
    writeClustering(out, stats.minClustering);
    writeClustering(out, stats.maxClustering);
    out.boolean(false);  // Shards of counters from before 2.1.
    out.i64(stats.columnsSet);
    out.i64(stats.rows);
    writeNoPosition(out);
    out.i32(stats.flushedTo ? 1 : 0);
    if (stats.flushedTo) {
        writePosition(out, {});
        writePosition(out, *stats.flushedTo);
    }
    writeId(out, stats.pendingRepair);
    out.boolean(stats.isTransient);
    writeId(out, stats.originatingHost);
}

SstableStats readStats(ByteReader& in) {
    SstableStats out;
    out.partitionBytes = EstimatedHistogram::read(in);
    out.cellsPerPartition = EstimatedHistogram::read(in);
    out.flushedTo = readPosition(in);
    out.minTimestamp = in.i64();
    out.maxTimestamp = in.i64();
    if (out.minTimestamp == std::numeric_limits<std::int64_t>::min() &&
        out.maxTimestamp == std::numeric_limits<std::int64_t>::max()) {
        std::swap(out.minTimestamp, out.maxTimestamp);
    }
    out.minLocalDeletionTime = in.i32();
    out.maxLocalDeletionTime = in.i32();
    out.minTtl = in.i32();
    out.maxTtl = in.i32();
    out.compressionRatio = in.f64();
    out.tombstoneDropTimes = TombstoneHistogram::read(in);
    out.level = in.i32();
    out.repairedAtMillis = in.i64();
    out.minClustering = readClustering(in);
    out.maxClustering = readClustering(in);
    in.boolean();
    out.columnsSet = in.i64();
    out.rows = in.i64();
    readPosition(in);
    const std::int32_t intervals = in.i32();
    for (std::int32_t i = 0; i < intervals && !in.failed(); ++i) {
        readPosition(in);
        const auto upper = readPosition(in);
        if (upper && (!out.flushedTo || *out.flushedTo < *upper)) {
            out.flushedTo = upper;
        }
    }
    out.pendingRepair = readId(in);
    out.isTransient = in.boolean();
    out.originatingHost = readId(in);
    return out;
}

Bytes partOf(const Statistics& statistics, std::uint32_t part) {
    ByteWriter out;
    switch (part) {
        case Validation:
            out.shortBlob(statistics.partitioner);
            out.f64(statistics.bloomFilterFpChance);
            break;
        case Compaction:
            out.longBlob(statistics.cardinality);
            break;
        case Stats:
            writeStats(out, statistics.stats);
            break;
        default:
            statistics.header.write(out);
    }
    return out.take();
}

/// False when the part is malformed.
Result<bool> readPart(std::uint32_t part, BytesView bytes, Statistics& out) {
    ByteReader in(bytes);
    switch (part) {
        case Validation:
            out.partitioner = std::string(in.shortBlob());
            out.bloomFilterFpChance = in.f64();
            break;
        case Compaction:
            if (const auto cardinality = in.longBlob()) {
                out.cardinality = Bytes(*cardinality);
                const auto counted = Cardinality::read(out.cardinality);
                out.estimatedPartitions = counted ? counted->estimate() : 0;
            }
            break;
        case Stats:
            out.stats = readStats(in);
            break;
        case Header: {
            TRY_ASSIGN(out.header, SerializationHeader::read(in));
            break;
        }
        default:
            return true;
    }
    return !in.failed();
}

}  // namespace

double SstableStats::droppableTombstoneRatio(std::int64_t gcBefore) const {
    const double cells = static_cast<double>(cellsPerPartition.mean()) *
                         static_cast<double>(cellsPerPartition.count());
    return cells > 0 ? tombstoneDropTimes.sum(static_cast<double>(gcBefore)) / cells : 0;
}

void writeStatistics(ByteWriter& out, const Statistics& statistics) {
    std::array<Bytes, kParts> parts;
    for (std::uint32_t part = 0; part < kParts; ++part) {
        parts[part] = partOf(statistics, part);
    }
    ByteWriter count;
    count.u32(kParts);
    ByteWriter toc;
    auto offset = static_cast<std::uint32_t>(count.size() + kParts * 8 + 2 * kChecksumBytes);
    for (std::uint32_t part = 0; part < kParts; ++part) {
        toc.u32(part);
        toc.u32(offset);
        offset += static_cast<std::uint32_t>(parts[part].size() + kChecksumBytes);
    }
    const std::uint32_t countChecksum = crc32(count.bytes());
    out.raw(count.bytes());
    out.u32(countChecksum);
    out.raw(toc.bytes());
    out.u32(crc32(toc.bytes(), countChecksum));
    for (const Bytes& part : parts) {
        out.raw(part);
        out.u32(crc32(part));
    }
}

Result<Statistics> readStatistics(BytesView bytes, const std::string& path) {
    const auto corrupt = [&](std::string_view what, std::uint64_t offset) {
        return makeError(ErrorKind::Corrupt,
                         fmt::format("SSTable {}: {} at offset {}", path, what, offset));
    };
    ByteReader in(bytes);
    const std::uint32_t count = in.u32();
    const std::uint32_t countChecksum = crc32(bytes.substr(0, in.offset()));
    if (in.u32() != countChecksum || in.failed() || count > kPartsMax) {
        return corrupt("the number of parts fails its checksum", 0);
    }
    const std::size_t tocAt = in.offset();
    std::vector<std::pair<std::uint32_t, std::uint32_t>> parts;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t part = in.u32();
        parts.emplace_back(part, in.u32());
    }
    const std::uint32_t tocChecksum =
        crc32(bytes.substr(tocAt, in.offset() - tocAt), countChecksum);
    if (in.u32() != tocChecksum || in.failed()) {
        return corrupt("the list of parts fails its checksum", tocAt);
    }
    Statistics out;
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto [part, offset] = parts[i];
        const std::uint64_t end = i + 1 < parts.size() ? parts[i + 1].second : bytes.size();
        if (end > bytes.size() || offset + kChecksumBytes > end) {
            return corrupt("a part is cut off", offset);
        }
        const BytesView content = bytes.substr(offset, end - offset - kChecksumBytes);
        ByteReader checksum(bytes.substr(end - kChecksumBytes, kChecksumBytes));
        if (checksum.u32() != crc32(content)) {
            return corrupt("a part fails its checksum", offset);
        }
        auto good = readPart(part, content, out);
        if (!good) {
            return corrupt(good.error().message, offset);
        }
        if (!good.value()) {
            return corrupt("a part is malformed", offset);
        }
        seen |= part < kParts ? 1u << part : 0;
    }
    if ((seen & (1u << Stats)) == 0 || (seen & (1u << Header)) == 0) {
        return corrupt("the statistics or the schema of the file are missing", 0);
    }
    return out;
}

}  // namespace engine::storage
