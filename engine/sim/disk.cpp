#include "engine/sim/disk.h"

#include <algorithm>
#include <utility>

namespace engine::sim {

using runtime::File;
using runtime::OpenMode;
using runtime::parentFolder;

namespace {

constexpr const char* kMissing = "No such file or directory";
constexpr const char* kCrashed = "the machine has crashed";
/// The unit in which a torn write may have reached the disk as zeros.
constexpr std::size_t kSectorBytes = 512;

const char* reasonOf(DiskFault fault) {
    return fault == DiskFault::NoSpace ? "No space left on device" : "Input/output error";
}

Error failed(const char* what, const std::string& path, const char* reason) {
    return makeError(reason == kMissing ? ErrorKind::NotFound : ErrorKind::Io,
                     std::string("cannot ") + what + ' ' + path + ": " + reason);
}

/// Without doubled slashes and without one at the end.
std::string normal(const std::string& path) {
    std::string out;
    for (const char c : path) {
        if (c != '/' || out.empty() || out.back() != '/') {
            out.push_back(c);
        }
    }
    if (out.size() > 1 && out.back() == '/') {
        out.pop_back();
    }
    return out;
}

std::string inside(const std::string& folder) { return folder == "/" ? folder : folder + '/'; }

template <typename Container>
auto beneath(Container& sorted, const std::string& folder) {
    const std::string prefix = inside(folder);
    std::string end = prefix;
    ++end.back();
    return std::pair(sorted.upper_bound(prefix), sorted.lower_bound(end));
}

}  // namespace

class SimDisk::OpenFile : public File {
public:
    OpenFile(SimDisk& disk, std::shared_ptr<Inode> inode, std::string path, bool writable)
        : m_disk(disk),
          m_inode(std::move(inode)),
          m_path(std::move(path)),
          m_writable(writable),
          m_incarnation(disk.m_incarnation) {}

    Result<void> append(BytesView bytes) override {
        TRY(check("write to", true));
        const auto callFault = m_disk.countCall();
        TRY(check("write to", true));  // The power may have gone just now.
        if (const auto fault = callFault ? callFault : m_disk.takeWriteFault(bytes.size())) {
            m_inode->data.append(bytes.substr(0, m_disk.m_random.below(bytes.size() + 1)));
            return failed("write to", m_path, reasonOf(*fault));
        }
        m_inode->data.append(bytes);
        return ok();
    }

    Result<Bytes> read(std::uint64_t offset, std::size_t length) const override {
        TRY(check("read", false));
        TRY(m_disk.countLook("read", m_path));
        const Bytes& data = m_inode->data;
        return offset >= data.size() ? Bytes() : data.substr(offset, length);
    }

    Result<std::uint64_t> size() const override {
        TRY(check("read the size of", false));
        TRY(m_disk.countLook("read the size of", m_path));
        return m_inode->data.size();
    }

    Result<void> truncate(std::uint64_t length) override {
        TRY(check("truncate", true));
        TRY(m_disk.count("truncate", m_path, false));
        Inode& inode = *m_inode;
        if (length < inode.durableLength) {
            inode.durableTail.insert(0, inode.data, length, inode.durableLength - length);
            inode.durableLength = length;
        }
        inode.data.resize(length);
        return ok();
    }

    Result<void> sync() override {
        TRY(check("sync", false));
        TRY(m_disk.count("sync", m_path, false));
        if (const auto fault = std::exchange(m_disk.m_syncFault, std::nullopt)) {
            return failed("sync", m_path, reasonOf(*fault));
        }
        m_inode->durableLength = m_inode->data.size();
        m_inode->durableTail.clear();
        return ok();
    }

private:
    Result<void> check(const char* what, bool writes) const {
        if (m_incarnation != m_disk.m_incarnation) {
            return failed(what, m_path, kCrashed);
        }
        if (writes && !m_writable) {
            return failed(what, m_path, "Bad file descriptor");
        }
        return ok();
    }

