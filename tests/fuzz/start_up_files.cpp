#include <array>

#include "engine/base/ensure.h"
#include "engine/base/hash.h"
#include "engine/coordinator/hints/hint_file.h"
#include "engine/sim/disk.h"
#include "engine/storage/commit_log_archive.h"
#include "engine/storage/lifecycle/transaction_log.h"
#include "engine/storage/sstable/sstable_cache.h"
#include "engine/storage/storage_engine.h"
#include "engine/storage/table_store.h"
#include "fuzz_entry.h"
#include "sample_rows.h"

namespace fuzz {

using namespace engine;

namespace {

constexpr std::uint64_t kCacheBytes = 1 << 20;
constexpr const char* kFolder = "/data/ks/t-1";
constexpr const char* kUnnamed = "/data/ks/t-1/notes.txt";

/// What a file is taken for.
enum class Kind : std::uint8_t { TransactionLog, Truncation, Hints, ArchiveProperties, Count };

void put(sim::SimDisk& disk, const std::string& path, BytesView bytes) {
    auto file = disk.open(path, runtime::OpenMode::CreateNew);
    ENSURE(file.has_value() && file.value()->append(bytes).has_value());
}
Bytes take(sim::SimDisk& disk, const std::string& path) {
    auto bytes = runtime::readFile(disk, path);
    ENSURE(bytes.has_value());
    return std::move(bytes.value());
}

/// A log in a folder of SSTables. It may take these away, and nothing else.
void readTransactionLog(BytesView bytes) {
    sim::SimDisk disk(1);
    ENSURE(disk.createFolders(kFolder).has_value());
    put(disk, kUnnamed, "kept");
    for (std::uint64_t generation = 1; generation <= 4; ++generation) {
        put(disk, storage::descriptorOf(kFolder, generation).pathOf(storage::Component::Data), "rows");
    }
    put(disk, std::string(kFolder) + "/nb_txn_compaction_fuzz.log", bytes);
    (void)storage::TransactionLog::named(disk, kFolder);
    Log log;
    (void)storage::TransactionLog::recover(disk, kFolder, log);
    ENSURE(disk.exists(kUnnamed));
}

/// Every line with the checksum that it ought to have, to reach what lies behind these.
Bytes withChecksums(BytesView text) {
    Bytes out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const BytesView line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t colon = line.find(":[");
        const std::size_t last = line.rfind("][");
        const std::size_t count = last == BytesView::npos ? last : line.rfind(',', last);
        if (colon == BytesView::npos || count == BytesView::npos || count < colon + 4) {
            out.append(line).push_back('\n');
            continue;
        }
        const std::size_t time = line.rfind(',', count - 1);
        if (time == BytesView::npos || time < colon + 2) {
            out.append(line).push_back('\n');
            continue;
        }
        ByteWriter checked;
        checked.raw(line.substr(colon + 2, time - colon - 2));
        checked.raw(line.substr(0, colon));
        checked.u64(0);  // The time, in its two halves; as all lines have it that this program writes.
        checked.u32(static_cast<std::uint32_t>(std::atoll(std::string(line.substr(count + 1, last - count - 1)).c_str())));
        out.append(line.substr(0, last)).append("][").append(std::to_string(crc32(checked.bytes()))).append("]\n");
    }
    return out;
}

void readTruncation(BytesView bytes) {
    sim::SimDisk disk(1);
    const std::string folder = storage::TableStore::folderOf("/data", *sampleTable());
    ENSURE(disk.createFolders(folder).has_value());
    put(disk, folder + "/truncated", bytes);
    storage::SstableCache cache(kCacheBytes);
    storage::TableStore store(disk, cache, sampleTable(), "/data", storage::StorageOptions().columnIndexBytes);
    Log log;
    (void)store.open(log);
}

/// With right checksum, to reach what lies behind it.
Bytes checkedTruncation(BytesView bytes) {
    Bytes out(bytes.substr(0, bytes.size() - std::min<std::size_t>(4, bytes.size())));
    ByteWriter checksum;
    checksum.u32(crc32(out));
    return out + checksum.take();
}

void readHints(BytesView bytes) {
    sim::SimDisk disk(1);
    ENSURE(disk.createFolders("/hints").has_value());
    put(disk, "/hints/f", bytes);
    const auto file = disk.open("/hints/f", runtime::OpenMode::Read);
    ENSURE(file.has_value());
    coordinator::HintReader reader(*file.value(), 0);
    coordinator::Hint hint;
    for (std::uint64_t before = 0;; before = reader.offset()) {
        const auto more = reader.next(hint);
        if (!more || !more.value()) {
            break;
        }
        ENSURE(reader.offset() > before && reader.offset() <= bytes.size());
        ENSURE(hint.mutation.size() <= bytes.size());
    }
    coordinator::HintFile parsed;
    (void)coordinator::HintFile::parse(std::string(bytes), parsed);
}

/// The first byte says what the rest is taken for.
void run(BytesView input) {
    if (input.empty()) {
        return;
    }
    const BytesView rest = input.substr(1);
    switch (static_cast<Kind>(static_cast<unsigned char>(input[0]) % static_cast<unsigned>(Kind::Count))) {
        case Kind::TransactionLog:
            readTransactionLog(rest);
            readTransactionLog(withChecksums(rest));
            break;
        case Kind::Truncation:
            readTruncation(rest);
            readTruncation(checkedTruncation(rest));
            break;
        case Kind::Hints: readHints(rest); break;
        default: (void)storage::parseArchiveProperties(rest);
    }
}

Bytes transactionLog(bool isCommitted) {
    sim::SimDisk disk(1);
    ENSURE(disk.createFolders(kFolder).has_value());
    storage::TransactionLog log(disk, kFolder, "compaction", Uuid{1, 2});
    ENSURE(log.add(storage::descriptorOf(kFolder, 3)).has_value());
    ENSURE(log.add(storage::descriptorOf(kFolder, 4)).has_value());
    if (isCommitted) {
        ENSURE(log.commit({storage::descriptorOf(kFolder, 1), storage::descriptorOf(kFolder, 2)}).has_value());
    }
    return take(disk, log.path());
}

Bytes truncation(bool isDone) {
    sim::SimDisk disk(1);
    ENSURE(storage::TableStore::saveTruncation(disk, "/data", {{7, 100}, 3, isDone}).has_value());
    return take(disk, "/data/truncated");
}

std::vector<Bytes> seeds() {
    const auto as = [](Kind kind, const Bytes& bytes) { return Bytes(1, static_cast<char>(kind)) + bytes; };
    Bytes hints;
    for (const char* mutation : {"one", "", "another that is longer"}) {
        hints += coordinator::encodeHintRecord({1'700'000'000'000, 864000, mutation});
    }
    coordinator::HintFile named;
    named.host = Uuid{1, 2};
    named.createdMillis = 1'700'000'000'000;
    return {as(Kind::TransactionLog, transactionLog(false)), as(Kind::TransactionLog, transactionLog(true)),
            as(Kind::Truncation, truncation(false)), as(Kind::Truncation, truncation(true)),
            as(Kind::Hints, hints), as(Kind::Hints, named.name()),
            as(Kind::ArchiveProperties, "# what\narchive_command=/bin/ln %path /backup/%name\n"
                                        "restore_command=/bin/cp -f %from %to\nrestore_directories=/backup,/other\n"
                                        "restore_point_in_time=2024:01:31 17:00:00\nprecision=MICROSECONDS\n")};
}

}  // namespace

const Entry kStartUpFiles{"start_up_files", run, seeds, 8'000};

}  // namespace fuzz
