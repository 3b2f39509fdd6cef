// What compactions do: how fast they are, what they cost those who read meanwhile, and how much memory
// reading and compacting takes, of a large table and of a large partition.
#include <algorithm>
#include <filesystem>

#include "engine/types/data_type.h"
#include "storage_bench.h"
#include "storage_bench_engine.h"

namespace bench {

namespace {

using namespace engine;

constexpr int kFiles = 4;
constexpr std::size_t kLargeValueBytes = 1000;
constexpr std::uint32_t kPageRows = 5000;
constexpr std::uint64_t kRowsAMutation = 32;
constexpr double kMiB = 1 << 20;
constexpr std::int64_t kTimestamp = 1'700'000'000'000'000;

/// CREATE TABLE bench.rows (k blob, [c bigint,] v blob), compressed by LZ4.
schema::TablePtr tableOf(bool isWide, std::uint64_t blockBytes) {
    schema::Table table;
    table.id = Uuid{1, 2};
    table.keyspace = "bench";
    table.name = "rows";
    table.columns = {{"k", types::blob(), schema::ColumnKind::PartitionKey, 0}};
    if (isWide) {
        table.columns.push_back({"c", types::bigint(), schema::ColumnKind::Clustering, 0});
    }
    table.columns.push_back({"v", types::blob(), schema::ColumnKind::Regular});
    table.options.compression["chunk_length_in_kb"] = std::to_string(blockBytes >> 10);
    table.finish();
    return std::make_shared<const schema::Table>(std::move(table));
}

storage::StorageOptions engineOptions(const StoreOptions& options) {
    storage::StorageOptions out;
    out.dataFolder = options.folder + "/data";
    out.commitLogFolder = options.folder + "/commitlog";
    out.memtableBytes = options.memtableBytes;
    out.memtableTotalBytes = 2 * options.memtableBytes;
    out.chunkCacheBytes = options.cacheBytes;
    out.compaction.bytesPerSecond = 0;
    out.compaction.automatic = false;
    return out;
}

rows::Row rowOf(std::string value, std::int64_t timestamp, rows::Clustering clustering = {}) {
    rows::Row row;
    row.clustering = std::move(clustering);
    row.liveness.timestamp = timestamp;
    row.cells.push_back(
        {.column = rows::ColumnName("v"), .value = std::move(value), .timestamp = timestamp});
    return row;
}

std::string largeValueOf(std::uint64_t n) {
    std::string out;
    while (out.size() < kLargeValueBytes) {
        out += valueOf(n * 16 + out.size());
    }
    out.resize(kLargeValueBytes);
    return out;
}

Bytes clusteringOf(std::uint64_t n) {
    ByteWriter out;
    out.u64(n);
    return Bytes(out.bytes());
}

runtime::Task<bool> write(BenchEngine& bench, rows::DecoratedKey key, std::vector<rows::Row> rowsOfIt) {
    rows::Mutation mutation;
    auto& update = mutation.updates.emplace_back();
    update.table = bench.table();
    update.partition.key = std::move(key);
    update.partition.rows = std::move(rowsOfIt);
    must(co_await bench.storage().apply(std::move(mutation), false));
    co_return true;
}

/// So many files, each of which has half of its rows in common with the next one.
runtime::Task<bool> fillOverlapping(BenchEngine& bench, std::uint64_t rowsAFile) {
    for (int file = 0; file < kFiles; ++file) {
        const std::uint64_t from = static_cast<std::uint64_t>(file) * rowsAFile / 2;
        for (std::uint64_t n = from; n < from + rowsAFile; ++n) {
            std::vector<rows::Row> one{rowOf(valueOf(n), kTimestamp + file)};
            co_await write(bench, rows::decorate(keyOf(n)), std::move(one));
        }
        must(co_await bench.storage().flush(bench.table()));
    }
    co_return true;
}

std::uint64_t compactedRows(std::uint64_t rowsAFile) { return rowsAFile / 2 * (kFiles + 1); }

struct Volume {
    double plain = 0;
    double onDisk = 0;
    std::size_t files = 0;
};
Volume volumeOf(BenchEngine& bench) {
    Volume out;
    for (const auto& reader : bench.storage().readers(*bench.table())) {
        out.plain += static_cast<double>(reader->uncompressedBytes()) / kMiB;
        out.onDisk += static_cast<double>(reader->dataBytes()) / kMiB;
        ++out.files;
    }
    return out;
}

runtime::Task<bool> compact(BenchEngine& bench, bool& isOver) {
    storage::CompactionRequest request;
    must(co_await bench.storage().compactions().compact(bench.table(), std::move(request)));
    isOver = true;
    co_return true;
}

void compactNow(BenchEngine& bench) {
    bool isOver = false;
    bench.run(compact(bench, isOver));
}

runtime::Task<void> compactBeside(BenchEngine& bench, bool& isOver) { co_await compact(bench, isOver); }

/// One read in the queue of the node's thread, from when it was asked for, in seconds.
runtime::Task<double> readOnce(BenchEngine& bench, std::uint64_t n) {
    rows::ReadCommand command;
    command.table = bench.table();
    command.nowSeconds = 1'800'000'000;
    command.key = rows::decorate(keyOf(n));
    const double start = now();
    co_await runtime::yield(bench.runtime().doors().executor);
    const auto found = must(co_await bench.storage().read(command));
    if (found.size() != 1) {
        std::fprintf(stderr, "storage_bench: a row that was written is not there\n");
        std::exit(1);
    }
    co_return now() - start;
}

double p99Micros(std::vector<double>& seconds) {
    std::sort(seconds.begin(), seconds.end());
    return seconds.empty() ? 0 : seconds[seconds.size() * 99 / 100] * 1e6;
}

struct Latencies {
    std::vector<double> alone;
    std::vector<double> beside;
};
runtime::Task<bool> readBeside(BenchEngine& bench, std::uint64_t reads, std::uint64_t rowCount, Latencies& out) {
    std::uint64_t n = 0;
    for (std::uint64_t i = 0; i < reads / 4; ++i) {
        co_await readOnce(bench, pick(n++, rowCount));  // Warm.
    }
    for (std::uint64_t i = 0; i < reads; ++i) {
        out.alone.push_back(co_await readOnce(bench, pick(n++, rowCount)));
    }
    bool isOver = false;
    runtime::TaskGroup group;
    group.spawn(compactBeside(bench, isOver));
    while (!isOver) {
        out.beside.push_back(co_await readOnce(bench, pick(n++, rowCount)));
    }
    co_await group.drained();
    co_return true;
}

// ---- memory -------------------------------------------------------------------------------------

runtime::Task<bool> fillTable(BenchEngine& bench, std::uint64_t rowCount) {
    for (std::uint64_t n = 0; n < rowCount; ++n) {
        std::vector<rows::Row> one{rowOf(largeValueOf(n), kTimestamp)};
        co_await write(bench, rows::decorate(keyOf(n)), std::move(one));
    }
    must(co_await bench.storage().flush(bench.table()));
    co_return true;
}

/// One partition whose rows come in no order, so that each file has some of everywhere.
runtime::Task<bool> fillPartition(BenchEngine& bench, std::uint64_t rowCount) {
    constexpr std::uint64_t kStep = 1'000'003;  // Prime, and larger than a file's rows.
    for (std::uint64_t n = 0; n < rowCount;) {
        std::vector<rows::Row> some;
        for (std::uint64_t i = 0; i < kRowsAMutation && n < rowCount; ++i, ++n) {
            const std::uint64_t c = n * kStep % rowCount;
            some.push_back(rowOf(largeValueOf(c), kTimestamp, {clusteringOf(c)}));
        }
        std::sort(some.begin(), some.end(), [](const rows::Row& a, const rows::Row& b) {
            return a.clustering < b.clustering;
        });
        co_await write(bench, rows::decorate("one"), std::move(some));
    }
    must(co_await bench.storage().flush(bench.table()));
    co_return true;
}

std::uint64_t rowsIn(const std::vector<rows::Partition>& page) {
    std::uint64_t out = 0;
    for (const rows::Partition& partition : page) {
        out += partition.rows.size();
    }
    return out;
}

runtime::Task<std::uint64_t> readTable(BenchEngine& bench) {
    rows::ReadCommand command;
    command.table = bench.table();
    command.nowSeconds = 1'800'000'000;
    command.limits.rows = kPageRows;
    std::uint64_t out = 0;
    for (;;) {
        const auto page = must(co_await bench.storage().read(command));
        out += rowsIn(page);
        if (page.size() < kPageRows) {
            co_return out;
        }
        const rows::DecoratedKey& last = page.back().key;
        command.range.start = rows::PartitionBound{last.token, last.key, false};
    }
}

runtime::Task<std::uint64_t> readPartition(BenchEngine& bench, bool reversed) {
    rows::ReadCommand command;
    command.table = bench.table();
    command.nowSeconds = 1'800'000'000;
    command.key = rows::decorate("one");
    command.limits.rows = kPageRows;
    command.reversed = reversed;
    command.slices = {rows::Slice{}};
    std::uint64_t out = 0;
    for (;;) {
        const auto page = must(co_await bench.storage().read(command));
        const std::uint64_t got = rowsIn(page);
        out += got;
        if (got < kPageRows) {
            co_return out;
        }
        const auto& rowsOfIt = page.front().rows;
        rows::Slice& slice = command.slices.front();
        if (reversed) {
            slice.end = {rowsOfIt.front().clustering, false};
        } else {
            slice.start = {rowsOfIt.back().clustering, false};
        }
    }
}

void checkRows(std::uint64_t found, std::uint64_t expected) {
    if (found != expected) {
        std::fprintf(stderr, "storage_bench: %llu rows instead of %llu\n",
                     static_cast<unsigned long long>(found), static_cast<unsigned long long>(expected));
        std::exit(1);
    }
}

double medianOf(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// A store in a folder that was not there before, and is not there after it.
template <typename F>
void withFreshStore(StoreOptions options, F work) {
    options.memtableBytes *= 8;  // Files begin where they are told to.
    std::filesystem::remove_all(options.folder);
    std::filesystem::create_directories(options.folder);
    {
        BenchEngine bench(tableOf(false, options.blockBytes), engineOptions(options));
        bench.run(fillOverlapping(bench, options.rows / kFiles));
        work(bench);
    }
    std::filesystem::remove_all(options.folder);
}

}  // namespace

Figures measureCompaction(const StoreOptions& options, int rounds) {
    std::vector<double> plain;
    std::vector<double> onDisk;
    std::vector<double> written;
    for (int round = 0; round < rounds; ++round) {
        withFreshStore(options, [&](BenchEngine& bench) {
            const Volume before = volumeOf(bench);
            const double start = now();
            compactNow(bench);
            const double seconds = now() - start;
            const Volume after = volumeOf(bench);
            checkRows(after.files, 1);
            plain.push_back(before.plain / seconds);
            onDisk.push_back(before.onDisk / seconds);
            written.push_back(after.plain / seconds);
        });
    }
    return {{"compaction: rows read, MiB/s", medianOf(plain)},
            {"compaction: rows written, MiB/s", medianOf(written)},
            {"compaction: files read, MiB/s", medianOf(onDisk)}};
}

Figures measureReadsBeside(const StoreOptions& options, int rounds, std::uint64_t bytesPerSecond) {
    std::vector<double> alone;
    std::vector<double> beside;
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round) {
        withFreshStore(options, [&](BenchEngine& bench) {
            bench.storage().compactions().settings().bytesPerSecond = bytesPerSecond;
            Latencies latencies;
            bench.run(readBeside(bench, options.reads, compactedRows(options.rows / kFiles), latencies));
            alone.push_back(p99Micros(latencies.alone));
            beside.push_back(p99Micros(latencies.beside));
            ratios.push_back(beside.back() / alone.back());
        });
    }
    const std::string name = bytesPerSecond == 0 ? "compaction without limit" : "compaction at its default pace";
    return {{name + ": p99 of reads without it, us", medianOf(alone)},
            {name + ": p99 of reads during it, us", medianOf(beside)},
            {name + ": p99 during by without", medianOf(ratios)}};
}

double memoryOf(const StoreOptions& options, MemoryStep step, bool isPartition, std::uint64_t tableBytes) {
    const std::uint64_t rowCount = tableBytes / kLargeValueBytes;
    BenchEngine bench(tableOf(isPartition, options.blockBytes), engineOptions(options));
    switch (step) {
        case MemoryStep::Write:
            bench.run(isPartition ? fillPartition(bench, rowCount) : fillTable(bench, rowCount));
            break;
        case MemoryStep::Read:
            if (isPartition) {
                checkRows(bench.run(readPartition(bench, false)), rowCount);
                checkRows(bench.run(readPartition(bench, true)), rowCount);
            } else {
                checkRows(bench.run(readTable(bench)), rowCount);
            }
            break;
        case MemoryStep::Compact:
            compactNow(bench);
            checkRows(volumeOf(bench).files, 1);
            break;
    }
    return highWaterMiB();
}

}  // namespace bench
