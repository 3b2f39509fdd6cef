#include "engine/types/bound_value.h"

#include <fmt/format.h>

#include "engine/base/utf8.h"
#include "engine/types/codec.h"
#include "engine/types/detail/collection_words.h"

namespace engine::types {
namespace {

Result<void> readCollection(const DataType& type, BytesView bytes);

/// What reading a valid value finds besides (TypeSerializer.deserialize).
Result<void> read(const DataType& type, BytesView bytes) {
    if (type.kind() == Kind::Text && findUtf8Fault(bytes)) {
        return invalid("Invalid UTF-8 bytes " + toHex(bytes));
    }
    if (type.isCollection()) {
        return readCollection(type, bytes);
    }
    if (type.kind() == Kind::Vector) {
        TRY_ASSIGN(const auto elements, unpackVector(type, bytes));
        for (const BytesView element : elements) {
            TRY(read(*type.element(), element));
        }
    }
    return ok();
}

Result<void> readCollection(const DataType& type, BytesView bytes) {
    ByteReader reader(bytes);
    const std::int32_t count = reader.i32();
    if (count < 0) {
        return invalid(fmt::format("The data cannot be deserialized as a {}", detail::collectionWord(type)));
    }
    for (std::int32_t i = 0; i < count && !reader.failed(); ++i) {
        for (const TypePtr& element : type.elements()) {
            const std::optional<BytesView> value = reader.longBlob();
            if (reader.failed()) {
                return detail::tooShort(type);
            }
            if (value) {
                TRY(validate(*element, *value));
                TRY(read(*element, *value));
            } else if (type.kind() != Kind::List) {
                return detail::nullInside();
            }
        }
    }
    if (reader.failed()) {
        return detail::tooShort(type);
    }
    return reader.atEnd() ? ok() : detail::tooLong(type);
}

}  // namespace

Result<void> validateBound(const DataType& type, BytesView bytes) {
    if (type.isCollection()) {
        return readCollection(type, bytes);
    }
    auto valid = validate(type, bytes);
    if (type.kind() == Kind::Udt && valid.has_error()) {
        return makeError(ErrorKind::Server, "org.apache.cassandra.serializers.MarshalException: " +
                                                valid.error().message);
    }
    return valid;
}

}  // namespace engine::types
