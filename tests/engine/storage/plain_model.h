#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"
#include "engine/types/codec.h"

namespace storagetest {

using namespace engine;

/// What a table holds, written from Cassandra's rules of reconciliation and from nothing of the engine's
/// own: the newest write of each cell and marker, every deletion, and what of it a reader sees. The
/// engine's rows are only looked at as values; none of the functions that merge, sort or filter them
/// is called. Clusterings are of an int, ascending, and a text, descending; or a part of that.
class PlainModel {
public:
    explicit PlainModel(bool isCounter = false) : m_isCounter(isCounter) {}

    using Lines = std::vector<std::string>;

    /// What was written, or what a replica answered: both are facts.
    void add(const rows::Partition& from) {
        Partition& into = m_partitions[from.key];
        into.deletedAt = std::max(into.deletedAt, from.deletion.markedForDeleteAt);
        for (const rows::RangeTombstone& range : from.rangeTombstones) {
            into.ranges.push_back(range);
        }
        add(into.statics, from.staticRow);
        for (const rows::Row& row : from.rows) {
            add(into.rows[row.clustering], row);
        }
    }
    void clear() { m_partitions.clear(); }
    /// Only these tokens are left.
    void keep(const rows::TokenRange& owned) {
        std::erase_if(m_partitions, [&](const auto& entry) { return !holds(owned, entry.first.token); });
    }

    /// What a client sees of a read, line by line; `limited` false: what the command's slices and
    /// limits leave out is in it too, since somebody else has to have left it out.
    Lines view(const rows::ReadCommand& command, bool limited) const {
        Lines out;
        std::size_t room = limited ? command.limits.rows : rows::ReadLimits::kNone;
        for (const auto& [key, partition] : m_partitions) {
            if (!isAsked(command, key) && limited) {
                continue;
            }
            std::vector<std::string> seen;
            for (const auto& [clustering, row] : partition.rows) {
                if (limited && !isAsked(command, clustering)) {
                    continue;
                }
                std::string text = visible(command, row, deletedAt(partition, clustering), true);
                if (!text.empty()) {
                    seen.push_back("  " + textOf(clustering) + text);
                }
            }
            if (limited) {
                cut(seen, std::min<std::size_t>(room, command.limits.rowsPerPartition), command.reversed);
            }
            const std::string statics = visible(command, partition.statics, partition.deletedAt, false);
            const bool staticAlone = seen.empty() && !statics.empty() && asksForAllRows(command);
            if (room == 0 || (seen.empty() && !staticAlone)) {
                continue;
            }
            room -= limited ? std::max<std::size_t>(seen.size(), 1) : 0;
            out.push_back("partition " + std::to_string(types::decodeInt(key.key)) + statics);
            out.insert(out.end(), seen.begin(), seen.end());
        }
        return out;
    }

    /// Negative, zero, positive.
    static int compare(const rows::Clustering& a, const rows::Clustering& b) {
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
            const int order = i == 0 ? sign(types::decodeInt(a[0]) - types::decodeInt(b[0]))
                                     : -sign(a[i].compare(b[i]));
            if (order != 0) {
                return order;
            }
        }
        return 0;  // As far as both go.
    }
    static bool contains(const rows::Slice& slice, const rows::Clustering& row) {
        const int start = compare(row, slice.start.prefix);
        const int end = compare(row, slice.end.prefix);
        return (slice.start.prefix.empty() || start > 0 || (start == 0 && slice.start.inclusive)) &&
               (slice.end.prefix.empty() || end < 0 || (end == 0 && slice.end.inclusive));
    }

private:
    /// A cell, or a row's marker.
    struct Version {
        std::int64_t timestamp = rows::kNoTimestamp;
        std::int32_t ttl = 0;
        std::int64_t endsAt = rows::kNoDeletionTime;
        Bytes value;

