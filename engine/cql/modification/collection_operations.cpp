#include "engine/cql/modification/collection_operations.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/result.h"
#include "engine/cql/modification/row_order.h"
#include "engine/cql/terms/function_context.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

using rows::Row;
using State = BoundValue::State;
using types::Kind;

Bytes fieldPath(std::size_t field) {
    ByteWriter out;
    out.u16(static_cast<std::uint16_t>(field));
    return out.take();
}

/// Paths of prepended elements count down from this moment as the clock counts up (Lists.Prepender).
constexpr std::int64_t kPrependReferenceMicros = 1262304000000000;

Bytes prependPath(const ExecutionContext& context) {
    const std::int64_t micros = 2 * kPrependReferenceMicros - context.uniqueMicros();
    return Uuid::timeBased(micros * 10, context.random()).toBytes();
}

/// Elements of a valid list that are not null: nothing equals null.
std::vector<BytesView> elementsOf(BytesView list) {
    ByteReader reader(list);
    std::vector<BytesView> out;
    for (std::int32_t left = reader.i32(); left > 0 && !reader.failed(); --left) {
        if (const std::optional<BytesView> element = reader.longBlob()) {
            out.push_back(*element);
        }
    }
    return out;
}

/// The elements of a bound or written list, none of them null; an empty int is null too.
Result<std::vector<BytesView>> elementsToStore(const schema::Column& column, BytesView list) {
    const bool emptyIsNull = column.type->element()->emptyIsMeaningless();
    ByteReader reader(list);
    std::vector<BytesView> out;
    for (std::int32_t left = reader.i32(); left > 0; --left) {
        const std::optional<BytesView> element = reader.longBlob();
        if (reader.failed()) {
            return invalid("Not enough bytes to read a list");
        }
        if (!element || (element->empty() && emptyIsNull)) {
            return invalid("null is not supported inside collections");
        }
        out.push_back(*element);
    }
    return out;
}

Result<void> appendElements(const schema::Column& column, BytesView list, Row& row,
                            const Binding& binding, const WriteParameters& parameters) {
    TRY_ASSIGN(const auto elements, elementsToStore(column, list));
    for (const BytesView element : elements) {
        row.cells.push_back(
            parameters.live(column, nextTimeuuid(binding.context).toBytes(), Bytes(element)));
    }
    return ok();
}

Result<void> addElements(const schema::Column& column, BytesView set, Row& row,
                         const WriteParameters& parameters) {
    TRY_ASSIGN(const auto elements, types::unpackList(set));
    for (const BytesView element : elements) {
        row.cells.push_back(parameters.live(column, Bytes(element), {}));
    }
    return ok();
}

Result<void> putEntries(const schema::Column& column, BytesView map, Row& row,
                        const WriteParameters& parameters) {
    TRY_ASSIGN(const auto entries, types::unpackMap(map));
    for (const auto& [key, value] : entries) {
        row.cells.push_back(parameters.live(column, Bytes(key), Bytes(value)));
    }
    return ok();
}

Result<void> setFields(const schema::Column& column, BytesView value, Row& row,
                       const WriteParameters& parameters) {
    TRY_ASSIGN(const auto fields, types::unpackTuple(*column.type, value));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i]) {
            row.cells.push_back(parameters.live(column, fieldPath(i), Bytes(*fields[i])));
        }
    }
    return ok();
}

/// c = value, of a column that has a cell for each element.
class Replace : public Operation {
public:
    Replace(const schema::Column& column, Term value) : Operation(column), m_value(std::move(value)) {}

    bool putsElements() const override { return column().type->isCollection(); }
    Result<void> apply(Row& row, const Binding& binding, const WriteParameters& parameters,
                       const Row*) const override {
        BoundValue scratch;
        TRY_ASSIGN(const BoundValue* value, m_value.view(binding, scratch));
        if (value->state == State::Unset) {
            return ok();
        }
        row.complexDeletions.push_back({column().name, parameters.overwritten()});
        if (value->state == State::Null) {
            return ok();
        }
        switch (column().type->kind()) {
            case Kind::List: return appendElements(column(), value->bytes, row, binding, parameters);
            case Kind::Set: return addElements(column(), value->bytes, row, parameters);
            case Kind::Map: return putEntries(column(), value->bytes, row, parameters);
            default: return setFields(column(), value->bytes, row, parameters);
        }
    }

private:
    Term m_value;
};

/// Adds a collection's elements to what is there.
class Add : public Operation {
public:
    enum class Where : std::uint8_t { ListEnd, ListBegin, Set, Map };
    Add(const schema::Column& column, Where where, Term value)
        : Operation(column), m_where(where), m_value(std::move(value)) {}

