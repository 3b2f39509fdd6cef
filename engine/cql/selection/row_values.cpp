#include "engine/cql/selection/row_values.h"

#include <algorithm>

#include "engine/rows/counter_context.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

using types::Kind;

Bytes packFields(const types::DataType& type, std::span<const rows::Cell> cells) {
    std::vector<types::Value> fields(type.elements().size());
    for (const rows::Cell& cell : cells) {
        ByteReader in(cell.path);
        const std::size_t field = in.u16();
        if (field < fields.size()) {
            fields[field] = cell.value;
        }
    }
    return types::packTuple(fields);
}

Bytes packCells(const types::DataType& type, std::span<const rows::Cell> cells) {
    if (type.kind() == Kind::Udt) {
        return packFields(type, cells);
    }
    ByteWriter out;
    out.i32(static_cast<std::int32_t>(cells.size()));
    for (const rows::Cell& cell : cells) {
        if (type.kind() != Kind::List) {
            out.longBlob(cell.path);
        }
        if (type.kind() != Kind::Set) {
            out.longBlob(cell.value);
        }
    }
    return out.take();
}

}  // namespace

std::span<const rows::Cell> cellsOf(const rows::Row& row, const std::string& column) {
    const auto begin = std::lower_bound(
        row.cells.begin(), row.cells.end(), column,
        [](const rows::Cell& cell, const std::string& name) { return cell.column < name; });
    auto end = begin;
    while (end != row.cells.end() && end->column == column) {
        ++end;
    }
    return {begin, end};
}

Value valueOf(const schema::Column& column, const rows::Row& row) {
    const auto cells = cellsOf(row, column.name);
    if (cells.empty()) {
        return std::nullopt;
    }
    if (column.type->isMultiCell()) {
        return packCells(*column.type, cells);
    }
    if (column.type->isCounter()) {
        return types::encodeBigint(rows::counterTotal(cells.front().value));
    }
    return cells.front().value;
}

std::vector<Bytes> keyComponents(const schema::Table& table, BytesView key) {
    std::vector<Bytes> out;
    if (table.partitionKey().size() == 1) {
        out.emplace_back(key);
        return out;
    }
    ByteReader in(key);
    for (std::size_t i = 0; i < table.partitionKey().size(); ++i) {
        out.emplace_back(in.shortBlob());
        in.u8();
    }
    return out;
}

}  // namespace engine::cql
