#include "engine/runtime/posix_file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace engine::runtime {

namespace {

namespace fs = std::filesystem;

Error failed(const char* what, const std::string& path, const std::error_code& reason) {
    const bool missing = reason == std::errc::no_such_file_or_directory;
    return makeError(missing ? ErrorKind::NotFound : ErrorKind::Io,
                     std::string("cannot ") + what + ' ' + path + ": " + reason.message());
}

Error failed(const char* what, const std::string& path) {
    return failed(what, path, std::error_code(errno, std::generic_category()));
}

Result<void> outcome(const char* what, const std::string& path, const std::error_code& reason) {
    if (reason) {
        return failed(what, path, reason);
    }
    return ok();
}

class PosixFile : public File {
public:
    PosixFile(int descriptor, std::string path) : m_descriptor(descriptor), m_path(std::move(path)) {}
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;
    ~PosixFile() override { ::close(m_descriptor); }

    Result<void> append(BytesView bytes) override {
        while (!bytes.empty()) {
            const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
            if (written >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno != EINTR) {
                return failed("write to", m_path);
            }
        }
        return ok();
    }

    Result<Bytes> read(std::uint64_t offset, std::size_t length) const override {
        Bytes out(length, '\0');
        std::size_t done = 0;
        while (done < length) {
            const ssize_t got = ::pread(m_descriptor, out.data() + done, length - done,
                                        static_cast<off_t>(offset + done));
            if (got == 0) {
                break;
            }
            if (got > 0) {
                done += static_cast<std::size_t>(got);
            } else if (errno != EINTR) {
                return failed("read", m_path);
            }
        }
        out.resize(done);
        return out;
    }

    Result<std::uint64_t> size() const override {
        struct stat status {};
        if (::fstat(m_descriptor, &status) != 0) {
            return failed("read the size of", m_path);
        }
        return static_cast<std::uint64_t>(status.st_size);
    }

    Result<void> truncate(std::uint64_t length) override {
        if (::ftruncate(m_descriptor, static_cast<off_t>(length)) != 0) {
            return failed("truncate", m_path);
        }
        return ok();
    }

    Result<void> sync() override {
        if (::fdatasync(m_descriptor) != 0) {
            return failed("sync", m_path);
        }
        return ok();
    }

private:
    const int m_descriptor;
    const std::string m_path;
};

int flagsOf(OpenMode mode) {
    switch (mode) {
        case OpenMode::Read: return O_RDONLY;
        case OpenMode::Append: return O_RDWR | O_CREAT | O_APPEND;
        case OpenMode::CreateNew: return O_RDWR | O_CREAT | O_EXCL | O_APPEND;
    }
    return O_RDONLY;
}

}  // namespace

Result<std::unique_ptr<File>> PosixFileSystem::open(const std::string& path, OpenMode mode) {
    const int descriptor = ::open(path.c_str(), flagsOf(mode) | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        return failed(mode == OpenMode::CreateNew ? "create" : "open", path);
    }
    return std::unique_ptr<File>(std::make_unique<PosixFile>(descriptor, path));
}

bool PosixFileSystem::exists(const std::string& path) const {
    return ::access(path.c_str(), F_OK) == 0;
}

Result<std::vector<std::string>> PosixFileSystem::list(const std::string& folder) const {
    std::vector<std::string> names;
    std::error_code reason;
    fs::directory_iterator entry(folder, reason);
    while (!reason && entry != fs::directory_iterator()) {
        names.push_back(entry->path().filename().string());
        entry.increment(reason);
    }
    if (reason && reason != std::errc::no_such_file_or_directory) {
        return failed("list", folder, reason);
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> PosixFileSystem::createFolders(const std::string& folder) {
    std::error_code reason;
    fs::create_directories(folder, reason);
    return outcome("create the folder", folder, reason);
}

Result<void> PosixFileSystem::rename(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        return failed("rename", from + " to " + to);
    }
    return ok();
}

Result<void> PosixFileSystem::link(const std::string& from, const std::string& to) {
    if (::link(from.c_str(), to.c_str()) != 0) {
        return failed("link", from + " to " + to);
    }
    return ok();
}

Result<void> PosixFileSystem::remove(const std::string& path) {
    if (::remove(path.c_str()) != 0) {
        return failed("remove", path);
    }
    return ok();
}

Result<void> PosixFileSystem::removeAll(const std::string& folder) {
    std::error_code reason;
    fs::remove_all(folder, reason);
    return outcome("remove", folder, reason);
}

Result<void> PosixFileSystem::syncFolder(const std::string& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return failed("open the folder", folder);
    }
    const bool synced = ::fsync(descriptor) == 0;
    const int reason = errno;
    ::close(descriptor);
    if (!synced) {
        errno = reason;
        return failed("sync the folder", folder);
    }
    return ok();
}

}  // namespace engine::runtime
