#include "engine/storage/compaction_manager.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/storage/compaction/time_window.h"
#include "engine/storage/sstable_info.h"

namespace engine::storage {

using compaction::CompactionJob;
using compaction::CompactionOptions;
using compaction::CompactionRun;
using compaction::Decision;
using compaction::FileView;
using compaction::OutputPlan;
using compaction::PurgeView;
using compaction::ReaderPtr;
using compaction::Strategy;
using compaction::StrategyKind;
using compaction::TableView;
using runtime::Task;

namespace {

/// Tombstones age and data expires also where nobody writes.
constexpr runtime::Duration kPeriod = std::chrono::seconds(60);
constexpr runtime::Duration kLately = std::chrono::minutes(15);
constexpr runtime::Duration kRetryDelay = std::chrono::seconds(30);
constexpr runtime::Duration kPauseCheck = std::chrono::milliseconds(100);
constexpr std::uint64_t kStepBytesMax = 1 << 20;
constexpr std::uint64_t kStepBytesMin = 64 << 10;
constexpr std::int64_t kProgressNanos = 100'000'000;  // Between two that are told.

/// OperationType.type of Cassandra, by kind.
std::string operationOf(const std::string& kind) {
    static const std::map<std::string, std::string> kNames{
        {"major", "Major compaction"},
        {"tombstones", "Tombstone Compaction"},
        {"cleanup", "Cleanup"},
        {"scrub", "Scrub"},
        {"upgrade", "Upgrade sstables"},
        {"garbagecollect", "Remove deleted data"}};
    const auto it = kNames.find(kind);
    return it == kNames.end() ? "Compaction" : it->second;
}

/// As transaction logs are named (OperationType.fileName).
std::string logNameOf(const std::string& kind) {
    static const std::map<std::string, std::string> kNames{{"tombstones", "tombstone_compaction"},
                                                           {"cleanup", "cleanup"},
                                                           {"scrub", "scrub"},
                                                           {"upgrade", "upgrade"},
                                                           {"garbagecollect", "garbage_collect"}};
    const auto it = kNames.find(kind);
    return it == kNames.end() ? "compaction" : it->second;
}

bool isSystem(const schema::Table& table) {
    return table.keyspace.starts_with("system");
}

bool overlapsRanges(const FileView& file, const std::vector<rows::TokenRange>& ranges) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const rows::TokenRange& range) {
        return range.start < range.end
                   ? file.lastToken > range.start && file.firstToken <= range.end
                   : file.lastToken > range.start || file.firstToken <= range.end;
    });
}

}  // namespace

CompactionManager::CompactionManager(runtime::Runtime runtime, const CompactionSettings& settings,
                                     std::shared_ptr<SstableCache> cache, Log& log, Hooks hooks)
    : m_runtime(runtime),
      m_settings(settings),
      m_cache(std::move(cache)),
      m_log(log),
      m_hooks(std::move(hooks)) {}

CompactionManager::~CompactionManager() {
    if (m_timer != 0) {
        m_runtime.clock.cancel(m_timer);
    }
}

void CompactionManager::start() {
    m_isStarted = true;
    considerAll();
    armTimer();
}

void CompactionManager::armTimer() {
    m_timer = m_runtime.clock.callAt(m_runtime.clock.now() + kPeriod, [this] {
        m_timer = 0;
        considerAll();
        m_hooks.everyMinute();
        if (!m_obsolete.empty() && !m_isRemoving) {
            m_tasks.spawn(removeObsolete());
        }
        armTimer();
    });
}

Task<void> CompactionManager::stop() {
    m_isStopping = true;
    if (m_timer != 0) {
        m_runtime.clock.cancel(std::exchange(m_timer, 0));
    }
    stopRunning("");
    co_await m_tasks.drained();
}

void CompactionManager::opened(std::shared_ptr<TableStore> store) {
    auto table = std::make_shared<Managed>();
    table->store = std::move(store);
    useOptions(*table);
    m_tables[table->store->table()->id] = table;
    if (m_isStarted) {
        consider(table);
    }
}

void CompactionManager::dropped(const Uuid& id) {
    if (const Handle table = find(id)) {
        table->isDropped = true;
        m_tables.erase(id);
    }
}

