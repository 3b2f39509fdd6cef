#include "engine/storage/sstable/sstable_partition.h"

#include <algorithm>

#include "engine/storage/sstable/partition_walker.h"

namespace engine::storage {

namespace {

constexpr std::size_t kDeletionBytes = 12;
constexpr std::size_t kKeyLengthBytes = 2;

bool hasStart(const rows::Slice& slice) {
    return !slice.start.prefix.empty();
}
bool hasEnd(const rows::Slice& slice) {
    return !slice.end.prefix.empty();
}

/// A bound that the caller wants cut, as a marker.
Marker cut(const rows::Position& at, const rows::DeletionTime& before,
           const rows::DeletionTime& after) {
    return {*at.prefix, at.side, before, after};
}

bool canHoldRows(const schema::Table& table, const rows::Slice& slice) {
    return !hasStart(slice) || !hasEnd(slice) || !rows::isEmpty(table, slice);
}

/// Forwards: slice by slice, block by block only where that skips something.
class ForwardRows : public UnfilteredCursor {
public:
    ForwardRows(const SstablePartition& partition, const std::vector<rows::Slice>& slices)
        : m_walker(partition), m_slices(slices) {}

    Result<void> begin() {
        TRY(m_walker.toStart());
        return step();
    }
    UnfilteredKind kind() const override { return m_kind; }
    const rows::Row& row() const override { return m_walker.row(); }
    rows::Row takeRow() override { return std::move(m_walker.row()); }
    const Marker& marker() const override { return m_isCut ? m_cut : m_walker.marker(); }
    Result<void> advance() override {
        if (!m_isCut) {
            m_hasHeld = false;
        }
        return step();
    }

private:
    /// Decodes the next thing unless there is one that was not handed out yet.
    Result<void> hold() {
        if (!m_hasHeld) {
            m_openBefore = m_walker.open();
            TRY_ASSIGN(m_held, m_walker.next());
            m_hasHeld = true;
        }
        return ok();
    }
    rows::Position heldAt() const {
        return m_held == DecodeOutcome::Row ? rows::Position{&m_walker.row().clustering, 0}
                                            : m_walker.marker().position();
    }
    int compareHeld(const rows::Position& to) const {
        return rows::comparePositions(m_walker.table(), heldAt(), to);
    }
    bool heldIsEnd() const { return m_hasHeld && m_held == DecodeOutcome::End; }

    void emitCut(const rows::Position& at, const rows::DeletionTime& before,
                 const rows::DeletionTime& after) {
        m_cut = cut(at, before, after);
        m_isCut = true;
        m_kind = UnfilteredKind::Marker;
    }

    Result<void> jumpTowards(const rows::Position& start) {
        if (m_walker.blocks() == 0 || heldIsEnd() || (m_hasHeld && compareHeld(start) > 0)) {
            return ok();
        }
        TRY_ASSIGN(const std::uint32_t number, m_walker.blockToBeginWith(start));
        TRY_ASSIGN(const IndexBlock block, m_walker.block(number));
        if (number > 0 && block.offset > m_walker.offset()) {
            m_hasHeld = false;
            return m_walker.toBlock(number);
        }
        return ok();
    }

    /// To what lies behind the slice's start. True when a deletion that was open there is handed
    /// out as the slice's first marker.
    Result<bool> enter(const rows::Slice& slice) {
        if (!hasStart(slice)) {
            return false;
        }
        const rows::Position start = rows::startOf(slice);
        TRY(jumpTowards(start));
        TRY(hold());
        while (m_held != DecodeOutcome::End && compareHeld(start) <= 0) {
            m_hasHeld = false;
            TRY(hold());
        }
        if (m_openBefore.isLive()) {
            return false;
        }
        emitCut(start, {}, m_openBefore);
        return true;
    }

