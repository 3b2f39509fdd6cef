#include "engine/storage/sstable_partition.h"

#include <algorithm>

namespace engine::storage {

/// The rows of a partition, block by block as its row index cuts them.
class SstableRows {
public:
    explicit SstableRows(const SstablePartition& partition)
        : m_partition(partition), m_names(partition.m_reader.m_index.columns) {}

    std::size_t blocks() const { return std::max<std::size_t>(1, m_partition.m_index.size()); }
    /// The block in which a search for `bound` has to begin.
    std::size_t blockOf(const rows::ClusteringBound& bound, bool isStart) const {
        const auto& index = m_partition.m_index;
        const auto behind =
            std::partition_point(index.begin(), index.end(), [&](const auto& entry) {
                return rows::compareToBound(table(), entry.first, bound, isStart) < 0;
            });
        return behind == index.begin() ? 0 : static_cast<std::size_t>(behind - index.begin()) - 1;
    }
    Result<DataSlice> load(std::size_t block) const {
        const auto& index = m_partition.m_index;
        const std::uint64_t from = block < index.size() ? index[block].offset : 0;
        const std::uint64_t to =
            block + 1 < index.size() ? index[block + 1].offset : m_partition.m_rowsBytes;
        if (from > to) {
            return corrupt();
        }
        return m_partition.m_reader.data(m_partition.m_rowsAt + from, to - from);
    }
    /// The clustering of a serialised row, without the rest of it.
    Result<rows::Clustering> clusteringOf(BytesView record) const {
        ByteReader in(record);
        in.u8();
        rows::Clustering out = rows::readClustering(in);
        return in.failed() ? Result<rows::Clustering>(corrupt())
                           : Result<rows::Clustering>(std::move(out));
    }
    Result<rows::Row> decode(BytesView record) {
        ByteReader in(record);
        rows::Row row = rows::readRow(in, m_names);
        return in.failed() ? Result<rows::Row>(corrupt()) : Result<rows::Row>(std::move(row));
    }
    Error corrupt() const {
        return m_partition.m_reader.corrupt("a row is malformed", m_partition.m_rowsAt);
    }
    const schema::Table& table() const { return *m_partition.m_reader.m_table; }

private:
    const SstablePartition& m_partition;
    rows::ColumnNames m_names;
};

namespace {

/// Forwards: reads on from row to row, and jumps ahead by the index when a slice begins further on.
class ForwardCursor : public RowCursor {
public:
    ForwardCursor(const SstablePartition& partition, const std::vector<rows::Slice>& slices)
        : m_rows(partition), m_slices(slices) {}

    Result<void> begin() {
        if (m_slices.empty()) {
            return ok();
        }
        TRY(enterBlock(m_rows.blockOf(m_slices.front().start, true)));
        TRY(readRecord());
        return findRow();
    }
    const rows::Row* current() const override { return m_hasRow ? &m_row : nullptr; }
    rows::Row take() override { return std::move(m_row); }
    Result<void> advance() override {
        m_hasRow = false;
        TRY(readRecord());
        return findRow();
    }

private:
    Result<void> enterBlock(std::size_t block) {
        m_block = block;
        TRY_ASSIGN(m_data, m_rows.load(block));
        m_offset = 0;
        return ok();
    }

    /// Steps to the next record, if there is one.
    Result<void> readRecord() {
        m_hasRecord = false;
        while (m_offset == m_data.bytes.size()) {
            if (m_block + 1 >= m_rows.blocks()) {
                return ok();
            }
            TRY(enterBlock(m_block + 1));
        }
        ByteReader in(m_data.bytes.substr(m_offset));
        m_record = in.blob();
        if (in.failed()) {
            return m_rows.corrupt();
        }
        m_offset += in.offset();
        TRY_ASSIGN(m_clustering, m_rows.clusteringOf(m_record));
        m_hasRecord = true;
        return ok();
    }

