#include "engine/rows/read_command.h"

#include <algorithm>

#include "engine/rows/counter_context.h"
#include "engine/rows/index_rules.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::rows {

namespace {

/// A component of the partition key: the whole key when there is one column, else by
/// CompositeType's layout (16-bit length, bytes, end-of-component).
std::optional<BytesView> keyComponent(const schema::Table& table, BytesView key, int position) {
    if (table.partitionKey().size() == 1) {
        return key;
    }
    ByteReader in(key);
    BytesView component;
    for (int i = 0; i <= position; ++i) {
        component = in.shortBlob();
        in.u8();
    }
    return in.failed() ? std::nullopt : std::optional(component);
}

bool orderSatisfies(Operator op, int order) {
    switch (op) {
        case Operator::Eq:
            return order == 0;
        case Operator::NotEq:
            return order != 0;
        case Operator::Lt:
            return order < 0;
        case Operator::Lte:
            return order <= 0;
        case Operator::Gt:
            return order > 0;
        case Operator::Gte:
            return order >= 0;
        default:
            return false;
    }
}

bool frozenContains(const types::DataType& type, BytesView value, const FilterExpression& filter) {
    if (type.kind() == types::Kind::Map) {
        const auto entries = types::unpackMap(value);
        return entries &&
               std::any_of(entries.value().begin(), entries.value().end(), [&](const auto& e) {
                   const bool key = filter.op == Operator::Contains ||
                                    e.first == (filter.op == Operator::MapEntryEq ? filter.mapKey
                                                                                  : filter.value);
                   const bool held = filter.op == Operator::ContainsKey || e.second == filter.value;
                   return key && held;
               });
    }
    const auto elements = types::unpackList(value);
    return elements && std::find(elements.value().begin(), elements.value().end(), filter.value) !=
                           elements.value().end();
}

bool textIsLike(BytesView text, BytesView pattern, Operator op) {
    switch (op) {
        case Operator::LikePrefix: return text.starts_with(pattern);
        case Operator::LikeSuffix: return text.ends_with(pattern);
        case Operator::LikeContains: return text.find(pattern) != BytesView::npos;
        default: return text == pattern;
    }
}

bool likeSatisfies(BytesView value, const FilterExpression& filter) {
    if ((filter.analysis & Analysis::Words) != 0) {
        const std::vector<Bytes> words = wordsOf(value);
        const std::vector<Bytes> wanted = wordsOf(filter.value);
        return std::all_of(wanted.begin(), wanted.end(), [&](const Bytes& pattern) {
            return std::any_of(words.begin(), words.end(), [&](const Bytes& word) {
                return textIsLike(word, pattern, filter.op);
            });
        });
    }
    return textIsLike(analyse(value, filter.analysis), analyse(filter.value, filter.analysis), filter.op);
}

bool valueSatisfies(const types::DataType& type, BytesView value, const FilterExpression& filter) {
    switch (filter.op) {
        case Operator::IsNotNull:
            return true;
        case Operator::In:
            return std::any_of(
                filter.values.begin(), filter.values.end(),
                [&](const Bytes& wanted) { return types::compare(type, value, wanted) == 0; });
        case Operator::Contains:
        case Operator::ContainsKey:
        case Operator::MapEntryEq:
            return frozenContains(type, value, filter);
        case Operator::LikePrefix:
        case Operator::LikeSuffix:
        case Operator::LikeContains:
        case Operator::LikeMatches:
            return likeSatisfies(value, filter);
        default:
            if (filter.analysis != 0) {
                return analyse(value, filter.analysis) == analyse(filter.value, filter.analysis);
            }
            return orderSatisfies(filter.op, types::compare(type, value, filter.value));
    }
}

/// One live cell of a non-frozen collection or user type.
bool elementSatisfies(const types::DataType& type, const Cell& cell,
                      const FilterExpression& filter) {
    switch (filter.op) {
        case Operator::IsNotNull:
            return true;
        case Operator::Contains: {
            const Bytes& held = type.kind() == types::Kind::Set ? cell.path : cell.value;
            return filter.analysis == 0 ? held == filter.value
                                        : analyse(held, filter.analysis) ==
                                              analyse(filter.value, filter.analysis);
        }
        case Operator::ContainsKey:
            return cell.path == filter.value;
        case Operator::MapEntryEq:
            return cell.path == filter.mapKey && cell.value == filter.value;
        default:
            return false;
    }
}

bool cellsSatisfy(const schema::Column& column, const Row& row, const FilterExpression& filter,
                  std::int64_t nowSeconds) {
    return std::any_of(row.cells.begin(), row.cells.end(), [&](const Cell& cell) {
        if (cell.column != column.name || !cell.isLive(nowSeconds)) {
            return false;
        }
        if (column.type->isCounter()) {
            return valueSatisfies(*column.type, types::encodeBigint(counterTotal(cell.value)), filter);
        }
        return column.type->isMultiCell() ? elementSatisfies(*column.type, cell, filter)
                                          : valueSatisfies(*column.type, cell.value, filter);
    });
}

bool satisfies(const ReadCommand& command, const Partition& partition, const Row& row,
               const FilterExpression& filter) {
    const schema::Column* column = command.table->find(filter.column);
    if (column == nullptr) {
        return false;
    }
    switch (column->kind) {
        case schema::ColumnKind::PartitionKey: {
            const auto value = keyComponent(*command.table, partition.key.key, column->position);
            return value && valueSatisfies(*column->type, *value, filter);
        }
        case schema::ColumnKind::Clustering: {
            const auto at = static_cast<std::size_t>(column->position);
            return at < row.clustering.size() &&
                   valueSatisfies(*column->type, row.clustering[at], filter);
        }
        case schema::ColumnKind::Static:
            return cellsSatisfy(*column, partition.staticRow, filter, command.nowSeconds);
        case schema::ColumnKind::Regular:
            return cellsSatisfy(*column, row, filter, command.nowSeconds);
    }
    return false;
}

/// Where a key lies relative to a bound: negative before, zero at it, positive after it.
int compareToBound(const DecoratedKey& key, const PartitionBound& bound) {
    if (key.token != bound.token) {
        return key.token < bound.token ? -1 : 1;
    }
    return bound.key ? key.key.compare(*bound.key) : 0;
}

}  // namespace

