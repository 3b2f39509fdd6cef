#include <fmt/format.h>

#include <charconv>

#include "engine/base/hash.h"
#include "engine/storage/inspect/data_walk.h"
#include "engine/storage/inspect/sstable_inspect.h"
#include "engine/storage/sstable/bloom_filter.h"
#include "engine/storage/sstable/index_file.h"
#include "engine/storage/sstable/summary.h"

namespace engine::storage::inspect {

namespace {

constexpr std::size_t kDigestPieceBytes = 256 * 1024;
/// Beyond this many findings more of them tell nothing new.
constexpr std::size_t kFindingsMax = 1000;

class Verifier {
public:
    Verifier(runtime::FileSystem& files, const SstableDescriptor& descriptor)
        : m_files(files), m_descriptor(descriptor) {}

    VerifyReport run(bool extended) {
        checkToc();
        checkDigest();
        const Result<Statistics> statistics = loadStatistics(m_files, m_descriptor);
        if (!statistics) {
            note(Component::Statistics, statistics.error());
        }
        auto layout = DataLayout::load(m_files, m_descriptor, 1.0);
        if (!layout) {
            const bool isPlain = !has(Component::CompressionInfo);
            note(isPlain ? Component::Crc : Component::CompressionInfo, layout.error());
            return std::move(m_report);
        }
        checkChunks(layout.value());
        checkIndex(layout.value()->uncompressedBytes);
        if (extended && statistics) {
            checkRows();
        }
        return std::move(m_report);
    }

private:
    bool has(Component component) const { return m_files.exists(m_descriptor.pathOf(component)); }

    void note(Component component, std::string what, std::optional<std::uint64_t> offset = {}) {
        if (m_report.findings.size() < kFindingsMax) {
            m_report.findings.push_back({component, offset, std::move(what)});
        }
    }
    void note(Component component, const Error& error) { note(component, error.message); }

    void checkToc() {
        const auto toc = runtime::readFile(m_files, m_descriptor.pathOf(Component::Toc));
        if (!toc) {
            note(Component::Toc, toc.error());
            return;
        }
        std::string_view rest = toc.value();
        while (!rest.empty()) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(rest.size(), line.size() + 1));
            bool isKnown = false;
            for (const Component component : kAllComponents) {
                isKnown = isKnown || toString(component) == line;
                if (toString(component) == line && !has(component)) {
                    note(component, "it is listed in TOC.txt, but missing");
                }
            }
            if (!isKnown) {
                note(Component::Toc, fmt::format("it lists the unknown component '{}'", line));
            }
        }
    }

