#include "engine/observe/storage_view.h"

#include <algorithm>

#include "engine/observe/nanos.h"

namespace engine::observe {

namespace {

class StorageFolder {
public:
    StorageFolder(NodeStorageView& storage, const Event& event) : m_storage(storage), m_event(event) {}

    void operator()(const StorageSnapshot& body) {
        m_storage.told = true;
        m_storage.limits = body;
        m_storage.segments.clear();
        m_storage.tables.clear();
        std::erase_if(m_storage.flushes, [](const FlushView& f) { return f.finishedNanos == 0; });
        std::erase_if(m_storage.compactions, [](const CompactionView& c) { return c.finishedNanos == 0; });
    }
    void operator()(const TableStorage& body) { table(body).definition = body; }

    void operator()(const CommitLogSegment& body) {
        SegmentView& segment = m_storage.segments[body.segment];
        segment.info = body;
        if (body.state == "discarded") {
            segment.discardedNanos = m_event.nanos;
            forgetOldSegments();
        }
    }
    void operator()(const MemtableGrew& body) {
        TableStorageView& view = table(body);
        view.memtableBytes = body.bytes;
        view.memtableRows = body.rows;
    }
    void operator()(const FlushStarted& body) {
        TableStorageView& view = table(body);
        view.memtableBytes = 0;  // A fresh one is written to from here on.
        view.memtableRows = 0;
        FlushView flush;
        flush.started = body;
        flush.startedNanos = m_event.nanos;
        add(m_storage.flushes, std::move(flush), NodeStorageView::kFlushesMax);
    }
    void operator()(const FlushFinished& body) {
        FlushView& flush = openFlush(body);
        flush.finished = body;
        flush.finishedNanos = m_event.nanos;
    }
    void operator()(const SstableAdded& body) {
        SstableView& view = table(body).sstables[body.generation];
        const std::string origin = view.addedNanos != 0 && body.origin == "open" ? view.info.origin : body.origin;
        view.info = body;
        view.info.origin = origin;
        if (view.addedNanos == 0) {
            view.addedNanos = m_event.nanos;
            view.addedMicros = m_event.wallMicros;
        }
    }
    void operator()(const SstableRemoved& body) {
        TableStorageView& view = table(body);
        view.sstables.erase(body.generation);
        view.unreadable.erase(body.generation);
    }
    void operator()(const SstableUnreadable& body) { table(body).unreadable[body.generation] = body; }

    void operator()(const CompactionStarted& body) {
        CompactionView& view = compaction(body.compaction);
        view.started = body;
        view.startedNanos = m_event.nanos;
    }
    void operator()(const CompactionProgress& body) {
        CompactionView& view = compaction(body.compaction);
        view.progress = body;
        view.progressNanos = m_event.nanos;
    }
    void operator()(const CompactionFinished& body) {
        CompactionView& view = compaction(body.compaction);
        view.finished = body;
        view.finishedNanos = m_event.nanos;
        if (view.startedNanos == 0) {  // Its start was lost or came before the subscription.
            view.startedNanos = minusNanos(m_event.nanos, body.nanos);
            view.started.compaction = body.compaction;
            view.started.keyspace = body.keyspace;
            view.started.table = body.table;
        }
    }
    void operator()(const TableStatistics& body) {
        TableStorageView& view = table(body);
        view.statistics = body;
        auto& before = view.statisticsBefore;
        before.emplace_back(m_event.nanos, body);
        while (before.front().first < minusNanos(m_event.nanos, NodeStorageView::kStatisticsKeptNanos)) {
            before.pop_front();
        }
    }
    template <typename Other>
    void operator()(const Other&) {}

private:
    /// The table an event names, to change: shared ones are copied first, as checkpoints may hold
    /// them.
    template <typename Body>
    TableStorageView& table(const Body& body) {
        auto& slot = m_storage.tables[body.keyspace + '.' + body.table];
        if (slot == nullptr) {
            auto fresh = std::make_shared<TableStorageView>();
            fresh->definition.keyspace = body.keyspace;
            fresh->definition.table = body.table;
            slot = fresh;
        } else if (slot.use_count() > 1) {
            slot = std::make_shared<TableStorageView>(*slot);
        }
        // Made here as a non-const object, and nobody else holds it.
        return const_cast<TableStorageView&>(*slot);
    }
    template <typename T>
    static void add(std::deque<T>& to, T item, std::size_t most) {
        to.push_back(std::move(item));
        if (to.size() > most) {
            to.pop_front();
        }
    }
    FlushView& openFlush(const FlushFinished& body) {
        auto& flushes = m_storage.flushes;
        const auto found = std::find_if(flushes.rbegin(), flushes.rend(), [&body](const FlushView& f) {
            return f.finishedNanos == 0 && f.started.table == body.table &&
                   f.started.keyspace == body.keyspace;
        });
        if (found != flushes.rend()) {
            return *found;
        }
        FlushView fresh;
        fresh.started.keyspace = body.keyspace;
        fresh.started.table = body.table;
        add(flushes, std::move(fresh), NodeStorageView::kFlushesMax);
        return flushes.back();
    }
    CompactionView& compaction(const Uuid& id) {
        auto& compactions = m_storage.compactions;
        const auto found =
            std::find_if(compactions.rbegin(), compactions.rend(),
                         [&id](const CompactionView& c) { return c.started.compaction == id; });
        if (found != compactions.rend()) {
            return *found;
        }
        CompactionView fresh;
        fresh.started.compaction = id;
        add(compactions, std::move(fresh), NodeStorageView::kCompactionsMax);
        return compactions.back();
    }
    void forgetOldSegments() {
        std::size_t discarded = 0;
        for (auto it = m_storage.segments.end(); it != m_storage.segments.begin();) {
            --it;
            if (it->second.discardedNanos != 0 && ++discarded > NodeStorageView::kDiscardedMax) {
                it = m_storage.segments.erase(it);
            }
        }
    }

    NodeStorageView& m_storage;
    const Event& m_event;
};

}  // namespace

std::uint64_t CompactionView::inputBytes() const {
    std::uint64_t sum = 0;
    for (const auto& [generation, bytes] : started.inputs) {
        sum += bytes;
    }
    return sum;
}

std::uint64_t CompactionView::readBytes() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t bytes : progress.readBytes) {
        sum += bytes;
    }
    return sum;
}

double CompactionView::share() const {
    if (finishedNanos != 0) {
        return 1;
    }
    const std::uint64_t all = inputBytes();
    return all == 0 ? 0 : std::min(1.0, static_cast<double>(readBytes()) / static_cast<double>(all));
}

std::uint64_t TableStorageView::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [generation, sstable] : sstables) {
        sum += sstable.info.bytes;
    }
    return sum;
}

const TableStorageView* NodeStorageView::table(const std::string& qualifiedName) const {
    const auto it = tables.find(qualifiedName);
    return it == tables.end() ? nullptr : it->second.get();
}

void foldStorage(NodeStorageView& storage, const Event& event) {
    std::visit(StorageFolder(storage, event), event.body);
}

}  // namespace engine::observe