void CompactionManager::useOptions(Managed& table) {
    const schema::Table& definition = *table.store->table();
    CompactionOptions options =
        CompactionOptions::of(definition.options.compaction, isSystem(definition));
    if (table.strategy && options == table.options) {
        return;
    }
    table.options = options;
    table.strategy = Strategy::make(options);
    table.isAutomatic = options.enabled;
}

void CompactionManager::schemaChanged(const Uuid& id) {
    if (const Handle table = find(id)) {
        useOptions(*table);
        consider(table);
    }
}

void CompactionManager::fileAdded(const Uuid& id, std::uint64_t flushedBytes) {
    const Handle table = find(id);
    if (!table) {
        return;
    }
    for (const ReaderPtr& reader : table->store->sstables()) {
        table->created.try_emplace(reader->generation(), m_runtime.clock.wallSeconds());
    }
    if (flushedBytes > 0) {
        const auto bytes = static_cast<double>(flushedBytes);
        table->flushBytes = table->flushBytes == 0 ? bytes : 0.8 * table->flushBytes + 0.2 * bytes;
    }
    consider(table);
}

std::vector<std::int64_t> CompactionManager::flushBoundaries(const Uuid& id) const {
    const Handle table = find(id);
    return table ? table->strategy->flushBoundaries(table->flushBytes) : std::vector<std::int64_t>();
}

CompactionManager::Handle CompactionManager::find(const Uuid& id) const {
    const auto it = m_tables.find(id);
    return it == m_tables.end() ? nullptr : it->second;
}

FileView CompactionManager::fileViewOf(const Managed& table, const SstableReader& reader,
                                       std::int64_t gcBefore, std::int64_t now) const {
    FileView out;
    out.generation = reader.generation();
    out.bytes = reader.dataBytes();
    out.level = reader.level();
    out.firstToken = reader.first().token;
    out.lastToken = reader.last().token;
    const SstableStats& stats = reader.stats();
    out.minTimestamp = stats.minTimestamp;
    out.maxTimestamp = stats.maxTimestamp;
    out.maxLocalDeletionTime = stats.maxLocalDeletionTime;
    out.droppableRatio = stats.droppableTombstoneRatio(gcBefore);
    out.partitions = reader.estimatedPartitions();
    out.isBusy = table.busy.contains(out.generation);
    // Of files from before the start, no earlier than the newest thing in them.
    const auto created = table.created.find(out.generation);
    out.createdSeconds = created != table.created.end()
                             ? created->second
                             : std::min(now, stats.maxTimestamp / 1'000'000);
    const double age = static_cast<double>(std::max<std::int64_t>(now - out.createdSeconds, 1));
    out.readsPerSecond = static_cast<double>(reader.bloomCounters().positives) / age;
    return out;
}

TableView CompactionManager::viewOf(const Managed& table) const {
    TableView out;
    out.nowSeconds = m_runtime.clock.wallSeconds();
    out.gcBefore = out.nowSeconds - table.store->table()->options.gcGraceSeconds;
    out.memtableMinTimestamp = table.store->memtableMinTimestamp();
    out.flushBytes = table.flushBytes;
    for (const ReaderPtr& reader : table.store->sstables()) {
        out.files.push_back(fileViewOf(table, *reader, out.gcBefore, out.nowSeconds));
    }
    return out;
}

/// What the compaction must not forget: all that the table has beside its inputs, as of now.
std::shared_ptr<const PurgeView> CompactionManager::purgeViewOf(const Managed& table,
                                                                const CompactionJob& job) const {
    auto out = std::make_shared<PurgeView>();
    out->memtableMinTimestamp = table.store->memtableMinTimestamp();
    const auto isInput = [&](const ReaderPtr& reader) {
        return std::find(job.inputs.begin(), job.inputs.end(), reader) != job.inputs.end() ||
               std::find(job.expired.begin(), job.expired.end(), reader) != job.expired.end();
    };
    for (const ReaderPtr& reader : table.store->sstables()) {
        if (!isInput(reader)) {
            out->others.push_back(reader);
        }
    }
    return out;
}

void CompactionManager::considerAll() {
    // By turns, so that no table starves another.
    for (const auto& [id, table] : std::map<Uuid, Handle>(m_tables)) {
        consider(table);
    }
}

