#include "engine/storage/table_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/storage/flush_writer.h"
#include "engine/storage/lifecycle/import_sstables.h"
#include "engine/storage/lifecycle/transaction_log.h"
#include "engine/storage/partition_merger.h"
#include "engine/storage/point_read.h"

namespace engine::storage {

namespace {

constexpr std::string_view kTruncationFile = "truncated";
constexpr std::size_t kOldTruncationBytes = 28;
constexpr std::string_view kTemporarySuffix = ".tmp";
/// Names of files in the format of the first release.
constexpr std::string_view kOldPrefix = "rs-";
/// Room made in advance for the answer to a read of many partitions.
constexpr std::size_t kReservedPartitions = 512;

/// Folders are made when there is something to put into them.
Result<void> ensureFolder(runtime::FileSystem& files, const std::string& folder) {
    if (files.exists(folder)) {
        return ok();
    }
    TRY(files.createFolders(folder));
    const std::string keyspace = runtime::parentFolder(folder);
    TRY(files.syncFolder(keyspace));
    return files.syncFolder(runtime::parentFolder(keyspace));
}

}  // namespace

/// As Cassandra names a table's folder: the name, and the id without dashes.
std::string TableStore::folderOf(const std::string& dataFolder, const schema::Table& table) {
    std::string id = table.id.toString();
    std::erase(id, '-');
    return fmt::format("{}/{}/{}-{}", dataFolder, table.keyspace, table.name, id);
}

TableStore::TableStore(runtime::FileSystem& files, SstableCache& cache, schema::TablePtr table,
                       const std::string& dataFolder, std::uint64_t columnIndexBytes)
    : m_files(files),
      m_cache(cache),
      m_table(std::move(table)),
      m_folder(folderOf(dataFolder, *m_table)),
      m_columnIndexBytes(columnIndexBytes),
      m_origin(Uuid::nameBased(dataFolder)),
      m_active(std::make_shared<Memtable>(m_table)) {}

Result<void> TableStore::open(Log& log) {
    TRY_ASSIGN(const TruncationRecord truncation, loadTruncation());
    m_flushedTo = truncation.position;
    m_truncation = truncation;
    std::uint64_t next = std::max<std::uint64_t>(*m_generations, truncation.generation);
    TRY(TransactionLog::recover(m_files, m_folder, log));
    TRY(checkNames());
    std::vector<std::string> leftovers;
    TRY_ASSIGN(const auto found, listSstables(m_files, m_folder, leftovers));
    for (const std::string& path : leftovers) {
        log.info("removing {}, left over from a flush or removal cut short", path);
        TRY(m_files.remove(path));
    }
    std::vector<SstableDescriptor> strangers;
    for (const SstableDescriptor& descriptor : found) {
        const std::uint64_t generation = descriptor.generation();
        if (generation == 0) {
            strangers.push_back(descriptor);
            continue;
        }
        if (generation < truncation.generation && !truncation.isDone) {
            log.info("removing {}, left over from before a truncation",
                     descriptor.pathOf(Component::Data));
            TRY(removeSstable(m_files, descriptor));
            continue;
        }
        next = std::max(next, generation + 1);
        if (const Result<void> opened = openOne(descriptor); !opened) {
            leaveOut(descriptor, opened.error());
        }
    }
    // A backup keeps the name of its file: no other may have it.
    TRY_ASSIGN(const auto backups, m_files.list(m_folder + "/backups"));
    for (const std::string& name : backups) {
        if (const auto component = parseComponentPath(name)) {
            next = std::max(next, component->sstable.generation() + 1);
        }
    }
    *m_generations = next;
    if (truncation.generation > 0 && !truncation.isDone) {
        m_truncation.isDone = true;
        TRY(saveTruncation(m_files, m_folder, m_truncation));
    }
    return adopt(std::move(strangers), log);
}

Result<void> TableStore::openOne(const SstableDescriptor& descriptor) {
    TRY_ASSIGN(auto reader, SstableReader::open(m_files, descriptor, m_table, m_cache));
    const SstableStats& stats = reader->stats();
    if (stats.flushedTo && stats.originatingHost == m_origin) {
        m_flushedTo = std::max(m_flushedTo, *stats.flushedTo);
    }
    m_sstables.push_back(std::move(reader));
    return ok();
}

/// What the file has of the commit log counts as not written: what is still there of it is applied
/// again. New segments come after those it names all the same, should somebody mend it.
void TableStore::leaveOut(const SstableDescriptor& descriptor, const Error& error) {
    m_unreadable.push_back({descriptor, error.message});
    const std::string path = descriptor.pathOf(Component::Statistics);
    const auto bytes = runtime::readFile(m_files, path);
    const auto statistics = bytes ? readStatistics(bytes.value(), path) : bytes.error();
    if (statistics && statistics.value().stats.flushedTo) {
        m_newestSegment = std::max(m_newestSegment, statistics.value().stats.flushedTo->segment);
    }
}

std::vector<UnreadableSstable> TableStore::forgetUnreadable() {
    const auto gone = std::stable_partition(m_unreadable.begin(), m_unreadable.end(), [&](const UnreadableSstable& sstable) {
        return m_files.exists(sstable.descriptor.pathOf(Component::Data));
    });
    std::vector<UnreadableSstable> out(gone, m_unreadable.end());
    m_unreadable.erase(gone, m_unreadable.end());
    return out;
}

/// Files whose ids are no sequence numbers (uuid_sstable_identifiers_enabled of another node) get one.
Result<void> TableStore::adopt(std::vector<SstableDescriptor> strangers, Log& log) {
    std::erase_if(strangers, [&](const SstableDescriptor& stranger) {
        const auto opened = SstableReader::open(m_files, stranger, m_table, m_cache);
        if (!opened) {
            leaveOut(stranger, opened.error());
        }
        return !opened;
    });
    if (strangers.empty()) {
        return ok();
    }
    ImportJob job;
    job.table = m_table;
    job.tableFolder = m_folder;
    job.generations = m_generations;
    job.id = Uuid::nameBased(m_folder + '/' + strangers.front().id);
    job.keepLevel = true;
    job.keepRepaired = true;
    TRY_ASSIGN(auto adopted, importSstables(m_files, m_cache, job, strangers));
    for (std::size_t i = 0; i < adopted.readers.size(); ++i) {
        log.info("{} is {} from now on", strangers[i].pathOf(Component::Data), adopted.readers[i]->path());
        m_sstables.push_back(std::move(adopted.readers[i]));
    }
    return std::move(adopted.sourcesGone);
}

/// Removes what an atomic replacement left, and refuses what this program would not see.
Result<void> TableStore::checkNames() const {
    TRY_ASSIGN(const auto names, m_files.list(m_folder));
    for (const std::string& name : names) {
        const std::string path = m_folder + '/' + name;
        if (name == std::string(kTruncationFile).append(kTemporarySuffix)) {
            TRY(m_files.remove(path));
            continue;
        }
        if (name.starts_with(kOldPrefix) && name.ends_with(".db")) {
            return makeError(ErrorKind::Corrupt,
                             fmt::format("{} was written by the first release, whose format of SSTables "
                                         "is no longer read: create the cluster anew",
                                         path));
        }
        if (const auto version = otherVersionOf(path)) {
            return makeError(ErrorKind::Corrupt,
                             fmt::format("{} is an SSTable of version {}; only version nb is read",
                                         path, *version));
        }
    }
    return ok();
}

Result<TruncationRecord> TableStore::loadTruncation() const {
    const std::string path = m_folder + '/' + std::string(kTruncationFile);
    TruncationRecord out;
    if (!m_files.exists(path)) {
        return out;
    }
    TRY_ASSIGN(const Bytes bytes, runtime::readFile(m_files, path));
    ByteReader in(bytes);
    out.position.segment = in.u64();
    out.position.offset = in.u64();
    out.generation = in.u64();
    // A record of the first releases ends here.
    out.isDone = bytes.size() > kOldTruncationBytes && in.u8() != 0;
    const std::size_t checked = in.offset();
    if (in.u32() != crc32(BytesView(bytes).substr(0, checked)) || in.failed()) {
        return makeError(ErrorKind::Corrupt,
                         fmt::format("truncation record {}: its checksum does not match", path));
    }
    return out;
}

Result<void> TableStore::saveTruncation(runtime::FileSystem& files, const std::string& folder,
                                        const TruncationRecord& record) {
    ByteWriter out;
    out.u64(record.position.segment);
    out.u64(record.position.offset);
    out.u64(record.generation);
    out.u8(record.isDone ? 1 : 0);
    out.u32(crc32(out.bytes()));
    TRY(ensureFolder(files, folder));
    return runtime::writeFileAtomically(files, folder + '/' + std::string(kTruncationFile),
                                        out.bytes());
}

Result<std::vector<rows::Partition>> TableStore::read(const rows::ReadCommand& command,
                                                      ReadMeter& meter) {
    ++m_reads;
    std::vector<rows::Partition> out;
    if (command.limits.rows == 0 || command.limits.rowsPerPartition == 0) {
        return out;
    }
    TRY(command.key ? readOne(command, meter, out) : readRange(command, meter, out));
    return out;
}

Result<void> TableStore::readOne(const rows::ReadCommand& command, ReadMeter& meter,
                                 std::vector<rows::Partition>& out) {
    PartitionMerger merger(command, &meter);
    PointRead point(command, merger.slices(), meter.trace);
    const auto active = m_active->find(*command.key);
    const auto flushing = m_flushing ? m_flushing->find(*command.key) : std::nullopt;
    for (const auto* found : {&active, &flushing}) {
        point.addMemtable(*found ? &**found : nullptr);
    }
    TRY(point.addFrom(m_sstables));
    meter.sstables = point.sstables();
    const std::size_t touched = std::min(point.sstables(), kSstablesPerReadMax);
    m_sstablesPerRead.resize(std::max(m_sstablesPerRead.size(), touched + 1));
    ++m_sstablesPerRead[touched];
    if (point.sources().empty()) {
        point.finish(meter);
        return ok();
    }
    TRY_ASSIGN(rows::Partition partition, merger.read(*command.key, point.sources()));
    point.finish(meter);
    if (!partition.isEmpty()) {
        out.push_back(std::move(partition));
    }
    return ok();
}

Result<std::vector<std::unique_ptr<PartitionScan>>> TableStore::cursors(
    const rows::PartitionRange& range, ScanOptions options) const {
    std::vector<std::unique_ptr<PartitionScan>> out;
    out.push_back(std::make_unique<MemtableCursor>(*m_active, range));
    if (m_flushing) {
        out.push_back(std::make_unique<MemtableCursor>(*m_flushing, range));
    }
    for (const auto& sstable : m_sstables) {
        TRY_ASSIGN(auto cursor, sstable->scan(range, options));
        out.push_back(std::move(cursor));
    }
    return out;
}

/// Walks several sources in ring order as one.
class TableStore::Scan {
public:
    explicit Scan(std::vector<std::unique_ptr<PartitionScan>> cursors) : m_all(std::move(cursors)) {
        for (const auto& cursor : m_all) {
            push(*cursor);
        }
    }

