#pragma once

#include <array>
#include <cstdint>

#include "engine/base/bytes.h"

namespace engine {

/// MurmurHash3 x64 128 with seed 0 as Cassandra computes it: its tail bytes are sign-extended
/// (org.apache.cassandra.utils.MurmurHash.hash3_x64_128), so results differ from the original for
/// input with bytes above 0x7f. Two halves, the first is the partitioner's token.
std::array<std::int64_t, 2> murmur3(BytesView bytes);

/// CRC-32 (IEEE), continued from `previous`.
std::uint32_t crc32(BytesView bytes, std::uint32_t previous = 0);

/// The native protocol's 24-bit CRC over a v5 frame header of `length` bytes, little-endian.
std::uint32_t crc24(std::uint64_t header, int length);

/// CRC-32 seeded with the protocol's four initial bytes fa 2d 55 ca, over a v5 frame payload.
std::uint32_t frameCrc32(BytesView payload);

/// MD5, 16 bytes: prepared statement ids, name-based UUIDs, schema digests.
Bytes md5(BytesView bytes);

}  // namespace engine