void CompactionManager::consider(const Handle& table) {
    if (!m_isStarted || m_isStopping || m_isPaused || !m_settings.automatic ||
        !table->isAutomatic || table->held > 0 || table->isDropped ||
        m_runtime.clock.now() < table->notBefore) {
        return;
    }
    while (m_background < std::max<std::uint32_t>(m_settings.concurrent, 1)) {
        auto decision = table->strategy->next(viewOf(*table));
        if (!decision || decision->inputs.empty()) {
            return;
        }
        ++m_background;
        table->busy.insert(decision->inputs.begin(), decision->inputs.end());
        m_tasks.spawn(runInBackground(table, std::move(*decision)));
    }
}

Task<void> CompactionManager::runInBackground(Handle table, Decision decision) {
    CompactionRequest request;
    request.kind = CompactionRequest::Kind::Background;
    static_cast<void>(co_await carryOut(table, std::move(decision), request));
    --m_background;
    considerAll();
}

/// Which of the inputs are read, and which have expired and just go.
CompactionJob CompactionManager::jobOf(const Managed& table, const Decision& decision,
                                       const CompactionRequest& request, const Uuid& id) const {
    CompactionJob job;
    job.id = id;
    job.operation = logNameOf(decision.kind);
    job.table = table.store->table();
    job.folder = table.store->folder();
    job.output = decision.output;
    const TableView view = viewOf(table);
    job.nowSeconds = view.nowSeconds;
    job.gcBefore = view.gcBefore;
    job.graceless = request.graceless;
    job.shadows = request.kind == CompactionRequest::Kind::GarbageCollect ? request.shadows : table.options.shadows;
    job.origin = table.store->origin();
    job.generations = table.store->generations();
    job.columnIndexBytes = table.store->columnIndexBytes();
    job.skipsCorrupt = request.kind == CompactionRequest::Kind::Scrub;
    if (request.kind == CompactionRequest::Kind::Cleanup) {
        job.owned = request.owned;
    }
    std::vector<FileView> files;
    for (const FileView& file : view.files) {
        if (std::binary_search(decision.inputs.begin(), decision.inputs.end(), file.generation)) {
            files.push_back(file);
        }
    }
    std::vector<std::uint64_t> expired;
    if (!job.skipsCorrupt) {
        expired = compaction::generationsOf(
            compaction::fullyExpired(view, files, compaction::othersOf(view, files),
                                     table.options.kind == StrategyKind::TimeWindow &&
                                         table.options.dropsUncheckedExpired));
    }
    bool isRepaired = true;
    for (const ReaderPtr& reader : table.store->sstables()) {
        const std::uint64_t generation = reader->generation();
        if (!std::binary_search(decision.inputs.begin(), decision.inputs.end(), generation)) {
            job.others.push_back(reader);
            continue;
        }
        isRepaired = isRepaired && reader->stats().repairedAtMillis > 0;
        (std::binary_search(expired.begin(), expired.end(), generation) ? job.expired : job.inputs)
            .push_back(reader);
    }
    job.purges = !job.skipsCorrupt && (!table.options.onlyPurgeRepaired || isRepaired);
    if (job.shadows == compaction::ShadowKind::None) {
        job.others.clear();
    }
    if (!job.purges) {
        job.inputs.insert(job.inputs.end(), job.expired.begin(), job.expired.end());
        job.expired.clear();
    }
    return job;
}

