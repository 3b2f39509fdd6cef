#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/rows/read_command.h"
#include "engine/runtime/runtime.h"
#include "engine/storage/flush_writer.h"
#include "engine/storage/log_position.h"
#include "engine/storage/memtable.h"
#include "engine/storage/partition_merger.h"
#include "engine/storage/sstable/sstable_cache.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "engine/storage/unreadable_sstable.h"

namespace engine::storage {

/// What a truncation leaves behind: files below the generation and records before the position are
/// void. Lies in the table's folder; layout in docs/formats.md, "Truncation".
struct TruncationRecord {
    LogPosition position;
    std::uint64_t generation = 0;
    /// The files are gone: those below the generation that are there now came later, from a backup.
    bool isDone = false;
};

/// One table's memtables and files (org.apache.cassandra.db.ColumnFamilyStore). On the node's
/// thread, but for writeFlush(), saveTruncation() and finishTruncation(), which block and touch nothing
/// but what they are given.
class TableStore {
public:
    TableStore(runtime::FileSystem& files, SstableCache& cache, schema::TablePtr table,
               const std::string& dataFolder, std::uint64_t columnIndexBytes);

    static std::string folderOf(const std::string& dataFolder, const schema::Table& table);
    /// Opens the table's files, and removes leftovers of flushes and truncations cut short. Files that
    /// cannot be opened are left where they are, and listed.
    Result<void> open(Log& log);
    const std::vector<UnreadableSstable>& unreadable() const { return m_unreadable; }
    /// Forgets those that are no longer in the folder; which these were.
    std::vector<UnreadableSstable> forgetUnreadable();

    void apply(rows::Partition update) {
        ++m_writes;
        m_active->apply(*m_table, std::move(update));
    }
    Result<std::vector<rows::Partition>> read(const rows::ReadCommand& command, ReadMeter& meter);

    /// The live rows of a range one by one, without gathering them.
    Result<void> visitLive(const rows::ReadCommand& command, const LiveRowVisitor& visit) const;

    // A flush: begin, write on the pool, then end or give back. One at a time.
    struct Flush {
        std::shared_ptr<const Memtable> memtable;
        FlushTarget target;
    };
    using Readers = std::vector<std::shared_ptr<const SstableReader>>;
    bool isFlushing() const { return m_flushing != nullptr; }
    /// `boundaries` and `transaction` as FlushTarget has them.
    Flush beginFlush(LogPosition upTo, std::vector<std::int64_t> boundaries = {}, const Uuid& transaction = {});
    static Result<Readers> writeFlush(runtime::FileSystem& files, SstableCache& cache, const Flush& flush);
    void endFlush(const Readers& written);
    /// The memtable could not be written: what came since joins it, and it is the active one again.
    void giveBackFlush();
    /// All that is in memory, to be written as for a flush; nothing is changed by it. For a table's last
    /// snapshot.
    std::vector<Flush> inMemory() const;

    // A truncation, likewise; not while a flush is going on.
    struct Emptied {
        std::shared_ptr<Memtable> memtable;
        std::vector<std::shared_ptr<const SstableReader>> sstables;
        TruncationRecord record;
    };
    Emptied beginTruncation(LogPosition upTo);
    static Result<void> saveTruncation(runtime::FileSystem& files, const std::string& folder,
                                       const TruncationRecord& record);
    void endTruncation(const Emptied& emptied);
    /// Removes the files, and notes that in the record.
    static Result<void> finishTruncation(runtime::FileSystem& files, const std::string& folder,
                                         const std::vector<SstableDescriptor>& gone,
                                         const TruncationRecord& record);
    void giveBackTruncation(Emptied emptied);

