#pragma once

#include "engine/rows/partition.h"
#include "engine/schema/table.h"

namespace engine::cql {

/// When and for how long something is written (UpdateParameters).
struct WriteParameters {
    const schema::Table* table = nullptr;
    std::int64_t timestamp = 0;
    std::int32_t ttl = 0;
    std::int64_t nowSeconds = 0;

    rows::Cell live(const schema::Column& column, Bytes path, Bytes value) const {
        return {column.name, std::move(path), std::move(value), timestamp, ttl,
                ttl == rows::kNoTtl ? rows::kNoDeletionTime : nowSeconds + ttl};
    }
    rows::Cell tombstone(const schema::Column& column, Bytes path = {}) const {
        return {column.name, std::move(path), {}, timestamp, rows::kNoTtl, nowSeconds};
    }
    rows::DeletionTime deletion() const { return {timestamp, nowSeconds}; }
    /// Of what a collection held before it is set as a whole: just older than the new cells.
    rows::DeletionTime overwritten() const { return {timestamp - 1, nowSeconds}; }
    rows::LivenessInfo liveness() const {
        return {timestamp, ttl, ttl == rows::kNoTtl ? rows::kNoDeletionTime : nowSeconds + ttl};
    }
};

}  // namespace engine::cql