Task<Result<CompactionSummary>> CompactionManager::carryOut(Handle table, Decision decision,
                                                            CompactionRequest request) {
    if (decision.onlyChangesLevel) {
        auto changed = co_await changeLevel(table, std::move(decision));
        co_return changed;
    }
    auto active = std::make_shared<Active>();
    active->table = table;
    active->info.id = Uuid::timeBased(m_runtime.clock.wallMicros() * 10, m_runtime.random.next());
    CompactionJob job = jobOf(*table, decision, request, active->info.id);
    std::int32_t lowestLevel = std::numeric_limits<std::int32_t>::max();
    for (const ReaderPtr& input : job.inputs) {
        lowestLevel = std::min(lowestLevel, input->level());
    }
    for (const std::uint64_t generation : decision.inputs) {
        table->busy.insert(generation);
    }
    ++table->running;
    m_active.push_back(active);
    tellStarted(*active, job, decision);
    const std::size_t expired = job.expired.size();
    auto run = std::make_shared<CompactionRun>(m_runtime.files, m_cache, std::move(job));

    CompactionSummary summary;
    Result<void> done = co_await runSteps(active, run);
    if (done) {
        Result<void> exchanged = co_await exchange(active, run, summary);
        done = std::move(exchanged);
    }
    summary.readBytes = run->totalReadBytes();
    summary.writtenBytes = run->writtenBytes();
    summary.partitionsSkipped = run->counts().partitionsSkipped;
    summary.corruptPartitions = run->counts().corrupt;
    tellProgress(*active, *run, true);
    // In doubt, the next start may find them replaced: nothing else is to be made of them until then.
    if (!run->isInDoubt()) {
        for (const std::uint64_t generation : decision.inputs) {
            table->busy.erase(generation);
        }
    }
    std::erase(m_active, active);
    if (done) {
        summary.compactions = 1;
        ++m_totals.completed;
        m_completed.push_back(m_runtime.clock.now());
        while (m_completed.front() < m_runtime.clock.now() - kLately) {
            m_completed.pop_front();
        }
        m_totals.bytesCompacted += summary.readBytes;
        m_totals.bytesWritten += summary.writtenBytes;
        m_totals.expiredDropped += expired;
        if (!run->written().empty()) {
            table->strategy->done(lowestLevel, run->written().back().last.token);
        }
    } else if (!active->isStopped && !table->isDropped) {
        m_log.error("compaction of {}: {}", table->store->table()->qualifiedName(),
                    done.error().message);
        table->notBefore = m_runtime.clock.now() + kRetryDelay;
        m_hooks.diskFailed(done.error());
    }
    tellFinished(*active, summary, done ? std::string() : done.error().message);
    if (done && m_hooks.finished && !table->isDropped) {
        CompactionHistoryEntry entry;
        entry.id = active->info.id;
        entry.keyspace = table->store->table()->keyspace;
        entry.table = table->store->table()->name;
        entry.compactedAtMillis = m_runtime.clock.wallMillis();
        for (const auto& [generation, bytes] : active->info.inputs) {
            entry.bytesIn += bytes;
        }
        entry.bytesOut = summary.writtenBytes;
        entry.rowsMerged = run->counts().merged;
        entry.type = active->operation;
        m_hooks.finished(entry);
    }
    m_totals.aborted += done ? 0 : 1;
    if (!done && !run->isInDoubt()) {
        // Let go on the pool: it removes what it wrote.
        auto letGo = [kept = std::move(run)]() mutable { kept.reset(); };
        co_await runtime::offload(m_runtime.executor, std::move(letGo));
    }
    --table->running;
    wake(*table);
    if (m_isPaused && m_active.empty()) {
        setPaused(false);
    }
    if (!done) {
        co_return done.error();
    }
    co_return summary;
}

/// Step by step, at the pace that is allowed, until everything is written or it is told to stop.
Task<Result<void>> CompactionManager::runSteps(std::shared_ptr<Active> active,
                                               std::shared_ptr<CompactionRun> run) {
    std::uint64_t before = 0;
    std::int64_t told = 0;
    for (bool isDone = false; !isDone;) {
        if (active->isStopped || active->table->isDropped || m_isStopping) {
            active->isStopped = true;
            co_return makeError(ErrorKind::Server, "Compaction interrupted");
        }
        if (m_isPaused != active->progress.isPaused) {
            active->progress.isPaused = m_isPaused;
            tellProgress(*active, *run, false);
        }
        if (m_isPaused) {
            co_await runtime::sleep(m_runtime.clock, kPauseCheck);
            continue;
        }
        const std::uint64_t bytes =
            m_settings.bytesPerSecond == 0
                ? kStepBytesMax
                : std::clamp(m_settings.bytesPerSecond / 20, kStepBytesMin, kStepBytesMax);
        auto work = [run, bytes, view = purgeViewOf(*active->table, run->job())] {
            return run->step(bytes, view);
        };
        auto stepped = co_await runtime::offload(m_runtime.executor, std::move(work));
        if (!stepped) {
            co_return stepped.error();
        }
        isDone = stepped.value();
        const std::int64_t now = m_runtime.clock.machineNanos();
        if (now - told >= kProgressNanos) {
            told = now;
            tellProgress(*active, *run, false);
        }
        const std::uint64_t read = run->totalReadBytes();
        const runtime::Duration wait = debt(read > before ? read - before : 0);
        before = std::max(before, read);
        if (!isDone && wait.count() > 0) {
            co_await runtime::sleep(m_runtime.clock, wait);
        }
    }
    co_return ok();
}

