#include "engine/storage/sstable_format.h"

#include <fmt/format.h>

#include <charconv>

namespace engine::storage {

namespace {

constexpr std::string_view kNamePrefix = "rs-";
constexpr std::string_view kNameSuffix = ".db";

}  // namespace

void writeIndex(ByteWriter& out, const SstableIndex& index) {
    out.unsignedVint(index.columns.size());
    for (const rows::ColumnName column : index.columns) {
        out.blob(column);
    }
    out.unsignedVint(index.partitions.size());
    std::uint64_t previous = 0;
    for (const PartitionEntry& entry : index.partitions) {
        out.i64(entry.token);
        out.unsignedVint(entry.offset - previous);
        previous = entry.offset;
    }
    index.bloom.write(out);
    out.u64(index.stats.flushedTo.segment);
    out.u64(index.stats.flushedTo.offset);
    out.unsignedVint(index.stats.rows);
    out.i64(index.stats.minTimestamp);
    out.i64(index.stats.maxTimestamp);
}

SstableIndex readIndex(ByteReader& in) {
    SstableIndex out;
    const std::uint64_t columns = rows::readCount(in);
    for (std::uint64_t i = 0; i < columns && !in.failed(); ++i) {
        out.columns.emplace_back(in.blob());
    }
    const std::uint64_t partitions = rows::readCount(in);
    out.partitions.reserve(partitions);
    std::uint64_t offset = 0;
    for (std::uint64_t i = 0; i < partitions && !in.failed(); ++i) {
        const std::int64_t token = in.i64();
        offset += in.unsignedVint();
        out.partitions.push_back({token, offset});
    }
    out.bloom = BloomFilter::read(in);
    out.stats.flushedTo.segment = in.u64();
    out.stats.flushedTo.offset = in.u64();
    out.stats.partitions = out.partitions.size();
    out.stats.rows = in.unsignedVint();
    out.stats.minTimestamp = in.i64();
    out.stats.maxTimestamp = in.i64();
    return out;
}

std::string sstableName(std::uint64_t generation) {
    return fmt::format("{}{}{}", kNamePrefix, generation, kNameSuffix);
}

std::uint64_t generationOf(std::string_view fileName) {
    if (!fileName.starts_with(kNamePrefix) || !fileName.ends_with(kNameSuffix)) {
        return 0;
    }
    fileName.remove_prefix(kNamePrefix.size());
    fileName.remove_suffix(kNameSuffix.size());
    std::uint64_t generation = 0;
    const char* end = fileName.data() + fileName.size();
    const auto [at, error] = std::from_chars(fileName.data(), end, generation);
    return error == std::errc() && at == end ? generation : 0;
}

}  // namespace engine::storage
