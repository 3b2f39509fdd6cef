#include "engine/storage/sstable/index_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace engine::storage {

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
/// A key with its length, and two variable-length numbers.
constexpr std::size_t kEntryHeadMax = 2 + 0xffff + 9 + 9;

/// An empty key, and two numbers.
constexpr std::size_t kEntryBytesMin = 4;

bool isBehind(std::int64_t tokenA, BytesView keyA, std::int64_t tokenB, BytesView keyB) {
    return tokenA != tokenB ? tokenA > tokenB : keyA > keyB;
}

}  // namespace

/// Reads entries one after the other, and passes over promoted indexes.
class IndexFile::Stream {
public:
    Stream(const IndexFile& index, std::uint64_t from, std::uint64_t to)
        : m_index(index), m_bufferAt(from), m_to(to) {}

    bool atEnd() const { return m_bufferAt + m_at >= m_to; }

    /// The key is valid until the next call.
    Result<void> next(BytesView& key, IndexSlot& slot) {
        TRY(ensure(std::min<std::uint64_t>(kEntryHeadMax, m_to - position())));
        DecodeReader in(BytesView(m_buffer).substr(m_at));
        slot.entryAt = position();
        key = in.shortBlob();
        slot.dataPosition = in.unsignedVint();
        slot.promotedBytes = in.unsignedVint();
        slot.promotedAt = position() + in.offset();
        if (in.failed() || slot.promotedBytes > m_to - slot.promotedAt) {
            return m_index.corrupt("an entry goes beyond its bounds", slot.entryAt);
        }
        if (slot.dataPosition >= m_index.m_dataBytes) {
            return m_index.corrupt("an entry points behind the end of the data", slot.entryAt);
        }
        slot.token = rows::tokenOf(key);
        skipTo(slot.promotedAt + slot.promotedBytes);
        return ok();
    }

private:
    std::uint64_t position() const { return m_bufferAt + m_at; }

    void skipTo(std::uint64_t position) {
        m_at = position - m_bufferAt;  // Perhaps behind the buffer: ensure() reads from there.
    }

    Result<void> ensure(std::size_t bytes) {
        if (m_at + bytes <= m_buffer.size()) {
            return ok();
        }
        const std::uint64_t from = position();
        const std::size_t wanted = std::min<std::uint64_t>(std::max(bytes, kReadBytes), m_to - from);
        TRY_ASSIGN(m_buffer, m_index.m_file->read(from, wanted));
        if (m_buffer.size() != wanted) {
            return m_index.corrupt("the file ends early", from + m_buffer.size());
        }
        m_bufferAt = from;
        m_at = 0;
        return ok();
    }

    const IndexFile& m_index;
    Bytes m_buffer;
    std::uint64_t m_bufferAt;
    std::uint64_t m_at = 0;
    const std::uint64_t m_to;
};

Result<std::unique_ptr<IndexFile>> IndexFile::open(runtime::FileSystem& files, std::string path,
                                                   std::uint64_t dataBytes) {
    TRY_ASSIGN(auto file, files.open(path, runtime::OpenMode::Read));
    TRY_ASSIGN(const std::uint64_t fileBytes, file->size());
    return std::unique_ptr<IndexFile>(
        new IndexFile(std::move(path), std::move(file), fileBytes, dataBytes));
}

Error IndexFile::corrupt(std::string_view what, std::uint64_t offset) const {
    return makeError(ErrorKind::Corrupt,
                     fmt::format("SSTable {}: {} at offset {}", m_path, what, offset));
}