/// How long to wait after so many bytes, for all compactions together to keep to the limit.
runtime::Duration CompactionManager::debt(std::uint64_t bytes) {
    const runtime::Instant now = m_runtime.clock.now();
    if (m_settings.bytesPerSecond == 0) {
        m_throttledUntil = now;
        return runtime::Duration(0);
    }
    m_throttledUntil = std::max(m_throttledUntil, now) +
                       runtime::Duration(static_cast<std::int64_t>(
                           static_cast<double>(bytes) * 1e9 /
                           static_cast<double>(m_settings.bytesPerSecond)));
    return m_throttledUntil - now;
}

/// The new files for the old ones: on disk by the transaction log, then in the table.
Task<Result<void>> CompactionManager::exchange(std::shared_ptr<Active> active,
                                               std::shared_ptr<CompactionRun> run,
                                               CompactionSummary& summary) {
    const Handle table = active->table;
    auto open = [run] { return run->open(); };
    auto opened = co_await runtime::offload(m_runtime.executor, std::move(open));
    if (!opened) {
        co_return opened.error();
    }
    Result<void> kept = co_await keepLogPosition(table, run);
    if (!kept) {
        co_return kept.error();
    }
    if (active->isStopped || table->isDropped) {
        co_return makeError(ErrorKind::Server, "Compaction interrupted");
    }
    auto commit = [run] { return run->commit(); };
    Result<void> committed = co_await runtime::offload(m_runtime.executor, std::move(commit));
    if (!committed) {
        co_return committed.error();
    }
    if (table->isDropped) {
        co_return ok();
    }
    Obsolete obsolete;
    obsolete.run = run;
    std::vector<std::uint64_t> gone;
    for (const auto* group : {&run->job().inputs, &run->job().expired}) {
        for (const ReaderPtr& input : *group) {
            gone.push_back(input->generation());
            obsolete.readers.push_back(input);
            obsolete.files.push_back(input->descriptor());
        }
    }
    table->store->replace(gone, opened.value());
    table->store->countCompacted(run->writtenBytes());
    run->letGoOfInputs();
    for (const std::uint64_t generation : gone) {
        table->created.erase(generation);
    }
    for (const ReaderPtr& reader : opened.value()) {
        table->created[reader->generation()] = m_runtime.clock.wallSeconds();
        summary.outputs.push_back(reader->generation());
    }
    const StorageObserver& observer = m_hooks.observer();
    const schema::Table& definition = *table->store->table();
    if (observer.sstableAdded) {
        for (const ReaderPtr& reader : opened.value()) {
            observer.sstableAdded(definition, describe(*table, *reader), "compaction");
        }
    }
    if (observer.sstableRemoved) {
        for (const std::uint64_t generation : gone) {
            observer.sstableRemoved(definition, generation,
                                    active->info.kind == "expired" ? "expired" : "compaction");
        }
    }
    m_obsolete.push_back(std::move(obsolete));
    if (!m_isRemoving) {
        m_tasks.spawn(removeObsolete());
    }
    co_return ok();
}

/// Nothing may be left to tell how far the commit log was flushed, when all files of a table go.
Task<Result<void>> CompactionManager::keepLogPosition(Handle table,
                                                      std::shared_ptr<CompactionRun> run) {
    const bool isTold =
        std::any_of(run->written().begin(), run->written().end(), [&](const WrittenSstable& file) {
            return file.stats.flushedTo == table->store->flushedTo();
        });
    if (isTold || table->store->flushedTo() == LogPosition{}) {
        co_return ok();
    }
    TruncationRecord record = table->store->truncation();
    record.position = std::max(record.position, table->store->flushedTo());
    auto save = [&files = m_runtime.files, folder = table->store->folder(), record] {
        return TableStore::saveTruncation(files, folder, record);
    };
    Result<void> saved = co_await runtime::offload(m_runtime.executor, std::move(save));
    co_return saved;
}

