#include "engine/storage/cdc_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/storage/commit_log_segment.h"

namespace engine::storage {

namespace {

constexpr std::string_view kIndexSuffix = "_cdc.idx";
constexpr std::string_view kLogSuffix = ".log";
/// Between two warnings of refused writes.
constexpr runtime::Duration kWarnInterval = std::chrono::seconds(10);

}  // namespace

bool CdcLog::tracks(const rows::Mutation& mutation) {
    return std::any_of(mutation.updates.begin(), mutation.updates.end(), [](const auto& update) {
        return update.table->options.cdc.value_or(false);
    });
}

std::string CdcLog::linkOf(std::uint64_t id) const {
    return m_options.folder + '/' + segmentName(id);
}

std::string CdcLog::indexOf(std::uint64_t id) const {
    std::string name = segmentName(id);
    name.resize(name.size() - kLogSuffix.size());
    return m_options.folder + '/' + name + std::string(kIndexSuffix);
}

Result<void> CdcLog::open() {
    if (!isEnabled()) {
        return ok();
    }
    TRY(m_files.createFolders(m_options.folder));
    measure();
    return ok();
}

/// Consumers take files away when they are done with them.
void CdcLog::measure() {
    m_measured = m_clock.now();
    m_onDisk.clear();
    const auto names = m_files.list(m_options.folder);
    if (!names) {
        m_log.warn("cdc: {}", names.error().message);
        return;
    }
    for (const std::string& name : names.value()) {
        const auto id = segmentIdOf(name);
        if (!id || m_segments.contains(*id)) {
            continue;
        }
        const auto file = m_files.open(m_options.folder + '/' + name, runtime::OpenMode::Read);
        const auto size = file ? file.value()->size() : file.error();
        if (size) {
            m_onDisk[*id] = size.value();
        }
    }
}

/// New segments count with what they may become.
std::uint64_t CdcLog::bytesTaken() const {
    std::uint64_t sum = 0;
    for (const auto& [id, bytes] : m_onDisk) {
        sum += bytes;
    }
    for (const auto& [id, segment] : m_segments) {
        sum += segment.state == State::Forbidden ? 0 : segment.expectedBytes;
    }
    return sum;
}

void CdcLog::link(std::uint64_t id, const std::string& path) {
    if (m_files.exists(linkOf(id))) {
        return;
    }
    const Result<void> linked = m_files.link(path, linkOf(id));
    if (!linked) {
        m_log.error("cdc: {}", linked.error().message);
    }
}

void CdcLog::onSegment(std::uint64_t id, const std::string& path, std::uint64_t segmentBytes) {
    if (!isEnabled()) {
        return;
    }
    measure();
    Segment& segment = m_segments[id];
    segment = {State::Forbidden, path, segmentBytes};
    if (!m_options.blockWrites) {
        segment.state = State::Permitted;
        link(id, path);
        dropOldest();
    } else if (bytesTaken() + segmentBytes <= m_options.totalBytes) {
        segment.state = State::Permitted;
        link(id, path);
    }
}

void CdcLog::dropOldest() {
    while (!m_onDisk.empty() && bytesTaken() > m_options.totalBytes) {
        const std::uint64_t id = m_onDisk.begin()->first;
        m_log.info("cdc: {} takes more than cdc_total_space; removing {}", m_options.folder,
                   linkOf(id));
        remove(linkOf(id));
        remove(indexOf(id));
        m_onDisk.erase(m_onDisk.begin());
    }
}

void CdcLog::permitIfThereIsSpace(Segment& segment, std::uint64_t id) {
    if (m_clock.now() - m_measured >= m_options.checkInterval) {
        measure();
    }
    if (bytesTaken() + segment.expectedBytes <= m_options.totalBytes) {
        segment.state = State::Permitted;
        link(id, segment.path);
    }
}

Result<void> CdcLog::admit(std::uint64_t id, const rows::Mutation& mutation) {
    const auto it = m_segments.find(id);
    if (it == m_segments.end() || !tracks(mutation)) {
        return ok();
    }
    Segment& segment = it->second;
    if (segment.state == State::Forbidden) {
        permitIfThereIsSpace(segment, id);
    }
    if (segment.state == State::Forbidden) {
        const std::string why = fmt::format(
            "Rejecting mutation to keyspace {}. Free up space in {} by processing CDC logs. "
            "Total CDC bytes on disk is {}.",
            mutation.keyspace(), m_options.folder, bytesTaken());
        if (m_clock.now() >= m_warned) {
            m_warned = m_clock.now() + kWarnInterval;
            m_log.warn("{}", why);
        }
        return makeError(ErrorKind::WriteFailure, why);
    }
    segment.state = State::Contains;
    return ok();
}

void CdcLog::indexAfterSync(std::uint64_t id, std::uint64_t offset, bool isComplete,
                            std::vector<std::pair<std::string, std::string>>& out) const {
    const auto it = m_segments.find(id);
    if (it != m_segments.end() && it->second.state == State::Contains) {
        out.emplace_back(indexOf(id), std::to_string(offset) + (isComplete ? "\nCOMPLETED" : ""));
    }
}

Result<void> CdcLog::writeIndex(runtime::FileSystem& files, const std::string& path,
                                const std::string& content) {
    TRY_ASSIGN(const auto file, files.open(path, runtime::OpenMode::Append));
    TRY(file->truncate(0));
    return file->append(content);
}

void CdcLog::onDiscarded(std::uint64_t id) {
    const auto it = m_segments.find(id);
    if (it == m_segments.end()) {
        return;
    }
    const State state = it->second.state;
    m_segments.erase(it);
    if (state == State::Permitted) {
        remove(linkOf(id));
        remove(indexOf(id));
    }
    measure();
}

void CdcLog::onReplayed(std::uint64_t id, const std::string& path, std::uint64_t bytes,
                        bool isTracked) {
    const auto known = m_segments.find(id);
    if (!isEnabled() || (known != m_segments.end() && known->second.state == State::Contains)) {
        return;
    }
    isTracked = isTracked || m_files.exists(indexOf(id));
    m_segments[id] = {isTracked ? State::Contains : State::Permitted, path, bytes};
    if (!isTracked) {
        return;
    }
    link(id, path);
    const Result<void> written =
        writeIndex(m_files, indexOf(id), std::to_string(bytes) + "\nCOMPLETED");
    if (!written) {
        m_log.error("cdc: {}", written.error().message);
    }
}

void CdcLog::remove(const std::string& path) {
    if (m_files.exists(path)) {
        const Result<void> removed = m_files.remove(path);
        if (!removed) {
            m_log.warn("cdc: {}", removed.error().message);
        }
    }
}

}  // namespace engine::storage
