#include "engine/storage/sstable/index_entry.h"

namespace engine::storage {

namespace {

constexpr std::size_t kOffsetBytes = 4;

bool readPlace(DecodeReader& in, const UnfilteredDecoder& decoder, std::size_t clusterings,
               IndexPlace& place) {
    place.kind = in.u8();
    const bool isRow = place.kind == kClusteringKind;
    const std::size_t count = isRow ? clusterings : in.u16();
    if (place.kind > 7 || place.kind == 3 || count > clusterings) {
        return false;
    }
    place.side = isRow ? 0 : (place.kind <= 2 ? -1 : 1);
    return decoder.clustering(in, place.prefix, count);
}

}  // namespace

bool readPromoted(BytesView bytes, IndexEntry& entry) {
    DecodeReader in(bytes);
    entry.headerLength = in.unsignedVint();
    entry.deletion = readPlainDeletion(in);
    const std::uint64_t blocks = in.unsignedVint();
    if (in.failed() || blocks < 1 || blocks > in.remaining() / kOffsetBytes) {
        return false;
    }
    entry.blocks = static_cast<std::uint32_t>(blocks);
    entry.promoted.assign(in.raw(in.remaining()));
    return true;
}

std::optional<IndexBlock> IndexEntry::block(std::uint32_t number, const RowFormat& format) const {
    const std::size_t infos = promoted.size() - blocks * kOffsetBytes;
    DecodeReader offsets(BytesView(promoted).substr(infos + number * kOffsetBytes));
    const std::uint32_t at = offsets.u32();
    if (at >= infos) {
        return std::nullopt;
    }
    DecodeReader in(BytesView(promoted).substr(at, infos - at));
    const UnfilteredDecoder decoder(format);
    const std::size_t clusterings = format.clusteringLengths.size();
    IndexBlock out;
    if (!readPlace(in, decoder, clusterings, out.first) ||
        !readPlace(in, decoder, clusterings, out.last)) {
        return std::nullopt;
    }
    out.offset = in.unsignedVint();
    const std::int64_t width = in.vint() + kIndexWidthBase;
    if (in.u8() != 0) {
        out.open = readPlainDeletion(in);
    }
    if (in.failed() || width <= 0) {
        return std::nullopt;
    }
    out.width = static_cast<std::uint64_t>(width);
    return out;
}

void PromotedIndexWriter::clear() {
    m_infos.clear();
    m_offsets.clear();
}

Result<void> PromotedIndexWriter::addPlace(const IndexPlace& place) {
    m_infos.u8(place.kind);
    if (place.kind != kClusteringKind) {
        m_infos.u16(static_cast<std::uint16_t>(place.prefix.size()));
    }
    return m_encoder.clustering(m_infos, place.prefix);
}

Result<void> PromotedIndexWriter::add(const IndexBlock& block) {
    m_offsets.push_back(static_cast<std::uint32_t>(m_infos.size()));
    TRY(addPlace(block.first));
    TRY(addPlace(block.last));
    m_infos.unsignedVint(block.offset);
    m_infos.vint(static_cast<std::int64_t>(block.width) - kIndexWidthBase);
    m_infos.u8(block.open.isLive() ? 0 : 1);
    if (!block.open.isLive()) {
        writePlainDeletion(m_infos, block.open);
    }
    return ok();
}

void PromotedIndexWriter::write(EncodeBuffer& out, std::uint64_t headerLength,
                                const rows::DeletionTime& deletion) const {
    if (m_offsets.size() < 2) {
        return;
    }
    out.unsignedVint(headerLength);
    writePlainDeletion(out, deletion);
    out.unsignedVint(m_offsets.size());
    out.raw(m_infos.view());
    for (const std::uint32_t offset : m_offsets) {
        out.i32(static_cast<std::int32_t>(offset));
    }
}

}  // namespace engine::storage