/// Files go once nobody reads them; the log that makes them void stays until then.
Task<void> CompactionManager::removeObsolete() {
    m_isRemoving = true;
    std::deque<Obsolete> left;
    while (!m_obsolete.empty()) {
        Obsolete obsolete = std::move(m_obsolete.front());
        m_obsolete.pop_front();
        const bool isRead =
            std::any_of(obsolete.readers.begin(), obsolete.readers.end(),
                        [](const auto& reader) { return !reader.expired(); });
        if (isRead) {
            left.push_back(std::move(obsolete));
            continue;
        }
        auto work = [&files = m_runtime.files, paths = obsolete.files,
                     run = obsolete.run]() -> Result<void> {
            for (const SstableDescriptor& file : paths) {
                TRY(removeAllOf(files, file));
            }
            return run->forget();
        };
        const Result<void> removed =
            co_await runtime::offload(m_runtime.executor, std::move(work));
        if (!removed) {
            m_log.warn("{}; it will be removed at the next start", removed.error().message);
        }
    }
    m_obsolete = std::move(left);
    m_isRemoving = false;
}

/// single_sstable_uplevel: the file stays as it is, but for its level.
Task<Result<CompactionSummary>> CompactionManager::changeLevel(Handle table, Decision decision) {
    ReaderPtr reader;
    for (const ReaderPtr& there : table->store->sstables()) {
        if (there->generation() == decision.inputs.front()) {
            reader = there;
        }
    }
    if (!reader) {
        co_return CompactionSummary{};
    }
    const std::uint64_t generation = reader->generation();
    const std::int32_t from = reader->level();
    table->busy.insert(generation);
    ++table->running;
    auto work = [&files = m_runtime.files, cache = m_cache, definition = table->store->table(),
                 descriptor = reader->descriptor(), level = decision.output.level]()
        -> Result<ReaderPtr> {
        TRY(mutateStats(files, descriptor, [level](SstableStats& stats) { stats.level = level; }));
        return SstableReader::open(files, descriptor, definition, *cache);
    };
    auto changed = co_await runtime::offload(m_runtime.executor, std::move(work));
    table->busy.erase(generation);
    --table->running;
    CompactionSummary summary;
    if (changed && !table->isDropped) {
        table->store->replace({generation}, {changed.value()});
        table->strategy->done(from, changed.value()->last().token);
        summary.compactions = 1;
        summary.outputs = {generation};
        const StorageObserver& observer = m_hooks.observer();
        if (observer.sstableAdded) {
            observer.sstableAdded(*table->store->table(), describe(*table, *changed.value()),
                                  "compaction");
        }
    }
    wake(*table);
    if (!changed) {
        co_return changed.error();
    }
    co_return summary;
}

void CompactionManager::wake(Managed& table) {
    for (const runtime::Promise<bool>& waiter : std::exchange(table.waiters, {})) {
        waiter.set(true);
    }
}

Task<void> CompactionManager::hold(Uuid id) {
    const Handle table = find(id);
    if (!table) {
        co_return;
    }
    ++table->held;
    for (const auto& active : m_active) {
        active->isStopped = active->isStopped || active->table == table;
    }
    while (table->running > 0) {
        runtime::Promise<bool> done;
        table->waiters.push_back(done);
        co_await done;
    }
}

void CompactionManager::release(const Uuid& id) {
    if (const Handle table = find(id)) {
        --table->held;
        consider(table);
    }
}

