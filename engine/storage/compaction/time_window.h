#pragma once

#include <map>

#include "engine/storage/compaction/strategy.h"

namespace engine::storage::compaction {

/// Files of one time window become one (TimeWindowCompactionStrategy).
class TimeWindow : public Strategy {
public:
    using Strategy::Strategy;
    std::optional<Decision> next(const TableView& view) override;
    std::uint32_t pending(const TableView& view) const override;
    /// Start of the window a file belongs to, in seconds.
    std::int64_t windowOf(const FileView& file) const;

private:
    struct Choice {
        std::int64_t window = 0;
        bool isNewest = false;
        Bucket files;
    };
    using Windows = std::map<std::int64_t, Bucket, std::greater<>>;  // Newest first.

    Windows windowsOf(const std::vector<FileView>& files) const;
    Choice choose(const Windows& windows) const;

    std::int64_t m_expiredChecked = std::numeric_limits<std::int64_t>::min();
    std::int64_t m_newestWindow = std::numeric_limits<std::int64_t>::min();
};

/// `2026-11-26 10:00`, UTC.
std::string windowText(std::int64_t seconds);

}  // namespace engine::storage::compaction