    bool putsElements() const override { return true; }
    Result<void> apply(Row& row, const Binding& binding, const WriteParameters& parameters,
                       const Row*) const override {
        BoundValue scratch;
        TRY_ASSIGN(const BoundValue* value, m_value.view(binding, scratch));
        if (value->state != State::Set) {
            return ok();
        }
        switch (m_where) {
            case Where::ListEnd: return appendElements(column(), value->bytes, row, binding, parameters);
            case Where::ListBegin: return prepend(value->bytes, row, binding, parameters);
            case Where::Set: return addElements(column(), value->bytes, row, parameters);
            case Where::Map: return putEntries(column(), value->bytes, row, parameters);
        }
        return ok();
    }

private:
    Result<void> prepend(BytesView list, Row& row, const Binding& binding,
                         const WriteParameters& parameters) const {
        TRY_ASSIGN(const auto elements, elementsToStore(column(), list));
        for (std::size_t i = elements.size(); i-- > 0;) {
            row.cells.push_back(
                parameters.live(column(), prependPath(binding.context), Bytes(elements[i])));
        }
        return ok();
    }

    Where m_where;
    Term m_value;
};

/// Live cells of a column, in order: of the row that was read, as the statement has changed it so
/// far (UpdateParameters.getPrefetchedRow).
std::vector<rows::Cell> liveCells(const Row* existing, const Row& pending,
                                  const schema::Column& column, const WriteParameters& parameters) {
    Row row = existing != nullptr ? *existing : Row();
    Row changes = pending;
    sortCells(*parameters.table, changes);
    rows::merge(*parameters.table, row, std::move(changes));
    std::erase_if(row.cells, [&](const rows::Cell& cell) {
        return cell.column != column.name || !cell.isLive(parameters.nowSeconds);
    });
    return std::move(row.cells);
}

class DiscardFromList : public Operation {
public:
    DiscardFromList(const schema::Column& column, Term value)
        : Operation(column), m_value(std::move(value)) {}

    bool readsFirst() const override { return true; }
    Result<void> apply(Row& row, const Binding& binding, const WriteParameters& parameters,
                       const Row* existing) const override {
        BoundValue scratch;
        TRY_ASSIGN(const BoundValue* value, m_value.view(binding, scratch));
        if (value->state != State::Set) {
            return ok();
        }
        TRY(binding.context.guardrails.readBeforeWriteListOperation("Removal of list items"));
        const std::vector<BytesView> discarded = elementsOf(value->bytes);
        for (rows::Cell& cell : liveCells(existing, row, column(), parameters)) {
            if (std::find(discarded.begin(), discarded.end(), cell.value) != discarded.end()) {
                row.cells.push_back(parameters.tombstone(column(), std::move(cell.path)));
            }
        }
        return ok();
    }

private:
    Term m_value;
};

class DiscardKeys : public Operation {
public:
    DiscardKeys(const schema::Column& column, Term value)
        : Operation(column), m_value(std::move(value)) {}

    Result<void> apply(Row& row, const Binding& binding, const WriteParameters& parameters,
                       const Row*) const override {
        BoundValue scratch;
        TRY_ASSIGN(const BoundValue* value, m_value.view(binding, scratch));
        if (value->state != State::Set) {
            return ok();
        }
        TRY_ASSIGN(const auto keys, types::unpackList(value->bytes));
        for (const BytesView key : keys) {
            row.cells.push_back(parameters.tombstone(column(), Bytes(key)));
        }
        return ok();
    }

private:
    Term m_value;
};

/// Adds the cell that `value` makes at `path`: nothing for unset, a tombstone for null.
void putCell(Row& row, const schema::Column& column, Bytes path, BoundValue value,
             const WriteParameters& parameters) {
    if (value.state == State::Null) {
        row.cells.push_back(parameters.tombstone(column, std::move(path)));
    } else if (value.state == State::Set) {
        row.cells.push_back(parameters.live(column, std::move(path), std::move(value.bytes)));
    }
}

/// c[i] = value of a list, and DELETE c[i].
class SetListElement : public Operation {
public:
    SetListElement(const schema::Column& column, Term index, std::optional<Term> value)
        : Operation(column), m_index(std::move(index)), m_value(std::move(value)) {}

