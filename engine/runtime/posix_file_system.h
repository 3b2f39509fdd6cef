#pragma once

#include "engine/runtime/file_system.h"

namespace engine::runtime {

/// The machine's disk. Stateless: share it between threads freely.
class PosixFileSystem : public FileSystem {
public:
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    bool exists(const std::string& path) const override;
    Result<std::vector<std::string>> list(const std::string& folder) const override;
    Result<void> createFolders(const std::string& folder) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> link(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;
    Result<void> removeAll(const std::string& folder) override;
    Result<void> syncFolder(const std::string& folder) override;
};

}  // namespace engine::runtime