    /// To the next key that any of them has; false at the end.
    bool next() {
        if (m_heap.empty()) {
            return false;
        }
        m_sources.clear();
        m_here.clear();
        const rows::DecoratedKey& first = *m_heap.front().cursor->key();
        m_key.token = first.token;
        m_key.key.assign(first.key);
        while (!m_heap.empty() && m_heap.front().token == m_key.token &&
               m_heap.front().cursor->key()->key == m_key.key) {
            PartitionScan* const cursor = m_heap.front().cursor;
            m_sources.push_back(&cursor->partition());
            m_here.push_back(cursor);
            std::pop_heap(m_heap.begin(), m_heap.end(), isBehind);
            m_heap.pop_back();
        }
        return true;
    }
    Result<void> advance() {
        for (PartitionScan* cursor : m_here) {
            TRY(cursor->advance());
            push(*cursor);
        }
        return ok();
    }
    const rows::DecoratedKey& key() const { return m_key; }
    const std::vector<const UnfilteredPartition*>& sources() const { return m_sources; }

private:
    struct Place {
        std::int64_t token;
        PartitionScan* cursor;
    };
    static bool isBehind(const Place& a, const Place& b) {
        return a.token != b.token ? a.token > b.token : b.cursor->key()->key < a.cursor->key()->key;
    }
    void push(PartitionScan& cursor) {
        if (const rows::DecoratedKey* key = cursor.key()) {
            m_heap.push_back({key->token, &cursor});
            std::push_heap(m_heap.begin(), m_heap.end(), isBehind);
        }
    }

