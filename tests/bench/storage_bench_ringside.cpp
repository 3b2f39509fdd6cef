#include "engine/types/data_type.h"
#include "storage_bench.h"
#include "storage_bench_engine.h"

namespace bench {

namespace {

using namespace engine;

/// CREATE TABLE bench.rows (k blob PRIMARY KEY, v blob), compressed by LZ4.
schema::TablePtr makeTable(const StoreOptions& options) {
    schema::Table table;
    table.id = Uuid{1, 1};
    table.keyspace = "bench";
    table.name = "rows";
    table.columns = {{"k", types::blob(), schema::ColumnKind::PartitionKey, 0},
                     {"v", types::blob(), schema::ColumnKind::Regular}};
    table.options.compression["chunk_length_in_kb"] = std::to_string(options.blockBytes >> 10);
    table.finish();
    return std::make_shared<const schema::Table>(std::move(table));
}

storage::StorageOptions storageOptions(const StoreOptions& options, bool durable) {
    storage::StorageOptions out;
    out.dataFolder = options.folder + "/data";
    out.commitLogFolder = options.folder + "/commitlog";
    const bool isGroup = durable && options.groupWindowMillis > 0;
    out.sync = isGroup ? storage::CommitLogSync::Group : durable ? storage::CommitLogSync::Batch : storage::CommitLogSync::Periodic;
    out.syncGroupWindow = std::chrono::milliseconds(options.groupWindowMillis);
    out.memtableBytes = options.memtableBytes;
    out.memtableTotalBytes = 4 * options.memtableBytes;
    out.chunkCacheBytes = options.cacheBytes;
    out.compaction.bytesPerSecond = 0;  // As the peer.
    return out;
}

class RingsideStore : public Store {
public:
    RingsideStore(const StoreOptions& options, bool durable)
        : m_bench(makeTable(options), storageOptions(options, durable)) {}

    void fill(std::uint64_t from, std::uint64_t to) override { run(fillTask(from, to)); }
    void settle() override { run(settleTask()); }
    std::uint64_t read(std::uint64_t from, std::uint64_t to, std::uint64_t count) override {
        return run(readTask(from, to, count));
    }
    std::uint64_t scan() override { return run(scanTask()); }
    std::uint64_t scanPages() override { return run(pagesTask()); }
    std::uint64_t writeDurably(int writers, double seconds) override {
        return run(durableTask(writers, now() + seconds));
    }
    double flush() override {
        const double start = now();
        m_bench.flush();
        return now() - start;
    }

private:
    template <typename T>
    T run(runtime::Task<T> task) {
        return m_bench.run(std::move(task));
    }

    rows::Mutation mutationOf(std::uint64_t n) {
        rows::Row row;
        row.liveness.timestamp = ++m_timestamp;
        row.cells.push_back({.column = m_value, .value = valueOf(n), .timestamp = m_timestamp});
        rows::Mutation mutation;
        auto& update = mutation.updates.emplace_back();
        update.table = m_table;
        update.partition.key = rows::decorate(keyOf(n));
        update.partition.rows.push_back(std::move(row));
        return mutation;
    }

    runtime::Task<bool> fillTask(std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t n = from; n < to; ++n) {
            rows::Mutation mutation = mutationOf(n);
            must(co_await m_engine->apply(std::move(mutation), true));
        }
        co_return true;
    }

    /// Until the strategy wants nothing any more.
    runtime::Task<bool> settleTask() {
        must(co_await m_engine->flush(m_table));
        const auto& compactions = m_engine->compactions();
        while (!compactions.running().empty() || compactions.pending(m_table->id) > 0) {
            co_await runtime::sleep(m_bench.runtime().doors().clock, std::chrono::milliseconds(10));
        }
        co_return true;
    }

    runtime::Task<std::uint64_t> readTask(std::uint64_t from, std::uint64_t to,
                                          std::uint64_t count) {
        rows::ReadCommand command;
        command.table = m_table;
        command.nowSeconds = 1'800'000'000;
        std::uint64_t found = 0;
        for (std::uint64_t n = 0; n < count; ++n) {
            command.key = rows::decorate(keyOf(from + pick(n, to - from)));
            const auto answer = must(co_await m_engine->read(command));
            found += answer.size();
        }
        co_return found;
    }

    /// One by one, with a turn for others every few milliseconds.
    runtime::Task<std::uint64_t> scanTask() {
        constexpr std::uint32_t kRowsATurn = 20'000;
        rows::ReadCommand command;
        command.table = m_table;
        command.nowSeconds = 1'800'000'000;
        std::uint64_t rows = 0;
        std::uint64_t bytes = 0;
        std::uint32_t inTurn = kRowsATurn;
        while (inTurn == kRowsATurn) {
            inTurn = 0;
            rows::DecoratedKey last;
            must(m_engine->scanNow(command, [&](const rows::DecoratedKey& key, const rows::Row& row) {
                bytes += key.key.size() + row.cells.front().value.size();
                ++rows;
                last.token = key.token;
                last.key.assign(key.key);
                return ++inTurn < kRowsATurn;
            }));
            command.range.start = rows::PartitionBound{last.token, last.key, false};
            co_await runtime::yield(m_bench.runtime().doors().executor);
        }
        co_return bytes == rows * (kKeyBytes + kValueBytes) ? rows : 0;
    }

    /// Page by page, as a client's SELECT * is served.
    runtime::Task<std::uint64_t> pagesTask() {
        constexpr std::uint32_t kPageRows = 5000;
        rows::ReadCommand command;
        command.table = m_table;
        command.nowSeconds = 1'800'000'000;
        command.limits.rows = kPageRows;
        std::uint64_t rows = 0;
        std::uint64_t bytes = 0;
        for (;;) {
            const auto page = must(co_await m_engine->read(command));
            for (const rows::Partition& partition : page) {
                for (const rows::Row& row : partition.rows) {
                    bytes += partition.key.key.size() + row.cells.front().value.size();
                    ++rows;
                }
            }
            if (page.size() < kPageRows) {
                break;
            }
            const rows::DecoratedKey& last = page.back().key;
            command.range.start = rows::PartitionBound{last.token, last.key, false};
        }
        co_return bytes == rows * (kKeyBytes + kValueBytes) ? rows : 0;
    }

    runtime::Task<void> writer(double end) {
        while (now() < end) {
            rows::Mutation mutation = mutationOf(m_written++);
            must(co_await m_engine->apply(std::move(mutation), true));
        }
    }
    runtime::Task<std::uint64_t> durableTask(int writers, double end) {
        runtime::TaskGroup group;
        for (int i = 0; i < writers; ++i) {
            group.spawn(writer(end));
        }
        co_await group.drained();
        co_return m_written;
    }

    BenchEngine m_bench;
    const schema::TablePtr m_table = m_bench.table();
    storage::StorageEngine* const m_engine = &m_bench.storage();
    const rows::ColumnName m_value{"v"};
    std::int64_t m_timestamp = 1'700'000'000'000'000;
    std::uint64_t m_written = 0;
};

}  // namespace

std::unique_ptr<Store> openRingside(const StoreOptions& options, bool durable) {
    return std::make_unique<RingsideStore>(options, durable);
}

}  // namespace bench
