#include "engine/storage/storage_impl.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "engine/rows/command_text.h"
#include "engine/rows/serialization.h"
#include "engine/schema/system_keyspaces.h"
#include "engine/storage/sstable_info.h"

namespace engine::storage {

namespace {

/// After a flush failed, for want of space most likely.
constexpr runtime::Duration kFlushRetryDelay = std::chrono::seconds(5);

}  // namespace

StorageEngine::Impl::Impl(runtime::Runtime runtime, StorageOptions options,
                          schema::SchemaRegistry& schema, Log& log)
    : m_runtime(runtime),
      m_options(std::move(options)),
      m_schema(schema),
      m_logger(log),
      m_cache(std::make_shared<SstableCache>(m_options.chunkCacheBytes, m_options.keyCacheBytes)),
      m_log(runtime, m_options, log) {
    m_compactions = std::make_unique<CompactionManager>(
        runtime, m_options.compaction, m_cache, log,
        CompactionManager::Hooks{[this]() -> const StorageObserver& { return m_observer; },
                                 [this](const Error& error) { diskFailed(error); },
                                 [this](const CompactionHistoryEntry& entry) {
                                     if (m_onCompacted) {
                                         m_onCompacted(entry);
                                     }
                                 },
                                 [this] { dropExpiredSnapshots(); }});
    m_incrementalBackups = m_options.incrementalBackups;
    schema.onChange([this, alive = std::weak_ptr<int>(m_alive)](const auto&, const auto& after) {
        if (!alive.expired()) {
            onSchemaChange(after);
        }
    });
}

Result<void> StorageEngine::Impl::open() {
    TRY(m_runtime.files.createFolders(m_options.dataFolder));
    TRY(m_log.open());
    for (const auto& [name, keyspace] : m_schema.current()->keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            if (!table->isVirtual) {
                TRY(find(table));
            }
        }
    }
    return ok();
}

/// The table's store, opened when it is asked for the first time.
Result<StorageEngine::Impl::TableHandle> StorageEngine::Impl::find(const schema::TablePtr& table) {
    const auto it = m_tables.find(table->id);
    if (it != m_tables.end()) {
        return it->second;
    }
    if (m_droppedTables.contains(table->id)) {
        return unconfigured(*table);
    }
    auto opened = std::make_shared<Table>(m_runtime.files, *m_cache, table, m_options.dataFolder,
                                          m_options.columnIndexBytes);
    TRY(openFiles(opened->store));
    TRY(m_log.continueAfter(opened->store.newestSegment()));
    m_tables.emplace(table->id, opened);
    m_compactions->opened(std::shared_ptr<TableStore>(opened, &opened->store));
    return opened;
}

/// A file that cannot be opened ends the start under the policies that stop or die, and is left out
/// under the others, or when the node runs already (DefaultFSErrorHandler.handleStartupFSError,
/// SSTableReader.openAll).
Result<void> StorageEngine::Impl::openFiles(TableStore& store) {
    TRY(store.open(m_logger));
    if (store.unreadable().empty()) {
        return ok();
    }
    const DiskFailurePolicy policy = m_options.diskFailurePolicy;
    const bool goesOn = m_isStarted || policy == DiskFailurePolicy::BestEffort || policy == DiskFailurePolicy::Ignore;
    for (const UnreadableSstable& sstable : store.unreadable()) {
        const std::string path = sstable.descriptor.pathOf(Component::Data);
        tellUnreadable(*store.table(), sstable.descriptor, sstable.why);
        if (!goesOn) {
            return makeError(ErrorKind::Corrupt,
                             fmt::format("{} cannot be opened: {}; disk_failure_policy {} lets no node start "
                                         "with it (best_effort and ignore leave the file out)",
                                         path, sstable.why, toString(policy)));
        }
        m_logger.error("corrupt SSTable {}: {}; {} is opened without it", path, sstable.why,
                       store.table()->qualifiedName());
        diskFailed(makeError(ErrorKind::Corrupt, sstable.why));
    }
    return ok();
}

void StorageEngine::Impl::tellUnreadable(const schema::Table& table, const SstableDescriptor& sstable,
                                         std::string_view why) const {
    if (m_observer.sstableUnreadable) {
        m_observer.sstableUnreadable(table, sstable.generation(), sstable.pathOf(Component::Data), why);
    }
}

