#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/cql/terms/term.h"
#include "engine/schema/table.h"

namespace engine::cql {

/// The right side of a relation: one value for each of the relation's columns, or one tuple value
/// that holds them (a bind marker for `(a, b)`).
struct RowValue {
    std::vector<Term> elements;
    std::optional<Term> tuple;

    /// The values, none of them null or unset; `nullMessage` begins the error for null ones and
    /// ends with the column's name; as the end of a slice null stands for the empty value.
    Result<std::vector<Bytes>> bind(const std::vector<const schema::Column*>& columns,
                                    const Binding& binding, std::string_view nullMessage,
                                    bool nullIsEmpty = false) const;
};

/// CONTAINS value, CONTAINS KEY value, or map[key] = value.
struct ContainsCondition {
    enum class Kind : std::uint8_t { Element, Key, Entry };
    Kind kind = Kind::Element;
    Term value;
    Term key;  // Entry.
};

/// What WHERE says of one column, or of several clustering columns together
/// (SingleColumnRestriction, MultiColumnRestriction). Immutable once the statement is prepared;
/// columns are those of the statement's table.
struct Restriction {
    /// Nearest is no condition but the order that ANN OF asks for.
    enum class Kind : std::uint8_t { Eq, In, Slice, Contains, Like, Nearest };

    Kind kind = Kind::Eq;
    bool multi = false;  // Written with parentheses.
    std::vector<const schema::Column*> columns;

    RowValue eq;  // Of Eq; the pattern of Like, the vector of Nearest.
    std::vector<RowValue> in;
    std::optional<Term> inMarker;  // IN ?: binds a list.
    std::optional<RowValue> lower;
    std::optional<RowValue> upper;
    bool lowerInclusive = false;
    bool upperInclusive = false;
    std::vector<ContainsCondition> contains;

    const schema::Column& first() const { return *columns.front(); }
    const schema::Column& last() const { return *columns.back(); }

    /// Each allowed combination of values, as written; Eq and In only.
    Result<std::vector<std::vector<Bytes>>> values(const Binding& binding) const;
    /// Both restrictions at once, or why they cannot be.
    Result<void> merge(Restriction other);
};

/// token(k…) op value.
struct TokenRestriction {
    std::optional<Term> eq;
    std::optional<Term> lower;
    std::optional<Term> upper;
    bool lowerInclusive = false;
    bool upperInclusive = false;
    std::string columns;  // "a, b", for messages.

    Result<void> merge(TokenRestriction other);
};

}  // namespace engine::cql
