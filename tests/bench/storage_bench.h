#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace bench {

/// What both engines are given: the same rows, the same memory, the same block size.
struct StoreOptions {
    std::string folder;
    std::uint64_t rows = 10'000'000;
    std::uint64_t reads = 300'000;
    std::uint64_t memtableBytes = 64ull << 20;
    std::uint64_t cacheBytes = 64ull << 20;
    std::uint64_t blockBytes = 16 << 10;
    int groupWindowMillis = 0;  // Of durable writes: commitlog_sync group with this window; 0: batch.
};

inline constexpr std::size_t kKeyBytes = 16;
inline constexpr std::size_t kValueBytes = 100;

/// Row `n` of the run: keys in no order, values that LZ4 halves.
std::string keyOf(std::uint64_t n);
std::string valueOf(std::uint64_t n);
/// Below `bound`, the same for both engines.
std::uint64_t pick(std::uint64_t n, std::uint64_t bound);

/// One engine under the same work. Errors end the program.
class Store {
public:
    virtual ~Store() = default;
    /// Writes rows [from, to) one after the other, each acknowledged before the next one.
    virtual void fill(std::uint64_t from, std::uint64_t to) = 0;
    /// Everything in memory to files; compactions that this asks for are done.
    virtual void settle() = 0;
    /// Reads keys picked from [from, to); how many were there.
    virtual std::uint64_t read(std::uint64_t from, std::uint64_t to, std::uint64_t count) = 0;
    /// All rows in the engine's order; how many.
    virtual std::uint64_t scan() = 0;
    /// The same as answers to a client; 0 for an engine that has none.
    virtual std::uint64_t scanPages() { return 0; }
    /// Durable writes from so many writers at a time; how many in all were acknowledged.
    virtual std::uint64_t writeDurably(int writers, double seconds) = 0;
    /// How long the memtable takes to become a file, in seconds.
    virtual double flush() = 0;
};
std::unique_ptr<Store> openRingside(const StoreOptions& options, bool durable);
/// Only when hasRocksDb(): it is not there where the library was not found.
bool hasRocksDb();
std::unique_ptr<Store> openRocksDb(const StoreOptions& options, bool durable);

double now();  // Seconds.
/// The most memory that this process had at a time (VmHWM).
double highWaterMiB();

// Of Ringside alone: storage_bench_files.cpp.
using Figures = std::map<std::string, double>;
/// Major compactions of files that overlap by halves; medians.
Figures measureCompaction(const StoreOptions& options, int rounds);
/// Reads of single keys without and during one; medians. At so many bytes a second; 0: without limit.
Figures measureReadsBeside(const StoreOptions& options, int rounds, std::uint64_t bytesPerSecond);

enum class MemoryStep { Write, Read, Compact };
/// How much memory, in MiB, this process had at most after one step with a table of so many bytes, or with
/// one partition of them. Steps follow each other in one folder, each in a process of its own.
double memoryOf(const StoreOptions& options, MemoryStep step, bool isPartition, std::uint64_t tableBytes);

}  // namespace bench
