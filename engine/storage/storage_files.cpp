#include <fmt/format.h>

#include <algorithm>
#include <map>
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

SnapshotPlan planOf(const TableStore& store, std::string tag, std::int64_t nowMillis) {
    SnapshotPlan out;
    out.tableFolder = store.folder();
    out.tag = std::move(tag);
    for (const auto& sstable : store.sstables()) {
        out.sstables.push_back(sstable->descriptor());
    }
    out.schemaText = cql::describeTable(*store.table(), true) + '\n';
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

/// `truncated-<millis>-<table>`, `dropped-...`, where auto_snapshot wants it
/// (ColumnFamilyStore.getAutoSnapshotName).
Result<void> StorageEngine::Impl::autoSnapshot(const TableStore& store, std::string_view prefix) {
    const schema::Table& table = *store.table();
    if (!m_options.autoSnapshot || !table.options.allowAutoSnapshot.value_or(true) ||
        isSystem(table) || store.sstables().empty()) {
        return ok();
    }
    const std::int64_t now = m_runtime.clock.wallMillis();
    return takeSnapshot(m_runtime.files,
                        planOf(store, fmt::format("{}-{}-{}", prefix, now, table.name), now));
}

/// A snapshot of a table that is about to go, with what is in its memtable; within the call, as
/// nothing of the table may be there after it.
void StorageEngine::Impl::keepDropped(Table& table) {
    if (!m_options.autoSnapshot || isSystem(*table.store.table())) {
        return;
    }
    Result<void> kept = ok();
    if (!table.isBusy && !table.store.active().isEmpty()) {
        kept = flushNow(table, m_log.appliedTo());
    }
    if (kept) {
        kept = autoSnapshot(table.store, "dropped");
    }
    if (!kept) {
        m_logger.error("no snapshot of {} before it is dropped: {}",
                       table.store.table()->qualifiedName(), kept.error().message);
    }
}

/// incremental_backups: a hard link of each file that is flushed.
void StorageEngine::Impl::backUpIfWanted(const TableStore& store, const SstableReader& reader) {
    if (!m_incrementalBackups || !store.table()->options.incrementalBackups.value_or(true)) {
        return;
    }
    const Result<void> done = backUp(m_runtime.files, reader.descriptor());
    if (!done) {
        m_logger.error("{}", done.error().message);
    }
}

Task<Result<std::vector<std::uint64_t>>> StorageEngine::Impl::importFiles(schema::TablePtr table,
                                                                          ImportRequest request) {
    CO_TRY_ASSIGN(const TableHandle handle, find(table));
    ImportJob job;
    job.table = handle->store.table();
    job.tableFolder = handle->store.folder();
    job.folders = request.folders;
    job.generations = handle->store.generations();
    job.id = Uuid::timeBased(m_runtime.clock.wallMicros() * 10, m_runtime.random.next());
    job.keepLevel = request.keepLevel;
    job.keepRepaired = request.keepRepaired;
    job.verifies = request.verifies;
    job.copies = request.copies;
    auto work = [&files = m_runtime.files, cache = m_cache, job] {
        return importSstables(files, *cache, job);
    };
    auto imported = co_await runtime::offload(m_runtime.executor, std::move(work));
    if (!imported) {
        co_return imported.error();
    }
    std::vector<std::uint64_t> out;
    if (handle->isDropped) {
        co_return out;
    }
    handle->store.replace({}, imported.value());
    for (const auto& reader : imported.value()) {
        out.push_back(reader->generation());
        if (m_observer.sstableAdded) {
            m_observer.sstableAdded(*handle->store.table(), describe(handle->store, *reader),
                                    "import");
        }
    }
    m_compactions->fileAdded(table->id, 0);
    co_return out;
}

std::vector<std::shared_ptr<const SstableReader>> StorageEngine::Impl::readers(
    const schema::Table& table) const {
    const auto it = m_tables.find(table.id);
    return it == m_tables.end() ? std::vector<std::shared_ptr<const SstableReader>>()
                                : it->second->store.sstables();
}

}  // namespace engine::storage
