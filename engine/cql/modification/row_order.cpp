#include "engine/cql/modification/row_order.h"

#include <algorithm>

#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

/// Order of two cell paths of one column.
int comparePaths(const schema::Column& column, BytesView a, BytesView b) {
    switch (column.type->kind()) {
        case types::Kind::List: return types::compare(*types::timeuuid(), a, b);
        case types::Kind::Set:
        case types::Kind::Map: return types::compare(*column.type->keyType(), a, b);
        default: return a.compare(b);
    }
}

}  // namespace

void sortCells(const schema::Table& table, rows::Row& row) {
    const auto compare = [&table](const rows::Cell& a, const rows::Cell& b) {
        const int order = a.column.compare(b.column);
        return order != 0 ? order : comparePaths(*table.find(a.column), a.path, b.path);
    };
    std::stable_sort(row.cells.begin(), row.cells.end(),
                     [&](const auto& a, const auto& b) { return compare(a, b) < 0; });
    std::vector<rows::Cell> out;
    out.reserve(row.cells.size());
    for (rows::Cell& cell : row.cells) {
        if (out.empty() || compare(out.back(), cell) != 0) {
            out.push_back(std::move(cell));
        } else if (rows::rightWins(out.back(), cell)) {
            out.back() = std::move(cell);
        }
    }
    row.cells = std::move(out);
    std::stable_sort(row.complexDeletions.begin(), row.complexDeletions.end(),
                     [](const auto& a, const auto& b) { return a.column < b.column; });
}

}  // namespace engine::cql
