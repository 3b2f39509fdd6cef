#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "engine/base/uuid.h"
#include "engine/runtime/clock.h"

namespace engine::coordinator {

/// How long things took, in Cassandra's buckets: bounds grow by a fifth, in microseconds
/// (org.apache.cassandra.utils.EstimatedHistogram). Over the node's life, without decay.
class LatencyHistogram {
public:
    static constexpr std::size_t kBuckets = 128;  // Up to some hours.

    void add(runtime::Duration took);
    std::uint64_t count() const { return m_count; }
    /// The bound in microseconds that `part` (0 to 1) of all stay below; 0 without any.
    double percentileMicros(double part) const;
    double maxMicros() const { return percentileMicros(1); }

private:
    std::array<std::uint64_t, kBuckets> m_counts{};
    std::uint64_t m_count = 0;
};

/// The latencies of one table: of its replica's work on this node, and of requests that this node
/// coordinated (org.apache.cassandra.metrics.TableMetrics).
struct TableLatencies {
    LatencyHistogram localRead;
    LatencyHistogram localScan;
    LatencyHistogram localWrite;
    LatencyHistogram coordinatorRead;
    LatencyHistogram coordinatorScan;
    LatencyHistogram coordinatorWrite;
};

/// By table. On the node's thread.
class LatencyRegistry {
public:
    TableLatencies& of(const Uuid& table) { return m_tables[table]; }
    /// Null before anything was measured.
    const TableLatencies* find(const Uuid& table) const {
        const auto it = m_tables.find(table);
        return it == m_tables.end() ? nullptr : &it->second;
    }
    const std::unordered_map<Uuid, TableLatencies>& all() const { return m_tables; }

private:
    std::unordered_map<Uuid, TableLatencies> m_tables;
};

}  // namespace engine::coordinator
