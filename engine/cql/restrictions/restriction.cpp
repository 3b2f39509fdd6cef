#include "engine/cql/restrictions/restriction.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

using RestrictionKind = Restriction::Kind;

Error unsetError(const schema::Column& column) {
    return invalid("Invalid unset value for column " + column.name);
}

/// (a,b)
std::string tupleName(const std::vector<const schema::Column*>& columns) {
    std::string out;
    for (const schema::Column* column : columns) {
        out += (out.empty() ? "" : ",") + column->name;
    }
    return "(" + out + ")";
}

std::string columnsInCommon(const Restriction& a, const Restriction& b) {
    std::string out;
    for (const schema::Column* column : a.columns) {
        if (std::find(b.columns.begin(), b.columns.end(), column) != b.columns.end()) {
            out += (out.empty() ? "" : " ,") + column->name;
        }
    }
    return out;
}

Result<void> mergeSlices(Restriction& into, Restriction other) {
    const std::string common = columnsInCommon(into, other);
    if (other.kind != RestrictionKind::Slice) {
        return invalid(fmt::format("Column \"{}\" cannot be restricted by both an equality and an "
                                   "inequality relation",
                                   common));
    }
    if (&into.first() != &other.first()) {
        const auto& later =
            into.first().position > other.first().position ? into.first() : other.first();
        return invalid(fmt::format(
            "Column \"{}\" cannot be restricted by two inequalities not starting with the same column",
            later.name));
    }
    if (into.lower && other.lower) {
        return invalid("More than one restriction was found for the start bound on " + common);
    }
    if (into.upper && other.upper) {
        return invalid("More than one restriction was found for the end bound on " + common);
    }
    if (other.lower) {
        into.lower = std::move(other.lower);
        into.lowerInclusive = other.lowerInclusive;
    }
    if (other.upper) {
        into.upper = std::move(other.upper);
        into.upperInclusive = other.upperInclusive;
    }
    into.multi = into.multi || other.multi;
    if (other.columns.size() > into.columns.size()) {
        into.columns = std::move(other.columns);
    }
    return ok();
}

}  // namespace

Result<std::vector<Bytes>> RowValue::bind(const std::vector<const schema::Column*>& columns,
                                          const Binding& binding, std::string_view nullMessage,
                                          bool nullIsEmpty) const {
    std::vector<Bytes> out;
    if (!tuple) {
        out.reserve(elements.size());
        BoundValue scratch;
        for (std::size_t i = 0; i < elements.size(); ++i) {
            TRY_ASSIGN(const BoundValue* value, elements[i].view(binding, scratch));
            if (value->state == BoundValue::State::Null && !nullIsEmpty) {
                return invalid(std::string(nullMessage) + columns[i]->name);
            }
            if (value->state == BoundValue::State::Unset) {
                return elements.size() > 1
                           ? invalid(fmt::format("Invalid unset value for tuple field number {}", i))
                           : unsetError(*columns[i]);
            }
            out.push_back(value->bytes);
        }
        return out;
    }
    TRY_ASSIGN(const BoundValue value, tuple->bind(binding));
    if (value.state != BoundValue::State::Set) {
        return value.state == BoundValue::State::Unset
                   ? invalid("Invalid unset value for tuple " + tupleName(columns))
                   : makeError(ErrorKind::Server, "java.lang.NullPointerException");
    }
    std::vector<types::TypePtr> parts;
    for (const schema::Column* column : columns) {
        parts.push_back(column->type);
    }
    TRY_ASSIGN(const auto components, types::unpackTuple(*types::tuple(parts), value.bytes));
    for (std::size_t i = 0; i < components.size(); ++i) {
        if (!components[i]) {
            return invalid(std::string(nullMessage) + columns[i]->name);
        }
        out.emplace_back(*components[i]);
    }
    return out;
}

Result<std::vector<std::vector<Bytes>>> Restriction::values(const Binding& binding) const {
    std::vector<std::vector<Bytes>> out;
    const std::string_view nullMessage =
        multi ? "Invalid null value for column " : "Invalid null value in condition for column ";
    if (kind == RestrictionKind::Eq) {
        TRY_ASSIGN(auto one, eq.bind(columns, binding, nullMessage));
        out.push_back(std::move(one));
        return out;
    }
    if (!inMarker) {
        for (const RowValue& value : in) {
            TRY_ASSIGN(auto one, value.bind(columns, binding, nullMessage));
            out.push_back(std::move(one));
        }
        return out;
    }
    TRY_ASSIGN(const BoundValue list, inMarker->bind(binding));
    if (list.state == BoundValue::State::Unset) {
        return multi ? invalid("Invalid unset value for in" + tupleName(columns)) : unsetError(first());
    }
    if (list.state == BoundValue::State::Null) {
        return multi ? invalid("Invalid null value for IN restriction")
                     : invalid("Invalid null value for column " + first().name);
    }
    // The items of a bound list may be null, which those of a stored one never are.
    ByteReader items(list.bytes);
    for (std::int32_t left = items.i32(); left > 0 && !items.failed(); --left) {
        const auto item = items.longBlob();
        if (!multi) {
            if (!item || (item->empty() && first().type->emptyIsMeaningless())) {
                return invalid(std::string(nullMessage) + first().name);
            }
            out.push_back({Bytes(*item)});
            continue;
        }
        RowValue value;
        value.tuple = item ? Term::constant(Bytes(*item)) : Term();
        TRY_ASSIGN(auto one, value.bind(columns, binding, nullMessage));
        out.push_back(std::move(one));
    }
    return out;
}

Result<void> Restriction::merge(Restriction other) {
    switch (kind) {
        case RestrictionKind::Eq:
            return invalid(columnsInCommon(*this, other) +
                           " cannot be restricted by more than one relation if it includes an Equal");
        case RestrictionKind::In:
            return invalid(columnsInCommon(*this, other) +
                           " cannot be restricted by more than one relation if it includes a IN");
        case RestrictionKind::Like:
            return invalid(columnsInCommon(*this, other) +
                           " cannot be restricted by more than one relation if it includes a LIKE");
        case RestrictionKind::Nearest:
            return invalid(columnsInCommon(*this, other) +
                           " cannot be restricted by more than one relation in an ANN ordering");
        case RestrictionKind::Slice: return mergeSlices(*this, std::move(other));
        case RestrictionKind::Contains:
            if (other.kind != RestrictionKind::Contains) {
                return invalid(fmt::format("Collection column {} can only be restricted by CONTAINS, "
                                           "CONTAINS KEY, or map-entry equality",
                                           first().name));
            }
            contains.insert(contains.end(), other.contains.begin(), other.contains.end());
            return ok();
    }
    return ok();
}

Result<void> TokenRestriction::merge(TokenRestriction other) {
    if (eq) {
        return invalid(columns +
                       " cannot be restricted by more than one relation if it includes an Equal");
    }
    if (other.eq) {
        return invalid(fmt::format(
            "Columns \"{}\" cannot be restricted by both an equality and an inequality relation",
            columns));
    }
    if (lower && other.lower) {
        return invalid("More than one restriction was found for the start bound on " + columns);
    }
    if (upper && other.upper) {
        return invalid("More than one restriction was found for the end bound on " + columns);
    }
    if (other.lower) {
        lower = std::move(other.lower);
        lowerInclusive = other.lowerInclusive;
    }
    if (other.upper) {
        upper = std::move(other.upper);
        upperInclusive = other.upperInclusive;
    }
    return ok();
}

}  // namespace engine::cql