/// Errors name the component they are of by its path: that tells the file.
void StorageEngine::Impl::tellDamage(const Error& error) {
    for (const auto& [id, table] : m_tables) {
        if (error.message.find(table->store.folder() + '/') == std::string::npos) {
            continue;
        }
        for (const auto& sstable : table->store.sstables()) {
            const SstableDescriptor& descriptor = sstable->descriptor();
            const auto isNamed = [&](Component component) {
                return error.message.find(descriptor.pathOf(component)) != std::string::npos;
            };
            if (std::any_of(kAllComponents.begin(), kAllComponents.end(), isNamed) &&
                table->damaged.insert(descriptor.id).second) {
                tellUnreadable(*table->store.table(), descriptor, error.message);
            }
        }
    }
}

void StorageEngine::Impl::onSchemaChange(const schema::SchemaPtr& after) {
    for (auto& [id, table] : m_tables) {
        if (schema::TablePtr current = after->findTable(id)) {
            table->store.setTable(std::move(current));
            m_compactions->schemaChanged(id);
        }
    }
}

Result<std::uint64_t> StorageEngine::Impl::replay() {
    m_replayed = 0;
    m_replayingTables.clear();
    for (const auto& [name, keyspace] : m_schema.current()->keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            if (!table->isVirtual && m_replayedTables.insert(table->id).second) {
                m_replayingTables.insert(table->id);
                TRY(find(table));
            }
        }
    }
    if (m_replayingTables.empty()) {
        return m_replayed;
    }
    TRY(m_log.replay(
        [this](LogPosition at, BytesView payload) { return replayRecord(at, payload); }));
    for (const Uuid& id : m_replayingTables) {
        m_log.markFlushed(id, m_tables.at(id)->store.flushedTo());
    }
    if (m_leftOut > 0) {
        m_logger.info("left out {} mutations of the commit log that are newer than "
                      "restore_point_in_time",
                      m_leftOut);
    }
    return m_replayed;
}

Result<void> StorageEngine::Impl::replayRecord(LogPosition at, BytesView payload) {
    ByteReader in(payload);
    std::vector<Uuid> unknown;
    Result<rows::Mutation> mutation = rows::readMutation(in, *m_schema.current(), unknown);
    if (!mutation) {
        Error error = makeError(
            ErrorKind::Corrupt,
            fmt::format("commit log segment {}/{}: the record at offset {} does not decode: {}",
                        m_options.commitLogFolder, segmentName(at.segment), at.offset,
                        mutation.error().message));
        if (!m_options.ignoreReplayErrors) {
            return error;
        }
        m_logger.error("{}; skipped as told", error.message);
        return ok();
    }
    for (const Uuid& id : unknown) {
        m_log.markDirty(id, at);  // Its table may be known by the next replay().
    }
    if (CdcLog::tracks(mutation.value())) {
        m_log.markTracked(at);
    }
    if (m_options.archive.isPast(mutation.value())) {
        m_leftOut += unknown.empty() ? 1 : 0;
        return ok();
    }
    const std::uint64_t before = m_replayed;
    for (rows::PartitionUpdate& update : mutation.value().updates) {
        TRY(replayUpdate(at, update));
    }
    m_replayed = std::min(m_replayed, before + 1);
    return ok();
}

Result<void> StorageEngine::Impl::replayUpdate(LogPosition at, rows::PartitionUpdate& update) {
    if (!m_replayingTables.contains(update.table->id)) {
        return ok();
    }
    TRY_ASSIGN(const TableHandle table, find(update.table));
    if (at < table->store.flushedTo()) {
        return ok();
    }
    m_log.markDirty(update.table->id, at);
    applyToMemtable(*table, std::move(update.partition));
    ++m_replayed;
    if (table->store.active().bytes() >= m_options.memtableBytes) {
        return flushNow(*table, {at.segment, at.offset + 1});
    }
    return ok();
}

void StorageEngine::Impl::start() {
    m_isStarted = true;
    forgetUnknownTables();
    m_log.start();
    m_compactions->start();
}

/// What no replay() knew by now are tables that were dropped.
void StorageEngine::Impl::forgetUnknownTables() {
    for (const Uuid& id : m_log.dirtyTables()) {
        if (!m_schema.current()->findTable(id)) {
            m_logger.info("skipped the commit log's records of table {}, which was dropped",
                          id.toString());
            m_log.forget(id);
        }
    }
}

runtime::Task<void> StorageEngine::Impl::stop() {
    co_await m_compactions->stop();
    co_await m_tasks.drained();
    co_await m_log.stop();
}

