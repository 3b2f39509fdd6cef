#pragma once

#include "engine/storage/sstable/sstable_reader.h"
#include "engine/storage/storage_observer.h"

namespace engine::storage {

/// What people are told of a file, as far as the file itself knows it.
SstableInfo describeSstable(const SstableReader& sstable);

}  // namespace engine::storage