    SimDisk& m_disk;
    const std::shared_ptr<Inode> m_inode;
    const std::string m_path;
    const bool m_writable;
    const std::uint64_t m_incarnation;
};

Result<std::unique_ptr<File>> SimDisk::open(const std::string& given, OpenMode mode) {
    const std::string path = normal(given);
    const char* const what = mode == OpenMode::CreateNew ? "create" : "open";
    const bool writes = mode != OpenMode::Read;
    if (writes) {
        TRY(checkRunning(what, given));
    }
    auto found = m_files.find(path);
    if (m_folders.contains(path)) {
        return failed(what, given, mode == OpenMode::CreateNew ? "File exists" : "Is a directory");
    }
    if (found != m_files.end() && mode == OpenMode::CreateNew) {
        return failed(what, given, "File exists");
    }
    if (found == m_files.end()) {
        if (!writes || !m_folders.contains(parentFolder(path))) {
            return failed(what, given, kMissing);
        }
        TRY(count(what, given));
        found = m_files.emplace(path, std::make_shared<Inode>()).first;
    } else {
        TRY(countLook(what, given));
    }
    return std::unique_ptr<File>(std::make_unique<OpenFile>(*this, found->second, given, writes));
}

bool SimDisk::exists(const std::string& path) const {
    const std::string p = normal(path);
    return m_files.contains(p) || m_folders.contains(p);
}

Result<std::vector<std::string>> SimDisk::list(const std::string& given) const {
    const std::string folder = normal(given);
    std::vector<std::string> names;
    if (m_files.contains(folder)) {
        return failed("list", given, "Not a directory");
    }
    TRY(countLook("list", given));
    const std::size_t skipped = inside(folder).size();
    const auto addDirect = [&](const std::string& path) {
        if (path.find('/', skipped) == std::string::npos) {
            names.push_back(path.substr(skipped));
        }
    };
    const auto [firstFile, lastFile] = beneath(m_files, folder);
    std::for_each(firstFile, lastFile, [&](const auto& entry) { addDirect(entry.first); });
    const auto [firstFolder, lastFolder] = beneath(m_folders, folder);
    std::for_each(firstFolder, lastFolder, addDirect);
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> SimDisk::createFolders(const std::string& given) {
    TRY(checkRunning("create the folder", given));
    const std::string folder = normal(given);
    for (std::string f = folder; !m_folders.contains(f); f = parentFolder(f)) {
        if (m_files.contains(f)) {
            return failed("create the folder", given, f == folder ? "File exists" : "Not a directory");
        }
    }
    for (std::string f = folder; m_folders.insert(f).second;) {
        f = parentFolder(f);
    }
    return ok();
}

Result<void> SimDisk::rename(const std::string& givenFrom, const std::string& givenTo) {
    const std::string from = normal(givenFrom);
    const std::string to = normal(givenTo);
    const std::string both = givenFrom + " to " + givenTo;
    TRY(checkRunning("rename", both));
    if (!exists(from) || !m_folders.contains(parentFolder(to))) {
        return failed("rename", both, kMissing);
    }
    TRY(count("rename", both, false));
    if (m_folders.contains(from)) {
        if (m_files.contains(to) || (m_folders.contains(to) && hasChildren(to))) {
            return failed("rename", both,
                          m_files.contains(to) ? "Not a directory" : "Directory not empty");
        }
        moveFolder(from, to);
        return ok();
    }
    if (m_folders.contains(to)) {
        return failed("rename", both, "Is a directory");
    }
    if (from != to) {
        m_files[to] = m_files.at(from);
        m_files.erase(from);
    }
    return ok();
}

void SimDisk::moveFolder(const std::string& from, const std::string& to) {
    for (Entries* entries : {&m_files, &m_durable}) {
        const auto [first, last] = beneath(*entries, from);
        Entries moved;
        for (auto it = first; it != last; ++it) {
            moved.emplace(to + it->first.substr(from.size()), it->second);
        }
        entries->erase(first, last);
        entries->merge(moved);
    }
    const auto [first, last] = beneath(m_folders, from);
    std::vector<std::string> moved{to};
    std::for_each(first, last,
                  [&](const std::string& f) { moved.push_back(to + f.substr(from.size())); });
    m_folders.erase(first, last);
    m_folders.erase(from);
    m_folders.insert(moved.begin(), moved.end());
}

Result<void> SimDisk::link(const std::string& givenFrom, const std::string& givenTo) {
    const std::string to = normal(givenTo);
    const std::string both = givenFrom + " to " + givenTo;
    TRY(checkRunning("link", both));
    const auto found = m_files.find(normal(givenFrom));
    if (found == m_files.end() || !m_folders.contains(parentFolder(to))) {
        return failed("link", both, kMissing);
    }
    if (exists(to)) {
        return failed("link", both, "File exists");
    }
    TRY(count("link", both));
    m_files.emplace(to, m_files.at(normal(givenFrom)));
    return ok();
}

bool SimDisk::hasChildren(const std::string& folder) const {
    const auto [firstFile, lastFile] = beneath(m_files, folder);
    const auto [firstFolder, lastFolder] = beneath(m_folders, folder);
    return firstFile != lastFile || firstFolder != lastFolder;
}

Result<void> SimDisk::remove(const std::string& given) {
    TRY(checkRunning("remove", given));
    const std::string path = normal(given);
    TRY(count("remove", given, false));
    if (m_files.erase(path) != 0) {
        return ok();
    }
    if (!m_folders.contains(path)) {
        return failed("remove", given, kMissing);
    }
    if (hasChildren(path)) {
        return failed("remove", given, "Directory not empty");
    }
    m_folders.erase(path);
    return ok();
}

Result<void> SimDisk::removeAll(const std::string& given) {
    TRY(checkRunning("remove", given));
    const std::string folder = normal(given);
    TRY(count("remove", given, false));
    const auto [firstFile, lastFile] = beneath(m_files, folder);
    m_files.erase(firstFile, lastFile);
    m_files.erase(folder);
    const auto [firstFolder, lastFolder] = beneath(m_folders, folder);
    m_folders.erase(firstFolder, lastFolder);
    if (folder != "/") {
        m_folders.erase(folder);
    }
    return ok();
}

Result<void> SimDisk::syncFolder(const std::string& given) {
    TRY(checkRunning("sync the folder", given));
    const std::string folder = normal(given);
    if (!m_folders.contains(folder)) {
        return failed("open the folder", given, kMissing);
    }
    TRY(count("sync the folder", given, false));
    if (const auto fault = std::exchange(m_syncFault, std::nullopt)) {
        return failed("sync the folder", given, reasonOf(*fault));
    }
    syncEntries(folder);
    return ok();
}

void SimDisk::syncEntries(const std::string& folder) {
    const auto [first, last] = beneath(m_durable, folder);
    for (auto it = first; it != last;) {
        const std::string parent = parentFolder(it->first);
        const bool direct = parent == folder;
        const bool gone = direct ? !m_files.contains(it->first) : !m_folders.contains(parent);
        it = gone ? m_durable.erase(it) : std::next(it);
    }
    const auto [firstFile, lastFile] = beneath(m_files, folder);
    for (auto it = firstFile; it != lastFile; ++it) {
        if (parentFolder(it->first) == folder) {
            m_durable[it->first] = it->second;
        }
    }
}

Result<void> SimDisk::checkRunning(const char* what, const std::string& path) const {
    if (m_stopped) {
        return failed(what, path, kCrashed);
    }
    return ok();
}

void SimDisk::failCall(std::uint64_t n, DiskFault fault, bool lasting) {
    m_failAt = n == 0 ? 0 : m_calls + n;
    m_callFault = fault;
    m_isFaultLasting = lasting;
}

void SimDisk::crashAtCall(std::uint64_t n, bool torn) {
    m_crashAt = n == 0 ? 0 : m_calls + n;
    m_isCrashTorn = torn;
}

std::optional<DiskFault> SimDisk::countCall(bool takesSpace) {
    ++m_calls;
    if (m_calls == m_crashAt) {
        crash(m_isCrashTorn);
        return std::nullopt;
    }
    if (m_isFaultLasting && m_callFault == DiskFault::NoSpace && !takesSpace) {
        return std::nullopt;
    }
    const bool fails = m_failAt != 0 && (m_isFaultLasting ? m_calls >= m_failAt : m_calls == m_failAt);
    return fails ? std::optional(m_callFault) : std::nullopt;
}

Result<void> SimDisk::count(const char* what, const std::string& path, bool takesSpace) {
    if (const auto fault = countCall(takesSpace)) {
        return failed(what, path, reasonOf(*fault));
    }
    return checkRunning(what, path);
}

void SimDisk::failLook(std::uint64_t n, bool lasting) {
    m_failLookAt = n == 0 ? 0 : m_looks + n;
    m_isLookFaultLasting = lasting;
}

Result<void> SimDisk::countLook(const char* what, const std::string& path) const {
    ++m_looks;
    const bool fails = m_failLookAt != 0 && (m_isLookFaultLasting ? m_looks >= m_failLookAt : m_looks == m_failLookAt);
    return fails ? Result<void>(failed(what, path, reasonOf(DiskFault::InputOutput))) : ok();
}

std::optional<DiskFault> SimDisk::takeWriteFault(std::size_t bytes) {
    if (m_writeFault) {
        return std::exchange(m_writeFault, std::nullopt);
    }
    if (m_capacity != 0 && usedBytes() + bytes > m_capacity) {
        return DiskFault::NoSpace;
    }
    return std::nullopt;
}

std::uint64_t SimDisk::usedBytes() const {
    std::uint64_t used = 0;
    for (const auto& [path, inode] : m_files) {
        used += inode->data.size();
    }
    return used;
}

bool SimDisk::flipBit(const std::string& path, std::uint64_t byte, int bit) {
    const auto found = m_files.find(normal(path));
    if (found == m_files.end() || byte >= found->second->data.size()) {
        return false;
    }
    char& c = found->second->data[byte];
    c = static_cast<char>(static_cast<unsigned char>(c) ^ (1u << (bit & 7)));
    return true;
}

void SimDisk::kill() {
    ++m_incarnation;
    m_stopped = true;
    m_writeFault.reset();
    m_syncFault.reset();
    m_failAt = 0;
    m_failLookAt = 0;
    m_crashAt = 0;
}

void SimDisk::crash(bool torn) {
    kill();
    if (torn) {
        // Of each folder that changed, all changes reached the disk or none did.
        const std::set<std::string> folders = m_folders;
        for (const std::string& folder : folders) {
            if (m_random.below(2) == 0) {
                syncEntries(folder);
            }
        }
    }
    m_files = m_durable;
    for (const auto& [path, inode] : m_files) {
        crashInode(*inode, torn);
        for (std::string f = parentFolder(path); m_folders.insert(f).second;) {
            f = parentFolder(f);
        }
    }
}

void SimDisk::crashInode(Inode& inode, bool torn) {
    if (torn && inode.durableTail.empty() && inode.data.size() > inode.durableLength) {
        const std::size_t kept = m_random.below(inode.data.size() - inode.durableLength + 1);
        inode.data.resize(inode.durableLength + kept);
        if (m_random.below(3) == 0) {
            const std::size_t zeros = m_random.below(std::min(kept, kSectorBytes) + 1);
            std::fill(inode.data.end() - static_cast<std::ptrdiff_t>(zeros), inode.data.end(), '\0');
        }
    } else {
        inode.data.resize(inode.durableLength);
        inode.data += inode.durableTail;
    }
    inode.durableLength = inode.data.size();
    inode.durableTail.clear();
}

}  // namespace engine::sim