runtime::Task<Result<void>> StorageEngine::Impl::apply(rows::Mutation mutation, bool durable,
                                                       ApplyTimes* times) {
    for (const rows::PartitionUpdate& update : mutation.updates) {
        CO_TRY_ASSIGN(const TableHandle table, find(update.table));
        if (m_indexes != nullptr && !update.table->indexes.empty()) {
            CO_TRY(m_indexes->check(update));
        }
        // The disk does not keep up: wait, so that memory does not fill.
        while (table->isBusy && table->store.active().bytes() >= 2 * m_options.memtableBytes) {
            co_await notBusy(table);
        }
    }
    if (times != nullptr) {
        times->logStart = m_runtime.clock.machineNanos();
    }
    if (durable) {
        CO_TRY_ASSIGN(const LogPosition at, m_log.add(mutation));
        CommitLog::Ack ack(m_log, at);
        const Result<void> written = co_await ack;
        if (!written) {
            co_return written.error();
        }
    }
    if (times != nullptr) {
        times->logEnd = m_runtime.clock.machineNanos();
    }
    for (rows::PartitionUpdate& update : mutation.updates) {
        // Looked up again: it may have been dropped while the log was written.
        const auto it = m_tables.find(update.table->id);
        if (it != m_tables.end()) {
            applyToMemtable(*it->second, std::move(update.partition));
            flushWhatIsLarge(it->second);
        }
    }
    if (times != nullptr) {
        times->memtableEnd = m_runtime.clock.machineNanos();
    }
    co_return ok();
}

Result<void> StorageEngine::Impl::applyNow(const rows::Mutation& mutation) {
    for (const rows::PartitionUpdate& update : mutation.updates) {
        TRY(find(update.table));
    }
    TRY(m_log.addNow(mutation));
    for (const rows::PartitionUpdate& update : mutation.updates) {
        TRY_ASSIGN(const TableHandle table, find(update.table));
        applyToMemtable(*table, update.partition);
        flushWhatIsLarge(table);
    }
    return ok();
}

void StorageEngine::Impl::applyToMemtable(Table& table, rows::Partition partition) {
    if (m_indexes != nullptr && !table.store.table()->indexes.empty()) {
        m_indexes->applied(*table.store.table(), partition);
    }
    const std::uint64_t before = table.store.active().bytes();
    table.store.apply(std::move(partition));
    m_memtableBytes += table.store.active().bytes() - before;
    tellMemtable(table);
}

void StorageEngine::Impl::tellMemtable(const Table& table) const {
    if (m_observer.memtableGrew) {
        const Memtable& active = table.store.active();
        m_observer.memtableGrew(*table.store.table(), active.bytes(), active.rows());
    }
}

void StorageEngine::Impl::tellSstableRemoved(const schema::Table& table, std::uint64_t generation,
                                             std::string_view reason) const {
    if (m_observer.sstableRemoved) {
        m_observer.sstableRemoved(table, generation, reason);
    }
}

Result<std::vector<rows::Partition>> StorageEngine::Impl::read(const rows::ReadCommand& command,
                                                               ReadReport* report) {
    if (m_indexes != nullptr && (command.useIndex || command.nearest)) {
        return m_indexes->read(command);
    }
    TRY_ASSIGN(const TableHandle table, find(command.table));
    // The node's own tables are read whatever tombstones lie in them.
    const bool isLocal = schema::isLocalSystemKeyspace(command.table->keyspace);
    ReadMeter meter;
    meter.trace = report != nullptr ? report->trace : nullptr;
    if (!isLocal) {
        meter.tombstonesMax = m_options.tombstoneFailureThreshold;
    }
    auto found = table->store.read(command, meter);
    table->tombstonesScanned += meter.tombstones;
    table->liveRowsScanned += meter.liveRows;
    if (!found) {
        m_logger.error("{}", found.error().message);
        diskFailed(found.error());
    }
    if (report != nullptr) {
        report->liveRows = meter.liveRows;
        report->tombstones = meter.tombstones;
        report->sstables = meter.sstables;
    }
    if (!isLocal && meter.tombstones > m_options.tombstoneWarnThreshold) {
        std::string warning = fmt::format(
            "Read {} live rows and {} tombstone cells for query {:.512}; token {} (see "
            "tombstone_warn_threshold)",
            meter.liveRows, meter.tombstones, rows::toCql(command), meter.lastToken);
        m_logger.warn("{}", warning);
        if (report != nullptr) {
            report->warnings.push_back(std::move(warning));
        }
    }
    return found;
}

