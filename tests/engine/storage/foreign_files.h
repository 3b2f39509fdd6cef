#pragma once

#include <algorithm>

#include "engine/storage/lifecycle/import_sstables.h"
#include "engine/storage/lifecycle/snapshots.h"
#include "storage_fixture.h"

/// Files that come from elsewhere, and snapshots, for tests.
namespace storagetest {

using storage::Component;
using storage::ImportRequest;
using storage::ImportSummary;
using storage::SnapshotInfo;
using storage::SstableDescriptor;

inline std::vector<SnapshotInfo> snapshotsOf(StorageFixture& f) {
    auto found = f.engine().snapshots();
    ENSURE(found.has_value());
    return found.value();
}

inline Bytes contentOf(StorageFixture& f, const std::string& path) {
    auto bytes = runtime::readFile(f.disk(), path);
    ENSURE(bytes.has_value());
    return bytes.value();
}

inline std::vector<std::string> dataFilesIn(StorageFixture& f, const std::string& folder) {
    std::vector<std::string> out = f.files(folder);
    std::erase_if(out, [](const std::string& name) { return !name.ends_with("Data.db"); });
    return out;
}

/// As somebody copies files by hand; `id` renames them.
inline void copySstable(StorageFixture& f, const SstableDescriptor& from, const SstableDescriptor& to) {
    ENSURE(f.disk().createFolders(to.folder).has_value());
    for (const Component component : storage::kAllComponents) {
        if (f.disk().exists(from.pathOf(component))) {
            auto file = f.disk().open(to.pathOf(component), runtime::OpenMode::CreateNew);
            ENSURE(file.has_value());
            ENSURE(file.value()->append(contentOf(f, from.pathOf(component))).has_value());
            ENSURE(file.value()->sync().has_value());
        }
    }
    ENSURE(f.disk().syncFolder(to.folder).has_value());
}

/// Writes a partition, and its file to another folder under a number of its own; then the table is as before.
inline void makeForeign(StorageFixture& f, int pk, const std::string& folder, std::uint64_t generation) {
    ENSURE(f.write(oneRow(pk, 1, 5)).has_value());
    ENSURE(f.flush().has_value());
    const auto newest = f.engine().readers(*f.table()).back()->descriptor();
    copySstable(f, newest, storage::descriptorOf(folder, generation));
    ENSURE(f.truncate().has_value());
}

inline Result<ImportSummary> import(StorageFixture& f, ImportRequest request) {
    return f.runTask(f.engine().importFiles(f.table(), std::move(request)));
}

inline ImportRequest from(std::vector<std::string> folders) {
    ImportRequest out;
    out.folders = std::move(folders);
    return out;
}

}  // namespace storagetest
