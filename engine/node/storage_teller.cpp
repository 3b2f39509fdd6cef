#include "engine/node/storage_teller.h"

#include <cmath>

namespace engine::node {

namespace {

/// Less is not seen in a picture.
constexpr double kShareStep = .005;

std::string withoutPackage(const std::string& className) {
    return className.substr(className.rfind('.') + 1);
}

observe::TableStorage definitionOf(const schema::Table& table) {
    observe::TableStorage out{table.keyspace, table.name, {}, {}, table.options.gcGraceSeconds};
    for (const auto& [name, value] : table.options.compaction) {
        if (name == "class") {
            out.strategy = withoutPackage(value);
        } else {
            out.options.emplace_back(name, value);
        }
    }
    return out;
}

bool differ(const observe::TableStorage& a, const observe::TableStorage& b) {
    return a.strategy != b.strategy || a.options != b.options || a.gcGraceSeconds != b.gcGraceSeconds;
}

observe::SstableAdded eventOf(const schema::Table& table, const storage::SstableInfo& info,
                              std::string_view origin) {
    observe::SstableAdded out;
    out.keyspace = table.keyspace;
    out.table = table.name;
    out.generation = info.generation;
    out.origin = origin;
    out.bytes = info.bytes;
    out.dataBytes = info.dataBytes;
    out.partitions = info.partitions;
    out.rows = info.rows;
    out.tombstones = info.tombstones;
    out.minToken = info.minToken;
    out.maxToken = info.maxToken;
    out.minTimestamp = info.minTimestamp;
    out.maxTimestamp = info.maxTimestamp;
    out.level = info.level;
    out.shard = info.shard;
    out.windowMillis = info.windowMillis;
    out.droppable = info.droppable;
    out.replaced = info.replaced;
    return out;
}

observe::CompactionStarted eventOf(const schema::Table& table, const storage::CompactionInfo& info) {
    observe::CompactionStarted out;
    out.compaction = info.id;
    out.keyspace = table.keyspace;
    out.table = table.name;
    out.kind = info.kind;
    out.strategy = info.strategy;
    out.inputs = info.inputs;
    out.estimatedBytes = info.estimatedBytes;
    out.why = info.why;
    out.group = info.group;
    out.level = info.level;
    for (const storage::CompactionCandidateInfo& c : info.candidates) {
        out.candidates.push_back({c.name, c.sstables, c.bytes, c.score, c.chosen});
    }
    return out;
}

observe::CompactionProgress eventOf(const storage::CompactionProgressInfo& info) {
    return {info.id,           info.readBytes,           info.writtenBytes, info.generation,
            info.bytesPerSecond, info.limitBytesPerSecond, info.cellsKept,    info.cellsReplaced,
            info.tombstonesDropped, info.tombstonesKept,      info.isPaused};
}

observe::TableStatistics eventOf(const schema::Table& table, const storage::TableStats& stats) {
    return {table.keyspace,   table.name,       stats.reads,   stats.writes,       stats.sstablesPerRead,
            stats.bloomFalse, stats.bloomTrue,  stats.bloomNo, stats.flushedBytes, stats.compactedBytes};
}

std::string_view toString(storage::SegmentInfo::State state) {
    switch (state) {
        case storage::SegmentInfo::State::Active: return "active";
        case storage::SegmentInfo::State::Needed: return "needed";
        case storage::SegmentInfo::State::Clean: return "clean";
        case storage::SegmentInfo::State::Discarded: return "discarded";
    }
    return "?";
}

}  // namespace

StorageTeller::StorageTeller(runtime::Clock& clock, observe::Observer& observer,
                             storage::StorageEngine& storage, schema::SchemaRegistry& schema,
                             const storage::StorageOptions& options)
    : m_observer(observer),
      m_storage(storage),
      m_schema(schema),
      m_snapshot{options.segmentBytes, options.commitLogTotalBytes, options.memtableBytes,
                 options.memtableTotalBytes, clock.machineNanos(), 0},
      m_growth(clock, observer, [this] { return segments(); }) {
    m_storage.observe(callbacks());
}

storage::StorageObserver StorageTeller::callbacks() {
    storage::StorageObserver out;
    out.memtableGrew = [this](const schema::Table& t, std::uint64_t bytes, std::uint64_t rows) {
        m_growth.memtable(t, bytes, rows);
    };
    out.segmentChanged = [this](std::uint64_t, std::uint64_t, const char*) { m_growth.segmentsChanged(); };
    out.flushStarted = [this](const schema::Table& t, const storage::FlushInfo& info) {
        m_observer.tell(observe::FlushStarted{t.keyspace, t.name, info.bytes, info.rows,
                                              std::string(storage::toString(info.reason))});
    };
    out.flushFinished = [this](const schema::Table& t, const storage::FlushResult& result) {
        m_observer.tell(observe::FlushFinished{t.keyspace, t.name, result.generation, result.bytes,
                                               result.nanos, result.error});
        m_growth.segmentsChanged();  // They may have lost a table that needed them.
        tellShares(t);
    };
    out.sstableAdded = [this](const schema::Table& t, const storage::SstableInfo& info,
                              std::string_view origin) {
        m_observer.tell(eventOf(t, info, origin));
        m_toldShares[{t.id, info.generation}] = {info.droppable, info.replaced};
    };
    out.sstableRemoved = [this](const schema::Table& t, std::uint64_t generation, std::string_view reason) {
        m_toldShares.erase({t.id, generation});
        m_unreadable.erase({t.id, generation});
        m_observer.tell(observe::SstableRemoved{t.keyspace, t.name, generation, std::string(reason)});
    };
    out.sstableUnreadable = [this](const schema::Table& t, std::uint64_t generation, std::string_view file, std::string_view why) {
        observe::SstableUnreadable& event = m_unreadable[{t.id, generation}];
        event = {t.keyspace, t.name, generation, std::string(file), std::string(why)};
        m_observer.tell(event);
    };
    out.compactionStarted = [this](const schema::Table& t, const storage::CompactionInfo& info) {
        Running& running = m_running[info.id];
        running.started = eventOf(t, info);
        running.progress.compaction = info.id;
        m_observer.tell(running.started);
    };
    out.compactionProgressed = [this](const schema::Table&, const storage::CompactionProgressInfo& info) {
        const auto it = m_running.find(info.id);
        if (it != m_running.end()) {
            it->second.progress = eventOf(info);
            m_observer.tell(it->second.progress);
        }
    };
    out.compactionFinished = [this](const schema::Table& t, const storage::CompactionResult& result) {
        m_running.erase(result.id);
        m_observer.tell(observe::CompactionFinished{result.id, t.keyspace, t.name, result.outputs,
                                                    result.readBytes, result.writtenBytes, result.nanos,
                                                    result.error});
        tellShares(t);
    };
    return out;
}

std::vector<schema::TablePtr> StorageTeller::tables() const {
    std::vector<schema::TablePtr> out;
    for (const auto& [name, keyspace] : m_schema.current()->keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            if (!table->isVirtual) {
                out.push_back(table);
            }
        }
    }
    return out;
}