Result<void> StorageEngine::Impl::scan(const rows::ReadCommand& command,
                                       const LiveRowVisitor& visit) {
    TRY_ASSIGN(const TableHandle table, find(command.table));
    const Result<void> done = table->store.visitLive(command, visit);
    if (!done) {
        diskFailed(done.error());
    }
    return done;
}

/// What disk_failure_policy wants for a table's files (FileUtils.handleFSError and
/// handleCorruptSSTable). There is one data folder: what best_effort would turn to is not there.
void StorageEngine::Impl::diskFailed(const Error& error) {
    const DiskFailurePolicy policy = m_options.diskFailurePolicy;
    const bool paranoid =
        policy == DiskFailurePolicy::StopParanoid || policy == DiskFailurePolicy::Die;
    const bool isCorrupt = error.kind == ErrorKind::Corrupt;
    if (isCorrupt) {
        tellDamage(error);
    }
    const bool acts = isCorrupt ? paranoid : error.kind == ErrorKind::Io;
    if (!acts || policy == DiskFailurePolicy::Ignore || policy == DiskFailurePolicy::BestEffort) {
        return;
    }
    m_logger.error("{}; stopping, as disk_failure_policy wants", error.message);
    if (m_onFailure) {
        m_onFailure({policy == DiskFailurePolicy::Die ? StorageFailure::Action::Die
                                                      : StorageFailure::Action::StopTransports,
                     error.message});
    }
}

void StorageEngine::Impl::flushWhatIsLarge(const TableHandle& table) {
    armFlushTimer(table);
    if (table->store.active().bytes() >= m_options.memtableBytes) {
        startFlush(table, FlushReason::MemtableLimit);
    } else if (m_memtableBytes >= m_options.memtableTotalBytes) {
        // While the largest one is busy already, flushing small ones would gain little.
        const auto largest =
            std::max_element(m_tables.begin(), m_tables.end(), [](const auto& a, const auto& b) {
                return std::pair(a.second->store.active().bytes(), a.first) <
                       std::pair(b.second->store.active().bytes(), b.first);
            });
        startFlush(largest->second, FlushReason::MemtableLimit);
    }
    if (m_log.isOverfull()) {
        flushForTheLog();
    }
}

/// The oldest segment goes once the tables in it are flushed.
void StorageEngine::Impl::flushForTheLog() {
    for (const Uuid& id : m_log.oldestTables()) {
        const auto it = m_tables.find(id);
        if (it != m_tables.end()) {
            startFlush(it->second, FlushReason::CommitLogDirty);
        }
    }
}

void StorageEngine::Impl::startFlush(const TableHandle& table, FlushReason reason) {
    if (!table->isBusy && m_runtime.clock.now() >= table->flushNotBefore) {
        m_tasks.spawn(flushInBackground(table, reason));
    }
}

runtime::Task<void> StorageEngine::Impl::flushInBackground(TableHandle table, FlushReason reason) {
    static_cast<void>(co_await flushTable(table, reason));  // It has logged why, if it failed.
}

runtime::Task<Result<void>> StorageEngine::Impl::flush(schema::TablePtr table) {
    CO_TRY_ASSIGN(const TableHandle found, find(table));
    Result<void> flushed = co_await flushTable(found, FlushReason::UserForced);
    co_return flushed;
}

/// Tables of users before the system's, which flushing may change.
runtime::Task<void> StorageEngine::Impl::drain() {
    std::vector<TableHandle> tables;
    for (const auto& [id, table] : m_tables) {
        tables.push_back(table);
    }
    std::sort(tables.begin(), tables.end(), [](const TableHandle& a, const TableHandle& b) {
        const auto rank = [](const TableHandle& handle) {
            const schema::Table& table = *handle->store.table();
            return std::tuple(table.keyspace.rfind("system", 0) == 0, table.keyspace, table.name);
        };
        return rank(a) < rank(b);
    });
    for (const TableHandle& table : tables) {
        static_cast<void>(co_await flushTable(table, FlushReason::Drain));  // It has logged why, if it failed.
    }
}

runtime::Task<void> StorageEngine::Impl::notBusy(TableHandle table) {
    while (table->isBusy) {
        runtime::Promise<bool> done;
        table->waiters.push_back(done);
        co_await done;
    }
}

