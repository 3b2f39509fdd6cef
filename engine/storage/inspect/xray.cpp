#include <fmt/format.h>

#include "engine/base/hash.h"
#include "engine/storage/inspect/annotator.h"
#include "engine/storage/inspect/data_walk.h"
#include "engine/storage/inspect/key_text.h"
#include "engine/storage/sstable/bloom_filter.h"
#include "engine/storage/sstable/index_file.h"
#include "engine/storage/sstable/summary.h"

namespace engine::storage::inspect {

namespace {

constexpr std::size_t kFilterHeadBytes = 8;
constexpr std::size_t kSummaryHeadBytes = 24;
constexpr std::size_t kSummaryOffsetBytes = 4;

class XrayMaker {
public:
    XrayMaker(runtime::FileSystem& files, const SstableDescriptor& descriptor,
              const rows::DecoratedKey& key)
        : m_files(files), m_descriptor(descriptor) {
        m_out.key = key;
    }

    Result<Xray> run(std::size_t unfilteredsMax) {
        TRY_ASSIGN(m_walk, DataWalk::open(m_files, m_descriptor));
        m_out.keyText = keyText(header(), m_out.key.key);
        TRY(filter());
        TRY_ASSIGN(const auto slot, index());
        if (slot) {
            TRY(data(*slot, unfilteredsMax));
        }
        return std::move(m_out);
    }

private:
    const SerializationHeader& header() const { return m_walk->statistics().header; }
    Result<Bytes> content(Component component) const {
        return runtime::readFile(m_files, m_descriptor.pathOf(component));
    }
    void add(Component component, BytesView all, std::uint64_t offset, std::uint64_t length,
             int depth, std::string name, std::string meaning) {
        m_out.ranges.push_back({component, offset, length, depth, std::move(name), std::move(meaning),
                                Bytes(all.substr(offset, std::min<std::uint64_t>(length, kXrayBytesMax)))});
    }

    /// Which bits are asked.
    Result<void> filter() {
        m_out.bloomSaysMaybe = true;
        if (!m_files.exists(m_descriptor.pathOf(Component::Filter))) {
            return ok();
        }
        TRY_ASSIGN(const Bytes bytes, content(Component::Filter));
        ByteReader in(bytes);
        const BloomFilter filter = BloomFilter::read(in);
        if (in.failed()) {
            return makeError(ErrorKind::Corrupt,
                             fmt::format("SSTable {}: it does not hold together at offset 0",
                                         m_descriptor.pathOf(Component::Filter)));
        }
        add(Component::Filter, bytes, 0, 4, 0, "hash functions", std::to_string(filter.hashCount()));
        add(Component::Filter, bytes, 4, 4, 0, "64-bit words", std::to_string(filter.bitCount() / 64));
        filter.forEachBit(murmur3(m_out.key.key), [&](std::uint64_t bit) {
            const bool isSet = filter.isSet(bit);
            m_out.bloomBits.push_back({bit, isSet});
            m_out.bloomSaysMaybe = m_out.bloomSaysMaybe && isSet;
            add(Component::Filter, bytes, kFilterHeadBytes + bit / 8, 1, 0,
                fmt::format("bit {}", bit), isSet ? "set: may be here" : "not set: surely not here");
            return true;
        });
        return ok();
    }

    /// The summary's entry to begin at, the entries passed, and the one that is meant.
    Result<std::optional<IndexSlot>> index() {
        TRY_ASSIGN(const auto index, IndexFile::open(m_files, m_descriptor.pathOf(Component::Index),
                                                     m_walk->layout().uncompressedBytes));
        std::uint64_t from = 0;
        if (m_files.exists(m_descriptor.pathOf(Component::Summary))) {
            TRY_ASSIGN(from, summary());
        }
        m_out.indexScanFrom = from;
        std::optional<IndexSlot> found;
        std::optional<std::uint64_t> end;
        TRY(index->walk([&](const rows::DecoratedKey& key, const IndexSlot& slot) {
            if (found) {
                end = slot.dataPosition;
                return false;
            }
            if (slot.entryAt >= from) {
                if (key == m_out.key) {
                    found = slot;
                } else {
                    ++m_out.indexEntriesPassed;
                }
            }
            return !(m_out.key < key);
        }));
        if (!found) {
            return found;
        }
        m_out.isFound = true;
        m_out.dataOffset = found->dataPosition;
        m_out.dataLength = end.value_or(m_walk->layout().uncompressedBytes) - found->dataPosition;
        TRY_ASSIGN(const auto file, m_files.open(m_descriptor.pathOf(Component::Index),
                                                 runtime::OpenMode::Read));
        const std::uint64_t length = found->promotedAt + found->promotedBytes - found->entryAt;
        TRY_ASSIGN(const Bytes entry, file->read(found->entryAt, length));
        annotateEntry(entry, found->entryAt);
        return found;
    }

