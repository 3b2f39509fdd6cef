#include "engine/storage/lifecycle/scrub_sstable.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "engine/storage/inspect/data_walk.h"
#include "engine/storage/inspect/sstable_inspect.h"
#include "engine/storage/lifecycle/snapshots.h"
#include "engine/storage/lifecycle/transaction_log.h"
#include "engine/storage/sstable/index_file.h"
#include "engine/storage/sstable/sstable_writer.h"

namespace engine::storage {

namespace {

/// What is read goes through a cache, chunk by chunk: a damaged one spoils nothing before it.
constexpr std::uint64_t kScrubCacheBytes = 4 << 20;
constexpr std::uint32_t kNoLimit = 0x7fffffff;

/// A partition's place by the index.
struct Place {
    rows::DecoratedKey key;
    std::uint64_t offset = 0;
};

/// What the new file is written with: as the old one was.
schema::TablePtr withCompressionOf(const schema::Table& table, const DataLayout& layout) {
    auto out = std::make_shared<schema::Table>(table);
    auto& options = out->options.compression;
    options.clear();
    if (!layout.isCompressed) {
        options["enabled"] = "false";
        return out;
    }
    const CompressionParams& params = layout.compression.params;
    options["class"] = params.compressor;
    options["chunk_length_in_kb"] = std::to_string(params.chunkBytes / 1024);
    if (params.maxCompressedBytes != kNoLimit && params.maxCompressedBytes > 0) {
        options["min_compress_ratio"] =
            fmt::format("{}", static_cast<double>(params.chunkBytes) / params.maxCompressedBytes);
    }
    options.insert(params.options.begin(), params.options.end());
    return out;
}

/// The next number that no file and no backup of the folder has.
Result<std::uint64_t> nextGeneration(runtime::FileSystem& files, const std::string& folder) {
    std::uint64_t next = 1;
    for (const std::string& place : {folder, folder + "/backups"}) {
        TRY_ASSIGN(const auto names, files.list(place));
        for (const std::string& name : names) {
            if (const auto component = parseComponentPath(place + '/' + name)) {
                next = std::max(next, component->sstable.generation() + 1);
            }
        }
    }
    return next;
}

class Scrubber {
public:
    Scrubber(runtime::FileSystem& files, const SstableDescriptor& from, schema::TablePtr table,
             inspect::DataWalk& walk)
        : m_files(files), m_from(from), m_table(std::move(table)), m_walk(walk) {}

    /// What could be read is in a file of the descriptor's name, unless that is nothing.
    Result<ScrubReport> run(const SstableDescriptor& to) {
        m_to = to;
        readIndex();
        for (std::size_t i = 0; i < m_places.size(); ++i) {
            m_walk.seek(m_places[i].offset);
            TRY(takePartition(&m_places[i]));
        }
        if (!m_report.indexProblem.empty()) {
            TRY(takeWhatNoIndexNames());
        }
        const SstableStats& before = m_walk.statistics().stats;
        if (m_writer) {
            TRY_ASSIGN(const WrittenSstable written, m_writer->finish());
            m_report.written = written.descriptor;
            m_report.partitions = written.partitions;
            m_report.rows = static_cast<std::uint64_t>(written.stats.rows);
        }
        const std::uint64_t counted = std::max<std::uint64_t>(before.partitionBytes.count(), m_places.size());
        const auto rows = static_cast<std::uint64_t>(before.rows);
        m_report.partitionsLost = counted - std::min(counted, m_report.partitions);
        m_report.rowsLost = rows - std::min(rows, m_report.rows);
        return std::move(m_report);
    }

private:
    void readIndex() {
        const auto index = IndexFile::open(m_files, m_from.pathOf(Component::Index),
                                           m_walk.layout().uncompressedBytes);
        const Result<void> read = index ? index.value()->walk([&](const rows::DecoratedKey& key, const IndexSlot& slot) {
            m_places.push_back({key, slot.dataPosition});
            return true;
        })
                                        : Result<void>(index.error());
        if (!read) {
            m_report.indexProblem = read.error().message;
        } else if (m_places.size() < m_walk.statistics().stats.partitionBytes.count()) {
            m_report.indexProblem = fmt::format("{} ends before the data does", m_from.pathOf(Component::Index));
        }
    }

