#include "engine/storage/compaction/compaction_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/ensure.h"
#include "engine/rows/merge.h"

namespace engine::storage::compaction {

namespace {

/// How many rows and markers are written between two looks at how far it got.
constexpr int kRowsBetweenLooks = 64;
/// Halving stops below this size (SplittingSizeTieredCompactionWriter).
constexpr double kSmallestHalf = 50.0 * (1 << 20);

constexpr std::uint64_t kScrubCacheBytes = 4 << 20;

/// Counts cells as they are read.
class CountingCursor : public UnfilteredCursor {
public:
    CountingCursor(std::unique_ptr<UnfilteredCursor> inner, std::uint64_t& cells)
        : m_inner(std::move(inner)), m_cells(cells) {
        count();
    }
    UnfilteredKind kind() const override { return m_inner->kind(); }
    const rows::Row& row() const override { return m_inner->row(); }
    rows::Row takeRow() override { return m_inner->takeRow(); }
    const Marker& marker() const override { return m_inner->marker(); }
    Result<void> advance() override {
        TRY(m_inner->advance());
        count();
        return ok();
    }

private:
    void count() {
        if (m_inner->kind() == UnfilteredKind::Row) {
            m_cells += m_inner->row().cells.size();
        }
    }

    std::unique_ptr<UnfilteredCursor> m_inner;
    std::uint64_t& m_cells;
};


}  // namespace

CompactionRun::CompactionRun(runtime::FileSystem& files, std::shared_ptr<SstableCache> cache,
                             CompactionJob job)
    : m_files(files),
      m_cache(std::move(cache)),
      m_job(std::move(job)),
      m_log(files, m_job.folder, m_job.operation, m_job.id),
      m_readBytes(m_job.inputs.size(), 0),
      m_level(m_job.output.level) {}

CompactionRun::~CompactionRun() {
    m_merger.reset();
    m_writer.reset();
    if (!m_isCommitted && !m_log.isInDoubt()) {
        (void)m_log.abort();  // What it could not remove, the next start does.
    }
}

Result<void> CompactionRun::begin() {
    m_hasBegun = true;
    std::uint64_t partitions = 0;
    for (std::size_t i = 0; i < m_job.inputs.size(); ++i) {
        const SstableReader& input = *m_job.inputs[i];
        partitions += input.estimatedPartitions();
        TRY_ASSIGN(auto scan, m_job.skipsCorrupt ? scanInSmallPieces(input)
                                                 : input.scan(m_everything, {.bulk = true}));
        m_sources.push_back({std::move(scan), i});
    }
    if (m_job.shadows != ShadowKind::None && m_job.purges) {
        std::int64_t minTimestamp = std::numeric_limits<std::int64_t>::max();
        for (const ReaderPtr& input : m_job.inputs) {
            minTimestamp = std::min(minTimestamp, input->stats().minTimestamp);
        }
        m_shadows.emplace(m_job.table, m_job.shadows, minTimestamp, m_job.others);
    }
    m_expectedPartitions = std::max<std::uint64_t>(partitions, 1);
    const OutputPlan& plan = m_job.output;
    if (plan.cut == OutputPlan::Cut::Shards) {
        m_expectedPartitions = m_expectedPartitions / (plan.boundaries.size() + 1) + 1;
    } else if (plan.cut == OutputPlan::Cut::Sizes && plan.maxBytes > 0) {
        std::uint64_t bytes = 0;
        for (const ReaderPtr& input : m_job.inputs) {
            bytes += input->dataBytes();
        }
        const std::uint64_t outputs = bytes / plan.maxBytes + 1;
        m_expectedPartitions = m_expectedPartitions / outputs + 1;
    }
    return ok();
}

/// What is broken then spoils no more than the chunk it is in. With a cache of its own, as that of
/// the node is not for this thread.
Result<std::unique_ptr<PartitionScan>> CompactionRun::scanInSmallPieces(
    const SstableReader& input) {
    m_ownCache = std::make_unique<SstableCache>(kScrubCacheBytes);
    TRY_ASSIGN(m_ownReader,
               SstableReader::open(m_files, input.descriptor(), m_job.table, *m_ownCache));
    auto scan = m_ownReader->scan(m_everything);
    if (scan || scan.error().kind != ErrorKind::Corrupt ||
        m_ownReader->first().token == std::numeric_limits<std::int64_t>::max()) {
        return scan;
    }
    // The first partition cannot be read: begin behind it.
    ++m_counts.corrupt;
    m_behindFirst.start =
        rows::PartitionBound{m_ownReader->first().token + 1, std::nullopt, true};
    return m_ownReader->scan(m_behindFirst);
}

Result<bool> CompactionRun::step(std::uint64_t bytes,
                                 const std::shared_ptr<const PurgeView>& view) {
    if (!m_hasBegun) {
        TRY(begin());
    }
    const std::uint64_t until = totalReadBytes() + bytes;
    while (true) {
        if (!m_merger) {
            TRY_ASSIGN(const bool isThere, enterPartition(view));
            if (!isThere) {
                TRY(finishWriter());
                measure();
                return true;
            }
        }
        TRY_ASSIGN(const bool isOver, writeRows(until));
        if (!isOver) {
            return false;
        }
        TRY(leavePartition());
        measure();
        if (totalReadBytes() >= until) {
            return false;
        }
    }
}

/// False when there is none left.
Result<bool> CompactionRun::enterPartition(const std::shared_ptr<const PurgeView>& view) {
    while (true) {
        std::erase_if(m_sources, [&](const Source& source) {
            const bool isOver = source.scan->key() == nullptr;
            if (isOver) {
                m_readBytes[source.input] = m_job.inputs[source.input]->dataBytes();
            }
            return isOver;
        });
        if (m_sources.empty()) {
            return false;
        }
        m_here.assign(1, 0);
        for (std::size_t i = 1; i < m_sources.size(); ++i) {
            const auto order = *m_sources[i].scan->key() <=> *m_sources[m_here.front()].scan->key();
            if (order < 0) {
                m_here.assign(1, i);
            } else if (order == 0) {
                m_here.push_back(i);
            }
        }
        m_key = *m_sources[m_here.front()].scan->key();
        if (!isOwned(m_key.token)) {
            ++m_counts.partitionsSkipped;
        } else {
            const Result<void> opened = openPartition(view);
            if (opened) {
                return true;
            }
            if (!m_job.skipsCorrupt || opened.error().kind != ErrorKind::Corrupt) {
                return opened.error();
            }
            ++m_counts.corrupt;
            m_merger.reset();
        }
        TRY(advanceSources());
    }
}

Result<void> CompactionRun::openPartition(const std::shared_ptr<const PurgeView>& view) {
    m_purger.reset();
    m_view = view;
    m_isStarted = false;
    m_openWritten = {};
    m_lastClustering.clear();
    m_deletion = {};
    m_staticRow = {};
    ++m_counts.merged[static_cast<int>(m_here.size())];
    for (const std::size_t i : m_here) {
        const UnfilteredPartition& partition = m_sources[i].scan->partition();
        if (partition.deletion().supersedes(m_deletion)) {
            m_deletion = partition.deletion();
        }
    }
    std::size_t staticCells = 0;
    for (const std::size_t i : m_here) {
        const rows::Row& row = m_sources[i].scan->partition().staticRow();
        m_counts.cellsRead += row.cells.size();
        staticCells += row.cells.size();
        rows::merge(*m_job.table, m_staticRow, row);
    }
    rows::dropShadowed(m_staticRow, m_deletion);
    m_counts.cellsReplaced += staticCells - m_staticRow.cells.size();
    m_isShadowed = false;
    if (m_shadows) {
        TRY_ASSIGN(m_isShadowed, m_shadows->enter(m_key));
    }
    m_merger = std::make_unique<UnfilteredMerger>(*m_job.table, m_deletion);
    for (const std::size_t i : m_here) {
        TRY_ASSIGN(auto cursor, m_sources[i].scan->partition().unfiltereds(allRows(), false));
        m_merger->add(std::make_unique<CountingCursor>(std::move(cursor), m_counts.cellsRead));
    }
    TRY(m_merger->begin());
    // The deletion of the partition hides rows of this compaction; those it hides elsewhere decide
    // whether it stays.
    if (!m_deletion.isLive()) {
        const bool goes = purger().drops(m_deletion) ||
                          (m_isShadowed && m_shadows->partitionDeletion().supersedes(m_deletion));
        ++(goes ? m_counts.tombstonesDropped : m_counts.tombstonesKept);
        if (goes) {
            m_deletion = {};
        }
    }
    if (!m_staticRow.isEmpty()) {
        dropRemovedColumns(*m_job.table, m_staticRow);
        if (m_isShadowed) {
            m_shadows->applyToStatic(m_staticRow);
        }
        if (hasDeletions(m_staticRow)) {
            purger().purge(m_staticRow, m_counts.tombstonesDropped, m_counts.tombstonesKept);
        }
        m_counts.cellsKept += m_staticRow.cells.size();
    }
    return m_deletion.isLive() && m_staticRow.isEmpty() ? ok() : ensureStarted();
}

/// What may be purged of this partition: nothing that hides something in a memtable, or in another
/// file that may have the partition (CompactionController.getPurgeEvaluator). Fixed once asked for,
/// so that both ends of a range deletion have the same fate.
const Purger& CompactionRun::purger() {
    if (m_purger) {
        return *m_purger;
    }
    m_purger.emplace();
    m_purger->nowSeconds = m_job.nowSeconds;
    if (!m_job.purges) {
        return *m_purger;
    }
    m_purger->gcBefore = m_job.graceless.contains(m_key.key) ? std::numeric_limits<std::int64_t>::max()
                                                             : m_job.gcBefore;
    m_purger->below = m_view->memtableMinTimestamp;
    for (const ReaderPtr& other : m_view->others) {
        if (other->stats().minTimestamp < m_purger->below && other->mayContain(m_key)) {
            m_purger->below = other->stats().minTimestamp;
        }
    }
    return *m_purger;
}

/// True at the partition's end.
Result<bool> CompactionRun::writeRows(std::uint64_t until) {
    for (int looked = 0; m_merger->kind() != UnfilteredKind::End;) {
        if (m_merger->kind() == UnfilteredKind::Row) {
            TRY(writeRow());
        } else {
            TRY(writeMarker());
        }
        const Result<void> advanced = m_merger->advance();
        if (!advanced) {
            if (!m_job.skipsCorrupt || advanced.error().kind != ErrorKind::Corrupt) {
                return advanced.error();
            }
            TRY(closeCorrupt());
            return true;
        }
        if (++looked == kRowsBetweenLooks) {
            looked = 0;
            measure();
            if (totalReadBytes() >= until) {
                return m_merger->kind() == UnfilteredKind::End;
            }
        }
    }
    return true;
}

Result<void> CompactionRun::writeRow() {
    const rows::Row& row = m_merger->row();
    const bool hasRemoved = hasRemovedColumns(*m_job.table, row);
    if (!hasRemoved && !m_isShadowed && !hasDeletions(row)) {
        TRY(ensureStarted());
        m_counts.cellsKept += row.cells.size();
        if (m_job.skipsCorrupt) {
            m_lastClustering = row.clustering;
        }
        return m_writer->add(row);
    }
    rows::Row changed = m_merger->takeRow();
    if (hasRemoved) {
        dropRemovedColumns(*m_job.table, changed);
    }
    if (m_isShadowed) {
        TRY(m_shadows->apply(changed));
    }
    purger().purge(changed, m_counts.tombstonesDropped, m_counts.tombstonesKept);
    if (changed.isEmpty()) {
        return ok();
    }
    TRY(ensureStarted());
    m_counts.cellsKept += changed.cells.size();
    if (m_job.skipsCorrupt) {
        m_lastClustering = changed.clustering;
    }
    return m_writer->add(changed);
}

Result<void> CompactionRun::writeMarker() {
    Marker marker = m_merger->marker();
    if (!marker.after.isLive()) {
        ++(purger().drops(marker.after) ? m_counts.tombstonesDropped : m_counts.tombstonesKept);
    }
    if (purger().drops(marker.before)) {
        marker.before = {};
    }
    if (purger().drops(marker.after)) {
        marker.after = {};
    }
    if (marker.before.isLive() && marker.after.isLive()) {
        return ok();
    }
    TRY(ensureStarted());
    m_openWritten = marker.after;
    if (m_job.skipsCorrupt) {
        m_lastClustering = marker.prefix;
    }
    return m_writer->add(marker);
}

/// The partition ends where it could not be read on.
Result<void> CompactionRun::closeCorrupt() {
    ++m_counts.corrupt;
    if (m_openWritten.isLive()) {
        return ok();
    }
    Marker end;
    end.prefix = m_lastClustering;
    end.side = 1;
    end.before = m_openWritten;
    m_openWritten = {};
    return m_writer->add(end);
}

Result<void> CompactionRun::leavePartition() {
    m_counts.cellsReplaced += m_merger->cellsHidden();
    m_merger.reset();
    if (m_isStarted) {
        TRY(m_writer->endPartition());
        ++m_counts.partitionsWritten;
    }
    return advanceSources();
}

Result<void> CompactionRun::advanceSources() {
    for (const std::size_t i : m_here) {
        Result<void> advanced = m_sources[i].scan->advance();
        // The index says where the next one lies, so that a broken one can be left out.
        while (!advanced && m_job.skipsCorrupt && advanced.error().kind == ErrorKind::Corrupt) {
            ++m_counts.corrupt;
            advanced = m_sources[i].scan->advance();
        }
        TRY(std::move(advanced));
    }
    m_here.clear();
    return ok();
}

Result<void> CompactionRun::ensureStarted() {
    if (m_isStarted) {
        return ok();
    }
    m_isStarted = true;
    TRY(switchWriterIfDue());
    if (!m_writer) {
        TRY(openWriter());
    }
    return m_writer->beginPartition(m_key, m_deletion, m_staticRow);
}

/// Ends the file under way where the plan wants another one to begin with this partition.
Result<void> CompactionRun::switchWriterIfDue() {
    const OutputPlan& plan = m_job.output;
    bool isDue = false;
    switch (plan.cut) {
        case OutputPlan::Cut::One: break;
        case OutputPlan::Cut::Sizes:
            isDue = m_writer && m_writer->bytesWritten() > plan.maxBytes;
            break;
        case OutputPlan::Cut::Halving:
            isDue = m_writer &&
                    static_cast<double>(m_writer->bytesWritten()) >
                        m_share * static_cast<double>(plan.expectedBytes) &&
                    m_share * static_cast<double>(plan.expectedBytes) / 2 >= kSmallestHalf;
            if (isDue) {
                m_share /= 2;
            }
            break;
        case OutputPlan::Cut::Shards:
            while (m_nextBoundary < plan.boundaries.size() &&
                   m_key.token > plan.boundaries[m_nextBoundary]) {
                ++m_nextBoundary;
                isDue = true;
            }
            break;
    }
    if (!isDue || !m_writer) {
        return ok();
    }
    m_levelBytes += m_writer->bytesWritten();
    TRY(finishWriter());
    if (plan.fillsLevels &&
        static_cast<double>(m_levelBytes) >
            std::pow(plan.fanout, m_level) * static_cast<double>(plan.maxBytes)) {
        ++m_level;
        m_levelBytes = 0;
    }
    return ok();
}

Result<void> CompactionRun::openWriter() {
    const SstableDescriptor descriptor = nextDescriptor(m_files, m_job.folder, *m_job.generations);
    m_generation = descriptor.generation();
    TRY(m_log.add(descriptor));
    SstableWriterOptions options;
    std::vector<const SerializationHeader*> headers;
    std::int64_t repairedAt = std::numeric_limits<std::int64_t>::max();
    for (const ReaderPtr& input : m_job.inputs) {
        headers.push_back(&input->header());
        const SstableStats& stats = input->stats();
        repairedAt = std::min(repairedAt, stats.repairedAtMillis);
        // A place in the log of another node means nothing here.
        if (stats.flushedTo && stats.originatingHost == m_job.origin &&
            (!options.flushedTo || *options.flushedTo < *stats.flushedTo)) {
            options.flushedTo = stats.flushedTo;
        }
    }
    options.header = joinHeaders(*m_job.table, headers);
    options.expectedPartitions = m_expectedPartitions;
    options.level = m_level;
    options.repairedAtMillis = m_job.inputs.empty() ? 0 : repairedAt;
    options.originatingHost = m_job.origin;
    options.columnIndexBytes = m_job.columnIndexBytes;
    TRY_ASSIGN(m_writer, SstableWriter::create(m_files, descriptor, m_job.table, options));
    return ok();
}

Result<void> CompactionRun::finishWriter() {
    if (!m_writer) {
        return ok();
    }
    TRY_ASSIGN(WrittenSstable written, m_writer->finish());
    m_finishedBytes += written.dataBytes;
    m_written.push_back(std::move(written));
    m_writer.reset();
    m_generation = 0;
    return ok();
}

Result<std::vector<ReaderPtr>> CompactionRun::open() {
    std::vector<ReaderPtr> out;
    for (const WrittenSstable& written : m_written) {
        TRY_ASSIGN(auto reader,
                   SstableReader::open(m_files, written.descriptor, m_job.table, *m_cache));
        out.push_back(std::move(reader));
    }
    return out;
}

Result<void> CompactionRun::commit() {
    std::vector<SstableDescriptor> removed;
    for (const auto* group : {&m_job.inputs, &m_job.expired}) {
        for (const ReaderPtr& input : *group) {
            removed.push_back(input->descriptor());
        }
    }
    TRY(m_log.commit(removed));
    m_isCommitted = true;
    return ok();
}

void CompactionRun::letGoOfInputs() {
    ENSURE(m_isCommitted);
    m_here.clear();
    m_sources.clear();
    m_shadows.reset();
    m_job.others.clear();
    m_view.reset();
    m_ownReader.reset();
    m_job.inputs.clear();
    m_job.expired.clear();
}

bool CompactionRun::isOwned(std::int64_t token) const {
    if (!m_job.owned) {
        return true;
    }
    return std::any_of(m_job.owned->begin(), m_job.owned->end(), [&](const rows::TokenRange& range) {
        return range.start < range.end ? token > range.start && token <= range.end
                                       : token > range.start || token <= range.end;
    });
}

void CompactionRun::measure() {
    for (const Source& source : m_sources) {
        const SstableReader& input = *m_job.inputs[source.input];
        const double ratio = input.uncompressedBytes() > 0
                                 ? static_cast<double>(input.dataBytes()) /
                                       static_cast<double>(input.uncompressedBytes())
                                 : 1;
        m_readBytes[source.input] =
            static_cast<std::uint64_t>(static_cast<double>(source.scan->position()) * ratio);
    }
}

std::uint64_t CompactionRun::totalReadBytes() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t bytes : m_readBytes) {
        sum += bytes;
    }
    return sum;
}

std::uint64_t CompactionRun::writtenBytes() const {
    return m_finishedBytes + (m_writer ? m_writer->bytesWritten() : 0);
}

}  // namespace engine::storage::compaction
