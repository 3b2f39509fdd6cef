#include "engine/storage/lifecycle/import_sstables.h"

#include <fmt/format.h>

#include "engine/storage/lifecycle/transaction_log.h"

namespace engine::storage {

namespace {

constexpr std::uint64_t kVerifyCacheBytes = 4 << 20;

Result<void> linkInto(runtime::FileSystem& files, const SstableDescriptor& from,
                      const SstableDescriptor& to) {
    for (const Component component : kAllComponents) {
        if (files.exists(from.pathOf(component))) {
            TRY(files.link(from.pathOf(component), to.pathOf(component)));
        }
    }
    return ok();
}

}  // namespace

Result<void> verifySstable(runtime::FileSystem& files, const SstableDescriptor& sstable,
                           const schema::TablePtr& table) {
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
        TRY_ASSIGN(const auto cursor, scan->partition().unfiltereds(allRows(), false));
        while (cursor->kind() != UnfilteredKind::End) {
            TRY(cursor->advance());
        }
        TRY(scan->advance());
    }
    return ok();
}

Result<std::vector<std::shared_ptr<const SstableReader>>> importSstables(
    runtime::FileSystem& files, SstableCache& cache, const ImportJob& job) {
    std::vector<SstableDescriptor> sources;
    for (const std::string& folder : job.folders) {
        if (!files.exists(folder)) {
            return invalid(fmt::format("Directory {} does not exist", folder));
        }
        std::vector<std::string> leftovers;
        TRY_ASSIGN(auto found, listSstables(files, folder, leftovers));
        sources.insert(sources.end(), found.begin(), found.end());
    }
    std::vector<std::shared_ptr<const SstableReader>> out;
    if (sources.empty()) {
        return out;
    }
    for (const SstableDescriptor& source : sources) {
        if (job.verifies) {
            TRY(verifySstable(files, source, job.table));
        } else {
            TRY(SstableReader::open(files, source, job.table, cache));
        }
    }
    TRY(files.createFolders(job.tableFolder));
    TransactionLog log(files, job.tableFolder, "import", job.id);
    const auto take = [&]() -> Result<void> {
        for (const SstableDescriptor& source : sources) {
            const SstableDescriptor taken =
                descriptorOf(job.tableFolder, job.generations->fetch_add(1));
            TRY(log.add(taken));
            TRY(linkInto(files, source, taken));
            TRY(mutateStats(files, taken, [&](SstableStats& stats) {
                stats.level = job.keepLevel ? stats.level : 0;
                stats.repairedAtMillis = job.keepRepaired ? stats.repairedAtMillis : 0;
                stats.flushedTo.reset();
                stats.originatingHost.reset();
            }));
            TRY_ASSIGN(auto reader, SstableReader::open(files, taken, job.table, cache));
            out.push_back(std::move(reader));
        }
        TRY(files.syncFolder(job.tableFolder));
        return log.commit({});
    };
    const Result<void> taken = take();
    if (!taken) {
        out.clear();
        if (!log.isInDoubt()) {
            TRY(log.abort());
        }
        return taken.error();
    }
    if (!job.copies) {
        for (const SstableDescriptor& source : sources) {
            TRY(removeAllOf(files, source));
        }
    }
    TRY(log.forget());
    return out;
}

}  // namespace engine::storage
