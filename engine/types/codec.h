#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/uuid.h"
#include "engine/types/data_type.h"

namespace engine::types {

/// A value that may be null.
using Value = std::optional<Bytes>;

// C++ values to serialised values. Text, ascii and blob are their own bytes.
Bytes encodeInt(std::int32_t v);
Bytes encodeBigint(std::int64_t v);  // bigint, counter as clients see it, timestamp, time
Bytes encodeSmallint(std::int16_t v);
Bytes encodeTinyint(std::int8_t v);
Bytes encodeBoolean(bool v);
Bytes encodeFloat(float v);
Bytes encodeDouble(double v);
Bytes encodeUuid(const Uuid& v);
inline Bytes encodeTimestamp(std::int64_t unixMillis) {
    return encodeBigint(unixMillis);
}
/// Days since 1970-01-01 (stored with 2^31 added).
Bytes encodeDate(std::int32_t daysSinceEpoch);
/// From "127.0.0.1" or an IPv6 text; nullopt when it is neither.
std::optional<Bytes> encodeInet(std::string_view address);
Bytes encodeVarint(std::int64_t v);

// Serialised values to C++ values. Bytes of another length give zero: validate before.
std::int32_t decodeInt(BytesView bytes);
std::int64_t decodeBigint(BytesView bytes);
std::int16_t decodeSmallint(BytesView bytes);
std::int8_t decodeTinyint(BytesView bytes);
bool decodeBoolean(BytesView bytes);
float decodeFloat(BytesView bytes);
double decodeDouble(BytesView bytes);
Uuid decodeUuid(BytesView bytes);
std::int32_t decodeDate(BytesView bytes);  // Days since 1970-01-01.
std::string decodeInet(BytesView bytes);   // As Java's InetAddress.getHostAddress prints it.

/// Months, days and nanoseconds, all of one sign; equal only when all three are.
struct DurationValue {
    std::int32_t months = 0;
    std::int32_t days = 0;
    std::int64_t nanoseconds = 0;

    bool operator==(const DurationValue&) const = default;
};
Bytes encodeDuration(const DurationValue& v);
DurationValue decodeDuration(BytesView bytes);

// Lists, sets: a 32-bit count, then each element with a 32-bit length. Maps: the count of pairs,
// then keys and values in turns. The caller sorts sets and maps (see sortSet, sortMap).
Bytes packList(std::span<const Bytes> elements);
Bytes packMap(std::span<const std::pair<Bytes, Bytes>> entries);
/// Views into `bytes`; a broken value ends early with an error.
Result<std::vector<BytesView>> unpackList(BytesView bytes);
Result<std::vector<std::pair<BytesView, BytesView>>> unpackMap(BytesView bytes);
/// Sorts by the element (key) type; of equal ones the last stays.
void sortSet(const DataType& element, std::vector<Bytes>& elements);
void sortMap(const DataType& key, std::vector<std::pair<Bytes, Bytes>>& entries);

// Tuples and user types: each component with a 32-bit length, -1 for null. Unpacking gives as
// many as the type has: missing ones at the end are null.
Bytes packTuple(std::span<const Value> components);
Result<std::vector<std::optional<BytesView>>> unpackTuple(const DataType& type, BytesView bytes);

// Vectors: elements back to back, each preceded by an unsigned vint length unless the element type
// has a fixed length.
Bytes packVector(const DataType& type, std::span<const Bytes> elements);
Result<std::vector<BytesView>> unpackVector(const DataType& type, BytesView bytes);
std::vector<float> decodeFloatVector(BytesView bytes);

}  // namespace engine::types
