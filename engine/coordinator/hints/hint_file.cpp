#include "engine/coordinator/hints/hint_file.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/base/hash.h"

namespace engine::coordinator {

namespace {

constexpr std::size_t kHeadBytes = 8;  // Length and checksum.
constexpr std::uint32_t kRecordBytesMax = 256u << 20;
constexpr std::size_t kUuidText = 36;
constexpr std::string_view kSuffix = ".hints";

}  // namespace

std::string HintFile::name() const { return fmt::format("{}-{}{}", host.toString(), createdMillis, kSuffix); }

bool HintFile::parse(const std::string& name, HintFile& out) {
    if (!name.ends_with(kSuffix) || name.size() <= kUuidText + 1 + kSuffix.size() || name[kUuidText] != '-') {
        return false;
    }
    const auto host = Uuid::parse(std::string_view(name).substr(0, kUuidText));
    const char* end = name.data() + name.size() - kSuffix.size();
    std::int64_t created = 0;
    const auto number = std::from_chars(name.data() + kUuidText + 1, end, created);
    if (!host || number.ec != std::errc() || number.ptr != end) {
        return false;
    }
    out.host = *host;
    out.createdMillis = created;
    return true;
}

Bytes encodeHintRecord(const Hint& hint) {
    ByteWriter content;
    content.i64(hint.createdMillis);
    content.i32(hint.graceSeconds);
    content.raw(hint.mutation);
    ByteWriter out;
    out.u32(static_cast<std::uint32_t>(content.size()));
    out.u32(crc32(content.bytes()));
    out.raw(content.bytes());
    return out.take();
}

Result<bool> HintReader::next(Hint& hint) {
    TRY_ASSIGN(const Bytes head, m_file.read(m_offset, kHeadBytes));
    if (head.empty()) {
        return false;
    }
    ByteReader in(head);
    const std::uint32_t length = in.u32();
    const std::uint32_t checksum = in.u32();
    if (in.failed() || length > kRecordBytesMax) {
        m_damaged = true;
        return false;
    }
    TRY_ASSIGN(const Bytes content, m_file.read(m_offset + kHeadBytes, length));
    if (content.size() != length || crc32(content) != checksum) {
        m_damaged = true;
        return false;
    }
    ByteReader record(content);
    hint.createdMillis = record.i64();
    hint.graceSeconds = record.i32();
    hint.mutation = Bytes(record.raw(record.remaining()));
    m_offset += kHeadBytes + length;
    return true;
}

}  // namespace engine::coordinator
