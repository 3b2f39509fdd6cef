#pragma once

#include <string>

#include "engine/storage/sstable/descriptor.h"

namespace engine::storage {

/// A file that a table was opened without, since it could not be opened. It stays where it is.
struct UnreadableSstable {
    SstableDescriptor descriptor;
    std::string why;
};

}  // namespace engine::storage