    Result<std::uint64_t> summary() {
        TRY_ASSIGN(const Bytes bytes, content(Component::Summary));
        TRY_ASSIGN(const IndexSummary summary,
                   IndexSummary::read(bytes, m_descriptor.pathOf(Component::Summary)));
        const std::size_t entry = summary.entryFor(m_out.key.token, m_out.key.key);
        m_out.summaryEntry = entry;
        std::uint64_t at = kSummaryHeadBytes + summary.size() * kSummaryOffsetBytes;
        for (std::size_t i = 0; i < entry; ++i) {
            at += summary.key(i).size() + 8;
        }
        const std::size_t keyBytes = summary.key(entry).size();
        add(Component::Summary, bytes, 0, kSummaryHeadBytes, 0, "header",
            fmt::format("{} entries, one every {} partitions", summary.size(),
                        summary.effectiveInterval()));
        add(Component::Summary, bytes, kSummaryHeadBytes + entry * kSummaryOffsetBytes,
            kSummaryOffsetBytes, 0, fmt::format("offset of entry {}", entry), std::to_string(at - kSummaryHeadBytes));
        add(Component::Summary, bytes, at, keyBytes, 0, fmt::format("key of entry {}", entry),
            fmt::format("{}, token {}", keyText(header(), summary.key(entry)), summary.token(entry)));
        add(Component::Summary, bytes, at + keyBytes, 8, 0, "place in Index.db",
            std::to_string(summary.indexPosition(entry)));
        return summary.indexPosition(entry);
    }

    void annotateEntry(const Bytes& entry, std::uint64_t at) {
        Annotator notes(m_out.ranges, Component::Index, entry, at);
        DecodeReader& in = notes.in();
        const std::size_t whole = notes.open("index entry");
        std::size_t from = notes.at();
        const BytesView key = in.shortBlob();
        notes.add(from, "partition key", keyText(header(), key));
        notes.number("place in Data.db", "(before compression)");
        if (notes.number("bytes of the promoted index") > 0) {
            notes.number("bytes up to the first row");
            notes.plainDeletion("partition deletion");
            const std::uint64_t blocks = notes.number("blocks");
            for (std::uint64_t i = 0; i < blocks && !in.failed(); ++i) {
                annotateBlock(notes, i);
            }
            from = notes.at();
            in.raw(in.remaining());
            notes.add(from, "offsets of the blocks", {});
        }
        notes.close(whole);
    }

    void annotateBlock(Annotator& notes, std::uint64_t number) {
        DecodeReader& in = notes.in();
        const std::size_t whole = notes.open(fmt::format("block {}", number));
        for (const char* name : {"first", "last"}) {
            std::size_t from = notes.at();
            const std::uint8_t kind = in.u8();
            std::size_t count = header().clustering.size();
            if (kind != kClusteringKind) {
                count = std::min<std::size_t>(count, in.u16());
            }
            notes.add(from, fmt::format("kind of the {}", name), std::to_string(kind));
            annotateClustering(notes, header(), count);
        }
        notes.number("offset from the partition's start");
        const std::size_t from = notes.at();
        notes.add(from, "width", fmt::format("{} bytes", in.vint() + kIndexWidthBase));
        const std::size_t flag = notes.at();
        const bool isOpen = in.u8() != 0;
        notes.add(flag, "range deletion open at its end", isOpen ? "yes" : "no");
        if (isOpen) {
            notes.plainDeletion("open deletion");
        }
        notes.close(whole);
    }

    Result<void> data(const IndexSlot& slot, std::size_t unfilteredsMax) {
        const DataLayout& layout = m_walk->layout();
        if (layout.isCompressed) {
            const std::uint64_t last =
                (m_out.dataOffset + m_out.dataLength - 1) / layout.chunkBytes;
            for (std::uint64_t n = m_out.dataOffset / layout.chunkBytes; n <= last; ++n) {
                m_out.chunks.push_back({n, layout.fileOffsetOf(n), layout.storedBytesOf(n),
                                        n * layout.chunkBytes, layout.bytesOf(n)});
            }
        }
        m_walk->seek(slot.dataPosition);
        TRY_ASSIGN(const bool isThere, m_walk->nextPartition());
        if (!isThere || !(m_walk->key() == m_out.key)) {
            return layout.corrupt("another key than Index.db says (before compression)",
                                  slot.dataPosition);
        }
        DataWindow window(m_walk->file(), nullptr, 0);
        TRY(annotate(window, slot.dataPosition, m_walk->offset(), true));
        for (std::size_t i = 0;; ++i) {
            if (i == unfilteredsMax) {
                m_out.isCut = true;
                return ok();
            }
            TRY_ASSIGN(const DecodeOutcome outcome, m_walk->next());
            TRY(annotate(window, m_walk->startOffset(), m_walk->offset(), false));
            if (outcome == DecodeOutcome::End) {
                return ok();
            }
        }
    }

    Result<void> annotate(DataWindow& window, std::uint64_t from, std::uint64_t to, bool isHead) {
        window.seek(from);
        TRY(window.extend(to - from));
        Annotator notes(m_out.ranges, Component::Data, window.bytes().substr(0, to - from), from);
        if (isHead) {
            annotateHead(notes, header(), m_walk->format());
        } else {
            annotateUnfiltered(notes, header(), m_walk->format());
        }
        return ok();
    }

    runtime::FileSystem& m_files;
    const SstableDescriptor& m_descriptor;
    std::unique_ptr<DataWalk> m_walk;
    Xray m_out;
};

}  // namespace

Result<Xray> xray(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                  const rows::DecoratedKey& key, std::size_t unfilteredsMax) {
    return XrayMaker(files, descriptor, key).run(unfilteredsMax);
}

}  // namespace engine::storage::inspect
