// The storage engine beside RocksDB: the same rows, the same sync policy, one after the other, each in
// a process of its own. Prints rates and ratios; run it without --quick on a quiet machine.
#include "storage_bench.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <vector>

namespace bench {

namespace {

std::uint64_t mix(std::uint64_t v) {
    v ^= v >> 33;
    v *= 0xff51afd7ed558ccdULL;
    v ^= v >> 33;
    v *= 0xc4ceb9fe1a85ec53ULL;
    return v ^ (v >> 33);
}

/// From /proc/self/io: `rchar` and `wchar` count what was read from and written to files, cached or
/// not.
double ioCounter(const std::string& name) {
    std::ifstream file("/proc/self/io");
    std::string key;
    double value = 0;
    while (file >> key >> value) {
        if (key == name + ':') {
            return value;
        }
    }
    return 0;
}

double bytesIn(const std::string& folder) {
    double sum = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        std::error_code gone;  // A compaction may be removing what it replaced.
        const auto bytes = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
        sum += gone ? 0 : static_cast<double>(bytes);
    }
    return sum;
}

double timed(const std::function<void()>& work) {
    const double start = now();
    work();
    return now() - start;
}

void check(bool holds, const char* what) {
    if (!holds) {
        fmt::print(stderr, "storage_bench: {}\n", what);
        std::exit(1);
    }
}

using Open = std::unique_ptr<Store> (*)(const StoreOptions&, bool);

Figures measureRows(Open open, StoreOptions options) {
    Figures out;
    options.folder += "/rows";
    std::filesystem::create_directories(options.folder);
    const auto store = open(options, false);
    const double rows = static_cast<double>(options.rows);
    const double payload = rows * (kKeyBytes + kValueBytes);

    const double writtenBefore = ioCounter("wchar");
    const double fill = timed([&] { store->fill(0, options.rows); });
    const double settle = timed([&] { store->settle(); });
    out["fill rows/s"] = rows / fill;
    out["fill and settle rows/s"] = rows / (fill + settle);
    out["write amplification"] = (ioCounter("wchar") - writtenBefore) / payload;
    out["space amplification"] = bytesIn(options.folder) / payload;

    std::uint64_t found = 0;
    const double reads = static_cast<double>(options.reads);
    store->read(0, options.rows, options.reads / 4);  // Warm, both.
    const double readBefore = ioCounter("rchar");
    const double present = timed([&] { found = store->read(0, options.rows, options.reads); });
    check(found == options.reads, "a row that was written is not there");
    out["present reads/s"] = reads / present;
    out["read amplification"] =
        (ioCounter("rchar") - readBefore) / (reads * (kKeyBytes + kValueBytes));
    const double absent = timed(
        [&] { found = store->read(options.rows, 2 * options.rows, options.reads); });
    check(found == 0, "a row is there that was not written");
    out["absent reads/s"] = reads / absent;
    const double scan = timed([&] { found = store->scan(); });
    check(found == options.rows, "a scan does not give every row once");
    out["scan rows/s"] = rows / scan;
    const double pages = timed([&] { found = store->scanPages(); });
    if (found == options.rows) {
        out["scan in pages of 5000 rows/s"] = rows / pages;
    }
    out["memory high-water MiB"] = highWaterMiB();
    return out;
}

/// Writers that wait for a window of w ms do at most 1000 / w writes a second each.
constexpr std::array kGroupWindows{1, 10};

Figures measureDurable(Open open, StoreOptions options, double seconds) {
    options.folder += "/durable";
    std::filesystem::create_directories(options.folder);
    constexpr int kWriters = 64;
    const auto store = open(options, true);
    std::uint64_t written = 0;
    const double took = timed([&] { written = store->writeDurably(kWriters, seconds); });
    const std::string mode = options.groupWindowMillis > 0 ? fmt::format("group of {} ms", options.groupWindowMillis) : "batch";
    return {{fmt::format("durable writes/s, {} writers, {}", kWriters, mode), static_cast<double>(written) / took}};
}

Figures measureFlush(Open open, StoreOptions options) {
    options.folder += "/flush";
    std::filesystem::create_directories(options.folder);
    const std::uint64_t rows = options.memtableBytes / (kKeyBytes + kValueBytes);
    options.memtableBytes *= 8;  // So that nothing is flushed meanwhile.
    const auto store = open(options, false);
    store->fill(0, rows);
    const double mib = static_cast<double>(rows * (kKeyBytes + kValueBytes)) / (1 << 20);
    return {{fmt::format("flush of {:.0f} MiB of rows, MiB/s", mib), mib / store->flush()}};
}

/// Appends of 4 KiB, each followed by fdatasync: what the disk itself can do.
double fsyncsPerSecond(const std::string& folder, double seconds) {
    const std::string path = folder + "/fsync";
    const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
    check(file >= 0, "cannot create a file in the folder");
    const std::string block(4096, 'x');
    const double start = now();
    double count = 0;
    while (now() - start < seconds) {
        check(::write(file, block.data(), block.size()) == static_cast<ssize_t>(block.size()) &&
                  ::fdatasync(file) == 0,
              "cannot write to the folder");
        ++count;
    }
    ::close(file);
    return count / (now() - start);
}

/// In a child, so that memory and counters are one engine's alone.
Figures inChild(const std::function<Figures()>& work) {
    int ends[2];
    check(::pipe(ends) == 0, "pipe");
    const pid_t child = ::fork();
    check(child >= 0, "fork");
    if (child == 0) {
        ::close(ends[0]);
        std::string text;
        for (const auto& [name, value] : work()) {
            text += fmt::format("{}\t{}\n", name, value);
        }
        const bool sent = ::write(ends[1], text.data(), text.size()) ==
                          static_cast<ssize_t>(text.size());
        std::_Exit(sent ? 0 : 1);
    }
    ::close(ends[1]);
    std::string text;
    char piece[4096];
    for (ssize_t got = 0; (got = ::read(ends[0], piece, sizeof(piece))) > 0;) {
        text.append(piece, static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    check(status == 0, "an engine's process failed");
    Figures out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t tab = text.find('\t', at);
        const std::size_t end = text.find('\n', tab);
        out[text.substr(at, tab - at)] = std::atof(text.c_str() + tab + 1);
        at = end + 1;
    }
    return out;
}

void print(const Figures& ours, const Figures& theirs) {
    if (theirs.empty()) {
        for (const auto& [name, value] : ours) {
            fmt::print("{:56} {:>12.2f}\n", name, value);
        }
        return;
    }
    fmt::print("{:36} {:>14} {:>14} {:>8}\n", "", "ringside", "rocksdb", "ratio");
    for (const auto& [name, value] : ours) {
        const auto peer = theirs.find(name);
        if (peer == theirs.end()) {
            fmt::print("{:36} {:>14.2f} {:>14} {:>8}\n", name, value, "skipped", "");
        } else {
            fmt::print("{:36} {:>14.2f} {:>14.2f} {:>8.2f}\n", name, value, peer->second,
                       value / peer->second);
        }
    }
}

/// What must not grow with the table: each step in a child, one after the other.
void measureMemory(StoreOptions options, std::uint64_t tableBytes, std::uint64_t partitionBytes) {
    for (const bool isPartition : {false, true}) {
        const std::uint64_t bytes = isPartition ? partitionBytes : tableBytes;
        const std::string name = fmt::format("{} of {} MiB", isPartition ? "partition" : "table", bytes >> 20);
        const std::string folder = options.folder;
        options.folder += isPartition ? "/partition" : "/table";
        std::filesystem::create_directories(options.folder);
        constexpr std::pair<MemoryStep, const char*> kSteps[] = {
            {MemoryStep::Write, "writing"}, {MemoryStep::Read, "reading"}, {MemoryStep::Compact, "compacting"},
            {MemoryStep::Read, "reading one file of"}};
        for (const auto& [step, what] : kSteps) {
            const double start = now();
            const Figures figures = inChild([&, which = step] {
                return Figures{{"MiB", memoryOf(options, which, isPartition, bytes)}};
            });
            fmt::print("{:44} {:>10.0f} MiB {:>8.1f} s\n", fmt::format("memory, {} a {}", what, name),
                       figures.at("MiB"), now() - start);
            std::fflush(stdout);
        }
        std::filesystem::remove_all(options.folder);
        options.folder = folder;
    }
}

}  // namespace

std::string keyOf(std::uint64_t n) {
    std::string out(kKeyBytes, '\0');
    const std::uint64_t parts[2] = {mix(n + 1), mix(n ^ 0x9e3779b97f4a7c15ULL)};
    std::copy_n(reinterpret_cast<const char*>(parts), kKeyBytes, out.begin());
    return out;
}

std::string valueOf(std::uint64_t n) {
    std::string out(kValueBytes, 'v');
    for (std::size_t i = 0; i + 8 <= kValueBytes / 2; i += 8) {
        const std::uint64_t part = mix(n * 31 + i);
        std::copy_n(reinterpret_cast<const char*>(&part), 8, out.begin() + static_cast<long>(i));
    }
    return out;
}

double highWaterMiB() {
    std::ifstream file("/proc/self/status");
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("VmHWM:")) {
            return std::atof(line.c_str() + 6) / 1024;
        }
    }
    return 0;
}

