#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/runtime/file_system.h"
#include "engine/storage/log_position.h"

namespace engine::storage {

/// The file of a segment; layout in docs/formats.md, "Commit log".
inline constexpr std::size_t kSegmentHeaderBytes = 20;
/// What a record takes beside its payload.
inline constexpr std::size_t kRecordOverheadBytes = 12;

std::string segmentName(std::uint64_t id);
std::optional<std::uint64_t> segmentIdOf(std::string_view fileName);
void writeSegmentHeader(ByteWriter& out, std::uint64_t id);
/// Turns what was written behind `start`, where two 32-bit numbers were left free, into a record.
void finishRecord(ByteWriter& out, std::size_t start);

/// Says, in a later segment, that a segment lies on the disk with so many bytes: what is missing of
/// them since then is damage, and what is missing otherwise a power cut took.
struct SegmentSeal {
    std::uint64_t id = 0;
    std::uint64_t bytes = 0;
};
inline constexpr std::size_t kSealBytes = kRecordOverheadBytes + 17;
void writeSeal(ByteWriter& out, const SegmentSeal& seal);
/// Empty for records that hold a mutation.
std::optional<SegmentSeal> sealIn(BytesView payload);

/// One segment to read back at start-up.
struct SegmentToRead {
    std::string path;
    std::uint64_t id = 0;
    bool ignoreErrors = false;  // Goes on at the next whole record behind a corrupt one.
};

struct SegmentContent {
    std::uint64_t bytes = 0;              // Up to the end of the last whole record.
    std::optional<std::uint64_t> tornAt;  // Where a record was cut off, if one was.
    std::vector<SegmentSeal> seals;
};

Error corruptSegment(const std::string& path, std::uint64_t offset, std::string_view what);

/// Hands each mutation's position and payload to `onRecord` until the end, the first error of
/// `onRecord`, or a corrupt record: an error of kind Corrupt that names file and offset. What a
/// crash leaves of the last write is the end and no error; seals tell whether it may be missing.
Result<SegmentContent> readSegment(
    runtime::FileSystem& files, const SegmentToRead& segment, Log& log,
    const std::function<Result<void>(LogPosition at, BytesView payload)>& onRecord);

}  // namespace engine::storage