std::vector<Decision> CompactionManager::decisionsFor(const Handle& table,
                                                      const CompactionRequest& request) const {
    using Kind = CompactionRequest::Kind;
    TableView view = viewOf(*table);
    const Strategy& strategy = *table->strategy;
    if (request.kind == Kind::Major && request.ranges.empty()) {
        return strategy.major(view, request.splitOutput);
    }
    if (request.kind == Kind::Major || request.kind == Kind::UserDefined) {
        std::vector<FileView> files = view.idle();
        std::erase_if(files, [&](const FileView& file) {
            return request.kind == Kind::Major
                       ? !overlapsRanges(file, request.ranges)
                       : std::find(request.generations.begin(), request.generations.end(),
                                   file.generation) == request.generations.end();
        });
        if (files.empty()) {
            return {};
        }
        Decision out = strategy.userDefined(view, std::move(files));
        return {std::move(out)};
    }
    std::vector<Decision> out;
    static const std::map<Kind, std::string> kKinds{{Kind::Cleanup, "cleanup"},
                                                    {Kind::Scrub, "scrub"},
                                                    {Kind::Upgrade, "upgrade"},
                                                    {Kind::GarbageCollect, "garbagecollect"}};
    std::vector<FileView> files = view.idle();
    if (request.kind == Kind::GarbageCollect) {
        // What is old first, as CompactionManager.performGarbageCollection has it.
        std::stable_sort(files.begin(), files.end(), [](const FileView& a, const FileView& b) {
            return a.maxTimestamp < b.maxTimestamp;
        });
    }
    for (const FileView& file : files) {
        if (!request.generations.empty() &&
            std::find(request.generations.begin(), request.generations.end(),
                      file.generation) == request.generations.end()) {
            continue;
        }
        Decision one;
        one.inputs = {file.generation};
        one.output.level = file.level;
        one.why = "as asked";
        out.push_back(std::move(one));
    }
    for (Decision& decision : out) {
        decision.kind = kKinds.at(request.kind);
    }
    return out;
}

Task<Result<CompactionSummary>> CompactionManager::compact(schema::TablePtr definition,
                                                           CompactionRequest request) {
    const Handle table = find(definition->id);
    CompactionSummary sum;
    if (!table) {
        co_return sum;
    }
    co_await hold(definition->id);
    const std::vector<Decision> decisions = decisionsFor(table, request);
    Result<void> failed = ok();
    for (const Decision& decision : decisions) {
        auto done = co_await carryOut(table, decision, request);
        if (!done) {
            failed = done.error();
            break;
        }
        const CompactionSummary& one = done.value();
        sum.compactions += one.compactions;
        sum.readBytes += one.readBytes;
        sum.writtenBytes += one.writtenBytes;
        sum.partitionsSkipped += one.partitionsSkipped;
        sum.corruptPartitions += one.corruptPartitions;
        sum.outputs.insert(sum.outputs.end(), one.outputs.begin(), one.outputs.end());
    }
    release(definition->id);
    if (!failed) {
        co_return failed.error();
    }
    co_return sum;
}

std::size_t CompactionManager::stopRunning(const std::string& kind, const std::optional<Uuid>& id) {
    std::size_t out = 0;
    for (const auto& active : m_active) {
        if ((kind.empty() || kind == active->operation) && (!id || *id == active->info.id)) {
            active->isStopped = true;
            ++out;
        }
    }
    return out;
}

void CompactionManager::setAutomatic(const Uuid& id, bool enabled) {
    if (const Handle table = find(id)) {
        table->isAutomatic = enabled;
        consider(table);
    }
}

bool CompactionManager::isAutomatic(const Uuid& id) const {
    const Handle table = find(id);
    return table && table->isAutomatic && m_settings.automatic;
}

void CompactionManager::setPaused(bool paused) {
    m_isPaused = paused && !m_active.empty();
    considerAll();
}

std::uint32_t CompactionManager::pending(const Uuid& id) const {
    const Handle table = find(id);
    return table ? table->strategy->pending(viewOf(*table)) : 0;
}

CompactionTotals CompactionManager::totals() const {
    CompactionTotals out = m_totals;
    const runtime::Instant since = m_runtime.clock.now() - kLately;
    out.completedLately = static_cast<std::uint64_t>(
        std::count_if(m_completed.begin(), m_completed.end(),
                      [&](const runtime::Instant& at) { return at >= since; }));
    return out;
}