        bool ends() const { return endsAt != rows::kNoDeletionTime; }
        bool isLive(std::int64_t now) const { return !ends() || (ttl != 0 && now < endsAt); }
    };
    struct Less {
        bool operator()(const rows::Clustering& a, const rows::Clustering& b) const {
            return compare(a, b) < 0;
        }
    };
    using CellName = std::pair<std::string, Bytes>;  // Column and path.
    struct Row {
        std::int64_t deletedAt = rows::kNoTimestamp;
        Version marker;
        std::map<CellName, Version> cells;
        std::map<std::string, std::int64_t> columnsDeletedAt;
        std::map<CellName, std::map<Bytes, std::pair<std::int64_t, std::int64_t>>> shards;
    };
    struct Partition {
        std::int64_t deletedAt = rows::kNoTimestamp;
        std::vector<rows::RangeTombstone> ranges;
        Row statics;
        std::map<rows::Clustering, Row, Less> rows;
    };

    static int sign(int n) { return n < 0 ? -1 : n > 0 ? 1 : 0; }

    /// The newer one; of one time: what ends over what does not, a tombstone over what is to expire,
    /// what expires later, what has less time to live, the greater value.
    static bool wins(const Version& a, const Version& b) {
        if (a.timestamp != b.timestamp) {
            return a.timestamp > b.timestamp;
        }
        if (a.ends() != b.ends()) {
            return a.ends();
        }
        if (a.ends() && (a.ttl == 0) != (b.ttl == 0)) {
            return a.ttl == 0;
        }
        if (a.endsAt != b.endsAt) {
            return a.endsAt > b.endsAt;
        }
        if (a.ttl != b.ttl) {
            return a.ttl < b.ttl;
        }
        return a.value > b.value;
    }

    void add(Row& into, const rows::Row& from) const {
        into.deletedAt = std::max(into.deletedAt, from.deletion.markedForDeleteAt);
        const Version marker{from.liveness.timestamp, from.liveness.ttl,
                             from.liveness.localExpirationTime, {}};
        if (marker.timestamp != rows::kNoTimestamp && wins(marker, into.marker)) {
            into.marker = marker;
        }
        for (const rows::ComplexDeletion& complex : from.complexDeletions) {
            auto [it, isNew] = into.columnsDeletedAt.try_emplace(std::string(complex.column),
                                                                 complex.deletion.markedForDeleteAt);
            it->second = std::max(it->second, complex.deletion.markedForDeleteAt);
        }
        for (const rows::Cell& cell : from.cells) {
            const CellName name{std::string(cell.column), cell.path};
            const Version version{cell.timestamp, cell.ttl, cell.localDeletionTime, cell.value};
            auto [it, isNew] = into.cells.try_emplace(name, version);
            if (m_isCounter && !version.ends()) {
                addShards(into.shards[name], cell.value);
            }
            if (!isNew && wins(version, it->second)) {
                it->second = version;
            }
        }
    }
    /// Of each writer the shard that knows most. The layout is CounterContext's: a header of marks,
    /// then an id, a clock and a count.
    static void addShards(std::map<Bytes, std::pair<std::int64_t, std::int64_t>>& into, const Bytes& value) {
        ByteReader in(value);
        for (std::uint16_t marks = in.u16(); marks > 0; --marks) {
            in.u16();
        }
        while (in.remaining() >= 32) {
            Bytes id(in.raw(16));
            const std::int64_t clock = in.i64();
            auto& known = into[std::move(id)];
            known = std::max(known, std::pair(clock, in.i64()));
        }
    }

    static std::int64_t deletedAt(const Partition& partition, const rows::Clustering& row) {
        std::int64_t out = partition.deletedAt;
        for (const rows::RangeTombstone& range : partition.ranges) {
            if (contains(range.slice, row)) {
                out = std::max(out, range.deletion.markedForDeleteAt);
            }
        }
        return out;
    }

