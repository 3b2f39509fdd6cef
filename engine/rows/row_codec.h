#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/rows/partition.h"

namespace engine::rows {

/// Column names by number. In a partition that stands alone a name follows its number's first use
/// (`inlineNames`); an SSTable keeps one list for all its rows.
class ColumnNames {
public:
    explicit ColumnNames(bool inlineNames) : m_inline(inlineNames) {}
    /// For reading with a list that is complete and outlives this.
    explicit ColumnNames(const std::vector<ColumnName>& known) : m_known(&known) {}

    void write(ByteWriter& out, ColumnName name);
    /// Empty, and the reader failed, when the number is unknown.
    ColumnName read(ByteReader& in);
    const std::vector<ColumnName>& names() const { return m_names; }

private:
    bool m_inline = false;
    const std::vector<ColumnName>* m_known = nullptr;
    std::vector<ColumnName> m_names;
    std::size_t m_next = 0;  // Names come in order: the likely place of the next one.
};

// The pieces that partitions on the wire, in the commit log and in SSTables are made of; layouts in
// docs/formats.md. Readers mark `in` as failed on malformed input.
void writeDeletion(ByteWriter& out, const DeletionTime& deletion);
DeletionTime readDeletion(ByteReader& in);
void writeClustering(ByteWriter& out, const Clustering& clustering);
Clustering readClustering(ByteReader& in);
void writeRow(ByteWriter& out, const Row& row, ColumnNames& names);
Row readRow(ByteReader& in, ColumnNames& names);
/// The same into a row that was used before, whose memory is used again.
void readRow(ByteReader& in, ColumnNames& names, Row& into);
void writeSlice(ByteWriter& out, const Slice& slice);
Slice readSlice(ByteReader& in);
/// All of a partition but its rows.
void writeHead(ByteWriter& out, const Partition& partition, ColumnNames& names);
Partition readHead(ByteReader& in, ColumnNames& names);
/// A number of things that follow; fails when there are not even as many bytes.
std::uint64_t readCount(ByteReader& in);

}  // namespace engine::rows