    /// Behind the last entry that could be read, one partition after the other; a damaged one ends that,
    /// as nothing tells where the next one begins.
    Result<void> takeWhatNoIndexNames() {
        if (m_places.empty()) {
            m_walk.seek(0);
        } else if (m_isSpoiled) {
            return ok();
        }
        while (!m_isSpoiled && m_walk.offset() < m_walk.layout().uncompressedBytes) {
            TRY(takePartition(nullptr));
        }
        return ok();
    }

    Result<void> takePartition(const Place* place) {
        const std::uint64_t offset = m_walk.offset();
        m_isStarted = false;
        m_isSpoiled = false;
        m_rows = 0;
        m_held.reset();
        m_open = {};
        const Result<bool> begun = m_walk.nextPartition();
        if (!begun) {
            return lose(place, offset, begun.error().message);
        }
        if (place != nullptr && m_walk.key() != place->key) {
            return lose(place, offset, "the data has another key there than Index.db");
        }
        if (m_lastKey && !(*m_lastKey < m_walk.key())) {
            return lose(place, offset, "it is not in ring order");
        }
        if (!m_walk.deletion().isLive() || !m_walk.staticRow().isEmpty()) {
            TRY(ensureStarted());
        }
        TRY_ASSIGN(const std::string problem, copyRows());
        if (!problem.empty()) {
            TRY(closeSpoiled());
            return lose(place, offset, problem);
        }
        TRY(ensureStarted());
        m_lastKey = m_walk.key();
        return m_writer->endPartition();
    }

    /// Rows and markers up to the partition's end, or to what is damaged: what that is, in words. A
    /// marker waits for what follows it.
    Result<std::string> copyRows() {
        rows::Clustering last;
        int lastSide = 0;
        for (bool isFirst = true;; isFirst = false) {
            const Result<DecodeOutcome> read = m_walk.next();
            if (!read) {
                return read.error().message;
            }
            if (read.value() == DecodeOutcome::End) {
                TRY(writeHeld());
                return std::string(m_open.isLive() ? "" : "a range deletion has no end");
            }
            const bool isRow = read.value() == DecodeOutcome::Row;
            const rows::Position at = isRow ? rows::Position{&m_walk.row().clustering, 0} : m_walk.marker().position();
            if (!isFirst && rows::comparePositions(*m_table, {&last, lastSide}, at) >= 0) {
                return fmt::format("rows are out of order at byte {} of the data", m_walk.startOffset());
            }
            if (!isRow && m_walk.marker().before != (m_held ? m_held->after : m_open)) {
                return fmt::format("a marker closes another range deletion than the open one at byte {} of the data",
                                   m_walk.startOffset());
            }
            last = *at.prefix;
            lastSide = at.side;
            TRY(writeHeld());
            if (!isRow) {
                m_held = m_walk.marker();
                continue;
            }
            TRY(ensureStarted());
            TRY(m_writer->add(m_walk.row()));
            m_lastClustering = m_walk.row().clustering;
            ++m_rows;
        }
    }

    Result<void> writeHeld() {
        if (!m_held) {
            return ok();
        }
        TRY(ensureStarted());
        const Marker marker = *std::exchange(m_held, std::nullopt);
        m_open = marker.after;
        m_lastClustering = marker.prefix;
        return m_writer->add(marker);
    }

