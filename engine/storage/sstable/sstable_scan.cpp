#include "engine/storage/sstable/sstable_scan.h"

namespace engine::storage {

Result<void> SstableScan::begin(PartitionContext context, Interval interval,
                                const IndexSummary& summary) {
    m_context = context;
    m_interval = std::move(interval);
    m_summary = &summary;
    m_window.emplace(*context.data, context.cache, context.cacheId);
    if (m_range.start) {
        // An absent key stands for a token as a whole, of which there may be several keys.
        const BytesView none;
        m_nextInterval = m_range.start->key
                             ? summary.entryFor(m_range.start->token, *m_range.start->key)
                             : summary.entryFor(m_range.start->token, none);
    }
    const rows::PartitionRange fromStart{m_range.start, std::nullopt};
    do {
        TRY(step());
    } while (m_slot != nullptr && !fromStart.contains(m_key));
    return settle();
}

Result<void> SstableScan::advance() {
    m_isOnPartition = false;
    TRY(step());
    return settle();
}

/// To the next entry of the index; none at the end.
Result<void> SstableScan::step() {
    m_slot = nullptr;
    while (!m_piece || m_next == m_piece->entries.size()) {
        if (m_nextInterval == m_summary->size()) {
            return ok();
        }
        TRY_ASSIGN(m_piece, m_interval(m_nextInterval++));
        m_next = 0;
    }
    m_slot = &m_piece->entries[m_next++];
    m_key.token = m_slot->token;
    m_key.key.assign(m_piece->key(*m_slot));
    return ok();
}

Result<void> SstableScan::settle() {
    if (m_slot == nullptr || !m_range.contains(m_key)) {
        return ok();
    }
    if (m_partition != nullptr) {
        TRY(m_partition->moveTo(m_key, *m_slot, *m_window));
    } else {
        TRY_ASSIGN(m_partition, SstablePartition::read(m_context, m_key, *m_slot, nullptr, *m_window,
                                                       true));
    }
    m_isOnPartition = true;
    return ok();
}

}  // namespace engine::storage
