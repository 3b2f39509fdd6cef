#include "engine/storage/sstable/partition_walker.h"

#include <fmt/format.h>

namespace engine::storage {

PartitionWalker::PartitionWalker(const SstablePartition& partition)
    : m_partition(partition),
      m_context(partition.m_context),
      m_partitionAt(partition.m_slot.dataPosition),
      m_window(partition.m_shared),
      m_decoder(*m_context.format) {
    if (m_window == nullptr) {
        m_own.emplace(*m_context.data, m_context.cache, m_context.cacheId, m_context.trace);
        m_window = &*m_own;
    }
}

Error PartitionWalker::corrupt(std::string_view what) const {
    return m_window->layout().corrupt(
        fmt::format("{} (before compression)", what), m_window->position());
}

std::uint32_t PartitionWalker::blocks() const {
    return m_partition.m_entry ? m_partition.m_entry->blocks : 0;
}

Result<IndexBlock> PartitionWalker::block(std::uint32_t number) const {
    auto found = m_partition.m_entry->block(number, *m_context.format);
    if (!found) {
        return m_window->layout().corrupt(
            fmt::format("block {} of the promoted index in Index.db is malformed, of the partition",
                        number),
            m_partitionAt);
    }
    return std::move(*found);
}

Result<void> PartitionWalker::toStart() {
    m_window->seek(m_partition.m_rowsAt);
    m_open = {};
    m_expected.reset();
    return ok();
}

Result<void> PartitionWalker::toBlock(std::uint32_t number) {
    if (number == 0) {
        return toStart();
    }
    TRY_ASSIGN(const IndexBlock before, block(number - 1));
    TRY_ASSIGN(IndexBlock here, block(number));
    if (here.offset != before.offset + before.width) {
        return m_window->layout().corrupt(
            "blocks of the promoted index in Index.db do not follow each other, of the partition",
            m_partitionAt);
    }
    m_window->seek(m_partitionAt + here.offset);
    if (m_context.trace != nullptr && m_context.trace->promoted) {
        m_context.trace->promoted->entered.push_back(number);
    }
    m_open = before.open;
    m_expected = std::move(here.first);
    return ok();
}

Result<DecodeOutcome> PartitionWalker::next() {
    DecodeOutcome outcome;
    while ((outcome = m_decoder.next(m_window->bytes(), m_row, m_marker)) ==
           DecodeOutcome::Incomplete) {
        TRY_ASSIGN(const bool isThere, m_window->extend(m_decoder.needed()));
        if (!isThere) {
            return corrupt("the data ends within a partition");
        }
    }
    if (outcome == DecodeOutcome::Corrupt) {
        return corrupt(m_decoder.problem());
    }
    if (m_expected) {
        const rows::Position at = outcome == DecodeOutcome::Row
                                      ? rows::Position{&m_row.clustering, 0}
                                      : m_marker.position();
        if (outcome == DecodeOutcome::End ||
            rows::comparePositions(table(), at, m_expected->position()) != 0) {
            return corrupt("the promoted index in Index.db and the data disagree");
        }
        m_expected.reset();
    }
    if (outcome == DecodeOutcome::End) {
        if (!m_open.isLive()) {
            return corrupt("a range deletion is open at the end of a partition");
        }
        return outcome;  // Not consumed: it comes again.
    }
    if (outcome == DecodeOutcome::Marker) {
        if (m_marker.before != m_open) {
            return corrupt("a marker closes another range deletion than the open one");
        }
        m_open = m_marker.after;
    }
    m_window->consume(m_decoder.consumed());
    return outcome;
}

/// The first block that ends at or behind the position, by the blocks' ends alone. If the position
/// lies before that block's own start, in a gap between two blocks where nothing should be, one
/// earlier: that costs little and keeps a damaged end from hiding rows.
Result<std::uint32_t> PartitionWalker::blockToBeginWith(const rows::Position& start) const {
    std::uint32_t low = 0;
    std::uint32_t high = blocks() - 1;
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        TRY_ASSIGN(const IndexBlock at, block(middle));
        if (rows::comparePositions(table(), at.last.position(), start) >= 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    if (low > 0) {
        TRY_ASSIGN(const IndexBlock at, block(low));
        if (rows::comparePositions(table(), start, at.first.position()) < 0) {
            --low;
        }
    }
    return low;
}

/// The last block that begins at or before the position; the mirror image of the above.
Result<std::uint32_t> PartitionWalker::blockToEndWith(const rows::Position& end) const {
    std::uint32_t low = 0;
    std::uint32_t high = blocks() - 1;
    while (low < high) {
        const std::uint32_t middle = low + (high - low + 1) / 2;
        TRY_ASSIGN(const IndexBlock at, block(middle));
        if (rows::comparePositions(table(), at.first.position(), end) <= 0) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    if (low + 1 < blocks()) {
        TRY_ASSIGN(const IndexBlock at, block(low));
        if (rows::comparePositions(table(), end, at.last.position()) > 0) {
            ++low;
        }
    }
    return low;
}

}  // namespace engine::storage
