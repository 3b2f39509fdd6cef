#pragma once

#include <fmt/format.h>

#include "engine/base/result.h"
#include "engine/types/data_type.h"

/// How ListSerializer, SetSerializer and MapSerializer refuse bytes.
namespace engine::types::detail {

inline const char* collectionWord(const DataType& type) {
    return type.kind() == Kind::List ? "list" : type.kind() == Kind::Set ? "set" : "map";
}

inline Result<void> tooShort(const DataType& type) {
    return invalid(fmt::format("Not enough bytes to read a {}", collectionWord(type)));
}

inline Result<void> tooLong(const DataType& type) {
    return invalid(fmt::format("Unexpected extraneous bytes after {} value", collectionWord(type)));
}

inline Result<void> nullInside() { return invalid("Null value read when not allowed"); }

}  // namespace engine::types::detail