void StorageEngine::Impl::setIdle(Table& table) {
    table.isBusy = false;
    for (const runtime::Promise<bool>& waiter : std::exchange(table.waiters, {})) {
        waiter.set(true);
    }
}

/// Everything applied before the call is in files after it. Writes go on meanwhile.
runtime::Task<Result<void>> StorageEngine::Impl::flushTable(TableHandle table, FlushReason reason) {
    co_await notBusy(table);
    if (table->isDropped || table->store.active().isEmpty()) {
        co_return ok();
    }
    table->isBusy = true;
    m_memtableBytes -= table->store.active().bytes();
    std::vector<std::int64_t> boundaries = m_compactions->flushBoundaries(table->store.table()->id);
    const Uuid transaction =
        boundaries.empty() ? Uuid() : Uuid::timeBased(m_runtime.clock.wallMicros() * 10, m_runtime.random.next());
    const TableStore::Flush flush =
        table->store.beginFlush(m_log.appliedTo(), std::move(boundaries), transaction);
    if (m_observer.flushStarted) {
        m_observer.flushStarted(*table->store.table(),
                                {flush.memtable->bytes(), flush.memtable->rows(), reason});
    }
    tellMemtable(*table);
    const std::int64_t begun = m_runtime.clock.machineNanos();
    auto work = [&files = m_runtime.files, cache = m_cache, flush] {
        return TableStore::writeFlush(files, *cache, flush);
    };
    auto written = co_await runtime::offload(m_runtime.executor, std::move(work));
    FlushResult result;
    result.nanos = m_runtime.clock.machineNanos() - begun;
    if (written) {
        result.generation = written.value().front()->generation();
        for (const auto& reader : written.value()) {
            result.bytes += reader->bytesOnDisk();
        }
    } else {
        result.error = written.error().message;
    }
    Result<void> done = finishFlush(table, flush, written);
    if (m_observer.flushFinished && !table->isDropped) {
        m_observer.flushFinished(*table->store.table(), result);
    }
    setIdle(*table);
    if (done && !table->isDropped && table->store.active().bytes() >= m_options.memtableBytes) {
        startFlush(table, FlushReason::MemtableLimit);  // It filled up meanwhile, and the next write may be long in coming.
    }
    co_return done;
}

Result<void> StorageEngine::Impl::finishFlush(
    const TableHandle& table, const TableStore::Flush& flush,
    const Result<TableStore::Readers>& written) {
    if (table->isDropped) {
        return removeAllButSnapshots(m_runtime.files, table->store.folder());
    }
    TableStore& store = table->store;
    if (!written) {
        m_logger.error("flush of {}: {}", store.table()->qualifiedName(), written.error().message);
        m_memtableBytes -= store.active().bytes();
        store.giveBackFlush();
        m_memtableBytes += store.active().bytes();
        table->flushNotBefore = m_runtime.clock.now() + kFlushRetryDelay;
        diskFailed(written.error());
        return written.error();
    }
    store.endFlush(written.value());
    m_log.markFlushed(store.table()->id, flush.target.upTo);
    std::uint64_t bytes = 0;
    for (const auto& reader : written.value()) {
        bytes += reader->dataBytes();
        backUpIfWanted(store, *reader);
        if (m_observer.sstableAdded) {
            m_observer.sstableAdded(*store.table(), describe(store, *reader), "flush");
        }
    }
    m_compactions->fileAdded(store.table()->id, bytes);
    return ok();
}

/// While the node starts nothing else wants the thread.
Result<void> StorageEngine::Impl::flushNow(Table& table, LogPosition upTo) {
    m_memtableBytes -= table.store.active().bytes();
    const TableStore::Flush flush = table.store.beginFlush(upTo);
    TRY_ASSIGN(const auto written, TableStore::writeFlush(m_runtime.files, *m_cache, flush));
    table.store.endFlush(written);
    m_log.markFlushed(table.store.table()->id, upTo);
    return ok();
}

/// Without compactions meanwhile: what they write would survive it.
runtime::Task<Result<void>> StorageEngine::Impl::truncate(schema::TablePtr table) {
    CO_TRY_ASSIGN(const TableHandle found, find(table));
    co_await m_compactions->hold(table->id);
    Result<void> done = co_await truncateHeld(found, table);
    m_compactions->release(table->id);
    co_return done;
}

