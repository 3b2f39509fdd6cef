#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "engine/base/uuid.h"
#include "engine/runtime/clock.h"

namespace engine::coordinator {

/// Whole numbers in Cassandra's buckets: bounds grow by a fifth (org.apache.cassandra.utils.EstimatedHistogram).
/// Over the node's life, without decay.
class CountHistogram {
public:
    static constexpr std::size_t kBuckets = 128;

    void add(std::int64_t value);
    std::uint64_t count() const { return m_count; }
    /// The bound that `part` (0 to 1) of all stay below; 0 without any.
    double percentile(double part) const;
    double max() const { return percentile(1); }

private:
    std::array<std::uint64_t, kBuckets> m_counts{};
    std::uint64_t m_zeros = 0;
    std::uint64_t m_count = 0;
};

/// How long things took, in microseconds, up to some hours.
class LatencyHistogram {
public:
    void add(runtime::Duration took) { m_micros.add(took.count() / 1000); }
    std::uint64_t count() const { return m_micros.count(); }
    double percentileMicros(double part) const { return m_micros.percentile(part); }
    double maxMicros() const { return m_micros.max(); }

private:
    CountHistogram m_micros;
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
    CountHistogram tombstonesPerRead;  // That this node's replica met,
    CountHistogram rowsPerRead;        // and live rows.
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