    std::vector<std::unique_ptr<PartitionScan>> m_all;
    std::vector<Place> m_heap;  // Of those that are not at their end; the first one in ring order on top.
    std::vector<const UnfilteredPartition*> m_sources;
    std::vector<PartitionScan*> m_here;
    rows::DecoratedKey m_key;
};

Result<void> TableStore::readRange(const rows::ReadCommand& command, ReadMeter& meter,
                                   std::vector<rows::Partition>& out) const {
    TRY_ASSIGN(auto all, cursors(command.range));
    Scan scan(std::move(all));
    PartitionMerger merger(command, &meter);
    out.reserve(std::min<std::size_t>(command.limits.rows, kReservedPartitions));
    while (!merger.isDone() && scan.next()) {
        TRY_ASSIGN(rows::Partition partition, merger.read(scan.key(), scan.sources()));
        if (!partition.isEmpty()) {
            out.push_back(std::move(partition));
        }
        TRY(scan.advance());
    }
    return ok();
}

Result<void> TableStore::visitLive(const rows::ReadCommand& command,
                                   const LiveRowVisitor& visit) const {
    TRY_ASSIGN(auto all, cursors(command.range, {.bulk = true}));
    Scan scan(std::move(all));
    PartitionMerger merger(command);
    while (scan.next()) {
        TRY_ASSIGN(const bool goesOn, merger.visitLive(scan.key(), scan.sources(), visit));
        if (!goesOn) {
            break;
        }
        TRY(scan.advance());
    }
    return ok();
}

TableStore::Flush TableStore::beginFlush(LogPosition upTo, std::vector<std::int64_t> boundaries,
                                         const Uuid& transaction) {
    ENSURE(!m_flushing);
    m_flushing = std::exchange(m_active, std::make_shared<Memtable>(m_table));
    m_flushingTo = upTo;
    Flush out = flushOf(m_flushing, upTo);
    out.target.boundaries = std::move(boundaries);
    out.target.transaction = transaction;
    return out;
}

TableStore::Flush TableStore::flushOf(std::shared_ptr<const Memtable> memtable, LogPosition upTo) const {
    return {std::move(memtable), {m_folder, m_generations, m_table, upTo, m_origin, {}, {}, m_columnIndexBytes}};
}

std::vector<TableStore::Flush> TableStore::inMemory() const {
    std::vector<Flush> out;
    for (const auto& memtable : {m_flushing, m_active}) {
        if (memtable && !memtable->isEmpty()) {
            out.push_back(flushOf(memtable, m_flushedTo));
        }
    }
    return out;
}

Result<TableStore::Readers> TableStore::writeFlush(runtime::FileSystem& files, SstableCache& cache,
                                                   const Flush& flush) {
    TRY(ensureFolder(files, flush.target.folder));
    TRY_ASSIGN(const auto written, writeMemtable(files, *flush.memtable, flush.target));
    Readers out;
    for (const SstableDescriptor& descriptor : written) {
        TRY_ASSIGN(auto reader, SstableReader::open(files, descriptor, flush.target.table, cache));
        out.push_back(std::move(reader));
    }
    return out;
}

void TableStore::endFlush(const Readers& written) {
    ++m_flushes;
    for (const auto& reader : written) {
        m_flushedBytes += reader->bytesOnDisk();
        reader->follow(*m_table);
        m_sstables.push_back(reader);
    }
    m_flushing.reset();
    m_flushedTo = std::max(m_flushedTo, m_flushingTo);
}

void TableStore::giveBackFlush() {
    m_flushing->takeIn(*m_table, *m_active);
    m_active = std::move(m_flushing);
}

TableStore::Emptied TableStore::beginTruncation(LogPosition upTo) {
    ENSURE(!m_flushing);
    Emptied out;
    out.memtable = std::exchange(m_active, std::make_shared<Memtable>(m_table));
    out.sstables = std::exchange(m_sstables, {});
    out.record = {upTo, *m_generations};
    return out;
}

void TableStore::endTruncation(const Emptied& emptied) {
    m_flushedTo = std::max(m_flushedTo, emptied.record.position);
    m_truncation = emptied.record;
}

Result<void> TableStore::finishTruncation(runtime::FileSystem& files, const std::string& folder,
                                          const std::vector<SstableDescriptor>& gone,
                                          const TruncationRecord& record) {
    for (const SstableDescriptor& sstable : gone) {
        TRY(removeSstable(files, sstable));
    }
    TruncationRecord done = record;
    done.isDone = true;
    return saveTruncation(files, folder, done);
}

void TableStore::giveBackTruncation(Emptied emptied) {
    emptied.memtable->takeIn(*m_table, *m_active);
    m_active = std::move(emptied.memtable);
    m_sstables.insert(m_sstables.begin(), emptied.sstables.begin(), emptied.sstables.end());
}

void TableStore::replace(const std::vector<std::uint64_t>& gone,
                         const std::vector<std::shared_ptr<const SstableReader>>& added) {
    std::erase_if(m_sstables, [&](const auto& sstable) {
        return std::find(gone.begin(), gone.end(), sstable->generation()) != gone.end();
    });
    for (const auto& reader : added) {
        reader->follow(*m_table);  // It may have been altered since the file was opened.
    }
    m_sstables.insert(m_sstables.end(), added.begin(), added.end());
    std::sort(m_sstables.begin(), m_sstables.end(),
              [](const auto& a, const auto& b) { return a->generation() < b->generation(); });
}

void TableStore::setTable(schema::TablePtr table) {
    m_table = std::move(table);
    for (const auto& reader : m_sstables) {
        reader->follow(*m_table);
    }
}

std::int64_t TableStore::memtableMinTimestamp() const {
    const std::int64_t active = m_active->facts().minTimestamp;
    return m_flushing ? std::min(active, m_flushing->facts().minTimestamp) : active;
}

std::uint64_t TableStore::memtableBytes() const {
    return m_active->bytes() + (m_flushing ? m_flushing->bytes() : 0);
}

std::uint64_t TableStore::memtableRows() const {
    return m_active->rows() + (m_flushing ? m_flushing->rows() : 0);
}

std::uint64_t TableStore::sstableBytes() const {
    std::uint64_t sum = 0;
    for (const auto& sstable : m_sstables) {
        sum += sstable->bytesOnDisk();
    }
    return sum;
}

std::uint64_t TableStore::partitionsEstimate() const {
    std::uint64_t sum = m_active->partitions() + (m_flushing ? m_flushing->partitions() : 0);
    for (const auto& sstable : m_sstables) {
        sum += sstable->estimatedPartitions();
    }
    return sum;
}

}  // namespace engine::storage