Result<std::shared_ptr<const CachedPiece>> IndexFile::interval(const IndexSummary& summary,
                                                               std::size_t number) const {
    const bool isLast = number + 1 == summary.size();
    const std::uint64_t from = summary.indexPosition(number);
    const std::uint64_t to = isLast ? m_fileBytes : summary.indexPosition(number + 1);
    if (from >= to || to > m_fileBytes) {
        return corrupt("the file ends early", m_fileBytes);
    }
    auto out = std::make_shared<CachedPiece>();
    out->entries.reserve(std::min<std::uint64_t>(
        static_cast<std::uint64_t>(summary.effectiveInterval()), (to - from) / kEntryBytesMin));
    Stream stream(*this, from, to);
    BytesView key;
    while (!stream.atEnd()) {
        IndexSlot slot;
        TRY(stream.next(key, slot));
        if (!out->entries.empty()) {
            const IndexSlot& last = out->entries.back();
            if (!isBehind(slot.token, key, last.token, out->key(last)) ||
                slot.dataPosition <= last.dataPosition) {
                return corrupt("an entry is out of order", slot.entryAt);
            }
        }
        slot.keyAt = static_cast<std::uint32_t>(out->bytes.size());
        slot.keyLength = static_cast<std::uint32_t>(key.size());
        out->bytes.append(key);
        out->entries.push_back(slot);
    }
    const IndexSlot& last = out->entries.back();
    if (out->key(out->entries.front()) != summary.key(number) ||
        (isLast ? out->key(last) != summary.last().key
                : !isBehind(summary.token(number + 1), summary.key(number + 1), last.token,
                            out->key(last)))) {
        return corrupt("the entries do not fit the summary", from);
    }
    return std::shared_ptr<const CachedPiece>(std::move(out));
}

std::uint64_t IndexFile::intervalBytes(const IndexSummary& summary, std::size_t number) const {
    const std::uint64_t end =
        number + 1 == summary.size() ? m_fileBytes : summary.indexPosition(number + 1);
    return end - std::min(end, summary.indexPosition(number));
}

Result<std::shared_ptr<const CachedPiece>> IndexFile::rawInterval(const IndexSummary& summary,
                                                                  std::size_t number) const {
    auto out = std::make_shared<CachedPiece>();
    const std::uint64_t from = summary.indexPosition(number);
    const std::uint64_t wanted = intervalBytes(summary, number);
    TRY_ASSIGN(out->bytes, m_file->read(from, wanted));
    if (out->bytes.size() != wanted) {
        return corrupt("the file ends early", from + out->bytes.size());
    }
    return std::shared_ptr<const CachedPiece>(std::move(out));
}

Result<bool> IndexFile::findIn(const CachedPiece& raw, std::uint64_t intervalAt,
                               const rows::DecoratedKey& key, IndexSlot& slot, std::uint64_t* passed) const {
    DecodeReader in(raw.bytes);
    while (in.offset() < raw.bytes.size()) {
        slot.entryAt = intervalAt + in.offset();
        const BytesView found = in.shortBlob();
        slot.dataPosition = in.unsignedVint();
        slot.promotedBytes = in.unsignedVint();
        slot.promotedAt = intervalAt + in.offset();
        in.raw(slot.promotedBytes);
        if (in.failed() || slot.dataPosition >= m_dataBytes) {
            return corrupt("an entry goes beyond its bounds", slot.entryAt);
        }
        if (found == BytesView(key.key)) {
            slot.token = key.token;
            return true;
        }
        if (passed != nullptr) {
            ++*passed;
        }
    }
    return false;
}

Result<void> IndexFile::walk(
    const std::function<bool(const rows::DecoratedKey&, const IndexSlot&)>& visit) const {
    Stream stream(*this, 0, m_fileBytes);
    rows::DecoratedKey last;
    rows::DecoratedKey current;
    std::uint64_t lastPosition = 0;
    BytesView key;
    for (bool isFirst = true; !stream.atEnd(); isFirst = false) {
        IndexSlot slot;
        TRY(stream.next(key, slot));
        current.token = slot.token;
        current.key.assign(key);
        if (!isFirst && (!(last < current) || slot.dataPosition <= lastPosition)) {
            return corrupt("an entry is out of order", slot.entryAt);
        }
        if (!visit(current, slot)) {
            return ok();
        }
        lastPosition = slot.dataPosition;
        std::swap(last, current);
    }
    return ok();
}

Result<IndexEntry> IndexFile::entry(const IndexSlot& slot) const {
    IndexEntry out;
    out.position = slot.dataPosition;
    if (slot.promotedBytes == 0) {
        return out;
    }
    TRY_ASSIGN(const Bytes bytes, m_file->read(slot.promotedAt, slot.promotedBytes));
    if (bytes.size() != slot.promotedBytes || !readPromoted(bytes, out)) {
        return corrupt("a promoted index is malformed", slot.promotedAt);
    }
    return out;
}

}  // namespace engine::storage