std::vector<RunningCompaction> CompactionManager::running() const {
    std::vector<RunningCompaction> out;
    for (const auto& active : m_active) {
        RunningCompaction one;
        one.id = active->info.id;
        const schema::Table& table = *active->table->store->table();
        one.tableId = table.id;
        one.keyspace = table.keyspace;
        one.table = table.name;
        one.type = active->operation;
        one.kind = active->operation;
        std::transform(one.kind.begin(), one.kind.end(), one.kind.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        for (const std::uint64_t bytes : active->progress.readBytes) {
            one.progressBytes += bytes;
        }
        one.totalBytes = active->totalBytes;
        one.sstables = active->info.inputs.size();
        out.push_back(std::move(one));
    }
    return out;
}

void CompactionManager::complete(const Uuid& id, const SstableReader& reader,
                                 SstableInfo& info) const {
    const Handle table = find(id);
    if (!table) {
        return;
    }
    const std::int64_t now = m_runtime.clock.wallSeconds();
    const std::int64_t gcBefore = now - table->store->table()->options.gcGraceSeconds;
    const FileView file = fileViewOf(*table, reader, gcBefore, now);
    info.droppable = file.droppableRatio;
    switch (table->options.kind) {
        case StrategyKind::TimeWindow:
            info.windowMillis =
                static_cast<const compaction::TimeWindow&>(*table->strategy).windowOf(file) * 1000;
            break;
        case StrategyKind::Unified:
        case StrategyKind::Leveled:
            info.level = table->strategy->levelOf(viewOf(*table), file);
            break;
        case StrategyKind::SizeTiered: break;
    }
}

SstableInfo CompactionManager::describe(const Managed& table, const SstableReader& reader) const {
    SstableInfo out = describeSstable(reader);
    complete(table.store->table()->id, reader, out);
    return out;
}

void CompactionManager::tellStarted(Active& active, const CompactionJob& job,
                                    const Decision& decision) {
    CompactionInfo& info = active.info;
    info.kind = decision.kind;
    info.strategy = active.table->options.strategyName;
    info.why = decision.why;
    info.group = decision.group;
    info.level = active.table->options.kind == StrategyKind::Leveled ? decision.output.level : -1;
    info.candidates = decision.candidates;
    for (const ReaderPtr& input : job.inputs) {
        info.inputs.emplace_back(input->generation(), input->dataBytes());
        active.totalBytes += input->dataBytes();
    }
    info.estimatedBytes = active.totalBytes;
    for (const ReaderPtr& input : job.expired) {
        info.inputs.emplace_back(input->generation(), input->dataBytes());
    }
    active.operation = operationOf(info.kind);
    active.begunNanos = m_runtime.clock.machineNanos();
    active.progress.id = info.id;
    const StorageObserver& observer = m_hooks.observer();
    if (observer.compactionStarted) {
        observer.compactionStarted(*active.table->store->table(), info);
    }
}

void CompactionManager::tellProgress(Active& active, const CompactionRun& run, bool isLast) {
    CompactionProgressInfo& progress = active.progress;
    progress.readBytes = run.readBytes();
    // What has expired is not read.
    progress.readBytes.resize(active.info.inputs.size(), 0);
    progress.writtenBytes = run.writtenBytes();
    progress.generation = run.generation();
    progress.limitBytesPerSecond = m_settings.bytesPerSecond;
    const compaction::RunCounts& counts = run.counts();
    progress.cellsKept = counts.cellsKept;
    progress.cellsReplaced = counts.cellsReplaced;
    progress.tombstonesDropped = counts.tombstonesDropped;
    progress.tombstonesKept = counts.tombstonesKept;
    const double seconds =
        static_cast<double>(m_runtime.clock.machineNanos() - active.begunNanos) / 1e9;
    progress.bytesPerSecond =
        seconds > 0 && !progress.isPaused ? static_cast<double>(run.totalReadBytes()) / seconds : 0;
    const StorageObserver& observer = m_hooks.observer();
    if (observer.compactionProgressed && (!isLast || !active.table->isDropped)) {
        observer.compactionProgressed(*active.table->store->table(), progress);
    }
}

void CompactionManager::tellFinished(Active& active, const CompactionSummary& summary,
                                     const std::string& error) {
    CompactionResult result;
    result.id = active.info.id;
    result.outputs = summary.outputs;
    result.readBytes = summary.readBytes;
    result.writtenBytes = summary.writtenBytes;
    result.nanos = m_runtime.clock.machineNanos() - active.begunNanos;
    result.error = error;
    const StorageObserver& observer = m_hooks.observer();
    if (observer.compactionFinished) {
        observer.compactionFinished(*active.table->store->table(), result);
    }
}

}  // namespace engine::storage
