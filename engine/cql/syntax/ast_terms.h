#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/result.h"

namespace engine::cql::syntax {

/// An identifier as the statement means it: unquoted text is folded to lower case, quoted text is
/// kept (with `""` undone). An absent name (no keyspace before the point) has empty text and is
/// not quoted; the empty quoted column `""` has empty text and is quoted.
struct Name {
    std::string text;
    bool quoted = false;
    SourceSpan span;

    bool absent() const { return text.empty() && !quoted; }
    bool operator==(const Name& other) const { return text == other.text; }
};

/// `[keyspace.]name` of a table, view, index, type, function or aggregate.
struct QualifiedName {
    Name keyspace;  // absent() when not written.
    Name name;
};

/// A CQL type as written, not yet resolved: user types may not exist, and a vector's dimension may
/// be out of range (CQL3Type.Raw).
struct TypeRef {
    enum class Kind : std::uint8_t { Native, Custom, User, List, Set, Map, Tuple, Vector };

    Kind kind = Kind::Native;
    bool frozen = false;     // frozen<…> was written around it (or around an enclosing type).
    std::int32_t dimension = 0;  // Vector.
    Name keyspace;           // User: absent() when not written.
    std::string name;        // Native: lower case ("varchar" is left so); User: the type's name;
                             // Custom: the class's name.
    std::vector<TypeRef> parameters;  // Map: key, value. Vector: element.
    SourceSpan span;
};

enum class LiteralKind : std::uint8_t {
    String,    // text without quotes, '' undone
    Integer,   // -?[0-9]+
    Float,     // also NaN, Infinity, -Infinity
    Boolean,   // as written; any case
    Uuid,
    Hex,       // with 0x
    Duration,
    Null,      // text "NULL"
};

struct Term;

struct Literal {
    LiteralKind kind = LiteralKind::Null;
    std::string text;
};

/// `?` or `:name`: points into ParsedStatement::markers.
struct MarkerRef {
    std::int32_t index = 0;
};

struct ListTerm {  // […]: a list or a vector, by the receiving column.
    std::vector<Term> items;
};
struct SetTerm {  // {a, b}; also {} (an empty set or map).
    std::vector<Term> items;
};
struct MapTermEntry;
struct MapTerm {
    std::vector<MapTermEntry> entries;
};
struct UserTypeTermField;
struct UserTypeTerm {
    std::vector<UserTypeTermField> fields;
};
struct TupleTerm {  // (a, b); one element may also be a term in parentheses.
    std::vector<Term> items;
};
struct CallTerm {
    QualifiedName function;
    std::vector<Term> arguments;
};
struct CastTerm {  // CAST(x AS type)
    std::vector<Term> operand;  // Exactly one.
    TypeRef type;
};
struct HintTerm {  // (type) x
    TypeRef type;
    std::vector<Term> operand;  // Exactly one.
};
struct ArithmeticTerm {
    char op = '+';               // + - * / %
    std::vector<Term> operands;  // Exactly two.
};
struct NegateTerm {
    std::vector<Term> operand;  // Exactly one.
};

/// A value in VALUES, SET, WHERE, IF, LIMIT, …; no columns inside.
struct Term {
    std::variant<Literal, MarkerRef, ListTerm, SetTerm, MapTerm, UserTypeTerm, TupleTerm, CallTerm,
                 CastTerm, HintTerm, ArithmeticTerm, NegateTerm>
        node;
    SourceSpan span;
};
struct MapTermEntry {
    Term key;
    Term value;
};
struct UserTypeTermField {
    Name name;
    Term value;
};

struct Selector;

struct ColumnSelector {
    Name column;
};
struct TermSelector {  // A literal, null or a bind marker.
    Term term;
};
struct CountRowsSelector {};  // COUNT(*)
/// WRITETIME, MAXWRITETIME or TTL of a column, its element, slice or field.
struct MetadataSelector {
    enum class Kind : std::uint8_t { Writetime, MaxWritetime, Ttl };
    Kind kind = Kind::Writetime;
    Name column;
    std::vector<Selector> target;  // Exactly one: a ColumnSelector, or sub-selections of one.
};
struct CallSelector {
    QualifiedName function;
    std::vector<Selector> arguments;
};
struct CastSelector {
    std::vector<Selector> operand;  // Exactly one.
    TypeRef type;
};
struct HintSelector {
    TypeRef type;
    std::vector<Selector> operand;  // Exactly one.
};
struct FieldSelector {  // operand.field
    std::vector<Selector> operand;  // Exactly one.
    Name field;
};
struct ElementSelector {  // operand[key]
    std::vector<Selector> operand;  // Exactly one.
    Term key;
};
struct SliceSelector {  // operand[from..to]
    std::vector<Selector> operand;  // Exactly one.
    std::optional<Term> from;
    std::optional<Term> to;
};
struct ListSelector {
    std::vector<Selector> items;
};
struct SetSelector {
    std::vector<Selector> items;
};
struct MapSelectorEntry;
struct MapSelector {  // {k: v}: a map, or a user type when the keys are plain columns.
    std::vector<MapSelectorEntry> entries;
};
struct TupleSelector {  // (a, b); one element: parentheses or a tuple, by the receiver.
    std::vector<Selector> items;
};
struct ArithmeticSelector {
    char op = '+';
    std::vector<Selector> operands;  // Exactly two.
};
struct NegateSelector {
    std::vector<Selector> operand;  // Exactly one.
};

/// One expression of a select list or of GROUP BY (Selectable.Raw).
struct Selector {
    std::variant<ColumnSelector, TermSelector, CountRowsSelector, MetadataSelector, CallSelector,
                 CastSelector, HintSelector, FieldSelector, ElementSelector, SliceSelector,
                 ListSelector, SetSelector, MapSelector, TupleSelector, ArithmeticSelector,
                 NegateSelector>
        node;
    SourceSpan span;
};
struct MapSelectorEntry {
    Selector key;
    Selector value;
};

}  // namespace engine::cql::syntax
