#pragma once

#include "engine/cql/modification/operation.h"

/// Operations on multi-cell collections and user types (Lists, Sets, Maps, UserTypes).
namespace engine::cql {

OperationPtr replaceCollection(const schema::Column& column, Term value);
OperationPtr appendToList(const schema::Column& column, Term value);
OperationPtr prependToList(const schema::Column& column, Term value);
OperationPtr addToSet(const schema::Column& column, Term value);
OperationPtr putIntoMap(const schema::Column& column, Term value);
OperationPtr discardFromList(const schema::Column& column, Term value);
/// Sets, and keys of maps: `value` is a set.
OperationPtr discardKeys(const schema::Column& column, Term value);
/// c[key] = value; an absent value deletes the element.
OperationPtr setListElement(const schema::Column& column, Term index, std::optional<Term> value);
OperationPtr setMapEntry(const schema::Column& column, Term key, std::optional<Term> value);
OperationPtr deleteSetElement(const schema::Column& column, Term element);
OperationPtr setField(const schema::Column& column, int field, std::optional<Term> value);
OperationPtr deleteColumn(const schema::Column& column);

}  // namespace engine::cql