    Result<void> step() {
        m_isCut = false;
        while (m_slice < m_slices.size()) {
            const rows::Slice& slice = m_slices[m_slice];
            if (!m_isInSlice) {
                if (!canHoldRows(m_walker.table(), slice)) {
                    ++m_slice;
                    continue;
                }
                m_isInSlice = true;
                TRY_ASSIGN(const bool isEmitted, enter(slice));
                if (isEmitted) {
                    return ok();
                }
            }
            TRY(hold());
            const bool isBehind = m_held == DecodeOutcome::End ||
                                  (hasEnd(slice) && compareHeld(rows::endOf(slice)) >= 0);
            if (!isBehind) {
                m_kind = m_held == DecodeOutcome::Row ? UnfilteredKind::Row : UnfilteredKind::Marker;
                return ok();
            }
            m_isInSlice = false;
            ++m_slice;
            if (hasEnd(slice) && !m_openBefore.isLive()) {
                emitCut(rows::endOf(slice), m_openBefore, {});
                return ok();
            }
        }
        m_kind = UnfilteredKind::End;
        return ok();
    }

    PartitionWalker m_walker;
    const std::vector<rows::Slice>& m_slices;
    std::size_t m_slice = 0;
    bool m_isInSlice = false;
    UnfilteredKind m_kind = UnfilteredKind::End;
    DecodeOutcome m_held = DecodeOutcome::End;
    bool m_hasHeld = false;
    rows::DeletionTime m_openBefore;  // In force in front of what is held.
    Marker m_cut;
    bool m_isCut = false;
};

/// Backwards: a block is read forwards and handed out from its end.
class BackwardRows : public UnfilteredCursor {
public:
    BackwardRows(const SstablePartition& partition, const std::vector<rows::Slice>& slices)
        : m_walker(partition), m_slices(slices), m_slicesLeft(slices.size()) {}

    Result<void> begin() { return settle(); }
    UnfilteredKind kind() const override {
        return m_items.empty() ? UnfilteredKind::End : m_items.back().kind;
    }
    const rows::Row& row() const override { return m_items.back().row; }
    rows::Row takeRow() override { return std::move(m_items.back().row); }
    const Marker& marker() const override { return m_items.back().marker; }
    Result<void> advance() override {
        m_items.pop_back();
        return settle();
    }

private:
    struct Item {
        UnfilteredKind kind = UnfilteredKind::End;
        rows::Row row;
        Marker marker;
    };

    Result<void> settle() {
        while (m_items.empty()) {
            if (m_reachedStart) {
                if (m_slicesLeft == 0) {
                    return ok();
                }
                TRY(enter(m_slices[--m_slicesLeft]));
            } else {
                --m_block;
                TRY(load(m_slices[m_slicesLeft], false));
            }
        }
        return ok();
    }

    Result<void> enter(const rows::Slice& slice) {
        if (!canHoldRows(m_walker.table(), slice)) {
            return ok();
        }
        m_block = 0;
        if (m_walker.blocks() > 0) {
            m_block = m_walker.blocks() - 1;
            if (hasEnd(slice)) {
                TRY_ASSIGN(m_block, m_walker.blockToEndWith(rows::endOf(slice)));
            }
        }
        return load(slice, true);
    }

    /// What the slice has in a block. `isLast`: it is the block with the slice's end.
    Result<void> load(const rows::Slice& slice, bool isLast) {
        TRY(m_walker.toBlock(m_block));
        std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
        if (m_block + 1 < m_walker.blocks()) {
            TRY_ASSIGN(const IndexBlock block, m_walker.block(m_block));
            end = block.offset + block.width;
        }
        m_reachedStart = m_block == 0;
        rows::DeletionTime openAtStart = m_walker.open();
        rows::DeletionTime open = openAtStart;
        while (m_walker.offset() < end) {
            open = m_walker.open();
            TRY_ASSIGN(const DecodeOutcome outcome, m_walker.next());
            if (outcome == DecodeOutcome::End) {
                break;
            }
            const rows::Position at = outcome == DecodeOutcome::Row
                                          ? rows::Position{&m_walker.row().clustering, 0}
                                          : m_walker.marker().position();
            if (hasStart(slice) &&
                rows::comparePositions(m_walker.table(), at, rows::startOf(slice)) <= 0) {
                m_reachedStart = true;
                openAtStart = m_walker.open();
                open = openAtStart;
                continue;
            }
            if (hasEnd(slice) &&
                rows::comparePositions(m_walker.table(), at, rows::endOf(slice)) >= 0) {
                break;
            }
            open = m_walker.open();
            Item& item = m_items.emplace_back();
            if (outcome == DecodeOutcome::Row) {
                item.kind = UnfilteredKind::Row;
                item.row = std::move(m_walker.row());
            } else {
                item.kind = UnfilteredKind::Marker;
                item.marker = m_walker.marker();
            }
        }
        if (isLast && hasEnd(slice) && !open.isLive()) {
            addCut(m_items.end(), cut(rows::endOf(slice), open, {}));
        }
        if (m_reachedStart && hasStart(slice) && !openAtStart.isLive()) {
            addCut(m_items.begin(), cut(rows::startOf(slice), {}, openAtStart));
        }
        return ok();
    }