runtime::Task<Result<void>> StorageEngine::Impl::truncateHeld(TableHandle found,
                                                              schema::TablePtr table) {
    if (wantsAutoSnapshot(*table)) {
        Result<void> flushed = co_await flushTable(found, FlushReason::Snapshot);
        if (!flushed) {
            co_return makeError(ErrorKind::Truncate, flushed.error().message);
        }
    }
    co_await notBusy(found);
    if (found->isDropped) {
        co_return unconfigured(*table);
    }
    if (wantsAutoSnapshot(*table)) {
        const SnapshotPlan plan = autoSnapshotOf(found->store, "truncated");
        if (const Result<void> kept = takeSnapshot(m_runtime.files, plan); !kept) {
            co_return makeError(ErrorKind::Truncate, kept.error().message);
        }
    }
    found->isBusy = true;
    TableStore& store = found->store;
    m_memtableBytes -= store.active().bytes();
    TableStore::Emptied emptied = store.beginTruncation(m_log.appliedTo());
    auto work = [&files = m_runtime.files, folder = store.folder(), record = emptied.record] {
        return TableStore::saveTruncation(files, folder, record);
    };
    const Result<void> saved = co_await runtime::offload(m_runtime.executor, std::move(work));
    if (found->isDropped) {
        co_return removeAllButSnapshots(m_runtime.files, store.folder());
    }
    if (!saved) {
        m_memtableBytes -= store.active().bytes();
        store.giveBackTruncation(std::move(emptied));
        m_memtableBytes += store.active().bytes();
        setIdle(*found);
        co_return makeError(ErrorKind::Truncate, saved.error().message);
    }
    store.endTruncation(emptied);
    if (m_indexes != nullptr && !table->indexes.empty()) {
        m_indexes->truncated(*table);
    }
    m_log.markFlushed(table->id, emptied.record.position);
    std::vector<SstableDescriptor> gone;
    for (const auto& sstable : emptied.sstables) {
        tellSstableRemoved(*table, sstable->generation(), "truncate");
        gone.push_back(sstable->descriptor());
    }
    auto finish = [&files = m_runtime.files, folder = store.folder(), gone, record = emptied.record] {
        return TableStore::finishTruncation(files, folder, gone, record);
    };
    const Result<void> finished = co_await runtime::offload(m_runtime.executor, std::move(finish));
    if (found->isDropped) {
        co_return removeAllButSnapshots(m_runtime.files, store.folder());
    }
    if (finished) {
        store.truncationIsDone();
    } else {
        m_logger.warn("{}; what is left will be removed at the next start", finished.error().message);
    }
    setIdle(*found);
    co_return ok();
}

void StorageEngine::Impl::drop(const schema::Table& table) {
    if (wantsAutoSnapshot(table)) {
        // Opened, so that what nobody touched since the start is kept as well.
        const auto opened = find(std::make_shared<const schema::Table>(table));
        if (!opened) {
            m_logger.error("{}", opened.error().message);
        }
    }
    m_droppedTables.insert(table.id);
    const auto it = m_tables.find(table.id);
    if (it != m_tables.end()) {
        keepDropped(it->second->store);
    }
    m_log.forget(table.id);
    const Result<void> removed = removeAllButSnapshots(
        m_runtime.files, TableStore::folderOf(m_options.dataFolder, table));
    if (!removed) {
        m_logger.warn("{}", removed.error().message);
    }
    if (it == m_tables.end()) {
        return;
    }
    const TableHandle dropped = it->second;
    m_tables.erase(it);
    dropped->isDropped = true;
    m_compactions->dropped(table.id);
    m_memtableBytes -= dropped->store.active().bytes();
    for (const auto& sstable : dropped->store.sstables()) {
        tellSstableRemoved(table, sstable->generation(), "drop");
    }
    for (const UnreadableSstable& sstable : dropped->store.unreadable()) {
        tellSstableRemoved(table, sstable.descriptor.generation(), "drop");
    }
}

