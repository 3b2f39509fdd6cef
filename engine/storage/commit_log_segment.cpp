#include "engine/storage/commit_log_segment.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/base/hash.h"

namespace engine::storage {

namespace {

constexpr std::string_view kMagic = "RSCL";
constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kNamePrefix = "CommitLog-7-";
constexpr std::string_view kNameSuffix = ".log";

/// How a record at some offset of a segment's bytes looks.
struct RecordCheck {
    enum class State { Whole, CutOff, BadLength, BadPayload } state;
    BytesView payload;
    std::size_t size = 0;  // Of the whole record; 0 when its length is not to be trusted.
};

RecordCheck checkRecord(BytesView bytes, std::size_t offset) {
    const BytesView rest = bytes.substr(offset);
    if (rest.size() < 8) {
        return {RecordCheck::State::CutOff, {}, 0};
    }
    ByteReader in(rest);
    const std::uint32_t length = in.u32();
    if (in.u32() != crc32(rest.substr(0, 4))) {
        return {RecordCheck::State::BadLength, {}, 0};
    }
    if (rest.size() < length + kRecordOverheadBytes) {
        return {RecordCheck::State::CutOff, {}, 0};
    }
    const BytesView payload = in.raw(length);
    const bool good = in.u32() == crc32(payload);
    return {good ? RecordCheck::State::Whole : RecordCheck::State::BadPayload, payload,
            length + kRecordOverheadBytes};
}

/// The next offset behind `offset` at which a whole record begins, or the end.
std::size_t nextWholeRecord(BytesView bytes, std::size_t offset) {
    for (++offset; offset < bytes.size(); ++offset) {
        if (checkRecord(bytes, offset).state == RecordCheck::State::Whole) {
            return offset;
        }
    }
    return bytes.size();
}

/// Whether what a crash leaves of the last write begins here: a record that the file ends within,
/// or whose last sectors never reached the disk, which then reads as zeros up to its end.
bool isTornTail(BytesView bytes, std::size_t offset, const RecordCheck& record) {
    if (record.state == RecordCheck::State::CutOff) {
        return true;
    }
    return bytes.back() == '\0' && nextWholeRecord(bytes, offset) == bytes.size();
}

bool isTornHeader(BytesView bytes) {
    return bytes.size() < kSegmentHeaderBytes || bytes.back() == '\0';
}

bool headerIsGood(BytesView bytes, std::uint64_t id) {
    ByteWriter expected;
    writeSegmentHeader(expected, id);
    return bytes.substr(0, kSegmentHeaderBytes) == expected.bytes();
}

}  // namespace

Error corruptSegment(const std::string& path, std::uint64_t offset, std::string_view what) {
    return makeError(ErrorKind::Corrupt,
                     fmt::format("commit log segment {}: {} at offset {}", path, what, offset));
}

std::string segmentName(std::uint64_t id) {
    return fmt::format("{}{}{}", kNamePrefix, id, kNameSuffix);
}

std::optional<std::uint64_t> segmentIdOf(std::string_view fileName) {
    if (!fileName.starts_with(kNamePrefix) || !fileName.ends_with(kNameSuffix)) {
        return std::nullopt;
    }
    fileName.remove_prefix(kNamePrefix.size());
    fileName.remove_suffix(kNameSuffix.size());
    std::uint64_t id = 0;
    const char* end = fileName.data() + fileName.size();
    const auto [at, error] = std::from_chars(fileName.data(), end, id);
    return error == std::errc() && at == end ? std::optional(id) : std::nullopt;
}

void writeSegmentHeader(ByteWriter& out, std::uint64_t id) {
    const std::size_t start = out.size();
    out.raw(kMagic);
    out.u32(kVersion);
    out.u64(id);
    out.u32(crc32(BytesView(out.bytes()).substr(start)));
}

void finishRecord(ByteWriter& out, std::size_t start) {
    const auto length = static_cast<std::uint32_t>(out.size() - start - 8);
    out.patchU32(start, length);
    out.patchU32(start + 4, crc32(BytesView(out.bytes()).substr(start, 4)));
    out.u32(crc32(BytesView(out.bytes()).substr(start + 8, length)));
}

void writeSeal(ByteWriter& out, const SegmentSeal& seal) {
    const std::size_t start = out.size();
    out.u32(0);
    out.u32(0);
    out.unsignedVint(0);  // A mutation of no updates is never written.
    out.u64(seal.id);
    out.u64(seal.bytes);
    finishRecord(out, start);
}

std::optional<SegmentSeal> sealIn(BytesView payload) {
    ByteReader in(payload);
    if (in.unsignedVint() != 0) {
        return std::nullopt;
    }
    SegmentSeal seal;
    seal.id = in.u64();
    seal.bytes = in.u64();
    return in.failed() ? std::nullopt : std::optional(seal);
}

Result<SegmentContent> readSegment(
    runtime::FileSystem& files, const SegmentToRead& segment, Log& log,
    const std::function<Result<void>(LogPosition at, BytesView payload)>& onRecord) {
    TRY_ASSIGN(const Bytes bytes, runtime::readFile(files, segment.path));
    SegmentContent content;
    const bool headerIsWhole = headerIsGood(bytes, segment.id);
    if (!headerIsWhole && isTornHeader(bytes)) {
        content.tornAt = 0;
        return content;
    }
    if (!headerIsWhole) {
        const Error error =
            corruptSegment(segment.path, 0, "the header is corrupt or of an unknown version");
        if (!segment.ignoreErrors) {
            return error;
        }
        log.error("{}; the segment is skipped as told", error.message);
        return content;
    }
    std::size_t offset = kSegmentHeaderBytes;
    content.bytes = offset;
    while (offset < bytes.size()) {
        const RecordCheck record = checkRecord(bytes, offset);
        if (record.state == RecordCheck::State::Whole) {
            if (const auto seal = sealIn(record.payload)) {
                content.seals.push_back(*seal);
            } else {
                TRY(onRecord({segment.id, offset}, record.payload));
            }
            offset += record.size;
            content.bytes = offset;
            continue;
        }
        if (isTornTail(bytes, offset, record)) {
            content.tornAt = offset;
            return content;
        }
        const Error error =
            corruptSegment(segment.path, offset, "a record's checksum does not match");
        if (!segment.ignoreErrors) {
            return error;
        }
        offset = nextWholeRecord(bytes, offset);
        log.error("{}; skipped up to offset {} as told", error.message, offset);
    }
    return content;
}

}  // namespace engine::storage