std::uint64_t pick(std::uint64_t n, std::uint64_t bound) { return mix(n + 7) % bound; }

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace bench

int main(int argc, char** argv) {
    using namespace bench;
    StoreOptions options;
    options.folder = "storage_bench.data";
    double seconds = 5;
    bool withPeer = true;
    std::string only;
    std::uint64_t fileRows = 1'000'000;  // Of the parts about compaction.
    std::uint64_t tableMiB = 2048;       // Of the part about memory; a partition has half of it.
    int rounds = 3;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        const auto value = [&] { return ++i < argc ? argv[i] : "0"; };
        if (argument == "--quick") {
            options.rows = 20'000;
            options.reads = 4'000;
            options.memtableBytes = 1 << 20;
            options.cacheBytes = 1 << 20;
            seconds = 0.3;
            fileRows = 8'000;
            tableMiB = 8;
            rounds = 1;
        } else if (argument == "--rows") {
            options.rows = std::strtoull(value(), nullptr, 10);
        } else if (argument == "--reads") {
            options.reads = std::strtoull(value(), nullptr, 10);
        } else if (argument == "--compacted-rows") {
            fileRows = std::strtoull(value(), nullptr, 10);
        } else if (argument == "--memory-mib") {
            tableMiB = std::strtoull(value(), nullptr, 10);
        } else if (argument == "--folder") {
            options.folder = value();
        } else if (argument == "--only") {
            only = value();
        } else if (argument == "--no-peer") {
            withPeer = false;
        } else {
            fmt::print("storage_bench [--quick] [--rows N] [--reads N] [--folder PATH] "
                       "[--only rows|durable|flush|compaction|stalls|memory] [--compacted-rows N] "
                       "[--memory-mib N] [--no-peer]\n");
            return argument == "--help" ? 0 : 2;
        }
    }
    std::filesystem::remove_all(options.folder);
    std::filesystem::create_directories(options.folder);
    const bool hasPeer = withPeer && hasRocksDb();
    if (!hasPeer) {
        fmt::print("peer skipped: {}\n", withPeer ? "built without librocksdb-dev" : "as told");
    }
    const auto compare = [&](const std::string& part, auto measure) {
        if (!only.empty() && only != part) {
            return;
        }
        StoreOptions ours = options;
        ours.folder += "/ringside";
        StoreOptions theirs = options;
        theirs.folder += "/rocksdb";
        const Figures first = inChild([&] { return measure(openRingside, ours); });
        std::filesystem::remove_all(ours.folder);
        const Figures second =
            hasPeer ? inChild([&] { return measure(openRocksDb, theirs); }) : Figures();
        std::filesystem::remove_all(theirs.folder);
        print(first, second);
    };
    fmt::print("{} rows of {} + {} bytes, LZ4 in blocks of {} KiB, memtables of {} MiB\n",
               options.rows, kKeyBytes, kValueBytes, options.blockBytes >> 10,
               options.memtableBytes >> 20);
    compare("rows", [](Open open, const StoreOptions& o) { return measureRows(open, o); });
    compare("flush", [](Open open, const StoreOptions& o) { return measureFlush(open, o); });
    if (only.empty() || only == "durable") {
        fmt::print("fdatasync of this disk: {:.0f} a second\n",
                   fsyncsPerSecond(options.folder, std::min(seconds, 2.0)));
    }
    compare("durable", [seconds](Open open, const StoreOptions& o) {
        return measureDurable(open, o, seconds);
    });
    if (only.empty() || only == "durable") {
        StoreOptions grouped = options;
        grouped.folder += "/ringside";
        for (const int millis : kGroupWindows) {
            grouped.groupWindowMillis = millis;
            print(inChild([&] { return measureDurable(openRingside, grouped, seconds); }), {});
            std::filesystem::remove_all(grouped.folder);
        }
    }
    StoreOptions files = options;
    files.folder += "/files";
    files.rows = fileRows;
    const auto wants = [&](const char* part) { return only.empty() || only == part; };
    if (wants("compaction")) {
        print(inChild([&] { return measureCompaction(files, rounds); }), {});
    }
    if (wants("stalls")) {
        for (const std::uint64_t pace : {64ull << 20, 0ull}) {
            print(inChild([&] { return measureReadsBeside(files, rounds, pace); }), {});
        }
    }
    if (wants("memory")) {
        measureMemory(files, tableMiB << 20, tableMiB << 19);
    }
    std::filesystem::remove_all(options.folder);
    return 0;
}
