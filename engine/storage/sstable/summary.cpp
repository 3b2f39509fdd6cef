#include "engine/storage/sstable/summary.h"

#include <fmt/format.h>

#include <algorithm>

namespace engine::storage {

namespace {

constexpr std::size_t kHeaderBytes = 24;
constexpr std::size_t kOffsetBytes = 4;
constexpr std::size_t kPositionBytes = 8;
/// More keys between two entries than any table is configured for.
constexpr std::int32_t kIntervalMax = 1 << 20;

std::uint64_t littleEndian(BytesView bytes) {
    std::uint64_t out = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        out = (out << 8) | static_cast<unsigned char>(bytes[i]);
    }
    return out;
}

void writeLittleEndian(ByteWriter& out, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
        out.u8(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

}  // namespace

BytesView IndexSummary::key(std::size_t entry) const {
    const std::uint64_t begin = entry == 0 ? 0 : m_keyEnds[entry - 1];
    return BytesView(m_keys).substr(begin, m_keyEnds[entry] - begin);
}

void IndexSummary::add(std::int64_t token, BytesView key, std::uint64_t indexPosition) {
    m_tokens.push_back(token);
    m_positions.push_back(indexPosition);
    m_keys.append(key);
    m_keyEnds.push_back(m_keys.size());
}

void IndexSummary::consider(const rows::DecoratedKey& key, std::uint64_t indexPosition) {
    if (m_seen++ % static_cast<std::uint64_t>(m_interval) == 0) {
        add(key.token, key.key, indexPosition);
        ++m_fullSize;
    }
}

void IndexSummary::setEnds(rows::DecoratedKey first, rows::DecoratedKey last) {
    m_first = std::move(first);
    m_last = std::move(last);
}

std::size_t IndexSummary::entryFor(std::int64_t token, BytesView sought) const {
    auto at = static_cast<std::size_t>(
        std::upper_bound(m_tokens.begin(), m_tokens.end(), token) - m_tokens.begin());
    while (at > 0 && m_tokens[at - 1] == token && key(at - 1) > sought) {
        --at;
    }
    return at == 0 ? 0 : at - 1;
}

std::size_t IndexSummary::entriesIn(std::int64_t left, std::int64_t right) const {
    const auto from = std::upper_bound(m_tokens.begin(), m_tokens.end(), left);
    const auto to = std::upper_bound(from, m_tokens.end(), right);
    return static_cast<std::size_t>(to - from);
}

std::size_t IndexSummary::memoryBytes() const {
    return m_keys.capacity() + m_tokens.capacity() * 3 * sizeof(std::uint64_t);
}

void IndexSummary::write(ByteWriter& out) const {
    out.i32(m_interval);
    out.i32(static_cast<std::int32_t>(size()));
    out.u64(size() * (kOffsetBytes + kPositionBytes) + m_keys.size());
    out.i32(m_level);
    out.i32(static_cast<std::int32_t>(m_fullSize));
    for (std::size_t i = 0; i < size(); ++i) {
        const std::uint64_t keys = i == 0 ? 0 : m_keyEnds[i - 1];
        writeLittleEndian(out, size() * kOffsetBytes + keys + i * kPositionBytes, kOffsetBytes);
    }
    for (std::size_t i = 0; i < size(); ++i) {
        out.raw(key(i));
        writeLittleEndian(out, m_positions[i], kPositionBytes);
    }
    out.longBlob(m_first.key);
    out.longBlob(m_last.key);
}

Result<IndexSummary> IndexSummary::read(BytesView bytes, const std::string& path) {
    ByteReader in(bytes);
    const auto corrupt = [&](std::string_view what) {
        return makeError(ErrorKind::Corrupt,
                         fmt::format("SSTable {}: {} at offset {}", path, what, in.offset()));
    };
    IndexSummary out(in.i32());
    const std::uint32_t count = in.u32();
    const std::uint64_t size = in.u64();
    out.m_level = in.i32();
    out.m_fullSize = in.u32();
    if (in.failed() || out.m_interval < 1 || out.m_interval > kIntervalMax || out.m_level < 1 || out.m_level > kFullSampling ||
        count < 1 || size > in.remaining() || count > size / kOffsetBytes) {
        return corrupt("the summary's header is malformed");
    }
    const BytesView entries = bytes.substr(kHeaderBytes, size);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto offsetOf = [&](std::uint32_t entry) {
            return entry == count ? size
                                  : littleEndian(entries.substr(entry * kOffsetBytes, kOffsetBytes));
        };
        const std::uint64_t begin = offsetOf(i);
        const std::uint64_t end = offsetOf(i + 1);
        if (begin < std::uint64_t(count) * kOffsetBytes || end > size ||
            end < begin + kPositionBytes) {
            return corrupt(fmt::format("entry {} of the summary is malformed", i));
        }
        const BytesView key = entries.substr(begin, end - begin - kPositionBytes);
        const std::uint64_t position =
            littleEndian(entries.substr(end - kPositionBytes, kPositionBytes));
        const std::int64_t token = rows::tokenOf(key);
        const bool ascends =
            i == 0 ? position == 0
                   : position > out.m_positions.back() &&
                         (token > out.m_tokens.back() ||
                          (token == out.m_tokens.back() && key > out.key(i - 1)));
        if (!ascends) {
            return corrupt(fmt::format("entry {} of the summary is out of order", i));
        }
        out.add(token, key, position);
    }
    in.raw(size);
    const auto first = in.longBlob();
    const auto last = in.longBlob();
    if (in.failed() || !first || !last || !in.atEnd()) {
        return corrupt("the summary's first and last keys are malformed");
    }
    out.setEnds(rows::decorate(Bytes(*first)), rows::decorate(Bytes(*last)));
    if (out.m_first.key != out.key(0) || out.m_last < out.m_first ||
        out.m_last.token < out.m_tokens.back()) {
        return corrupt("the summary's first and last keys do not fit its entries");
    }
    return out;
}

}  // namespace engine::storage
