#include "storage_bench.h"

#ifdef RINGSIDE_HAS_ROCKSDB

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace bench {

namespace {

void must(const rocksdb::Status& status) {
    if (!status.ok()) {
        std::fprintf(stderr, "rocksdb: %s\n", status.ToString().c_str());
        std::exit(1);
    }
}

class RocksDbStore : public Store {
public:
    RocksDbStore(const StoreOptions& options, bool durable) {
        m_write.sync = durable;
        rocksdb::Options db;
        db.create_if_missing = true;
        db.write_buffer_size = options.memtableBytes;
        db.compression = rocksdb::kLZ4Compression;
        db.max_background_jobs = 2;
        rocksdb::BlockBasedTableOptions table;
        table.block_size = options.blockBytes;
        table.block_cache = rocksdb::NewLRUCache(options.cacheBytes);
        table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));  // One in a hundred.
        db.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
        rocksdb::DB* opened = nullptr;
        must(rocksdb::DB::Open(db, options.folder, &opened));
        m_db.reset(opened);
    }

    void fill(std::uint64_t from, std::uint64_t to) override {
        for (std::uint64_t n = from; n < to; ++n) {
            must(m_db->Put(m_write, keyOf(n), valueOf(n)));
        }
    }
    void settle() override {
        must(m_db->Flush({}));
        while (property("rocksdb.num-running-compactions") + property("rocksdb.compaction-pending") >
               0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    std::uint64_t read(std::uint64_t from, std::uint64_t to, std::uint64_t count) override {
        std::uint64_t found = 0;
        std::string value;
        for (std::uint64_t n = 0; n < count; ++n) {
            const auto status = m_db->Get({}, keyOf(from + pick(n, to - from)), &value);
            if (status.ok()) {
                ++found;
            } else if (!status.IsNotFound()) {
                must(status);
            }
        }
        return found;
    }
    std::uint64_t scan() override {
        std::uint64_t rows = 0;
        std::uint64_t bytes = 0;
        const std::unique_ptr<rocksdb::Iterator> at(m_db->NewIterator({}));
        for (at->SeekToFirst(); at->Valid(); at->Next()) {
            bytes += at->key().size() + at->value().size();
            ++rows;
        }
        must(at->status());
        return bytes == rows * (kKeyBytes + kValueBytes) ? rows : 0;
    }
    std::uint64_t writeDurably(int writers, double seconds) override {
        std::atomic<std::uint64_t> next{0};
        std::vector<std::thread> threads;
        const double end = now() + seconds;
        for (int i = 0; i < writers; ++i) {
            threads.emplace_back([&] {
                while (now() < end) {
                    const std::uint64_t n = next++;
                    must(m_db->Put(m_write, keyOf(n), valueOf(n)));
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        return next;
    }
    double flush() override {
        const double start = now();
        must(m_db->Flush({}));
        return now() - start;
    }

private:
    std::uint64_t property(const char* name) {
        std::uint64_t value = 0;
        m_db->GetIntProperty(name, &value);
        return value;
    }

    std::unique_ptr<rocksdb::DB> m_db;
    rocksdb::WriteOptions m_write;
};

}  // namespace

bool hasRocksDb() { return true; }
std::unique_ptr<Store> openRocksDb(const StoreOptions& options, bool durable) {
    return std::make_unique<RocksDbStore>(options, durable);
}

}  // namespace bench

#else

namespace bench {

bool hasRocksDb() { return false; }
std::unique_ptr<Store> openRocksDb(const StoreOptions&, bool) { return nullptr; }

}  // namespace bench

#endif
