#pragma once

#include "engine/base/ensure.h"
#include "engine/sim/disk.h"
#include "engine/storage/sstable/sstable_cache.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "engine/storage/sstable/sstable_writer.h"
#include "engine/storage/unfiltered_merger.h"
#include "tests/engine/rows/rows_fixture.h"

namespace sstabletest {

using namespace rowstest;
using storage::Marker;
using storage::SstableReader;
using storage::SstableWriter;
using storage::UnfilteredKind;

template <typename T>
T must(Result<T> result) {
    if (!result) {
        qFatal("%s", result.error().message.c_str());
    }
    return std::move(result.value());
}
inline void must(Result<void> result) {
    if (!result) {
        qFatal("%s", result.error().message.c_str());
    }
}

/// The markers that a partition's range tombstones are in a file.
inline std::vector<Marker> markersOf(const schema::Table& table, const Partition& partition) {
    std::vector<Marker> out;
    for (const RangeTombstone& tombstone : partition.rangeTombstones) {
        const Position start = startOf(tombstone.slice);
        const Position end = endOf(tombstone.slice);
        if (!out.empty() && comparePositions(table, out.back().position(), start) == 0) {
            out.back().after = tombstone.deletion;
        } else {
            out.push_back({*start.prefix, start.side, {}, tombstone.deletion});
        }
        out.push_back({*end.prefix, end.side, tombstone.deletion, {}});
    }
    return out;
}

/// What a walk over rows and markers gives, as a partition; checks that ranges open and close.
inline void collect(const schema::Table& table, storage::UnfilteredCursor& cursor, bool reversed,
                    Partition& out) {
    std::optional<Marker> open;
    while (cursor.kind() != UnfilteredKind::End) {
        if (cursor.kind() == UnfilteredKind::Row) {
            out.rows.push_back(cursor.row());
        } else {
            const Marker& marker = cursor.marker();
            const DeletionTime& closes = reversed ? marker.after : marker.before;
            const DeletionTime& opens = reversed ? marker.before : marker.after;
            ENSURE(open.has_value() == !closes.isLive());
            if (open) {
                ENSURE((reversed ? open->before : open->after) == closes);
                const Marker& first = reversed ? marker : *open;
                const Marker& last = reversed ? *open : marker;
                addRangeTombstone(table, out.rangeTombstones,
                                  {{{first.prefix, first.side < 0}, {last.prefix, last.side > 0}},
                                   closes});
            }
            open.reset();
            if (!opens.isLive()) {
                open = marker;
            }
        }
        must(cursor.advance());
    }
    ENSURE(!open);
    if (reversed) {
        std::reverse(out.rows.begin(), out.rows.end());
    }
}

inline Partition readPart(const schema::Table& table, const storage::UnfilteredPartition& from,
                          const std::vector<Slice>& slices, bool reversed) {
    Partition out;
    out.key = from.key();
    out.deletion = from.deletion();
    out.staticRow = from.staticRow();
    const auto cursor = must(from.unfiltereds(slices, reversed));
    collect(table, *cursor, reversed, out);
    return out;
}

/// The part of a partition that lies in slices, by the plainest means.
inline Partition expectedPart(const schema::Table& table, const Partition& from,
                              const std::vector<Slice>& slices) {
    Partition out = from;
    out.rangeTombstones = clip(table, from.rangeTombstones, slices);
    std::erase_if(out.rows, [&](const Row& row) {
        return std::none_of(slices.begin(), slices.end(), [&](const Slice& slice) {
            return contains(table, slice, row.clustering);
        });
    });
    return out;
}

/// One machine's folder of SSTables.
class SstableFolder {
public:
    explicit SstableFolder(schema::TablePtr table, std::string folder = "/data/ks/t-1")
        : m_table(std::move(table)), m_folder(std::move(folder)) {
        must(m_disk.createFolders(m_folder));
    }

    storage::SstableDescriptor at(std::uint64_t generation) const {
        return storage::descriptorOf(m_folder, generation);
    }
    storage::WrittenSstable write(std::uint64_t generation, std::vector<Partition> partitions,
                                  std::uint64_t columnIndexBytes = 64 * 1024) {
        std::sort(partitions.begin(), partitions.end(),
                  [](const auto& a, const auto& b) { return a.key < b.key; });
        storage::HeaderCollector collector(*m_table);
        for (const Partition& partition : partitions) {
            collector.add(partition.deletion);
            collector.add(partition.staticRow, true);
            for (const Row& row : partition.rows) {
                collector.add(row, false);
            }
            for (const RangeTombstone& tombstone : partition.rangeTombstones) {
                collector.add(tombstone.deletion);
            }
        }
        storage::SstableWriterOptions options;
        options.header = collector.finish();
        options.expectedPartitions = partitions.size();
        options.columnIndexBytes = columnIndexBytes;
        auto writer = must(SstableWriter::create(m_disk, at(generation), m_table, options));
        for (const Partition& partition : partitions) {
            must(writer->beginPartition(partition.key, partition.deletion, partition.staticRow));
            const auto markers = markersOf(*m_table, partition);
            auto marker = markers.begin();
            for (const Row& row : partition.rows) {
                const Position here{&row.clustering, 0};
                while (marker != markers.end() &&
                       comparePositions(*m_table, marker->position(), here) < 0) {
                    must(writer->add(*marker++));
                }
                must(writer->add(row));
            }
            while (marker != markers.end()) {
                must(writer->add(*marker++));
            }
            must(writer->endPartition());
        }
        return must(writer->finish());
    }
    Result<std::shared_ptr<const SstableReader>> open(std::uint64_t generation) {
        return SstableReader::open(m_disk, at(generation), m_table, m_cache);
    }

    sim::SimDisk& disk() { return m_disk; }
    storage::SstableCache& cache() { return m_cache; }
    const schema::TablePtr& table() const { return m_table; }
    const std::string& folder() const { return m_folder; }

private:
    sim::SimDisk m_disk{1};
    schema::TablePtr m_table;
    std::string m_folder;
    storage::SstableCache m_cache{1 << 20};
};

inline schema::TablePtr withOptions(const schema::TablePtr& table,
                                    const std::function<void(schema::TableOptions&)>& change) {
    schema::Table copy = *table;
    change(copy.options);
    return std::make_shared<const schema::Table>(std::move(copy));
}

inline schema::TablePtr compressedWith(const schema::TablePtr& table, const std::string& compressor,
                                       int chunkKib = 4) {
    return withOptions(table, [&](schema::TableOptions& options) {
        if (compressor.empty()) {
            options.compression = {{"enabled", "false"}};
        } else {
            options.compression = {{"class", "org.apache.cassandra.io.compress." + compressor},
                                   {"chunk_length_in_kb", std::to_string(chunkKib)}};
        }
    });
}

}  // namespace sstabletest