    /// An open range deletion ends with the last thing that could be read.
    Result<void> closeSpoiled() {
        if (m_held && !m_held->before.isLive()) {
            m_held->after = {};
            TRY(writeHeld());
        } else if (!m_open.isLive()) {
            Marker end;
            end.prefix = m_lastClustering;
            end.side = 1;
            end.before = m_open;
            TRY(m_writer->add(end));
        }
        if (m_isStarted) {
            m_lastKey = m_walk.key();
            TRY(m_writer->endPartition());
        }
        return ok();
    }

    Result<void> ensureStarted() {
        if (m_isStarted) {
            return ok();
        }
        m_isStarted = true;
        if (!m_writer) {
            const SstableStats& stats = m_walk.statistics().stats;
            SstableWriterOptions options;
            options.header = m_walk.statistics().header;
            options.expectedPartitions = std::max<std::uint64_t>({1, m_places.size(), stats.partitionBytes.count()});
            options.level = stats.level;
            options.repairedAtMillis = 0;  // Replicas that lost nothing have to bring what is missing.
            TRY_ASSIGN(m_writer, SstableWriter::create(m_files, m_to, m_table, options));
        }
        return m_writer->beginPartition(m_walk.key(), m_walk.deletion(), m_walk.staticRow());
    }

    Result<void> lose(const Place* place, std::uint64_t offset, const std::string& why) {
        m_isSpoiled = true;
        if (m_report.losses.size() < kScrubLossesMax) {
            const SerializationHeader& header = m_walk.statistics().header;
            m_report.losses.push_back({offset, place != nullptr ? inspect::keyText(header, place->key.key) : "", m_rows, why});
        }
        return ok();
    }

    runtime::FileSystem& m_files;
    const SstableDescriptor& m_from;
    const schema::TablePtr m_table;
    inspect::DataWalk& m_walk;
    SstableDescriptor m_to;
    std::vector<Place> m_places;
    std::unique_ptr<SstableWriter> m_writer;
    ScrubReport m_report;
    std::optional<rows::DecoratedKey> m_lastKey;  // That was written.

    // The partition under way.
    bool m_isStarted = false;
    bool m_isSpoiled = false;
    std::uint64_t m_rows = 0;
    std::optional<Marker> m_held;
    rows::DeletionTime m_open;  // Of the range deletion that was written and not closed.
    rows::Clustering m_lastClustering;
};

}  // namespace

Result<ScrubReport> scrubSstable(runtime::FileSystem& files, const SstableDescriptor& sstable,
                                 const Uuid& id, std::int64_t nowMillis) {
    SstableCache cache(kScrubCacheBytes);
    TRY_ASSIGN(const auto walk, inspect::DataWalk::open(files, sstable, &cache));
    TRY_ASSIGN(const auto ofHeader, inspect::tableOf(files, sstable));
    SnapshotPlan plan;
    plan.tableFolder = sstable.folder;
    plan.tag = fmt::format("pre-scrub-{}", nowMillis);
    plan.sstables = {sstable};
    plan.createdMillis = nowMillis;
    TRY(takeSnapshot(files, plan));

    TRY_ASSIGN(const std::uint64_t generation, nextGeneration(files, sstable.folder));
    const SstableDescriptor to = storage::descriptorOf(sstable.folder, generation);
    TransactionLog log(files, sstable.folder, "scrub", id);
    const auto rewrite = [&]() -> Result<ScrubReport> {
        TRY(log.add(to));
        Scrubber scrubber(files, sstable, withCompressionOf(*ofHeader, walk->layout()), *walk);
        TRY_ASSIGN(ScrubReport report, scrubber.run(to));
        TRY(files.syncFolder(sstable.folder));
        TRY(log.commit({sstable}));
        return report;
    };
    Result<ScrubReport> done = rewrite();
    if (!done) {
        if (!log.isInDoubt()) {
            TRY(log.abort());
        }
        return done.error();
    }
    done.value().snapshotFolder = sstable.folder + "/snapshots/" + plan.tag;
    TRY(removeAllOf(files, sstable));
    TRY(log.forget());
    return done;
}

}  // namespace engine::storage
