#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/storage/sstable/sstable_reader.h"

namespace engine::storage {

Result<void> mutateStats(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                         const std::function<void(SstableStats&)>& change) {
    const std::string path = descriptor.pathOf(Component::Statistics);
    TRY_ASSIGN(const Bytes bytes, runtime::readFile(files, path));
    TRY_ASSIGN(Statistics statistics, readStatistics(bytes, path));
    change(statistics.stats);
    ByteWriter out;
    writeStatistics(out, statistics);
    return runtime::writeFileAtomically(files, path, out.bytes());
}

SstableDescriptor nextDescriptor(const runtime::FileSystem& files, const std::string& folder,
                                 std::atomic<std::uint64_t>& generations) {
    while (true) {
        SstableDescriptor out = descriptorOf(folder, generations.fetch_add(1));
        if (!files.exists(out.pathOf(Component::Data))) {
            return out;
        }
    }
}

Result<void> removeSstable(runtime::FileSystem& files, const SstableDescriptor& descriptor) {
    // A temporary TOC.txt marks the rest as void, should a crash come in between.
    const std::string toc = descriptor.pathOf(Component::Toc);
    const std::string mark = descriptor.temporaryPathOf(Component::Toc);
    if (files.exists(toc)) {
        TRY(files.rename(toc, mark));
        TRY(files.syncFolder(descriptor.folder));
    }
    for (const Component component : kAllComponents) {
        const std::string path = descriptor.pathOf(component);
        if (files.exists(path)) {
            TRY(files.remove(path));
        }
    }
    if (files.exists(mark)) {
        TRY(files.syncFolder(descriptor.folder));
        TRY(files.remove(mark));
    }
    return files.syncFolder(descriptor.folder);
}

Result<std::vector<SstableDescriptor>> listSstables(runtime::FileSystem& files,
                                                    const std::string& folder,
                                                    std::vector<std::string>& leftovers) {
    struct Found {
        std::vector<std::string> paths;
        bool hasTemporary = false;
        bool hasData = false;
    };
    std::map<std::string, Found> found;
    TRY_ASSIGN(const auto names, files.list(folder));
    for (const std::string& name : names) {
        std::string path = folder + '/' + name;
        const auto component = parseComponentPath(path);
        if (!component) {
            continue;
        }
        Found& set = found[component->sstable.id];
        // Statistics.db alone is rewritten in place; what is left of that is no sign of more.
        const bool isRewrite =
            component->isTemporary && component->component == Component::Statistics;
        set.hasTemporary = set.hasTemporary || (component->isTemporary && !isRewrite);
        set.hasData = set.hasData || (component->component == Component::Data && !component->isTemporary);
        if (isRewrite) {
            leftovers.push_back(std::move(path));
        } else {
            set.paths.push_back(std::move(path));
        }
    }
    std::vector<SstableDescriptor> out;
    for (auto& [id, set] : found) {
        if (set.hasTemporary || !set.hasData) {
            // What marks them as void goes last.
            std::stable_partition(set.paths.begin(), set.paths.end(),
                                  [](const std::string& path) { return !path.ends_with(".tmp"); });
            leftovers.insert(leftovers.end(), set.paths.begin(), set.paths.end());
        } else {
            out.push_back({folder, id});
        }
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return std::pair(a.generation(), a.id) < std::pair(b.generation(), b.id);
    });
    return out;
}

}  // namespace engine::storage
