#include <array>

#include "engine/base/ensure.h"
#include "engine/base/hash.h"
#include "engine/rows/range_tombstones.h"
#include "engine/sim/disk.h"
#include "engine/storage/inspect/sstable_inspect.h"
#include "engine/storage/sstable/sstable_cache.h"
#include "engine/storage/sstable/sstable_writer.h"
#include "fuzz_entry.h"
#include "sample_rows.h"

namespace fuzz {

using namespace engine;
using storage::Component;

namespace {

constexpr const char* kFolder = "/data/ks/t-00000000000000000000000000000001";
constexpr std::uint64_t kCacheBytes = 1 << 20;

/// How a table's files may be compressed; the first one is not at all.
constexpr std::array<std::string_view, 6> kCompressors{"", "LZ4Compressor", "ZstdCompressor", "DeflateCompressor",
                                                       "SnappyCompressor", "NoopCompressor"};

schema::TablePtr tableWith(std::string_view compressor) {
    schema::Table table = *sampleTable();
    if (compressor.empty()) {
        table.options.compression = {{"enabled", "false"}};
    } else {
        table.options.compression["class"] = "org.apache.cassandra.io.compress." + std::string(compressor);
    }
    return std::make_shared<const schema::Table>(std::move(table));
}

std::vector<rows::Partition> content() {
    std::vector<rows::Partition> out;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        out.push_back(samplePartition(seed));
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    out.erase(std::unique(out.begin(), out.end(),
                          [](const auto& a, const auto& b) { return a.key == b.key; }),
              out.end());
    return out;
}

/// The markers that range tombstones are in a file.
std::vector<storage::Marker> markersOf(const schema::Table& table, const rows::Partition& partition) {
    std::vector<storage::Marker> out;
    for (const rows::RangeTombstone& tombstone : partition.rangeTombstones) {
        const rows::Position start = rows::startOf(tombstone.slice);
        const rows::Position end = rows::endOf(tombstone.slice);
        if (!out.empty() && rows::comparePositions(table, out.back().position(), start) == 0) {
            out.back().after = tombstone.deletion;
        } else {
            out.push_back({*start.prefix, start.side, {}, tombstone.deletion});
        }
        out.push_back({*end.prefix, end.side, tombstone.deletion, {}});
    }
    return out;
}

/// Components of a well-formed SSTable.
std::map<Component, Bytes> makeComponents(const schema::TablePtr& table) {
    sim::SimDisk disk(1);
    ENSURE(disk.createFolders(kFolder).has_value());
    const auto descriptor = storage::descriptorOf(kFolder, 1);
    const auto partitions = content();
    storage::SstableWriterOptions options;
    options.header = storage::SerializationHeader::of(*table);
    options.expectedPartitions = partitions.size();
    options.columnIndexBytes = 256;
    auto writer = storage::SstableWriter::create(disk, descriptor, table, options);
    ENSURE(writer.has_value());
    for (const rows::Partition& partition : partitions) {
        ENSURE(writer.value()->beginPartition(partition.key, partition.deletion, partition.staticRow)
                   .has_value());
        const auto markers = markersOf(*table, partition);
        auto marker = markers.begin();
        for (const rows::Row& row : partition.rows) {
            while (marker != markers.end() &&
                   rows::comparePositions(*table, marker->position(), {&row.clustering, 0}) < 0) {
                ENSURE(writer.value()->add(*marker++).has_value());
            }
            ENSURE(writer.value()->add(row).has_value());
        }
        while (marker != markers.end()) {
            ENSURE(writer.value()->add(*marker++).has_value());
        }
        ENSURE(writer.value()->endPartition().has_value());
    }
    ENSURE(writer.value()->finish().has_value());
    std::map<Component, Bytes> out;
    for (const Component component : storage::kAllComponents) {
        auto bytes = runtime::readFile(disk, descriptor.pathOf(component));
        if (bytes) {
            out[component] = std::move(bytes.value());
        }
    }
    return out;
}

/// A table and its file, compressed with one of them.
struct Sample {
    schema::TablePtr table;
    std::map<Component, Bytes> components;
};

const Sample& sampleOf(std::size_t compressor) {
    static const auto kSamples = [] {
        std::vector<Sample> out;
        for (const std::string_view name : kCompressors) {
            const schema::TablePtr table = tableWith(name);
            out.push_back({table, makeComponents(table)});
        }
        return out;
    }();
    return kSamples[compressor];
}

void readAll(const storage::SstableReader& reader) {
    const rows::PartitionRange all;
    for (const bool reversed : {false, true}) {
        const auto scan = reader.scan(all, {!reversed});
        while (scan && scan.value()->key() != nullptr) {
            const auto cursor =
                scan.value()->partition().unfiltereds(storage::allRows(), reversed);
            while (cursor && cursor.value()->kind() != storage::UnfilteredKind::End &&
                   cursor.value()->advance()) {
            }
            if (!scan.value()->advance()) {
                break;
            }
        }
    }
}

void readSet(const std::map<Component, Bytes>& components, const schema::TablePtr& table,
             Component replaced, BytesView bytes) {
    sim::SimDisk disk(1);
    (void)disk.createFolders(kFolder);
    const auto descriptor = storage::descriptorOf(kFolder, 1);
    for (const auto& [component, original] : components) {
        // A checksum of the data would keep the rest of the reader from seeing it.
        if (replaced == Component::Data && component == Component::Crc) {
            continue;
        }
        auto file = disk.open(descriptor.pathOf(component), runtime::OpenMode::CreateNew);
        ENSURE(file.has_value() &&
               file.value()->append(component == replaced ? bytes : BytesView(original)).has_value());
    }
    storage::SstableCache cache(kCacheBytes);
    if (const auto reader = storage::SstableReader::open(disk, descriptor, table, cache)) {
        readAll(*reader.value());
        for (const rows::Partition& partition : content()) {
            (void)reader.value()->find(partition.key);
        }
    }
    (void)storage::inspect::dump(disk, descriptor, {}, [](std::string_view) {});
    (void)storage::inspect::verify(disk, descriptor, true);
    (void)storage::inspect::metadataText(disk, descriptor, {});
    (void)storage::inspect::xray(disk, descriptor, content().front().key, 50);
}

/// Statistics.db with right checksums, to reach what lies behind these. Four parts, as it is written.
Bytes withChecksums(BytesView statistics) {
    constexpr std::size_t kHead = 44;
    constexpr std::size_t kParts = 4;
    Bytes out(statistics);
    if (out.size() < kHead) {
        return out;
    }
    const auto put = [&](std::size_t at, std::uint32_t value) {
        ByteWriter writer;
        writer.u32(value);
        out.replace(at, 4, writer.bytes());
    };
    const auto offsetOf = [&](std::size_t part) -> std::size_t {
        ByteReader in(BytesView(out).substr(12 + 8 * part));
        return part == kParts ? out.size() : in.u32();
    };
    const std::uint32_t count = crc32(BytesView(out).substr(0, 4));
    put(4, count);
    put(kHead - 4, crc32(BytesView(out).substr(8, kHead - 12), count));
    for (std::size_t part = 0; part < kParts; ++part) {
        const std::size_t from = offsetOf(part);
        const std::size_t end = offsetOf(part + 1);
        if (from >= kHead && end <= out.size() && from + 4 <= end) {
            put(end - 4, crc32(BytesView(out).substr(from, end - 4 - from)));
        }
    }
    return out;
}

/// The first byte says which component the rest stands for, and of a table compressed with what.
void run(BytesView input) {
    if (input.empty()) {
        return;
    }
    const auto selector = static_cast<unsigned char>(input[0]);
    const auto component = storage::kAllComponents[selector / kCompressors.size() % storage::kAllComponents.size()];
    const Sample& sample = sampleOf(selector % kCompressors.size());
    readSet(sample.components, sample.table, component, input.substr(1));
    if (component == Component::Statistics) {
        readSet(sample.components, sample.table, component, withChecksums(input.substr(1)));
    }
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> out;
    for (std::size_t compressor = 0; compressor < kCompressors.size(); ++compressor) {
        for (const auto& [component, bytes] : sampleOf(compressor).components) {
            const std::size_t selector = static_cast<std::size_t>(component) * kCompressors.size() + compressor;
            out.push_back(Bytes(1, static_cast<char>(selector)) + bytes);
        }
    }
    return out;
}

}  // namespace

const Entry kSstableComponents{"sstable_components", run, seeds, 400};

}  // namespace fuzz
