#include <algorithm>
#include <cmath>
#include <type_traits>

#include "engine/types/codec.h"
#include "engine/types/data_type.h"
#include "engine/types/detail/big_endian.h"
#include "engine/types/detail/number.h"

namespace engine::types {
namespace {

template <typename T>
int three(T a, T b) {
    return static_cast<int>(b < a) - static_cast<int>(a < b);
}

template <typename Signed>
int compareWhole(BytesView a, BytesView b) {
    using Unsigned = std::make_unsigned_t<Signed>;
    return three(static_cast<Signed>(detail::fromBigEndian<Unsigned>(a)),
                 static_cast<Signed>(detail::fromBigEndian<Unsigned>(b)));
}

Uuid loadUuid(BytesView bytes) {
    if (bytes.size() != 16) {
        return {};
    }
    return {detail::loadBigEndian<std::uint64_t>(bytes.data()),
            detail::loadBigEndian<std::uint64_t>(bytes.data() + 8)};
}

/// Double.compare and Float.compare of Java: -0.0 before 0.0, NaN last and equal to itself.
template <typename T>
int compareFloating(T a, T b) {
    if (a != b && !std::isnan(a) && !std::isnan(b)) {
        return three(a, b);
    }
    const bool aNan = std::isnan(a);
    const bool bNan = std::isnan(b);
    if (aNan || bNan) {
        return three<int>(aNan, bNan);
    }
    return three<int>(!std::signbit(a), !std::signbit(b));
}

/// The time of a version-1 UUID with its most significant part first (the version nibble on top).
std::uint64_t timeFirst(std::uint64_t high) {
    return (high << 48) | ((high << 16) & 0xFFFF00000000ULL) | (high >> 32);
}

/// TimeUUIDType: by time, then the low half byte by byte, signed.
int compareTimeuuid(BytesView a, BytesView b) {
    const Uuid left = loadUuid(a);
    const Uuid right = loadUuid(b);
    const int byTime = three(static_cast<std::int64_t>(timeFirst(left.high)),
                             static_cast<std::int64_t>(timeFirst(right.high)));
    constexpr std::uint64_t kSigns = 0x8080808080808080ULL;
    return byTime != 0 ? byTime : three(left.low ^ kSigns, right.low ^ kSigns);
}

/// UUIDType: by version; version 1 by time; then unsigned.
int compareUuid(BytesView a, BytesView b) {
    const Uuid left = loadUuid(a);
    const Uuid right = loadUuid(b);
    if (left.version() != right.version()) {
        return three(left.version(), right.version());
    }
    const bool timed = left.version() == 1;
    const int byHigh =
        timed ? three(timeFirst(left.high), timeFirst(right.high)) : three(left.high, right.high);
    return byHigh != 0 ? byHigh : three(left.low, right.low);
}

int compareCollections(const DataType& type, BytesView a, BytesView b) {
    ByteReader left(a);
    ByteReader right(b);
    const std::int32_t leftCount = left.i32();
    const std::int32_t rightCount = right.i32();
    const std::size_t each = type.elements().size();
    for (std::int32_t i = 0; i < std::min(leftCount, rightCount); ++i) {
        for (std::size_t part = 0; part < each; ++part) {
            const BytesView l = left.longBlob().value_or(BytesView());
            const BytesView r = right.longBlob().value_or(BytesView());
            if (left.failed() || right.failed()) {
                return three(leftCount, rightCount);
            }
            const int result = compare(*type.element(part), l, r);
            if (result != 0) {
                return result;
            }
        }
    }
    return three(leftCount, rightCount);
}

/// TupleType's rule for what only the longer value has: anything but nulls makes it the greater.
bool hasValueLeft(ByteReader& reader) {
    while (!reader.atEnd()) {
        if (reader.longBlob()) {
            return true;
        }
    }
    return false;
}

int compareTuples(const DataType& type, BytesView a, BytesView b) {
    ByteReader left(a);
    ByteReader right(b);
    for (const TypePtr& component : type.elements()) {
        if (left.atEnd() || right.atEnd()) {
            break;
        }
        const std::optional<BytesView> l = left.longBlob();
        const std::optional<BytesView> r = right.longBlob();
        if (!l || !r) {
            if (l.has_value() != r.has_value()) {
                return l ? 1 : -1;
            }
            continue;
        }
        const int result = compare(*component, *l, *r);
        if (result != 0) {
            return result;
        }
    }
    if (hasValueLeft(left)) {
        return 1;
    }
    return hasValueLeft(right) ? -1 : 0;
}

int compareVectors(const DataType& type, BytesView a, BytesView b) {
    const DataType& element = *type.element();
    ByteReader left(a);
    ByteReader right(b);
    for (std::int32_t i = 0; i < type.dimension(); ++i) {
        const auto next = [&element](ByteReader& reader) {
            return element.fixedLength() > 0
                       ? reader.raw(static_cast<std::size_t>(element.fixedLength()))
                       : reader.blob();
        };
        const int result = compare(element, next(left), next(right));
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

}  // namespace

int compare(const DataType& type, BytesView a, BytesView b) {
    if (type.isByteOrdered()) {
        return a.compare(b);
    }
    if (a.empty() || b.empty()) {
        return three<int>(!a.empty(), !b.empty());
    }
    switch (type.kind()) {
        case Kind::Boolean:
            return three<int>(a[0] != 0, b[0] != 0);
        case Kind::Tinyint:
            return compareWhole<std::int8_t>(a, b);
        case Kind::Smallint:
            return compareWhole<std::int16_t>(a, b);
        case Kind::Int:
            return compareWhole<std::int32_t>(a, b);
        case Kind::Bigint:
        case Kind::Counter:
        case Kind::Timestamp:
            return compareWhole<std::int64_t>(a, b);
        case Kind::Float:
            return compareFloating(decodeFloat(a), decodeFloat(b));
        case Kind::Double:
            return compareFloating(decodeDouble(a), decodeDouble(b));
        case Kind::Varint:
            return detail::compareVarint(a, b);
        case Kind::Decimal:
            return detail::compareDecimal(a, b);
        case Kind::Uuid:
            return compareUuid(a, b);
        case Kind::Timeuuid:
            return compareTimeuuid(a, b);
        case Kind::List:
        case Kind::Set:
        case Kind::Map:
            return compareCollections(type, a, b);
        case Kind::Tuple:
        case Kind::Udt:
            return compareTuples(type, a, b);
        case Kind::Vector:
            return compareVectors(type, a, b);
        default:
            return a.compare(b);
    }
}

}  // namespace engine::types
