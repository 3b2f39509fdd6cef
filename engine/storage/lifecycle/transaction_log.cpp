#include "engine/storage/lifecycle/transaction_log.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/ensure.h"
#include "engine/base/hash.h"

namespace engine::storage {

namespace {

constexpr std::string_view kPrefix = "nb_txn_";
constexpr std::string_view kSuffix = ".log";

struct Record {
    std::string type;  // ADD, REMOVE, COMMIT, ABORT.
    std::string path;  // `.../nb-12-big-`
};

/// CRC of what the record says, as LogRecord.computeChecksum has it.
std::uint32_t checksumOf(std::string_view path, std::string_view type, std::uint64_t updateTime,
                         std::uint32_t files) {
    ByteWriter bytes;
    bytes.raw(path);
    bytes.raw(type);
    bytes.u32(static_cast<std::uint32_t>(updateTime));
    bytes.u32(static_cast<std::uint32_t>(updateTime >> 32));
    bytes.u32(files);
    return crc32(bytes.bytes());
}

std::string lineOf(std::string_view type, std::string_view path, std::size_t files) {
    const auto count = static_cast<std::uint32_t>(files);
    return fmt::format("{}:[{},0,{}][{}]\n", type, path, count, checksumOf(path, type, 0, count));
}

std::string prefixOf(const SstableDescriptor& sstable) {
    return fmt::format("{}/nb-{}-big-", sstable.folder, sstable.id);
}

std::optional<Record> parse(std::string_view line) {
    const std::size_t colon = line.find(":[");
    const std::size_t last = line.rfind("][");
    if (colon == std::string_view::npos || last == std::string_view::npos || last < colon ||
        line.back() != ']') {
        return std::nullopt;
    }
    const std::string_view body = line.substr(colon + 2, last - colon - 2);
    const std::size_t second = body.rfind(',');
    const std::size_t first =
        second == 0 || second == std::string_view::npos ? second : body.rfind(',', second - 1);
    if (first == std::string_view::npos || second == std::string_view::npos) {
        return std::nullopt;
    }
    std::uint64_t updateTime = 0;
    std::uint32_t files = 0;
    std::uint32_t checksum = 0;
    const auto number = [](std::string_view text, auto& out) {
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
        return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    };
    if (!number(body.substr(first + 1, second - first - 1), updateTime) ||
        !number(body.substr(second + 1), files) ||
        !number(line.substr(last + 2, line.size() - last - 3), checksum)) {
        return std::nullopt;
    }
    Record out{std::string(line.substr(0, colon)), std::string(body.substr(0, first))};
    if (checksumOf(out.path, out.type, updateTime, files) != checksum) {
        return std::nullopt;
    }
    return out;
}

/// The SSTable that a record's path names, in this folder: the folder may have moved.
std::optional<SstableDescriptor> sstableOf(const std::string& folder, const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1) + "Data.db";
    const auto parsed = parseComponentPath(folder + '/' + name);
    return parsed ? std::optional(parsed->sstable) : std::nullopt;
}

/// What a log says, as far as it holds together.
struct LogContent {
    std::vector<SstableDescriptor> added;
    std::vector<SstableDescriptor> removed;
    bool isCommitted = false;
};

Result<LogContent> readLog(runtime::FileSystem& files, const std::string& folder,
                     const std::string& path) {
    TRY_ASSIGN(const Bytes content, runtime::readFile(files, path));
    LogContent out;
    std::string_view rest(content.data(), content.size());
    for (int number = 1; !rest.empty(); ++number) {
        const std::size_t end = rest.find('\n');
        const bool isLast = end == std::string_view::npos || end + 1 == rest.size();
        const auto record = parse(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (!record) {
            if (isLast) {
                break;  // Cut short by the crash: what it says did not come to hold.
            }
            return makeError(ErrorKind::Corrupt,
                             fmt::format("transaction log {}: line {} does not hold together", path,
                                         number));
        }
        out.isCommitted = out.isCommitted || record->type == "COMMIT";
        const auto sstable = sstableOf(folder, record->path);
        if (sstable && record->type == "ADD") {
            out.added.push_back(*sstable);
        } else if (sstable && record->type == "REMOVE") {
            out.removed.push_back(*sstable);
        }
    }
    return out;
}

/// Paths of the logs in a folder.
Result<std::vector<std::string>> logsIn(runtime::FileSystem& files, const std::string& folder) {
    TRY_ASSIGN(const auto names, files.list(folder));
    std::vector<std::string> out;
    for (const std::string& name : names) {
        if (name.starts_with(kPrefix) && name.ends_with(kSuffix)) {
            out.push_back(folder + '/' + name);
        }
    }
    return out;
}

Result<void> recoverOne(runtime::FileSystem& files, const std::string& folder,
                        const std::string& path, Log& log) {
    TRY_ASSIGN(const LogContent said, readLog(files, folder, path));
    const auto& isVoid = said.isCommitted ? said.removed : said.added;
    for (const SstableDescriptor& sstable : isVoid) {
        log.info("removing what there is of SSTable {}/nb-{}-big, {}", folder, sstable.id,
                 said.isCommitted ? "which others replaced" : "left over from what was cut short");
        TRY(removeAllOf(files, sstable));
    }
    TRY(files.syncFolder(folder));
    TRY(files.remove(path));
    return files.syncFolder(folder);
}

}  // namespace

Result<void> removeAllOf(runtime::FileSystem& files, const SstableDescriptor& sstable) {
    TRY_ASSIGN(const auto names, files.list(sstable.folder));
    for (const std::string& name : names) {
        const std::string path = sstable.folder + '/' + name;
        const auto component = parseComponentPath(path);
        if (component && component->sstable.id == sstable.id) {
            TRY(files.remove(path));
        }
    }
    return ok();
}

TransactionLog::TransactionLog(runtime::FileSystem& files, std::string folder,
                               std::string_view operation, const Uuid& id)
    : m_files(files),
      m_folder(std::move(folder)),
      m_path(fmt::format("{}/{}{}_{}{}", m_folder, kPrefix, operation, id.toString(), kSuffix)) {}

Result<void> TransactionLog::write(const std::string& lines) {
    const bool isNew = m_file == nullptr;
    if (isNew) {
        TRY_ASSIGN(m_file, m_files.open(m_path, runtime::OpenMode::CreateNew));
    }
    TRY(m_file->append(lines));
    TRY(m_file->sync());
    return isNew ? m_files.syncFolder(m_folder) : ok();
}

Result<void> TransactionLog::add(const SstableDescriptor& sstable) {
    TRY(write(lineOf("ADD", prefixOf(sstable), kAllComponents.size() - 1)));
    m_added.push_back(sstable);
    return ok();
}

Result<void> TransactionLog::commit(const std::vector<SstableDescriptor>& removed) {
    std::string lines;
    for (const SstableDescriptor& sstable : removed) {
        lines += lineOf("REMOVE", prefixOf(sstable), kAllComponents.size() - 1);
    }
    // In one write of its own, so that COMMIT is never there without them.
    if (!lines.empty()) {
        TRY(write(lines));
    }
    m_isInDoubt = true;
    TRY(write(lineOf("COMMIT", "", 0)));
    m_isInDoubt = false;
    return ok();
}

Result<void> TransactionLog::abort() {
    ENSURE(!m_isInDoubt);
    for (const SstableDescriptor& sstable : m_added) {
        TRY(removeAllOf(m_files, sstable));
    }
    return forget();
}

Result<void> TransactionLog::forget() {
    m_file.reset();
    if (!m_files.exists(m_path)) {
        return ok();
    }
    TRY(m_files.syncFolder(m_folder));
    TRY(m_files.remove(m_path));
    return m_files.syncFolder(m_folder);
}

Result<void> TransactionLog::recover(runtime::FileSystem& files, const std::string& folder,
                                     Log& log) {
    TRY_ASSIGN(const auto paths, logsIn(files, folder));
    for (const std::string& path : paths) {
        TRY(recoverOne(files, folder, path, log));
    }
    return ok();
}

Result<std::set<std::string>> TransactionLog::named(runtime::FileSystem& files,
                                                    const std::string& folder) {
    TRY_ASSIGN(const auto paths, logsIn(files, folder));
    std::set<std::string> out;
    for (const std::string& path : paths) {
        const auto said = readLog(files, folder, path);
        if (!said && !files.exists(path)) {
            continue;  // It came to its end meanwhile, and so did what it named.
        }
        TRY(said);
        for (const auto* group : {&said.value().added, &said.value().removed}) {
            for (const SstableDescriptor& sstable : *group) {
                out.insert(sstable.id);
            }
        }
    }
    return out;
}

}  // namespace engine::storage
