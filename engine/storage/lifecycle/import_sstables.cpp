#include "engine/storage/lifecycle/import_sstables.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/storage/lifecycle/transaction_log.h"

namespace engine::storage {

namespace {

constexpr std::uint64_t kVerifyCacheBytes = 4 << 20;
constexpr std::size_t kCopiedAtOnce = 1 << 20;

Result<void> copyFile(runtime::FileSystem& files, const std::string& from, const std::string& to) {
    TRY_ASSIGN(const auto source, files.open(from, runtime::OpenMode::Read));
    TRY_ASSIGN(const auto target, files.open(to, runtime::OpenMode::CreateNew));
    TRY_ASSIGN(const std::uint64_t size, source->size());
    for (std::uint64_t at = 0; at < size;) {
        TRY_ASSIGN(const Bytes piece, source->read(at, kCopiedAtOnce));
        if (piece.empty()) {
            break;  // Cut short meanwhile; opening it will tell.
        }
        TRY(target->append(piece));
        at += piece.size();
    }
    return target->sync();
}

/// A second name for each component; where the folders do not share a file system, a copy.
Result<void> bringInto(runtime::FileSystem& files, const SstableDescriptor& from,
                       const SstableDescriptor& to) {
    for (const Component component : kAllComponents) {
        const std::string source = from.pathOf(component);
        const std::string target = to.pathOf(component);
        if (!files.exists(source)) {
            continue;
        }
        if (!files.link(source, target)) {
            TRY(copyFile(files, source, target));
            continue;
        }
        // Whoever put it there may not have waited for the disk, and it is removed from there.
        TRY_ASSIGN(const auto file, files.open(target, runtime::OpenMode::Append));
        TRY(file->sync());
    }
    return ok();
}

bool isWithin(const std::vector<rows::TokenRange>& ranges, std::int64_t token) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const rows::TokenRange& range) {
        return range.start < range.end ? token > range.start && token <= range.end
                                       : token > range.start || token <= range.end;
    });
}

/// No new file is to have the name of one that a log says goes.
void skipPast(std::atomic<std::uint64_t>& generations, std::uint64_t taken) {
    std::uint64_t next = generations;
    while (next <= taken && !generations.compare_exchange_weak(next, taken + 1)) {
    }
}

Result<void> removeSources(runtime::FileSystem& files, const std::vector<SstableDescriptor>& sources) {
    for (const SstableDescriptor& source : sources) {
        TRY(removeAllOf(files, source));
    }
    return ok();
}

}  // namespace

Result<void> verifySstable(runtime::FileSystem& files, const SstableDescriptor& sstable,
                           const schema::TablePtr& table, const VerifyOptions& options) {
    SstableCache cache(kVerifyCacheBytes);
    TRY_ASSIGN(const auto reader, SstableReader::open(files, sstable, table, cache));
    const rows::PartitionRange everything;
    TRY_ASSIGN(const auto scan, reader->scan(everything, {.bulk = true}));
    rows::DecoratedKey last;
    for (bool isFirst = true; scan->key() != nullptr; isFirst = false) {
        if (!isFirst && !(last < *scan->key())) {
            return makeError(ErrorKind::Corrupt,
                             fmt::format("SSTable {}: its partitions are not in ring order",
                                         reader->path()));
        }
        last = *scan->key();
        if (options.owned && !isWithin(*options.owned, last.token)) {
            return invalid(fmt::format(
                "SSTable {}: key {} (token {}) is not contained in the ranges this node owns",
                reader->path(), toHex(last.key), last.token));
        }
        if (!options.onlyKeys) {
            TRY_ASSIGN(const auto cursor, scan->partition().unfiltereds(allRows(), false));
            while (cursor->kind() != UnfilteredKind::End) {
                TRY(cursor->advance());
            }
        }
        TRY(scan->advance());
    }
    return ok();
}

Result<void> checkOpens(runtime::FileSystem& files, const SstableDescriptor& sstable,
                        const schema::TablePtr& table) {
    SstableCache cache(kVerifyCacheBytes);
    TRY(SstableReader::open(files, sstable, table, cache));
    return ok();
}

Result<std::vector<SstableDescriptor>> checkImport(runtime::FileSystem& files,
                                                   const std::string& folder,
                                                   const schema::TablePtr& table,
                                                   const std::optional<VerifyOptions>& verify) {
    std::vector<std::string> leftovers;
    TRY_ASSIGN(auto found, listSstables(files, folder, leftovers));
    for (const SstableDescriptor& sstable : found) {
        if (verify) {
            TRY(verifySstable(files, sstable, table, *verify));
        } else {
            TRY(checkOpens(files, sstable, table));
        }
    }
    return found;
}

Result<std::vector<SstableDescriptor>> listStrays(runtime::FileSystem& files,
                                                  const std::string& tableFolder,
                                                  const std::vector<std::string>& live) {
    // The logs first: one that goes meanwhile takes what it named along.
    TRY_ASSIGN(const auto named, TransactionLog::named(files, tableFolder));
    std::vector<std::string> leftovers;
    TRY_ASSIGN(auto found, listSstables(files, tableFolder, leftovers));
    std::erase_if(found, [&](const SstableDescriptor& sstable) {
        return named.contains(sstable.id) ||
               std::find(live.begin(), live.end(), sstable.id) != live.end();
    });
    return found;
}

Result<ImportedFiles> importSstables(
    runtime::FileSystem& files, SstableCache& cache, const ImportJob& job,
    const std::vector<SstableDescriptor>& sources) {
    ImportedFiles out;
    if (sources.empty()) {
        return out;
    }
    TRY(files.createFolders(job.tableFolder));
    TransactionLog log(files, job.tableFolder, "import", job.id);
    std::vector<SstableDescriptor> renamed;
    const auto take = [&]() -> Result<void> {
        for (const SstableDescriptor& source : sources) {
            const SstableDescriptor taken = nextDescriptor(files, job.tableFolder, *job.generations);
            TRY(log.add(taken));
            TRY(bringInto(files, source, taken));
            TRY(mutateStats(files, taken, [&](SstableStats& stats) {
                stats.level = job.keepLevel ? stats.level : 0;
                stats.repairedAtMillis = job.keepRepaired ? stats.repairedAtMillis : 0;
                stats.flushedTo.reset();
                stats.originatingHost.reset();
            }));
            TRY_ASSIGN(auto reader, SstableReader::open(files, taken, job.table, cache));
            out.readers.push_back(std::move(reader));
            if (source.folder == job.tableFolder) {
                renamed.push_back(source);
                skipPast(*job.generations, source.generation());
            }
        }
        TRY(files.syncFolder(job.tableFolder));
        return log.commit(renamed);
    };
    const Result<void> taken = take();
    if (!taken) {
        out.readers.clear();
        if (!log.isInDoubt()) {
            TRY(log.abort());
        }
        return taken.error();
    }
    // From here on it holds, whatever fails. What the log says is to go, goes by it at the next start.
    if (!job.copies) {
        out.sourcesGone = removeSources(files, sources);
    }
    if (out.sourcesGone || renamed.empty()) {
        static_cast<void>(log.forget());  // One that stays says what is so already.
    }
    return out;
}

}  // namespace engine::storage
