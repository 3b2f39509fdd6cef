#pragma once

#include <string>
#include <vector>

#include "engine/storage/inspect/sstable_inspect.h"

namespace engine::storage::inspect {

/// The values of a partition key's columns.
std::vector<Bytes> keyValues(const SerializationHeader& header, BytesView key);
/// Each as sstabledump prints it, in JSON quotes.
std::vector<std::string> keyTexts(const SerializationHeader& header, BytesView key);
/// `2025-01-02T03:04:05.000006Z`, as java.time.Instant prints it.
std::string instantText(std::int64_t micros);
/// For instantText(): the largest there is for what a damaged file claims beyond it.
std::int64_t microsOfSeconds(std::int64_t seconds);

}  // namespace engine::storage::inspect
