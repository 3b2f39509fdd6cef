#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/runtime/file_system.h"
#include "engine/storage/compaction/purge.h"
#include "engine/storage/compaction/shadows.h"
#include "engine/storage/compaction/strategy.h"
#include "engine/storage/lifecycle/transaction_log.h"
#include "engine/storage/sstable/sstable_cache.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "engine/storage/sstable/sstable_writer.h"
#include "engine/storage/unfiltered_merger.h"

namespace engine::storage::compaction {

using ReaderPtr = std::shared_ptr<const SstableReader>;

/// What one compaction does, in full.
struct CompactionJob {
    Uuid id;
    std::string operation = "compaction";  // In the name of its transaction log.
    schema::TablePtr table;
    std::string folder;
    std::vector<ReaderPtr> inputs;
    /// Inputs that go without being read: all in them has expired.
    std::vector<ReaderPtr> expired;
    OutputPlan output;
    std::int64_t nowSeconds = 0;
    std::int64_t gcBefore = 0;
    std::set<Bytes> graceless;  // Keys of partitions to which gcBefore does not apply.
    bool purges = true;  // Deletions may be dropped at all.
    Uuid origin;
    std::shared_ptr<std::atomic<std::uint64_t>> generations;  // Where new ones come from.
    std::uint64_t columnIndexBytes = 64 * 1024;
    /// Only partitions in these ranges stay (cleanup); nothing: all do.
    std::optional<std::vector<rows::TokenRange>> owned;
    /// Whose deletions take data out too, as they were when the compaction began, and which of them.
    std::vector<ReaderPtr> others;
    ShadowKind shadows = ShadowKind::None;
    /// What cannot be read is left out instead of ending the compaction (scrub).
    bool skipsCorrupt = false;
};

/// The rest of the table at one moment, which decides what may be purged.
struct PurgeView {
    std::vector<ReaderPtr> others;  // Files that are not inputs.
    std::int64_t memtableMinTimestamp = std::numeric_limits<std::int64_t>::max();
};

struct RunCounts {
    std::uint64_t cellsRead = 0;
    std::uint64_t cellsKept = 0;
    std::uint64_t cellsReplaced = 0;  // Hidden by newer cells or deletions of the inputs.
    std::uint64_t tombstonesDropped = 0;
    std::uint64_t tombstonesKept = 0;
    std::uint64_t partitionsWritten = 0;
    std::uint64_t partitionsSkipped = 0;  // Not owned.
    std::uint64_t corrupt = 0;            // Partitions that could not be read to their end.
    std::map<int, std::uint64_t> merged;  // How many partitions came from so many inputs.
};

/// One compaction under way: inputs are read as streams, merged, purged, and written as new files.
/// Memory is bounded by a row of each input. Goes on by steps, so that whoever runs it can tell of
/// its progress, slow it down, pause it and end it between any two; a step blocks and runs on the
/// pool. Nothing happened to the table until commit(); an instance let go before that removes what
/// it wrote.
class CompactionRun {
public:
    CompactionRun(runtime::FileSystem& files, std::shared_ptr<SstableCache> cache, CompactionJob job);
    ~CompactionRun();
    CompactionRun(const CompactionRun&) = delete;
    CompactionRun& operator=(const CompactionRun&) = delete;

    /// About so many bytes of the inputs; true once all is written and its files are complete.
    Result<bool> step(std::uint64_t bytes, const std::shared_ptr<const PurgeView>& view);
    /// Readers of the files that were written; after step() was true.
    Result<std::vector<ReaderPtr>> open();
    /// From here on the table consists of the new files. Before it returns, a crash leaves either.
    Result<void> commit();
    /// After inputs were removed.
    Result<void> forget() { return m_log.forget(); }
    /// It may or may not have been committed: the files of both sides must stay for the next start.
    bool isInDoubt() const { return m_log.isInDoubt(); }

    /// After commit(): the inputs' readers may close.
    void letGoOfInputs();

    const CompactionJob& job() const { return m_job; }
    /// Of each input, on disk; in the job's order.
    const std::vector<std::uint64_t>& readBytes() const { return m_readBytes; }
    std::uint64_t totalReadBytes() const;
    std::uint64_t writtenBytes() const;
    /// Being written; 0: none.
    std::uint64_t generation() const { return m_generation; }
    const RunCounts& counts() const { return m_counts; }
    const std::vector<WrittenSstable>& written() const { return m_written; }

private:
    struct Source {
        std::unique_ptr<PartitionScan> scan;
        std::size_t input = 0;
    };

    Result<void> begin();
    Result<std::unique_ptr<PartitionScan>> scanInSmallPieces(const SstableReader& input);
    Result<bool> enterPartition(const std::shared_ptr<const PurgeView>& view);
    Result<void> openPartition(const std::shared_ptr<const PurgeView>& view);
    Result<bool> writeRows(std::uint64_t until);
    Result<void> writeRow();
    Result<void> writeMarker();
    Result<void> closeCorrupt();
    Result<void> leavePartition();
    Result<void> advanceSources();
    Result<void> ensureStarted();
    Result<void> switchWriterIfDue();
    Result<void> openWriter();
    Result<void> finishWriter();
    const Purger& purger();
    bool isOwned(std::int64_t token) const;
    void measure();

    runtime::FileSystem& m_files;
    const std::shared_ptr<SstableCache> m_cache;
    CompactionJob m_job;
    TransactionLog m_log;
    const rows::PartitionRange m_everything;
    bool m_hasBegun = false;
    bool m_isCommitted = false;

    std::unique_ptr<SstableCache> m_ownCache;  // When it scrubs, and its one input with it.
    ReaderPtr m_ownReader;
    rows::PartitionRange m_behindFirst;
    std::vector<Source> m_sources;
    std::optional<Shadows> m_shadows;
    std::vector<std::size_t> m_here;  // Sources at the partition.
    std::vector<std::uint64_t> m_readBytes;

    // The partition under way.
    std::unique_ptr<UnfilteredMerger> m_merger;
    rows::DecoratedKey m_key;
    rows::DeletionTime m_deletion;
    rows::Row m_staticRow;
    bool m_isStarted = false;  // Something of it was written.
    bool m_isShadowed = false;  // m_shadows has something at its key.
    std::optional<Purger> m_purger;
    std::shared_ptr<const PurgeView> m_view;  // As it was when the partition began.
    rows::DeletionTime m_openWritten;
    rows::Clustering m_lastClustering;

    std::unique_ptr<SstableWriter> m_writer;
    std::uint64_t m_generation = 0;
    std::uint64_t m_expectedPartitions = 1;
    std::size_t m_nextBoundary = 0;
    std::int32_t m_level = 0;
    std::uint64_t m_levelBytes = 0;  // Written to m_level.
    double m_share = 0.5;            // Of the file under way, when halving.
    std::vector<WrittenSstable> m_written;
    std::uint64_t m_finishedBytes = 0;
    RunCounts m_counts;
};

}  // namespace engine::storage::compaction
