#include "engine/storage/lifecycle/snapshots.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace engine::storage {

namespace {

constexpr const char* kSnapshots = "/snapshots";
constexpr const char* kBackups = "/backups";
constexpr const char* kManifest = "manifest.json";

std::string folderOf(const std::string& tableFolder, const std::string& tag) {
    return tableFolder + kSnapshots + '/' + tag;
}

Result<void> linkAll(runtime::FileSystem& files, const SstableDescriptor& sstable,
                     const std::string& folder) {
    for (const Component component : kAllComponents) {
        const std::string from = sstable.pathOf(component);
        const std::string to = folder + '/' + sstable.nameOf(component);
        if (files.exists(from) && !files.exists(to)) {
            TRY(files.link(from, to));
        }
    }
    return ok();
}

Result<void> writeSynced(runtime::FileSystem& files, const std::string& path, BytesView content) {
    TRY_ASSIGN(auto file, files.open(path, runtime::OpenMode::CreateNew));
    TRY(file->append(content));
    return file->sync();
}

/// The text behind `"name":` in a manifest, without quotes.
std::string fieldOf(std::string_view json, std::string_view name) {
    const std::string key = fmt::format("\"{}\"", name);
    std::size_t at = json.find(key);
    if (at == std::string_view::npos) {
        return {};
    }
    at = json.find(':', at);
    const std::size_t start = json.find('"', at);
    const std::size_t end = json.find_first_of(",}", at);
    if (start == std::string_view::npos || start > end) {
        return {};
    }
    return std::string(json.substr(start + 1, json.find('"', start + 1) - start - 1));
}

Result<std::uint64_t> sizeOf(runtime::FileSystem& files, const std::string& path) {
    TRY_ASSIGN(const auto file, files.open(path, runtime::OpenMode::Read));
    return file->size();
}

}  // namespace

std::string isoMillis(std::int64_t millis) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(static_cast<std::time_t>(millis / 1000)), millis % 1000);
}

std::optional<std::int64_t> parseIsoMillis(const std::string& text) {
    int parts[7] = {};
    static constexpr std::pair<int, int> kPlaces[] = {{0, 4},  {5, 2},  {8, 2}, {11, 2},
                                                      {14, 2}, {17, 2}, {20, 3}};
    for (std::size_t i = 0; i < std::size(kPlaces); ++i) {
        const auto [at, length] = kPlaces[i];
        if (text.size() < static_cast<std::size_t>(at + length)) {
            if (i == 6) {
                break;  // Without milliseconds.
            }
            return std::nullopt;
        }
        const char* from = text.data() + at;
        if (std::from_chars(from, from + length, parts[i]).ec != std::errc()) {
            return std::nullopt;
        }
    }
    using namespace std::chrono;
    const sys_days days = year(parts[0]) / month(static_cast<unsigned>(parts[1])) /
                          day(static_cast<unsigned>(parts[2]));
    return duration_cast<milliseconds>(days.time_since_epoch()).count() +
           ((parts[3] * 60LL + parts[4]) * 60 + parts[5]) * 1000 + parts[6];
}

bool hasSnapshot(const runtime::FileSystem& files, const std::string& tableFolder,
                 const std::string& tag) {
    return files.exists(folderOf(tableFolder, tag) + '/' + kManifest);
}

Result<void> takeSnapshot(runtime::FileSystem& files, const SnapshotPlan& plan) {
    const std::string folder = folderOf(plan.tableFolder, plan.tag);
    if (hasSnapshot(files, plan.tableFolder, plan.tag)) {
        return invalid(fmt::format("Snapshot {} already exists.", plan.tag));
    }
    // What a snapshot that was cut short left: it has no manifest.
    TRY(files.removeAll(folder));
    TRY(files.createFolders(folder));
    std::string names;
    for (const SstableDescriptor& sstable : plan.sstables) {
        TRY(linkAll(files, sstable, folder));
        names += fmt::format("{}\"{}\"", names.empty() ? "" : ",", sstable.nameOf(Component::Data));
    }
    if (!plan.schemaText.empty()) {
        TRY(writeSynced(files, folder + "/schema.cql", plan.schemaText));
    }
    TRY(files.syncFolder(folder));
    std::string manifest = fmt::format("{{\"files\":[{}],\"created_at\":\"{}\"", names,
                                       isoMillis(plan.createdMillis));
    if (plan.expiresMillis) {
        manifest += fmt::format(",\"expires_at\":\"{}\"", isoMillis(*plan.expiresMillis));
    }
    manifest += ",\"ephemeral\":false}";
    TRY(writeSynced(files, folder + '/' + kManifest, manifest));
    TRY(files.syncFolder(folder));
    TRY(files.syncFolder(plan.tableFolder + kSnapshots));
    return files.syncFolder(plan.tableFolder);
}

Result<std::vector<SnapshotInfo>> listSnapshots(runtime::FileSystem& files,
                                                const std::string& tableFolder,
                                                const std::vector<SstableDescriptor>& live) {
    std::vector<SnapshotInfo> out;
    TRY_ASSIGN(const auto tags, files.list(tableFolder + kSnapshots));
    for (const std::string& tag : tags) {
        SnapshotInfo info;
        info.tag = tag;
        info.folder = folderOf(tableFolder, tag);
        TRY_ASSIGN(const auto names, files.list(info.folder));
        for (const std::string& name : names) {
            const std::string path = info.folder + '/' + name;
            TRY_ASSIGN(const std::uint64_t bytes, sizeOf(files, path));
            info.bytes += bytes;
            const auto component = parseComponentPath(path);
            const bool isLive =
                component && std::any_of(live.begin(), live.end(), [&](const auto& sstable) {
                    return sstable.id == component->sstable.id;
                });
            info.trueBytes += isLive ? 0 : bytes;
        }
        if (files.exists(info.folder + '/' + kManifest)) {
            TRY_ASSIGN(const Bytes manifest,
                       runtime::readFile(files, info.folder + '/' + kManifest));
            const std::string_view text(manifest.data(), manifest.size());
            info.createdMillis = parseIsoMillis(fieldOf(text, "created_at")).value_or(0);
            info.expiresMillis = parseIsoMillis(fieldOf(text, "expires_at"));
        }
        out.push_back(std::move(info));
    }
    return out;
}

Result<void> clearSnapshots(runtime::FileSystem& files, const std::string& tableFolder,
                            const std::string& tag) {
    return files.removeAll(tag.empty() ? tableFolder + kSnapshots : folderOf(tableFolder, tag));
}

Result<void> backUp(runtime::FileSystem& files, const SstableDescriptor& sstable) {
    const std::string folder = sstable.folder + kBackups;
    TRY(files.createFolders(folder));
    TRY(linkAll(files, sstable, folder));
    return files.syncFolder(folder);
}

Result<void> removeAllButSnapshots(runtime::FileSystem& files, const std::string& tableFolder) {
    TRY_ASSIGN(const auto tags, files.list(tableFolder + kSnapshots));
    if (tags.empty()) {
        return files.removeAll(tableFolder);
    }
    TRY_ASSIGN(const auto names, files.list(tableFolder));
    for (const std::string& name : names) {
        if (name == "snapshots") {
            continue;
        }
        const std::string path = tableFolder + '/' + name;
        TRY(name == "backups" ? files.removeAll(path) : files.remove(path));
    }
    return files.syncFolder(tableFolder);
}

}  // namespace engine::storage
