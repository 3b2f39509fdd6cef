#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/native/protocol.h"

namespace engine::native {

/// Body of a v3 or v4 envelope: `lz4` is the original length as big-endian int32 and an LZ4 block,
/// `snappy` is raw Snappy.
Bytes compressBody(Compression compression, BytesView body);
/// Refuses, before anything is allocated, what claims more than `limit` bytes.
Result<Bytes> decompressBody(Compression compression, BytesView body, std::size_t limit);

/// One LZ4 block appended to `out`, as v5 frames hold it. Returns its length.
std::size_t lz4Append(BytesView payload, Bytes& out);
/// False unless the block unpacks to exactly `originalLength` bytes.
bool lz4Unpack(BytesView block, std::size_t originalLength, Bytes& out);

}  // namespace engine::native
