#pragma once

#include "engine/storage/compaction/strategy.h"

namespace engine::storage::compaction {

/// Files of similar size are merged once there are min_threshold of them
/// (SizeTieredCompactionStrategy).
class SizeTiered : public Strategy {
public:
    using Strategy::Strategy;
    std::optional<Decision> next(const TableView& view) override;
    std::uint32_t pending(const TableView& view) const override;
};

}  // namespace engine::storage::compaction