std::vector<observe::CommitLogSegment> StorageTeller::segments() const {
    std::vector<observe::CommitLogSegment> out;
    for (const storage::SegmentInfo& segment : m_storage.segments()) {
        observe::CommitLogSegment event{segment.id, segment.bytes, std::string(toString(segment.state)), {}};
        for (const Uuid& id : segment.tables) {
            const schema::TablePtr table = m_schema.current()->findTable(id);
            event.tables.push_back(table != nullptr ? table->qualifiedName() : id.toString());
        }
        out.push_back(std::move(event));
    }
    return out;
}

void StorageTeller::addSnapshot(std::vector<observe::EventBody>& out) const {
    out.emplace_back(m_snapshot);
    for (const schema::TablePtr& table : tables()) {
        out.emplace_back(definitionOf(*table));
        const storage::TableStats stats = m_storage.stats(*table);
        if (stats.memtableBytes > 0) {
            out.emplace_back(observe::MemtableGrew{table->keyspace, table->name, stats.memtableBytes,
                                                   stats.memtableRows});
        }
        for (const storage::SstableInfo& info : m_storage.sstables(*table)) {
            out.emplace_back(eventOf(*table, info, "open"));
        }
        if (stats.reads + stats.writes > 0) {
            out.emplace_back(eventOf(*table, stats));
        }
    }
    for (const auto& [file, event] : m_unreadable) {
        out.emplace_back(event);
    }
    for (observe::CommitLogSegment& segment : segments()) {
        out.emplace_back(std::move(segment));
    }
    for (const auto& [id, running] : m_running) {
        out.emplace_back(running.started);
        out.emplace_back(running.progress);
    }
}

void StorageTeller::schemaChanged() {
    if (!m_observer.wants(observe::Category::Storage)) {
        return;
    }
    std::map<Uuid, observe::TableStorage> now;
    for (const schema::TablePtr& table : tables()) {
        const auto [definition, isNew] = now.emplace(table->id, definitionOf(*table));
        const auto told = m_definitions.find(table->id);
        if (told == m_definitions.end() || differ(told->second, definition->second)) {
            m_observer.tell(definition->second);
        }
    }
    m_definitions = std::move(now);
}

/// A share that is told for the first time is known from sstableAdded or the snapshot.
void StorageTeller::tellShares(const schema::Table& table) {
    if (!m_observer.wants(observe::Category::Storage)) {
        return;
    }
    const auto differs = [](double a, double b) { return std::abs(a - b) >= kShareStep; };
    for (const storage::SstableInfo& info : m_storage.sstables(table)) {
        const auto [it, isNew] = m_toldShares.try_emplace({table.id, info.generation}, Shares{info.droppable, info.replaced});
        Shares& told = it->second;
        if (!isNew && (differs(told.droppable, info.droppable) || differs(told.replaced, info.replaced))) {
            told = {info.droppable, info.replaced};
            m_observer.tell(eventOf(table, info, "open"));
        }
    }
}

void StorageTeller::tellStatistics() {
    if (!m_observer.wants(observe::Category::Storage)) {
        return;
    }
    for (const schema::TablePtr& table : tables()) {
        tellShares(*table);
        storage::TableStats stats = m_storage.stats(*table);
        const std::uint64_t sum = stats.reads + stats.writes + stats.flushedBytes + stats.compactedBytes;
        std::uint64_t& told = m_toldSums[table->id];
        if (sum != told) {
            told = sum;
            m_observer.tell(eventOf(*table, stats));
        }
    }
}

}  // namespace engine::node