    Result<void> nextSlice() {
        if (++m_slice < m_slices.size()) {
            const std::size_t block = m_rows.blockOf(m_slices[m_slice].start, true);
            if (block > m_block) {
                TRY(enterBlock(block));
                return readRecord();
            }
        }
        return ok();
    }

    /// From the current record on, the first one within a slice.
    Result<void> findRow() {
        while (m_hasRecord && m_slice < m_slices.size()) {
            const rows::Slice& slice = m_slices[m_slice];
            if (rows::compareToBound(m_rows.table(), m_clustering, slice.end, false) > 0) {
                TRY(nextSlice());
            } else if (rows::compareToBound(m_rows.table(), m_clustering, slice.start, true) < 0) {
                TRY(readRecord());
            } else {
                TRY_ASSIGN(m_row, m_rows.decode(m_record));
                m_hasRow = true;
                return ok();
            }
        }
        return ok();
    }

    SstableRows m_rows;
    const std::vector<rows::Slice>& m_slices;
    std::size_t m_slice = 0;
    std::size_t m_block = 0;
    DataSlice m_data;
    std::size_t m_offset = 0;
    BytesView m_record;
    rows::Clustering m_clustering;
    bool m_hasRecord = false;
    rows::Row m_row;
    bool m_hasRow = false;
};

/// Backwards: a block's rows are read forwards, then given out from the last.
class BackwardCursor : public RowCursor {
public:
    BackwardCursor(const SstablePartition& partition, const std::vector<rows::Slice>& slices)
        : m_rows(partition), m_slices(slices), m_slicesLeft(slices.size()) {}

    Result<void> begin() { return refill(); }
    const rows::Row* current() const override {
        return m_ready.empty() ? nullptr : &m_ready.back();
    }
    rows::Row take() override { return std::move(m_ready.back()); }
    Result<void> advance() override {
        m_ready.pop_back();
        return refill();
    }

private:
    Result<void> refill() {
        while (m_ready.empty()) {
            if (m_blocksLeft == 0) {
                if (m_slicesLeft == 0) {
                    return ok();
                }
                const rows::Slice& slice = m_slices[--m_slicesLeft];
                m_firstBlock = m_rows.blockOf(slice.start, true);
                m_blocksLeft =
                    std::max(m_rows.blockOf(slice.end, false), m_firstBlock) + 1 - m_firstBlock;
            }
            --m_blocksLeft;
            TRY(readBlock(m_firstBlock + m_blocksLeft, m_slices[m_slicesLeft]));
        }
        return ok();
    }

    Result<void> readBlock(std::size_t block, const rows::Slice& slice) {
        TRY_ASSIGN(const DataSlice data, m_rows.load(block));
        ByteReader in(data.bytes);
        while (!in.atEnd()) {
            const BytesView record = in.blob();
            if (in.failed()) {
                return m_rows.corrupt();
            }
            TRY_ASSIGN(const rows::Clustering clustering, m_rows.clusteringOf(record));
            if (rows::contains(m_rows.table(), slice, clustering)) {
                TRY_ASSIGN(rows::Row row, m_rows.decode(record));
                m_ready.push_back(std::move(row));
            }
        }
        return ok();
    }

    SstableRows m_rows;
    const std::vector<rows::Slice>& m_slices;
    std::size_t m_slicesLeft;
    std::size_t m_firstBlock = 0;
    std::size_t m_blocksLeft = 0;
    std::vector<rows::Row> m_ready;
};

template <typename Cursor>
Result<std::unique_ptr<RowCursor>> begun(std::unique_ptr<Cursor> cursor) {
    TRY(cursor->begin());
    return std::unique_ptr<RowCursor>(std::move(cursor));
}

}  // namespace

Result<std::unique_ptr<RowCursor>> SstablePartition::rows(const std::vector<rows::Slice>& slices,
                                                          bool reversed) const {
    return reversed ? begun(std::make_unique<BackwardCursor>(*this, slices))
                    : begun(std::make_unique<ForwardCursor>(*this, slices));
}

}  // namespace engine::storage
