#include "engine/storage/storage_engine.h"

#include "engine/storage/storage_impl.h"

namespace engine::storage {

StorageEngine::StorageEngine(runtime::Runtime runtime, StorageOptions options,
                             schema::SchemaRegistry& schema, Log& log)
    : m_impl(std::make_unique<Impl>(runtime, std::move(options), schema, log)) {}

StorageEngine::~StorageEngine() = default;

Result<void> StorageEngine::open() {
    return m_impl->open();
}
Result<std::uint64_t> StorageEngine::replay() {
    return m_impl->replay();
}
void StorageEngine::start() {
    m_impl->start();
}
runtime::Task<void> StorageEngine::stop() {
    return m_impl->stop();
}

runtime::Task<Result<void>> StorageEngine::apply(rows::Mutation mutation, bool durable,
                                                 ApplyTimes* times) {
    return m_impl->apply(std::move(mutation), durable, times);
}

runtime::Task<Result<std::vector<rows::Partition>>> StorageEngine::read(
    const rows::ReadCommand& command, ReadReport* report) {
    co_return m_impl->read(command, report);
}

Result<void> StorageEngine::applyNow(const rows::Mutation& mutation) {
    return m_impl->applyNow(mutation);
}

Result<std::vector<rows::Partition>> StorageEngine::readNow(const rows::ReadCommand& command) {
    return m_impl->read(command, nullptr);
}

Result<void> StorageEngine::scanNow(const rows::ReadCommand& command,
                                    const std::function<bool(const rows::DecoratedKey&, const rows::Row&)>& visit) {
    return m_impl->scan(command, visit);
}

runtime::Task<Result<void>> StorageEngine::flush(schema::TablePtr table) {
    return m_impl->flush(std::move(table));
}

runtime::Task<Result<void>> StorageEngine::truncate(schema::TablePtr table) {
    return m_impl->truncate(std::move(table));
}

void StorageEngine::drop(const schema::Table& table) {
    m_impl->drop(table);
}
TableStats StorageEngine::stats(const schema::Table& table) const {
    return m_impl->stats(table);
}
SizeEstimate StorageEngine::estimate(const schema::Table& table, std::int64_t left, std::int64_t right) const {
    return m_impl->estimate(table, left, right);
}
std::uint64_t StorageEngine::loadBytes() const {
    return m_impl->loadBytes();
}
runtime::Task<void> StorageEngine::drain() { co_await m_impl->drain(); }

std::vector<SegmentInfo> StorageEngine::segments() const { return m_impl->segments(); }

std::vector<SstableInfo> StorageEngine::sstables(const schema::Table& table) const {
    return m_impl->sstables(table);
}

std::vector<UnreadableSstable> StorageEngine::unreadable(const schema::Table& table) const {
    return m_impl->unreadable(table);
}

void StorageEngine::attach(SecondaryIndexes* indexes) {
    m_impl->attach(indexes);
}

runtime::Task<Result<void>> StorageEngine::snapshot(std::vector<schema::TablePtr> tables,
                                                    SnapshotRequest request) {
    return m_impl->snapshot(std::move(tables), std::move(request));
}
Result<std::vector<SnapshotInfo>> StorageEngine::snapshots() const {
    return m_impl->snapshots();
}
Result<void> StorageEngine::clearSnapshots(const std::string& tag,
                                           const std::vector<std::string>& keyspaces,
                                           std::optional<std::int64_t> createdBeforeMillis) {
    return m_impl->clearSnapshots(tag, keyspaces, createdBeforeMillis);
}
runtime::Task<Result<ImportSummary>> StorageEngine::importFiles(schema::TablePtr table,
                                                                ImportRequest request) {
    return m_impl->importFiles(std::move(table), std::move(request));
}
void StorageEngine::clearKeyCache() {
    m_impl->clearKeyCache();
}
void StorageEngine::setKeyCacheBytes(std::uint64_t bytes) {
    m_impl->setKeyCacheBytes(bytes);
}
void StorageEngine::setIncrementalBackups(bool enabled) {
    m_impl->setIncrementalBackups(enabled);
}
bool StorageEngine::incrementalBackups() const {
    return m_impl->incrementalBackups();
}
std::vector<std::shared_ptr<const SstableReader>> StorageEngine::readers(
    const schema::Table& table) const {
    return m_impl->readers(table);
}
CompactionManager& StorageEngine::compactions() {
    return m_impl->compactions();
}
void StorageEngine::onCompacted(std::function<void(const CompactionHistoryEntry&)> handler) {
    m_impl->onCompacted(std::move(handler));
}
void StorageEngine::onFailure(std::function<void(const StorageFailure&)> handler) {
    m_impl->onFailure(std::move(handler));
}

void StorageEngine::observe(StorageObserver observer) {
    m_impl->observe(std::move(observer));
}

}  // namespace engine::storage