    /// CRC-32 of the whole of Data.db.
    void checkDigest() {
        if (!has(Component::Digest)) {
            return;
        }
        const auto text = runtime::readFile(m_files, m_descriptor.pathOf(Component::Digest));
        if (!text) {
            note(Component::Digest, text.error());
            return;
        }
        std::uint32_t expected = 0;
        const std::string& digits = text.value();
        const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), expected);
        if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) {
            note(Component::Digest, "it is no number", 0);
            return;
        }
        const auto file = m_files.open(m_descriptor.pathOf(Component::Data), runtime::OpenMode::Read);
        if (!file) {
            note(Component::Data, file.error());
            return;
        }
        std::uint32_t crc = 0;
        for (std::uint64_t at = 0;;) {
            const auto piece = file.value()->read(at, kDigestPieceBytes);
            if (!piece) {
                note(Component::Data, piece.error());
                return;
            }
            crc = crc32(piece.value(), crc);
            at += piece.value().size();
            m_report.bytesRead += piece.value().size();
            if (piece.value().size() < kDigestPieceBytes) {
                break;
            }
        }
        if (crc != expected) {
            note(Component::Data, fmt::format("its CRC-32 is {}, not {} as Digest.crc32 says", crc,
                                              expected));
        }
    }

    void checkChunks(const std::shared_ptr<const DataLayout>& layout) {
        const auto file = DataFile::open(m_files, layout);
        if (!file) {
            note(Component::Data, file.error());
            return;
        }
        Bytes chunk(std::min<std::uint64_t>(layout->chunkBytes, layout->uncompressedBytes), '\0');
        for (std::uint64_t number = 0; number < layout->chunks(); ++number) {
            const Result<void> read = file.value()->read(number, 1, chunk.data());
            if (!read) {
                note(Component::Data, read.error().message, layout->fileOffsetOf(number));
            }
        }
    }

    /// Index.db from one end to the other; that the summary and the filter fit it.
    void checkIndex(std::uint64_t dataBytes) {
        const auto index =
            IndexFile::open(m_files, m_descriptor.pathOf(Component::Index), dataBytes);
        if (!index) {
            note(Component::Index, index.error());
            return;
        }
        std::optional<IndexSummary> summary;
        if (has(Component::Summary)) {
            const std::string path = m_descriptor.pathOf(Component::Summary);
            const auto bytes = runtime::readFile(m_files, path);
            auto read = bytes ? IndexSummary::read(bytes.value(), path)
                              : Result<IndexSummary>(bytes.error());
            if (read) {
                summary = std::move(read.value());
            } else {
                note(Component::Summary, read.error());
            }
        }
        BloomFilter filter;
        if (has(Component::Filter)) {
            const auto bytes = runtime::readFile(m_files, m_descriptor.pathOf(Component::Filter));
            if (bytes) {
                ByteReader in(bytes.value());
                filter = BloomFilter::read(in);
                if (in.failed()) {
                    note(Component::Filter, "it does not hold together", 0);
                }
            } else {
                note(Component::Filter, bytes.error());
            }
        }
        std::size_t nextEntry = 0;
        std::uint64_t missed = 0;
        const Result<void> walked = index.value()->walk(
            [&](const rows::DecoratedKey& key, const IndexSlot& slot) {
                ++m_report.partitions;
                m_slots.push_back(slot);
                missed += filter.mayContain(murmur3(key.key)) ? 0 : 1;
                if (summary && nextEntry < summary->size() &&
                    summary->indexPosition(nextEntry) == slot.entryAt) {
                    if (summary->key(nextEntry) != BytesView(key.key)) {
                        note(Component::Summary,
                             fmt::format("entry {} has another key than Index.db", nextEntry));
                    }
                    ++nextEntry;
                }
                return true;
            });
        if (!walked) {
            note(Component::Index, walked.error());
        } else if (summary && nextEntry < summary->size()) {
            note(Component::Summary,
                 fmt::format("entry {} points between entries of Index.db", nextEntry));
        }
        if (missed > 0) {
            note(Component::Filter, fmt::format("it denies {} keys that are there", missed));
        }
        if (!m_slots.empty() && m_slots.front().dataPosition != 0) {
            note(Component::Index, "the first partition is not at the start of the data", 0);
        }
    }

    /// Every row, in its order; behind what is damaged it goes on at the next partition.
    void checkRows() {
        auto opened = DataWalk::open(m_files, m_descriptor);
        const auto table = tableOf(m_files, m_descriptor);
        if (!opened || !table) {
            return;  // Told already.
        }
        DataWalk& walk = *opened.value();
        for (std::size_t i = 0; i < m_slots.size(); ++i) {
            const std::uint64_t end = i + 1 < m_slots.size() ? m_slots[i + 1].dataPosition
                                                             : walk.layout().uncompressedBytes;
            walk.seek(m_slots[i].dataPosition);
            const Result<void> read = checkPartition(walk, *table.value(), m_slots[i], end);
            if (!read) {
                note(Component::Data, read.error().message, m_slots[i].dataPosition);
            }
        }
    }

    Result<void> checkPartition(DataWalk& walk, const schema::Table& table, const IndexSlot& slot,
                                std::uint64_t end) {
        TRY_ASSIGN(const bool isThere, walk.nextPartition());
        if (!isThere || walk.key().token != slot.token) {
            return makeError(ErrorKind::Corrupt,
                             fmt::format("{}: another key than Index.db says at offset {}",
                                         walk.layout().path, slot.dataPosition));
        }
        rows::Clustering last;
        int lastSide = 0;
        bool isFirst = true;
        rows::DeletionTime open;
        while (true) {
            TRY_ASSIGN(const DecodeOutcome outcome, walk.next());
            if (outcome == DecodeOutcome::End) {
                break;
            }
            const bool isRow = outcome == DecodeOutcome::Row;
            const rows::Position at =
                isRow ? rows::Position{&walk.row().clustering, 0} : walk.marker().position();
            if (!isFirst && rows::comparePositions(table, {&last, lastSide}, at) >= 0) {
                return walk.layout().corrupt("rows are out of order (before compression)",
                                             walk.startOffset());
            }
            if (!isRow) {
                if (walk.marker().before != open) {
                    return walk.layout().corrupt(
                        "a marker closes another range deletion than the open one (before "
                        "compression)",
                        walk.startOffset());
                }
                open = walk.marker().after;
            }
            m_report.rows += isRow ? 1 : 0;
            last = *at.prefix;
            lastSide = at.side;
            isFirst = false;
        }
        if (!open.isLive() || walk.offset() != end) {
            return walk.layout().corrupt("a partition does not end where it should (before compression)",
                                         walk.offset());
        }
        return ok();
    }

    runtime::FileSystem& m_files;
    const SstableDescriptor& m_descriptor;
    VerifyReport m_report;
    std::vector<IndexSlot> m_slots;
};

}  // namespace

VerifyReport verify(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                    bool extended) {
    return Verifier(files, descriptor).run(extended);
}

}  // namespace engine::storage::inspect
