#include <fmt/format.h>

#include <limits>

#include "engine/types/codec.h"
#include "engine/types/data_type.h"
#include "engine/types/detail/collection_words.h"
#include "engine/types/detail/utf8.h"
#include "engine/types/type_names.h"

namespace engine::types {
namespace {

Result<void> requireSize(BytesView bytes, std::size_t size, bool emptyToo, const char* message) {
    if (bytes.size() == size || (emptyToo && bytes.empty())) {
        return ok();
    }
    return invalid(fmt::format("{} ({})", message, bytes.size()));
}

Result<void> validateAscii(BytesView bytes) {
    for (const char c : bytes) {
        if (static_cast<signed char>(c) < 0) {
            return invalid(fmt::format("Invalid byte for ascii: {}",
                                       static_cast<int>(static_cast<signed char>(c))));
        }
    }
    return ok();
}

Result<void> validateTimeuuid(BytesView bytes) {
    TRY(requireSize(bytes, 16, true, "UUID should be 16 or 0 bytes"));
    if (!bytes.empty() && decodeUuid(bytes).version() != 1) {
        // Cassandra prints the first half byte there, not the version.
        return invalid(fmt::format("Invalid version for TimeUUID type: 0x{:x}",
                                   static_cast<unsigned char>(bytes[0]) >> 4));
    }
    return ok();
}

Result<void> validateInet(BytesView bytes) {
    if (bytes.empty() || bytes.size() == 4 || bytes.size() == 16) {
        return ok();
    }
    return invalid("Expected 4 or 16 byte inetaddress; got " + toHex(bytes));
}

Result<void> validateDuration(BytesView bytes) {
    if (bytes.size() < 3) {
        return invalid(fmt::format("Expected at least 3 bytes for a duration ({})", bytes.size()));
    }
    ByteReader reader(bytes);
    const std::int64_t months = reader.vint();
    const std::int64_t days = reader.vint();
    const std::int64_t nanoseconds = reader.vint();
    if (reader.failed()) {
        return invalid("Not enough bytes to read a duration");
    }
    const auto isInt = [](std::int64_t v) { return v == static_cast<std::int32_t>(v); };
    if (!isInt(months)) {
        return invalid(
            fmt::format("The duration months must be a 32 bits integer but was: {}", months));
    }
    if (!isInt(days)) {
        return invalid(
            fmt::format("The duration days must be a 32 bits integer but was: {}", days));
    }
    const bool positive = months >= 0 && days >= 0 && nanoseconds >= 0;
    const bool negative = months <= 0 && days <= 0 && nanoseconds <= 0;
    if (!positive && !negative) {
        return invalid(fmt::format(
            "The duration months, days and nanoseconds must be all of the same sign ({}, {}, {})",
            months, days, nanoseconds));
    }
    return ok();
}

/// A set or map of no bytes passes here; one that says less than no elements has none.
Result<void> validateCollection(const DataType& type, BytesView bytes) {
    if (bytes.empty() && type.kind() != Kind::List) {
        return ok();
    }
    ByteReader reader(bytes);
    const std::int32_t count = reader.i32();
    for (std::int32_t i = 0; i < count && !reader.failed(); ++i) {
        for (const TypePtr& element : type.elements()) {
            const std::optional<BytesView> value = reader.longBlob();
            if (reader.failed()) {
                return detail::tooShort(type);
            }
            if (!value) {
                return detail::nullInside();
            }
            TRY(validate(*element, *value));
        }
    }
    if (reader.failed()) {
        return detail::tooShort(type);
    }
    return reader.atEnd() ? ok() : detail::tooLong(type);
}

/// "0th component" of a tuple, "0th field a" of a user type.
std::string partName(const DataType& type, std::size_t i) {
    return type.kind() == Kind::Udt ? fmt::format("{}th field {}", i, type.fieldNames()[i])
                                    : fmt::format("{}th component", i);
}

/// TupleSerializer, UserTypeSerializer: missing parts at the end are fine, too many are not.
Result<void> validateTuple(const DataType& type, BytesView bytes) {
    const bool isUdt = type.kind() == Kind::Udt;
    ByteReader reader(bytes);
    for (std::size_t i = 0; i < type.elements().size(); ++i) {
        if (reader.atEnd()) {
            return ok();
        }
        if (reader.remaining() < 4) {
            return invalid("Not enough bytes to read size of " + partName(type, i));
        }
        const std::optional<BytesView> part = reader.longBlob();
        if (reader.failed()) {
            return invalid("Not enough bytes to read " + partName(type, i));
        }
        if (!part) {
            continue;
        }
        if (auto valid = validate(*type.element(i), *part); valid.has_error()) {
            return isUdt ? invalid(fmt::format("Failure validating the {}; {}", partName(type, i),
                                               valid.error().message))
                         : valid;
        }
    }
    if (!reader.atEnd()) {
        return invalid(fmt::format("Invalid remaining data after end of {} value", isUdt ? "UDT" : "tuple"));
    }
    return ok();
}

Result<void> validateVector(const DataType& type, BytesView bytes) {
    if (bytes.empty()) {
        return invalid("Invalid empty vector value");
    }
    const std::int32_t length = type.element()->fixedLength();
    ByteReader reader(bytes);
    for (std::int32_t i = 0; i < type.dimension(); ++i) {
        const BytesView element = length > 0 ? reader.raw(static_cast<std::size_t>(length)) : reader.blob();
        if (reader.failed()) {
            return invalid("Not enough bytes to read a " + cqlName(type));
        }
        TRY(validate(*type.element(), element));
    }
    if (!reader.atEnd()) {
        return invalid(fmt::format("Unexpected {} extraneous bytes after {} value", reader.remaining(),
                                   cqlName(type)));
    }
    return ok();
}

}  // namespace

Result<void> validate(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Ascii:
            return validateAscii(bytes);
        case Kind::Text:
            return detail::isUtf8(bytes) ? ok() : Result<void>(invalid("String didn't validate."));
        case Kind::Boolean:
            return requireSize(bytes, 1, true, "Expected 1 or 0 byte value");
        case Kind::Tinyint:
            return requireSize(bytes, 1, false, "Expected 1 byte for a tinyint");
        case Kind::Smallint:
            return requireSize(bytes, 2, false, "Expected 2 bytes for a smallint");
        case Kind::Int:
            return requireSize(bytes, 4, true, "Expected 4 or 0 byte int");
        case Kind::Bigint:
        case Kind::Counter:
            return requireSize(bytes, 8, true, "Expected 8 or 0 byte long");
        case Kind::Timestamp:
            return requireSize(bytes, 8, true, "Expected 8 or 0 byte long for date");
        case Kind::Float:
            return requireSize(bytes, 4, true, "Expected 4 or 0 byte value for a float");
        case Kind::Double:
            return requireSize(bytes, 8, true, "Expected 8 or 0 byte value for a double");
        case Kind::Date:
            return requireSize(bytes, 4, false, "Expected 4 byte long for date");
        case Kind::Time:
            return requireSize(bytes, 8, false, "Expected 8 byte long for time");
        case Kind::Uuid:
            return requireSize(bytes, 16, true, "UUID should be 16 or 0 bytes");
        case Kind::Timeuuid:
            return validateTimeuuid(bytes);
        case Kind::Inet:
            return validateInet(bytes);
        case Kind::Decimal:
            if (!bytes.empty() && bytes.size() < 4) {
                return invalid(fmt::format("Expected 0 or at least 4 bytes ({})", bytes.size()));
            }
            return ok();
        case Kind::Duration:
            return validateDuration(bytes);
        case Kind::List:
        case Kind::Set:
        case Kind::Map:
            return validateCollection(type, bytes);
        case Kind::Tuple:
        case Kind::Udt:
            return validateTuple(type, bytes);
        case Kind::Vector:
            return validateVector(type, bytes);
        case Kind::Empty:
            return bytes.empty() ? ok()
                                 : Result<void>(invalid("EmptyType only accept empty values"));
        case Kind::Blob:
        case Kind::Varint:
        case Kind::Custom:
            return ok();
    }
    return ok();
}

}  // namespace engine::types