    void addCut(std::vector<Item>::iterator at, Marker marker) {
        Item item;
        item.kind = UnfilteredKind::Marker;
        item.marker = std::move(marker);
        m_items.insert(at, std::move(item));
    }

    PartitionWalker m_walker;
    const std::vector<rows::Slice>& m_slices;
    std::size_t m_slicesLeft;
    std::uint32_t m_block = 0;
    bool m_reachedStart = true;
    std::vector<Item> m_items;  // In table order; the current one is the last.
};

}  // namespace

Result<std::unique_ptr<SstablePartition>> SstablePartition::read(
    const PartitionContext& context, const rows::DecoratedKey& expected, const IndexSlot& slot,
    std::shared_ptr<const IndexEntry> entry, DataWindow& window, bool isShared) {
    std::unique_ptr<SstablePartition> out(
        new SstablePartition(context, expected, slot, std::move(entry)));
    TRY(out->readHead(window));
    out->m_shared = isShared ? &window : nullptr;
    return out;
}

Result<void> SstablePartition::moveTo(const rows::DecoratedKey& expected, const IndexSlot& slot,
                                      DataWindow& window) {
    m_key.token = expected.token;
    m_key.key.assign(expected.key);
    m_slot = slot;
    m_entry.reset();
    m_deletion = {};
    return readHead(window);
}

Result<void> SstablePartition::readHead(DataWindow& window) {
    const auto corrupt = [&](std::string_view what) {
        return window.layout().corrupt(what, window.position());
    };
    window.seek(m_slot.dataPosition);
    const std::size_t bytes = kKeyLengthBytes + m_key.key.size() + kDeletionBytes;
    TRY_ASSIGN(const bool isThere, window.extend(bytes));
    if (!isThere) {
        return corrupt("the data ends within a partition's head (before compression)");
    }
    DecodeReader in(window.bytes());
    if (in.shortBlob() != m_key.key) {
        return corrupt("another key than Index.db says (before compression)");
    }
    m_deletion = readPlainDeletion(in);
    window.consume(bytes);
    if (!m_context.format->statics.columns.empty()) {
        UnfilteredDecoder decoder(*m_context.format);
        DecodeOutcome outcome;
        while ((outcome = decoder.staticRow(window.bytes(), m_staticRow)) ==
               DecodeOutcome::Incomplete) {
            TRY_ASSIGN(const bool goesOn, window.extend(decoder.needed()));
            if (!goesOn) {
                return corrupt("the data ends within a static row (before compression)");
            }
        }
        if (outcome == DecodeOutcome::Corrupt) {
            return corrupt(decoder.problem());
        }
        window.consume(decoder.consumed());
    }
    m_rowsAt = window.position();
    return ok();
}

Result<void> SstablePartition::loadEntry() const {
    if (!m_entry && m_slot.promotedBytes > 0) {
        TRY_ASSIGN(IndexEntry entry, m_context.index->entry(m_slot));
        m_entry = std::make_shared<const IndexEntry>(std::move(entry));
    }
    return ok();
}

Result<std::unique_ptr<UnfilteredCursor>> SstablePartition::unfiltereds(
    const std::vector<rows::Slice>& slices, bool reversed) const {
    const bool isWhole = slices.size() == 1 && !hasStart(slices.front()) && !hasEnd(slices.front());
    if (reversed || !isWhole) {
        TRY(loadEntry());
    }
    if (reversed) {
        auto out = std::make_unique<BackwardRows>(*this, slices);
        TRY(out->begin());
        return std::unique_ptr<UnfilteredCursor>(std::move(out));
    }
    auto out = std::make_unique<ForwardRows>(*this, slices);
    TRY(out->begin());
    return std::unique_ptr<UnfilteredCursor>(std::move(out));
}

}  // namespace engine::storage
