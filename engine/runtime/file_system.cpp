#include "engine/runtime/file_system.h"

namespace engine::runtime {

Result<Bytes> readFile(FileSystem& files, const std::string& path) {
    TRY_ASSIGN(const auto file, files.open(path, OpenMode::Read));
    TRY_ASSIGN(const auto size, file->size());
    return file->read(0, size);
}

Result<void> writeFileAtomically(FileSystem& files, const std::string& path, BytesView content) {
    const std::string temporary = path + ".tmp";
    if (files.exists(temporary)) {
        TRY(files.remove(temporary));
    }
    {
        TRY_ASSIGN(const auto file, files.open(temporary, OpenMode::CreateNew));
        TRY(file->append(content));
        TRY(file->sync());
    }
    TRY(files.rename(temporary, path));
    return files.syncFolder(parentFolder(path));
}

std::string parentFolder(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) {
        return ".";
    }
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace engine::runtime
