#pragma once

#include <algorithm>
#include <string>

#include "engine/rows/merge.h"
#include "engine/rows/partition.h"
#include "engine/rows/range_tombstones.h"
#include "engine/runtime/random.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace rowstest {

using namespace engine;
using namespace engine::rows;

/// ks.t (pk int, c int, d text, s text static, a text, b text, m map<int, text>,
///       PRIMARY KEY (pk, c, d)) WITH CLUSTERING ORDER BY (c ASC, d DESC)
inline schema::TablePtr makeTable(const std::string& name = "t", std::uint64_t id = 1) {
    schema::Table table;
    table.id = Uuid{id, id};
    table.keyspace = "ks";
    table.name = name;
    using schema::ColumnKind;
    table.columns = {
        {"pk", types::int32(), ColumnKind::PartitionKey, 0},
        {"c", types::int32(), ColumnKind::Clustering, 0},
        {"d", types::text(), ColumnKind::Clustering, 1, true},
        {"s", types::text(), ColumnKind::Static},
        {"a", types::text(), ColumnKind::Regular},
        {"b", types::text(), ColumnKind::Regular},
        {"m", types::map(types::int32(), types::text(), false), ColumnKind::Regular},
    };
    table.finish();
    return std::make_shared<const schema::Table>(std::move(table));
}

inline DecoratedKey key(int pk) {
    return decorate(types::encodeInt(pk));
}
inline Clustering at(int c, std::string d) {
    return {types::encodeInt(c), std::move(d)};
}
inline Cell cell(std::string column, std::string value, std::int64_t timestamp) {
    return {std::move(column), {}, std::move(value), timestamp};
}
inline Cell tombstone(std::string column, std::int64_t timestamp, std::int64_t deletedAt) {
    return {std::move(column), {}, {}, timestamp, kNoTtl, deletedAt};
}
inline Row row(Clustering clustering, std::int64_t timestamp, std::vector<Cell> cells) {
    Row out;
    out.clustering = std::move(clustering);
    out.liveness.timestamp = timestamp;
    out.cells = std::move(cells);
    return out;
}
inline RangeTombstone range(Clustering from, bool fromIncluded, Clustering to, bool toIncluded,
                            std::int64_t timestamp) {
    return {{{std::move(from), fromIncluded}, {std::move(to), toIncluded}}, {timestamp, timestamp}};
}

/// Random content over few keys and timestamps, so that everything collides with everything.
class RandomRows {
public:
    explicit RandomRows(std::uint64_t seed) : m_random(seed) {}

    std::uint64_t below(std::uint64_t bound) { return m_random.below(bound); }
    std::int64_t timestamp() { return static_cast<std::int64_t>(1 + below(8)); }
    Clustering clustering() {
        const int c = static_cast<int>(below(4));
        return at(c, std::string(1, static_cast<char>('a' + below(3))));
    }
    Clustering prefix() {
        Clustering out = clustering();
        out.resize(below(3));
        return out;
    }
    Cell randomCell(std::string column) {
        const std::int64_t when = timestamp();
        switch (below(4)) {
            case 0:
                return tombstone(std::move(column), when,
                                 static_cast<std::int64_t>(100 + below(3)));
            case 1: {
                Cell expiring = cell(std::move(column), std::string(1, 'x'), when);
                expiring.ttl = static_cast<std::int32_t>(1 + below(2));
                expiring.localDeletionTime = static_cast<std::int64_t>(100 + below(3));
                return expiring;
            }
            default:
                return cell(std::move(column),
                            std::string(1 + below(20), static_cast<char>('p' + below(3))), when);
        }
    }
    Row randomRow(Clustering clustering) {
        Row out;
        out.clustering = std::move(clustering);
        if (below(2) == 0) {
            out.liveness.timestamp = timestamp();
        }
        if (below(8) == 0) {
            out.deletion = {timestamp(), static_cast<std::int64_t>(100 + below(3))};
        }
        for (const char* name : {"a", "b"}) {
            if (below(2) == 0) {
                out.cells.push_back(randomCell(name));
            }
        }
        for (int k = 0; k < 3; ++k) {
            if (below(4) == 0) {
                Cell element = randomCell("m");
                element.path = types::encodeInt(k - 1);
                out.cells.push_back(std::move(element));
            }
        }
        if (below(8) == 0) {
            out.complexDeletions.push_back({"m", {timestamp(), 100}});
        }
        return out;
    }
    Partition partition(const schema::Table& table, int pk) {
        Partition out;
        out.key = key(pk);
        if (below(6) == 0) {
            out.deletion = {timestamp(), 100};
        }
        if (below(3) == 0) {
            out.staticRow.cells.push_back(randomCell("s"));
        }
        for (std::uint64_t i = below(6); i > 0; --i) {
            Partition one;
            one.rows.push_back(randomRow(clustering()));
            merge(table, out, std::move(one));
        }
        for (std::uint64_t i = below(3); i > 0; --i) {
            addRangeTombstone(table, out.rangeTombstones,
                              range(prefix(), below(2) == 0, prefix(), below(2) == 0, timestamp()));
        }
        dropShadowed(table, out);
        return out;
    }

private:
    runtime::SeededRandom m_random;
};

}  // namespace rowstest
