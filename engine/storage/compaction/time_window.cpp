#include "engine/storage/compaction/time_window.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace engine::storage::compaction {

std::string windowText(std::int64_t seconds) {
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::int64_t TimeWindow::windowOf(const FileView& file) const {
    const std::int64_t seconds = file.maxTimestamp / m_options.timestampsPerSecond;
    return seconds - seconds % m_options.windowSeconds;
}

TimeWindow::Windows TimeWindow::windowsOf(const std::vector<FileView>& files) const {
    Windows out;
    for (const FileView& file : files) {
        out[windowOf(file)].push_back(file);
    }
    return out;
}

/// In the newest window files are compacted by size; in those before it any two are enough
/// (newestBucket).
TimeWindow::Choice TimeWindow::choose(const Windows& windows) const {
    for (const auto& [window, bucket] : windows) {
        const bool isNewest = window >= m_newestWindow;
        if (isNewest && bucket.size() >= m_options.minThreshold) {
            Bucket chosen = mostInteresting(sizeBuckets(bucket, m_options), m_options.minThreshold,
                                            m_options.maxThreshold);
            if (!chosen.empty()) {
                return {window, true, std::move(chosen)};
            }
        } else if (!isNewest && bucket.size() >= 2) {
            Bucket chosen = bucket;
            std::stable_sort(chosen.begin(), chosen.end(), [](const FileView& a, const FileView& b) {
                return a.bytes < b.bytes;
            });
            chosen.resize(std::min<std::size_t>(chosen.size(), m_options.maxThreshold));
            return {window, false, std::move(chosen)};
        }
    }
    return {};
}

std::optional<Decision> TimeWindow::next(const TableView& view) {
    std::vector<FileView> files = view.idle();
    std::vector<FileView> expired;
    if (files.empty()) {
        return std::nullopt;
    }
    if (m_options.dropsUncheckedExpired || m_expiredChecked == std::numeric_limits<std::int64_t>::min() ||
        view.nowSeconds - m_expiredChecked > m_options.expiredCheckSeconds) {
        m_expiredChecked = view.nowSeconds;
        expired = fullyExpired(view, files, othersOf(view, files), m_options.dropsUncheckedExpired);
    }
    std::erase_if(files, [&](const FileView& file) {
        return std::any_of(expired.begin(), expired.end(), [&](const FileView& gone) {
            return gone.generation == file.generation;
        });
    });
    const Windows windows = windowsOf(files);
    for (const auto& [window, bucket] : windowsOf(view.files)) {
        m_newestWindow = std::max(m_newestWindow, window);
    }
    Choice choice = choose(windows);
    Decision out;
    for (const auto& [window, bucket] : windows) {
        const double enough = window >= m_newestWindow ? std::max(m_options.minThreshold, 1u) : 2;
        out.candidates.push_back({windowText(window), static_cast<std::uint32_t>(bucket.size()),
                                  totalBytes(bucket), static_cast<double>(bucket.size()) / enough,
                                  !choice.files.empty() && window == choice.window});
    }
    if (!choice.files.empty()) {
        out.group = windowText(choice.window);
        out.why = choice.isNewest
                      ? fmt::format("{} SSTables of similar size in the newest window, "
                                    "min_threshold is {}",
                                    choice.files.size(), m_options.minThreshold)
                      : fmt::format("{} SSTables in a window that is over, where one is to remain",
                                    choice.files.size());
    } else if (expired.empty()) {
        std::vector<FileView> worth = files;
        std::erase_if(worth, [&](const FileView& file) {
            return !isWorthDroppingTombstones(m_options, view, file);
        });
        if (worth.empty()) {
            return std::nullopt;
        }
        return tombstoneDecision(m_options,
                                 *std::min_element(worth.begin(), worth.end(),
                                                   [](const FileView& a, const FileView& b) {
                                                       return a.bytes < b.bytes;
                                                   }));
    } else {
        out.kind = "expired";
        out.group = "expired";
        out.why = fmt::format("everything in {} SSTables has expired, and nothing older is left "
                              "for it to hide",
                              expired.size());
    }
    choice.files.insert(choice.files.end(), expired.begin(), expired.end());
    out.inputs = generationsOf(choice.files);
    return out;
}

std::uint32_t TimeWindow::pending(const TableView& view) const {
    std::uint32_t out = 0;
    const Windows windows = windowsOf(view.idle());
    for (const auto& [window, bucket] : windows) {
        const bool isNewest = window == windows.begin()->first;
        if (isNewest) {
            for (const Bucket& similar : sizeBuckets(bucket, m_options)) {
                out += similar.size() >= m_options.minThreshold ? 1 : 0;
            }
        } else if (bucket.size() >= 2) {
            out += static_cast<std::uint32_t>((bucket.size() + m_options.maxThreshold - 1) /
                                              m_options.maxThreshold);
        }
    }
    return out;
}

}  // namespace engine::storage::compaction