    /// What a compaction did: the files of these generations are gone, others are there for them.
    void replace(const std::vector<std::uint64_t>& gone,
                 const std::vector<std::shared_ptr<const SstableReader>>& added);
    /// The smallest timestamp of what is in no file yet; the largest number when there is nothing.
    std::int64_t memtableMinTimestamp() const;
    /// Where new files' generations come from; any thread.
    const std::shared_ptr<std::atomic<std::uint64_t>>& generations() const { return m_generations; }
    const Uuid& origin() const { return m_origin; }
    /// Of the files that are written (column_index_size).
    std::uint64_t columnIndexBytes() const { return m_columnIndexBytes; }
    const TruncationRecord& truncation() const { return m_truncation; }
    /// Its files are gone.
    void truncationIsDone() { m_truncation.isDone = true; }

    const schema::TablePtr& table() const { return m_table; }
    /// Open files follow what the table says from here on.
    void setTable(schema::TablePtr table);
    const std::string& folder() const { return m_folder; }
    const Memtable& active() const { return *m_active; }
    const std::vector<std::shared_ptr<const SstableReader>>& sstables() const { return m_sstables; }
    /// The commit log's records of the table before it need no replay.
    LogPosition flushedTo() const { return m_flushedTo; }
    /// The newest segment of the commit log that any file names, those that cannot be opened included.
    std::uint64_t newestSegment() const { return std::max(m_newestSegment, m_flushedTo.segment); }
    std::uint64_t memtableBytes() const;
    std::uint64_t memtableRows() const;
    std::uint64_t sstableBytes() const;
    std::uint64_t partitionsEstimate() const;
    std::uint64_t reads() const { return m_reads; }
    std::uint64_t writes() const { return m_writes; }
    /// How many reads of one partition found it in 0, 1, 2, ... SSTables; the last counts more too.
    const std::vector<std::uint64_t>& sstablesPerRead() const { return m_sstablesPerRead; }
    static constexpr std::size_t kSstablesPerReadMax = 64;
    /// Since the store was opened; and how much went to SSTables.
    std::uint64_t flushes() const { return m_flushes; }
    std::uint64_t flushedBytes() const { return m_flushedBytes; }
    std::uint64_t compactedBytes() const { return m_compactedBytes; }
    void countCompacted(std::uint64_t bytesWritten) { m_compactedBytes += bytesWritten; }

private:
    Result<TruncationRecord> loadTruncation() const;
    Result<void> openOne(const SstableDescriptor& descriptor);
    void leaveOut(const SstableDescriptor& descriptor, const Error& error);
    Result<void> adopt(std::vector<SstableDescriptor> strangers, Log& log);
    Result<void> checkNames() const;
    Flush flushOf(std::shared_ptr<const Memtable> memtable, LogPosition upTo) const;
    Result<void> readOne(const rows::ReadCommand& command, ReadMeter& meter,
                         std::vector<rows::Partition>& out);
    Result<void> readRange(const rows::ReadCommand& command, ReadMeter& meter,
                           std::vector<rows::Partition>& out) const;
    class Scan;
    Result<std::vector<std::unique_ptr<PartitionScan>>> cursors(
        const rows::PartitionRange& range, ScanOptions options = {}) const;

    runtime::FileSystem& m_files;
    SstableCache& m_cache;
    schema::TablePtr m_table;
    const std::string m_folder;
    const std::uint64_t m_columnIndexBytes;
    const Uuid m_origin;  // Tells files whose place in the commit log is this node's.
    std::shared_ptr<Memtable> m_active;
    std::shared_ptr<Memtable> m_flushing;
    std::vector<std::shared_ptr<const SstableReader>> m_sstables;  // By generation.
    std::vector<UnreadableSstable> m_unreadable;
    std::uint64_t m_newestSegment = 0;
    std::shared_ptr<std::atomic<std::uint64_t>> m_generations =
        std::make_shared<std::atomic<std::uint64_t>>(1);  // The next one.
    TruncationRecord m_truncation;
    LogPosition m_flushedTo;
    LogPosition m_flushingTo;
    std::uint64_t m_reads = 0;
    std::uint64_t m_writes = 0;
    std::vector<std::uint64_t> m_sstablesPerRead;
    std::uint64_t m_flushes = 0;
    std::uint64_t m_flushedBytes = 0;
    std::uint64_t m_compactedBytes = 0;
};

}  // namespace engine::storage
