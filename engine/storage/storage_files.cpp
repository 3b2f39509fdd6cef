#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "engine/cql/describe/describe.h"
#include "engine/storage/lifecycle/import_sstables.h"
#include "engine/storage/storage_impl.h"

/// Snapshots, backups and imports: what people do with a table's files as files.
namespace engine::storage {

using runtime::Task;

namespace {

bool isSystem(const schema::Table& table) {
    return table.keyspace.starts_with("system");
}

/// `CREATE TYPE ...` as one that does nothing where there is such a thing.
std::string ifNotExists(std::string statement) {
    // Behind the kind of thing: CREATE TABLE, CREATE CUSTOM INDEX, CREATE MATERIALIZED VIEW.
    std::size_t at = statement.find(' ', statement.find(' ') + 1);
    if (statement.starts_with("CREATE CUSTOM") || statement.starts_with("CREATE MATERIALIZED")) {
        at = statement.find(' ', at + 1);
    }
    return statement.insert(at, " IF NOT EXISTS") + '\n';
}

/// The user types in a type, what a type is made of before it.
void addTypes(const types::TypePtr& type, std::set<std::string>& seen, std::string& out) {
    for (const types::TypePtr& element : type->elements()) {
        addTypes(element, seen, out);
    }
    if (type->kind() == types::Kind::Udt && seen.insert(type->udtName()).second) {
        out += ifNotExists(cql::describeType(
            {type->udtKeyspace(), type->udtName(), type->fieldNames(), type->elements()}));
    }
}

/// What it takes to make the table anew (SchemaCQLHelper.reCreateStatementsForSchemaCql).
std::string schemaTextOf(const schema::Table& table) {
    std::string out;
    std::set<std::string> seen;
    for (const schema::Column& column : table.columns) {
        addTypes(column.type, seen, out);
    }
    out += ifNotExists(cql::describeTable(table, true));
    for (const schema::Index& index : table.indexes) {
        out += ifNotExists(cql::describeIndex(table, index));
    }
    return out;
}

/// The ids in `live`, and those of files that can still not be opened.
std::vector<std::string> alsoStillUnreadable(runtime::FileSystem& files, const schema::TablePtr& table,
                                             const std::vector<UnreadableSstable>& unreadable,
                                             std::vector<std::string> live) {
    for (const UnreadableSstable& sstable : unreadable) {
        if (!checkOpens(files, sstable.descriptor, table)) {
            live.push_back(sstable.descriptor.id);
        }
    }
    return live;
}

SnapshotPlan planOf(const TableStore& store, std::string tag, std::int64_t nowMillis) {
    SnapshotPlan out;
    out.tableFolder = store.folder();
    out.tag = std::move(tag);
    for (const auto& sstable : store.sstables()) {
        out.sstables.push_back(sstable->descriptor());
    }
    out.schemaText = schemaTextOf(*store.table());
    out.createdMillis = nowMillis;
    return out;
}

}  // namespace

/// Links are made within the call: no compaction can take a file away meanwhile.
Task<Result<void>> StorageEngine::Impl::snapshot(std::vector<schema::TablePtr> tables,
                                                 SnapshotRequest request) {
    std::vector<TableHandle> handles;
    for (const schema::TablePtr& table : tables) {
        CO_TRY_ASSIGN(const TableHandle handle, find(table));
        if (hasSnapshot(m_runtime.files, handle->store.folder(), request.tag)) {
            co_return invalid(fmt::format("Snapshot {} already exists.", request.tag));
        }
        handles.push_back(handle);
    }
    const std::int64_t now = m_runtime.clock.wallMillis();
    for (const TableHandle& handle : handles) {
        if (!request.skipFlush) {
            Result<void> flushed = co_await flushTable(handle, FlushReason::Snapshot);
            if (!flushed) {
                co_return flushed;
            }
        }
        if (handle->isDropped) {
            continue;
        }
        SnapshotPlan plan = planOf(handle->store, request.tag, now);
        if (request.ttlMillis) {
            plan.expiresMillis = now + *request.ttlMillis;
            m_hasExpiringSnapshots = true;
        }
        CO_TRY(takeSnapshot(m_runtime.files, plan));
    }
    co_return ok();
}

Result<std::vector<SnapshotInfo>> StorageEngine::Impl::snapshots() const {
    // By folders: those of dropped tables are there too.
    std::map<std::string, std::vector<SstableDescriptor>> live;
    for (const auto& [id, table] : m_tables) {
        for (const auto& sstable : table->store.sstables()) {
            live[table->store.folder()].push_back(sstable->descriptor());
        }
    }
    std::vector<SnapshotInfo> out;
    TRY_ASSIGN(const auto keyspaces, m_runtime.files.list(m_options.dataFolder));
    for (const std::string& keyspace : keyspaces) {
        const std::string keyspaceFolder = m_options.dataFolder + '/' + keyspace;
        TRY_ASSIGN(const auto tables, m_runtime.files.list(keyspaceFolder));
        for (const std::string& table : tables) {
            const std::string folder = keyspaceFolder + '/' + table;
            if (!m_runtime.files.exists(folder + "/snapshots")) {
                continue;
            }
            TRY_ASSIGN(auto found, listSnapshots(m_runtime.files, folder, live[folder]));
            for (SnapshotInfo& info : found) {
                info.keyspace = keyspace;
                info.table = table.substr(0, table.rfind('-'));
                out.push_back(std::move(info));
            }
        }
    }
    std::sort(out.begin(), out.end(), [](const SnapshotInfo& a, const SnapshotInfo& b) {
        return std::tie(a.tag, a.keyspace, a.table) < std::tie(b.tag, b.keyspace, b.table);
    });
    return out;
}

Result<void> StorageEngine::Impl::clearSnapshots(const std::string& tag,
                                                 const std::vector<std::string>& keyspaces,
                                                 std::optional<std::int64_t> createdBeforeMillis) {
    TRY_ASSIGN(const auto all, snapshots());
    for (const SnapshotInfo& info : all) {
        const bool isMeant =
            (tag.empty() || info.tag == tag) &&
            (keyspaces.empty() ||
             std::find(keyspaces.begin(), keyspaces.end(), info.keyspace) != keyspaces.end()) &&
            (!createdBeforeMillis || info.createdMillis < *createdBeforeMillis);
        if (isMeant) {
            TRY(m_runtime.files.removeAll(info.folder));
        }
    }
    return ok();
}

void StorageEngine::Impl::dropExpiredSnapshots() {
    if (!m_hasExpiringSnapshots) {
        return;
    }
    const auto all = snapshots();
    if (!all) {
        m_logger.warn("{}", all.error().message);
        return;
    }
    m_hasExpiringSnapshots = false;
    for (const SnapshotInfo& info : all.value()) {
        if (!info.expiresMillis) {
            continue;
        }
        if (*info.expiresMillis > m_runtime.clock.wallMillis()) {
            m_hasExpiringSnapshots = true;
            continue;
        }
        const Result<void> removed = m_runtime.files.removeAll(info.folder);
        if (!removed) {
            m_logger.warn("{}", removed.error().message);
        }
    }
}

bool StorageEngine::Impl::wantsAutoSnapshot(const schema::Table& table) const {
    return m_options.autoSnapshot && table.options.allowAutoSnapshot.value_or(true) && !isSystem(table);
}

/// `truncated-<millis>-<table>`, `dropped-...` (ColumnFamilyStore.getAutoSnapshotName).
SnapshotPlan StorageEngine::Impl::autoSnapshotOf(const TableStore& store, std::string_view prefix) {
    const std::int64_t now = m_runtime.clock.wallMillis();
    SnapshotPlan plan = planOf(store, fmt::format("{}-{}-{}", prefix, now, store.table()->name), now);
    if (m_options.autoSnapshotTtl) {
        plan.expiresMillis =
            now + std::chrono::duration_cast<std::chrono::milliseconds>(*m_options.autoSnapshotTtl).count();
        m_hasExpiringSnapshots = true;
    }
    return plan;
}

/// A snapshot of a table that is about to go, with what is in its memtables; within the call, as
/// nothing of the table may be there after it.
void StorageEngine::Impl::keepDropped(const TableStore& store) {
    if (!wantsAutoSnapshot(*store.table())) {
        return;
    }
    SnapshotPlan plan = autoSnapshotOf(store, "dropped");
    const auto keep = [&]() -> Result<void> {
        for (const TableStore::Flush& flush : store.inMemory()) {
            TRY_ASSIGN(const auto written, TableStore::writeFlush(m_runtime.files, *m_cache, flush));
            for (const auto& reader : written) {
                plan.sstables.push_back(reader->descriptor());
            }
        }
        return takeSnapshot(m_runtime.files, plan);
    };
    if (const Result<void> kept = keep(); !kept) {
        m_logger.error("no snapshot of {} before it is dropped: {}", store.table()->qualifiedName(),
                       kept.error().message);
    }
}

/// incremental_backups: a hard link of each file that is flushed or imported (Tracker.addSSTables).
void StorageEngine::Impl::backUpIfWanted(const TableStore& store, const SstableReader& reader) {
    if (!m_incrementalBackups || !store.table()->options.incrementalBackups.value_or(true)) {
        return;
    }
    const Result<void> done = backUp(m_runtime.files, reader.descriptor());
    if (!done) {
        m_logger.error("{}", done.error().message);
    }
}

/// What is verified is not touched; what is taken comes with no flush or truncation going on, so that
/// these find files that are either all the table's or not at all.
Task<Result<ImportSummary>> StorageEngine::Impl::importFiles(schema::TablePtr table,
                                                             ImportRequest request) {
    CO_TRY_ASSIGN(const TableHandle handle, find(table));
    if (!request.folders.empty()) {
        auto done = co_await takeFiles(handle, std::move(request));
        co_return done;
    }
    // What a compaction writes must not be taken for a stray.
    co_await m_compactions->hold(table->id);
    auto done = co_await takeFiles(handle, std::move(request));
    m_compactions->release(table->id);
    co_return done;
}

Task<Result<ImportSummary>> StorageEngine::Impl::takeFiles(TableHandle handle, ImportRequest request) {
    ImportSummary out;
    ImportJob job;
    job.table = handle->store.table();
    job.tableFolder = handle->store.folder();
    job.generations = handle->store.generations();
    job.keepLevel = request.keepLevel;
    job.keepRepaired = request.keepRepaired;
    job.copies = request.copies;
    std::vector<std::pair<std::string, std::vector<SstableDescriptor>>> sources;
    for (const std::string& folder : request.folders) {
        if (!m_runtime.files.exists(folder)) {
            co_return invalid(fmt::format("Directory {} does not exist", folder));
        }
    }
    std::optional<VerifyOptions> verify;
    if (request.verifies || request.owned) {
        verify = VerifyOptions{!request.verifies, request.owned};
    }
    for (const std::string& folder : request.folders) {
        auto check = [&files = m_runtime.files, folder, table = job.table, verify] {
            return checkImport(files, folder, table, verify);
        };
        auto checked = co_await runtime::offload(m_runtime.executor, std::move(check));
        if (checked) {
            sources.emplace_back(folder, std::move(checked.value()));
        } else {
            m_logger.error("nothing is imported from {}: {}", folder, checked.error().message);
            out.failedFolders.push_back(folder);
        }
    }
    co_await notBusy(handle);
    if (handle->isDropped) {
        co_return unconfigured(*job.table);
    }
    handle->isBusy = true;
    Result<void> failed = ok();
    if (request.folders.empty()) {
        std::vector<std::string> live;
        for (const auto& sstable : handle->store.sstables()) {
            live.push_back(sstable->descriptor().id);
        }
        auto list = [&files = m_runtime.files, folder = job.tableFolder, live, table = job.table,
                     unreadable = handle->store.unreadable()] {
            // Somebody may have mended what the table was opened without.
            return listStrays(files, folder, alsoStillUnreadable(files, table, unreadable, live));
        };
        auto strays = co_await runtime::offload(m_runtime.executor, std::move(list));
        if (strays) {
            sources.emplace_back("", std::move(strays.value()));
        } else {
            failed = strays.error();
        }
    }
    for (const auto& [folder, files] : sources) {
        job.id = Uuid::timeBased(m_runtime.clock.wallMicros() * 10, m_runtime.random.next());
        auto work = [&door = m_runtime.files, cache = m_cache, job, from = files] {
            return importSstables(door, *cache, job, from);
        };
        auto imported = co_await runtime::offload(m_runtime.executor, std::move(work));
        if (handle->isDropped) {
            CO_TRY(removeAllButSnapshots(m_runtime.files, job.tableFolder));
            co_return unconfigured(*job.table);
        }
        if (imported) {
            takeIn(*handle, imported.value().readers);
            for (const auto& reader : imported.value().readers) {
                out.generations.push_back(reader->generation());
            }
            if (const Result<void>& gone = imported.value().sourcesGone; !gone) {
                m_logger.error("what was imported is still in its old place, too: {}", gone.error().message);
            }
        } else if (folder.empty()) {
            failed = imported.error();
        } else {
            m_logger.error("nothing is imported from {}: {}", folder, imported.error().message);
            out.failedFolders.push_back(folder);
        }
    }
    for (const UnreadableSstable& mended : handle->store.forgetUnreadable()) {
        tellSstableRemoved(*job.table, mended.descriptor.generation(), "import");
    }
    setIdle(*handle);
    if (!failed) {
        co_return failed.error();
    }
    co_return out;
}

void StorageEngine::Impl::takeIn(
    Table& table, const std::vector<std::shared_ptr<const SstableReader>>& imported) {
    if (imported.empty()) {
        return;
    }
    const schema::Table& definition = *table.store.table();
    table.store.replace({}, imported);
    for (const auto& reader : imported) {
        backUpIfWanted(table.store, *reader);
        if (m_observer.sstableAdded) {
            m_observer.sstableAdded(definition, describe(table.store, *reader), "import");
        }
    }
    if (m_indexes != nullptr && !definition.indexes.empty()) {
        m_indexes->truncated(definition);
    }
    m_compactions->fileAdded(definition.id, 0);
}

std::vector<std::shared_ptr<const SstableReader>> StorageEngine::Impl::readers(
    const schema::Table& table) const {
    const auto it = m_tables.find(table.id);
    return it == m_tables.end() ? std::vector<std::shared_ptr<const SstableReader>>()
                                : it->second->store.sstables();
}

}  // namespace engine::storage
