#include "engine/cql/modification/write_guard.h"

#include <algorithm>

#include "engine/rows/index_rules.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

using types::Kind;

/// What a cell weighs beside its path and value: timestamp, TTL, local deletion time (AbstractCell.dataSize).
constexpr std::size_t kCellBytes = 8 + 4 + 8;

/// Of elements that are put into a collection (Lists, Sets and Maps.Setter, .Adder, .Putter).
Result<void> guardElements(std::span<const rows::Cell> cells, const schema::Column& column,
                           const Guardrails& guardrails) {
    std::size_t items = 0;
    std::size_t bytes = 0;
    for (const rows::Cell& cell : cells) {
        if (!cell.isTombstone()) {
            ++items;
            bytes += kCellBytes + cell.path.size() + cell.value.size();
        }
    }
    if (items == 0) {
        return ok();
    }
    TRY(guardrails.itemsPerCollection(items, column.name));
    return guardrails.collectionSize(bytes, column.name);
}

Result<void> guardFrozen(const rows::Cell& cell, const schema::Column& column, const Guardrails& guardrails) {
    ByteReader reader(cell.value);
    TRY(guardrails.itemsPerCollection(static_cast<std::size_t>(std::max(0, reader.i32())), column.name));
    return guardrails.collectionSize(cell.value.size(), column.name);
}

Guardrails::TermKind termKindOf(const types::DataType& type) {
    if (type.kind() == Kind::Vector) {
        return Guardrails::TermKind::Vector;
    }
    const bool whole = type.isCollection() || type.isTuple();
    return whole ? Guardrails::TermKind::Frozen : Guardrails::TermKind::String;
}

}  // namespace

Result<void> guardWritten(const Operation& operation, std::span<const rows::Cell> cells, const Guardrails& guardrails) {
    const schema::Column& column = operation.column();
    const types::DataType& type = *column.type;
    if (type.isCounter()) {
        return ok();
    }
    if (operation.putsElements()) {
        TRY(guardElements(cells, column, guardrails));
    }
    const bool pathIsValue = type.isMultiCell() && (type.kind() == Kind::Set || type.kind() == Kind::Map);
    for (const rows::Cell& cell : cells) {
        if (cell.isTombstone()) {
            continue;
        }
        if (type.isCollection() && !type.isMultiCell()) {
            TRY(guardFrozen(cell, column, guardrails));
        }
        if (pathIsValue) {
            TRY(guardrails.columnValueSize(cell.path.size(), column.name));
        }
        TRY(guardrails.columnValueSize(cell.value.size(), column.name));
    }
    return ok();
}

Result<void> guardTerms(const schema::Table& table, const rows::Partition& update, const Guardrails& guardrails) {
    for (const schema::Index& index : table.indexes) {
        if (rows::classOf(index) != rows::IndexClass::StorageAttached) {
            continue;
        }
        const rows::IndexTarget target = rows::targetOf(index);
        const schema::Column* column = table.find(target.column);
        if (column == nullptr) {
            continue;
        }
        const Guardrails::TermKind kind = termKindOf(*rows::termType(*column, target.on));
        const auto check = [&](const rows::Row& row) -> Result<void> {
            for (const rows::Cell& cell : row.cells) {
                if (cell.column == target.column && !cell.isTombstone()) {
                    const bool inPath = column->type->isMultiCell() &&
                                        (target.on == rows::IndexOn::Keys || column->type->kind() == Kind::Set);
                    TRY(guardrails.saiTermSize(inPath ? cell.path.size() : cell.value.size(), column->name, kind));
                }
            }
            return ok();
        };
        TRY(check(update.staticRow));
        for (const rows::Row& row : update.rows) {
            TRY(check(row));
        }
    }
    return ok();
}

}  // namespace engine::cql
