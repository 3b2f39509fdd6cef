#include "engine/coordinator/reconciliation.h"

#include <algorithm>
#include <map>
#include <optional>

namespace engine::coordinator {

namespace {

using rows::DecoratedKey;
using rows::Partition;
using rows::ReadCommand;
using rows::ReadLimits;

std::uint32_t perPartition(const ReadCommand& command, const ReadLimits& limits) {
    return limits.distinct || command.staticOnly ? 1 : limits.rowsPerPartition;
}

/// What one partition counts, and whether its reader stopped before the partition's end.
struct Counted {
    std::uint32_t rows = 0;
    bool stopped = false;
    bool staticAlone = false;  // It counts only because it has no rows.
};

Counted count(const ReadCommand& command, const Partition& partition, std::uint32_t most) {
    Partition live = partition;
    rows::filterLive(*command.table, live, command.nowSeconds);
    if (command.staticOnly && live.staticRow.hasLiveData(command.nowSeconds)) {
        return {1, true};
    }
    const auto passing = std::count_if(live.rows.begin(), live.rows.end(), [&](const rows::Row& row) {
        return rows::satisfies(command, live, row);
    });
    const auto counted = std::min(static_cast<std::uint32_t>(passing), most);
    if (counted == 0 && rows::staticRowCountsAlone(command, live)) {
        return {1, false, true};
    }
    return {counted, counted >= most};
}

/// Up to where all replicas have told what they have.
class Coverage {
public:
    Coverage(const ReadCommand& asked, const std::vector<ReplicaAnswer>& answers) : m_command(asked) {
        for (const ReplicaAnswer& answer : answers) {
            add(answer.data);
        }
    }

    /// Some replica said nothing of this partition, or of what comes behind all of them.
    bool endsBefore(const DecoratedKey& key) const { return m_end && *m_end < key; }
    bool isLimited() const { return m_end.has_value(); }

    /// Drops rows that not every replica has told of; true: there may be such rows.
    bool cut(Partition& partition) const {
        const auto it = m_lastRows.find(partition.key);
        if (it == m_lastRows.end()) {
            return false;
        }
        std::erase_if(partition.rows, [&](const rows::Row& row) {
            return it->second == nullptr || isBehind(row.clustering, *it->second);
        });
        return true;
    }

private:
    void add(const std::vector<Partition>& partitions) {
        std::uint32_t left = m_command.limits.rows;
        for (const Partition& partition : partitions) {
            const Counted counted =
                count(m_command, partition, std::min(perPartition(m_command, m_command.limits), left));
            if (counted.stopped) {
                stoppedIn(partition);
            }
            left -= std::min(left, counted.rows);
            if (left == 0) {
                m_end = m_end ? std::min(*m_end, partition.key) : partition.key;
                return;
            }
        }
    }

    void stoppedIn(const Partition& partition) {
        const rows::Clustering* last = nullptr;  // Not even the first row was looked at.
        if (!partition.rows.empty()) {
            last = m_command.reversed ? &partition.rows.front().clustering : &partition.rows.back().clustering;
        }
        const auto [it, fresh] = m_lastRows.try_emplace(partition.key, last);
        if (!fresh && it->second != nullptr && (last == nullptr || isBehind(*it->second, *last))) {
            it->second = last;
        }
    }

    /// In the order of reading.
    bool isBehind(const rows::Clustering& row, const rows::Clustering& other) const {
        const int order = rows::compareClustering(*m_command.table, row, other);
        return m_command.reversed ? order < 0 : order > 0;
    }

    const ReadCommand& m_command;
    std::optional<DecoratedKey> m_end;
    std::map<DecoratedKey, const rows::Clustering*> m_lastRows;
};

std::map<DecoratedKey, Partition> merge(const schema::Table& table, const std::vector<ReplicaAnswer>& answers) {
    std::map<DecoratedKey, Partition> out;
    for (const ReplicaAnswer& answer : answers) {
        for (const Partition& partition : answer.data) {
            const auto [it, fresh] = out.try_emplace(partition.key, partition);
            if (!fresh) {
                rows::merge(table, it->second, partition);
            }
        }
    }
    return out;
}

}  // namespace

Reconciled reconcile(const ReadCommand& asked, const ReadLimits& wanted,
                     const std::vector<ReplicaAnswer>& answers) {
    const Coverage coverage(asked, answers);
    Reconciled out;
    std::uint32_t found = 0;
    for (auto& [key, partition] : merge(*asked.table, answers)) {
        if (coverage.endsBefore(key)) {
            out.isShort = true;
            return out;
        }
        const bool wasCut = coverage.cut(partition);
        const std::uint32_t most = std::min(perPartition(asked, wanted), wanted.rows - found);
        const Counted counted = count(asked, partition, most);
        if (wasCut && (counted.rows < most || counted.staticAlone)) {
            out.isShort = true;
            return out;
        }
        found += counted.rows;
        out.merged.push_back(std::move(partition));
        if (found >= wanted.rows) {
            return out;
        }
    }
    out.isShort = coverage.isLimited();
    return out;
}

std::uint32_t countRows(const ReadCommand& command, const std::vector<Partition>& partitions) {
    std::uint32_t out = 0;
    for (const Partition& partition : partitions) {
        if (out >= command.limits.rows) {
            break;
        }
        out += count(command, partition, std::min(perPartition(command, command.limits), command.limits.rows - out)).rows;
    }
    return out;
}

}  // namespace engine::coordinator
