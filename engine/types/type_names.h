#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types/data_type.h"

namespace engine::types {

/// A bare identifier, or the name in double quotes when CQL needs them
/// (ColumnIdentifier.maybeQuote): not lower case, or a reserved word.
std::string maybeQuote(std::string_view name);

/// As system_schema.columns and messages print it: `frozen<map<int, text>>`, `vector<float, 3>`.
std::string cqlName(const DataType& type);
/// The same without the outermost `frozen<>`, as function signatures and UDF columns print it.
std::string cqlNameUnfrozen(const DataType& type);
inline std::string cqlName(const TypePtr& type) {
    return cqlName(*type);
}

/// As SSTables, the wire's Custom option and logs print it:
/// `org.apache.cassandra.db.marshal.FrozenType(…)`. `reversed` wraps it in ReversedType.
std::string className(const DataType& type, bool reversed = false);
/// The class name of a partition key: the type's own, or CompositeType over several.
std::string keyClassName(std::span<const TypePtr> types);

/// Finds a user type by keyspace and name; nullptr when there is none. The answer is multi-cell.
using UdtLookup = std::function<TypePtr(std::string_view keyspace, std::string_view name)>;

/// Parses what cqlName prints, and what people type (`varchar`, `VECTOR<float,3>`, quoted and
/// qualified user types, 'class.Names'). User types without keyspace belong to `keyspace`.
Result<TypePtr> parseCqlType(std::string_view text, std::string_view keyspace = {},
                             const UdtLookup& lookup = {});

struct ParsedClass {
    TypePtr type;
    bool reversed = false;
};
/// Parses what className prints; short names (`UTF8Type`) too, and `<>` in place of `()`, as
/// TypeParser does. User types carry their fields. An unknown class gives a Custom type.
Result<ParsedClass> parseClassName(std::string_view text);
/// Parses what keyClassName prints: one type, or those within CompositeType.
Result<std::vector<ParsedClass>> parseKeyClassName(std::string_view text);

}  // namespace engine::types