    /// Empty when there is nothing to see. A row is there by its marker, or by any of its cells.
    std::string visible(const rows::ReadCommand& command, const Row& row, std::int64_t outer,
                        bool isClustered) const {
        const std::int64_t rowDeletedAt = std::max(outer, row.deletedAt);
        std::string out;
        if (row.marker.timestamp > rowDeletedAt && row.marker.isLive(command.nowSeconds)) {
            out += " marker" + textOf(row.marker);
        }
        bool isThere = !out.empty();
        for (const auto& [name, version] : row.cells) {
            const auto column = row.columnsDeletedAt.find(name.first);
            const std::int64_t hidden =
                column == row.columnsDeletedAt.end() ? rowDeletedAt : std::max(rowDeletedAt, column->second);
            if (version.timestamp <= hidden || !version.isLive(command.nowSeconds)) {
                continue;
            }
            isThere = true;
            if (command.columns.all || std::find(command.columns.names.begin(), command.columns.names.end(),
                                                 name.first) != command.columns.names.end()) {
                out += ' ' + name.first + (name.second.empty() ? "" : '[' + toHex(name.second) + ']') + '=' +
                       (m_isCounter ? total(row.shards.at(name)) : textOf(version));
            }
        }
        return isThere ? (isClustered ? " row" + out : " static" + out) : "";
    }

    /// Then a partition with nothing but static columns is a row for the client.
    static bool asksForAllRows(const rows::ReadCommand& command) {
        return command.names.empty() &&
               std::all_of(command.slices.begin(), command.slices.end(), [](const rows::Slice& slice) {
                   return slice.start.prefix.empty() && slice.end.prefix.empty();
               });
    }
    static bool isAsked(const rows::ReadCommand& command, const rows::DecoratedKey& key) {
        if (command.key) {
            return command.key->key == key.key;
        }
        const auto order = [&](const rows::PartitionBound& bound) {
            if (key.token != bound.token) {
                return key.token < bound.token ? -1 : 1;
            }
            return bound.key ? sign(key.key.compare(*bound.key)) : 0;
        };
        const auto& [start, end] = command.range;
        return (!start || order(*start) > 0 || (order(*start) == 0 && start->inclusive)) &&
               (!end || order(*end) < 0 || (order(*end) == 0 && end->inclusive));
    }
    static bool isAsked(const rows::ReadCommand& command, const rows::Clustering& row) {
        if (!command.names.empty()) {
            return std::find(command.names.begin(), command.names.end(), row) != command.names.end();
        }
        return command.slices.empty() ||
               std::any_of(command.slices.begin(), command.slices.end(),
                           [&](const rows::Slice& slice) { return contains(slice, row); });
    }
    static void cut(std::vector<std::string>& lines, std::size_t limit, bool fromTheEnd) {
        if (lines.size() > limit) {
            const auto over = static_cast<std::ptrdiff_t>(lines.size() - limit);
            fromTheEnd ? lines.erase(lines.begin(), lines.begin() + over)
                       : lines.erase(lines.end() - over, lines.end());
        }
    }
    static bool holds(const rows::TokenRange& range, std::int64_t token) {
        return range.start < range.end ? token > range.start && token <= range.end
                                       : token > range.start || token <= range.end;
    }

    static std::string total(const std::map<Bytes, std::pair<std::int64_t, std::int64_t>>& shards) {
        std::int64_t sum = 0;
        for (const auto& [id, shard] : shards) {
            sum += shard.second;
        }
        return std::to_string(sum);
    }
    static std::string textOf(const Version& version) {
        std::string out = version.value + '@' + std::to_string(version.timestamp);
        return version.ttl == 0 ? out
                                : out + '+' + std::to_string(version.ttl) + "s till " +
                                      std::to_string(version.endsAt);
    }
    static std::string textOf(const rows::Clustering& clustering) {
        std::string out = "(";
        for (std::size_t i = 0; i < clustering.size(); ++i) {
            out += i == 0 ? std::to_string(types::decodeInt(clustering[0])) : ", " + clustering[i];
        }
        return out + ')';
    }
    bool m_isCounter;
    std::map<rows::DecoratedKey, Partition> m_partitions;
};

}  // namespace storagetest
