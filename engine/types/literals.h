#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/types/data_type.h"

namespace engine::types {

/// The kinds of constant CQL's lexer tells apart (Constants.Type); names as messages print them
/// through constantName.
enum class Constant : std::uint8_t { String, Integer, Uuid, Float, Boolean, Hex, Duration };
std::string_view constantName(Constant constant);  // "STRING", …

/// The type a constant has when nothing else says (Constants.Type.getPreferedTypeFor).
TypePtr preferredType(Constant constant, std::string_view text);
/// Whether a constant may be given where `receiver` is wanted (Constants.Literal.testAssignment).
Assignment constantAssignment(Constant constant, std::string_view text, const DataType& receiver);
/// The constant's value as `receiver`, which must accept it. `text` is without quotes but with 0x.
/// `nowMillis` is what 'now' means for timestamps and dates.
Result<Bytes> constantValue(Constant constant, std::string_view text, const DataType& receiver,
                            std::int64_t nowMillis = 0);

/// AbstractType.fromString: the value a text stands for, with Cassandra's message when it does
/// not. Native types and tuples of them.
Result<Bytes> fromString(const DataType& type, std::string_view text, std::int64_t nowMillis = 0);

/// AbstractType.getString: as Cassandra's own messages, partition sizes and logs print a value.
std::string toText(const DataType& type, BytesView bytes);
/// As CQL literal that reads back as the same value (cqlsh's and DESCRIBE's form).
std::string toCqlLiteral(const DataType& type, BytesView bytes);

/// `value` with quotes doubled, within single quotes.
std::string quoteString(std::string_view value);

}  // namespace engine::types