TableStats StorageEngine::Impl::stats(const schema::Table& table) const {
    TableStats out;
    const auto it = m_tables.find(table.id);
    if (it != m_tables.end()) {
        const TableStore& store = it->second->store;
        out.memtableBytes = store.memtableBytes();
        out.memtableRows = store.memtableRows();
        out.sstables = store.sstables().size();
        out.sstableBytes = store.sstableBytes();
        out.partitionsEstimate = store.partitionsEstimate();
        out.reads = store.reads();
        out.writes = store.writes();
        out.sstablesPerRead = store.sstablesPerRead();
        out.flushes = store.flushes();
        out.flushedBytes = store.flushedBytes();
        out.compactedBytes = store.compactedBytes();
        out.tombstonesScanned = it->second->tombstonesScanned;
        out.liveRowsScanned = it->second->liveRowsScanned;
        for (const auto& sstable : store.sstables()) {
            const SstableReader::BloomCounters& bloom = sstable->bloomCounters();
            out.bloomFalse += bloom.falsePositives;
            out.bloomTrue += bloom.positives;
            out.bloomNo += bloom.negatives;
        }
    }
    return out;
}

/// SizeEstimatesRecorder: counts of all files added up, as if no two held the same partition.
SizeEstimate StorageEngine::Impl::estimate(const schema::Table& table, std::int64_t left, std::int64_t right) const {
    SizeEstimate out;
    const auto it = m_tables.find(table.id);
    if (it == m_tables.end()) {
        return out;
    }
    const std::int64_t last = right == std::numeric_limits<std::int64_t>::min() ? std::numeric_limits<std::int64_t>::max() : right;
    std::uint64_t bytes = 0;
    std::uint64_t counted = 0;
    for (const auto& sstable : it->second->store.sstables()) {
        const std::uint64_t partitions = sstable->estimatedPartitionsIn(left, last);
        if (partitions > 0) {
            out.partitions += partitions;
            const EstimatedHistogram& sizes = sstable->stats().partitionBytes;
            bytes += static_cast<std::uint64_t>(sizes.mean()) * sizes.count();
            counted += sizes.count();
        }
    }
    out.meanPartitionBytes = counted > 0 ? bytes / counted : 0;
    return out;
}

std::uint64_t StorageEngine::Impl::loadBytes() const {
    std::uint64_t sum = 0;
    for (const auto& [id, table] : m_tables) {
        sum += table->store.sstableBytes();
    }
    return sum;
}

SstableInfo StorageEngine::Impl::describe(const TableStore& store,
                                          const SstableReader& sstable) const {
    SstableInfo out = describeSstable(sstable);
    m_compactions->complete(store.table()->id, sstable, out);
    return out;
}

std::vector<SstableInfo> StorageEngine::Impl::sstables(const schema::Table& table) const {
    std::vector<SstableInfo> out;
    const auto it = m_tables.find(table.id);
    if (it != m_tables.end()) {
        const auto& files = it->second->store.sstables();
        const std::vector<double> replaced = replacedShares(table, files);
        for (std::size_t i = 0; i < files.size(); ++i) {
            out.push_back(describe(it->second->store, *files[i]));
            out.back().replaced = replaced[i];
        }
    }
    return out;
}

std::vector<UnreadableSstable> StorageEngine::Impl::unreadable(const schema::Table& table) const {
    const auto it = m_tables.find(table.id);
    return it == m_tables.end() ? std::vector<UnreadableSstable>() : it->second->store.unreadable();
}

/// A table that is written to is flushed once its period has passed
/// (ColumnFamilyStore.scheduleFlush).
void StorageEngine::Impl::armFlushTimer(const TableHandle& table) {
    const std::int32_t millis = table->store.table()->options.memtableFlushPeriodMillis;
    if (millis <= 0 || table->flushTimerIsSet) {
        return;
    }
    table->flushTimerIsSet = true;
    const auto due = m_runtime.clock.now() + std::chrono::milliseconds(millis);
    m_runtime.clock.callAt(due, [this, table, alive = std::weak_ptr<int>(m_alive)] {
        if (alive.expired()) {
            return;
        }
        table->flushTimerIsSet = false;
        if (!table->isDropped && !table->store.active().isEmpty()) {
            startFlush(table, FlushReason::MemtablePeriodExpired);
        }
    });
}

void StorageEngine::Impl::onFailure(std::function<void(const StorageFailure&)> handler) {
    m_onFailure = handler;
    m_log.onFailure(std::move(handler));
}

void StorageEngine::Impl::observe(StorageObserver observer) {
    m_observer = std::move(observer);
    m_log.observe(m_observer.segmentChanged);
    for (const auto& [id, table] : m_tables) {
        for (const UnreadableSstable& sstable : table->store.unreadable()) {
            tellUnreadable(*table->store.table(), sstable.descriptor, sstable.why);
        }
    }
}

}  // namespace engine::storage
