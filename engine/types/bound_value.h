#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/types/data_type.h"

namespace engine::types {

/// Refuses bytes that a client has bound to a marker of this type. Stricter than validate() where
/// Cassandra reads the value instead of only looking at it: a collection must say how many elements
/// it has, and the texts in it must be strict UTF-8. In a list null elements are let through, since
/// one bound to IN may hold them; who stores the list refuses them. A broken user type is a server
/// error, as it is there.
Result<void> validateBound(const DataType& type, BytesView bytes);

}  // namespace engine::types