    bool readsFirst() const override { return true; }
    Result<void> apply(Row& row, const Binding& binding, const WriteParameters& parameters,
                       const Row* existing) const override {
        TRY(binding.context.guardrails.readBeforeWriteListOperation(m_value ? "Setting of list items by index"
                                                                            : "Removal of list items by index"));
        TRY_ASSIGN(const BoundValue index, m_index.bind(binding));
        BoundValue value;
        if (m_value) {
            TRY_ASSIGN(value, m_value->bind(binding));
        }
        if (index.state == State::Null) {
            return invalid("Invalid null value for list index");
        }
        if (index.state == State::Unset) {
            return m_value ? Result<void>(invalid("Invalid unset value for list index")) : ok();
        }
        if (index.bytes.empty()) {
            return invalid("Invalid empty value for list index");
        }
        auto cells = liveCells(existing, row, column(), parameters);
        if (cells.empty()) {
            return invalid(m_value ? "Attempted to set an element on a list which is null"
                                   : "Attempted to delete an element from a list which is null");
        }
        const std::int32_t at = types::decodeInt(index.bytes);
        if (at < 0 || static_cast<std::size_t>(at) >= cells.size()) {
            return invalid(
                fmt::format("List index {} out of bound, list has size {}", at, cells.size()));
        }
        putCell(row, column(), std::move(cells[static_cast<std::size_t>(at)].path), std::move(value),
                parameters);
        return ok();
    }

private:
    Term m_index;
    std::optional<Term> m_value;
};

/// m[key] = value, DELETE m[key] and DELETE s[element].
class SetEntry : public Operation {
public:
    SetEntry(const schema::Column& column, Term key, std::optional<Term> value)
        : Operation(column), m_key(std::move(key)), m_value(std::move(value)) {}

    Result<void> apply(Row& row, const Binding& binding, const WriteParameters& parameters,
                       const Row*) const override {
        TRY_ASSIGN(BoundValue key, m_key.bind(binding));
        BoundValue value;
        if (m_value) {
            TRY_ASSIGN(value, m_value->bind(binding));
        }
        if (key.state != State::Set) {
            const bool isSet = column().type->kind() == Kind::Set;
            if (isSet && key.state == State::Unset) {
                return ok();
            }
            return invalid(fmt::format("Invalid {} {}", key.state == State::Null ? "null" : "unset",
                                       isSet ? "set element" : "map key"));
        }
        putCell(row, column(), std::move(key.bytes), std::move(value), parameters);
        return ok();
    }

private:
    Term m_key;
    std::optional<Term> m_value;
};

class SetField : public Operation {
public:
    SetField(const schema::Column& column, int field, std::optional<Term> value)
        : Operation(column), m_field(static_cast<std::size_t>(field)), m_value(std::move(value)) {}

    Result<void> apply(Row& row, const Binding& binding, const WriteParameters& parameters,
                       const Row*) const override {
        BoundValue value;
        if (m_value) {
            TRY_ASSIGN(value, m_value->bind(binding));
        }
        putCell(row, column(), fieldPath(m_field), std::move(value), parameters);
        return ok();
    }

private:
    std::size_t m_field;
    std::optional<Term> m_value;
};

class DeleteColumn : public Operation {
public:
    using Operation::Operation;
    Result<void> apply(Row& row, const Binding&, const WriteParameters& parameters,
                       const Row*) const override {
        if (column().type->isMultiCell()) {
            row.complexDeletions.push_back({column().name, parameters.deletion()});
        } else {
            row.cells.push_back(parameters.tombstone(column()));
        }
        return ok();
    }
};

}  // namespace

OperationPtr replaceCollection(const schema::Column& column, Term value) {
    return std::make_unique<Replace>(column, std::move(value));
}
OperationPtr appendToList(const schema::Column& column, Term value) {
    return std::make_unique<Add>(column, Add::Where::ListEnd, std::move(value));
}
OperationPtr prependToList(const schema::Column& column, Term value) {
    return std::make_unique<Add>(column, Add::Where::ListBegin, std::move(value));
}
OperationPtr addToSet(const schema::Column& column, Term value) {
    return std::make_unique<Add>(column, Add::Where::Set, std::move(value));
}
OperationPtr putIntoMap(const schema::Column& column, Term value) {
    return std::make_unique<Add>(column, Add::Where::Map, std::move(value));
}
OperationPtr discardFromList(const schema::Column& column, Term value) {
    return std::make_unique<DiscardFromList>(column, std::move(value));
}
OperationPtr discardKeys(const schema::Column& column, Term value) {
    return std::make_unique<DiscardKeys>(column, std::move(value));
}
OperationPtr setListElement(const schema::Column& column, Term index, std::optional<Term> value) {
    return std::make_unique<SetListElement>(column, std::move(index), std::move(value));
}
OperationPtr setMapEntry(const schema::Column& column, Term key, std::optional<Term> value) {
    return std::make_unique<SetEntry>(column, std::move(key), std::move(value));
}
OperationPtr deleteSetElement(const schema::Column& column, Term element) {
    return std::make_unique<SetEntry>(column, std::move(element), std::nullopt);
}
OperationPtr setField(const schema::Column& column, int field, std::optional<Term> value) {
    return std::make_unique<SetField>(column, field, std::move(value));
}
OperationPtr deleteColumn(const schema::Column& column) {
    return std::make_unique<DeleteColumn>(column);
}

}  // namespace engine::cql
