#pragma once

#include <optional>

#include "engine/base/result.h"
#include "engine/rows/partition.h"

namespace engine::cql {

/// Where a page ended. Opaque to clients, the same on every node: docs/formats.md has the layout.
struct PagingState {
    Bytes key;                                 // Of the last row's partition.
    std::optional<rows::Clustering> clustering;  // Absent: the partition is done with.
    std::uint32_t remaining = 0;               // Rows (groups) the query's LIMIT still allows.
    std::uint32_t remainingInPartition = 0;

    Bytes encode() const;
    static Result<PagingState> decode(BytesView bytes);
};

}  // namespace engine::cql