bool PartitionRange::contains(const DecoratedKey& key) const {
    if (start) {
        const int order = compareToBound(key, *start);
        if (order < 0 || (order == 0 && !start->inclusive)) {
            return false;
        }
    }
    if (end) {
        const int order = compareToBound(key, *end);
        return order < 0 || (order == 0 && end->inclusive);
    }
    return true;
}

bool satisfies(const ReadCommand& command, const Partition& partition, const Row& row) {
    return std::all_of(
        command.filters.begin(), command.filters.end(),
        [&](const FilterExpression& filter) { return satisfies(command, partition, row, filter); });
}

bool staticRowCountsAlone(const ReadCommand& command, const Partition& partition) {
    const bool whole = command.names.empty() &&
                       (command.slices.empty() ||
                        (command.slices.size() == 1 && command.slices[0].start.prefix.empty() &&
                         command.slices[0].end.prefix.empty()));
    return whole && partition.staticRow.hasLiveData(command.nowSeconds) &&
           satisfies(command, partition, Row());
}

// org.apache.cassandra.db.filter.DataLimits.CQLLimits: a partition with nothing but a live static
// row counts as one row, since one row is what the client sees of it.
std::uint32_t applyLimits(const ReadCommand& command, std::vector<Partition>& partitions) {
    const std::uint32_t perPartition =
        command.limits.distinct ? 1 : command.limits.rowsPerPartition;
    std::uint32_t counted = 0;
    auto kept = partitions.begin();
    for (auto it = partitions.begin(); it != partitions.end(); ++it) {
        if (counted >= command.limits.rows) {
            break;
        }
        auto& rows = it->rows;
        const std::size_t room = std::min(perPartition, command.limits.rows - counted);
        if (rows.size() > room) {
            const auto over = static_cast<std::ptrdiff_t>(rows.size() - room);
            command.reversed ? rows.erase(rows.begin(), rows.begin() + over)
                             : rows.erase(rows.end() - over, rows.end());
        }
        const bool staticAlone = rows.empty() && staticRowCountsAlone(command, *it);
        counted += static_cast<std::uint32_t>(rows.size()) + (staticAlone ? 1 : 0);
        if (!rows.empty() || staticAlone) {
            if (kept != it) {
                *kept = std::move(*it);
            }
            ++kept;
        }
    }
    partitions.erase(kept, partitions.end());
    return counted;
}

}  // namespace engine::rows
