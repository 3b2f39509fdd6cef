#include "engine/storage/flush_writer.h"

#include <algorithm>

#include "engine/base/ensure.h"
#include "engine/rows/merge.h"
#include "engine/storage/lifecycle/transaction_log.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "engine/storage/sstable/unfiltered_codec.h"

namespace engine::storage {

namespace {

/// A column that was written to, wherever its definition is still known.
const schema::Column* findColumn(const schema::Table& now, const schema::Table& then,
                                 std::string_view name) {
    if (const schema::Column* column = now.find(name)) {
        return column;
    }
    for (const schema::DroppedColumn& dropped : now.dropped) {
        if (dropped.column.name == name) {
            return &dropped.column;
        }
    }
    return then.find(name);
}

SerializationHeader headerOf(const Memtable& memtable, const schema::Table& table) {
    SerializationHeader out = SerializationHeader::of(table);
    out.statics.clear();
    out.regulars.clear();
    for (const rows::ColumnName& name : memtable.columns()) {
        if (const schema::Column* column = findColumn(table, *memtable.table(), name)) {
            const bool isStatic = column->kind == schema::ColumnKind::Static;
            (isStatic ? out.statics : out.regulars).push_back({column->name, column->type});
        }
    }
    out.sortColumns();
    const WrittenFacts& facts = memtable.facts();
    if (facts.minTimestamp != std::numeric_limits<std::int64_t>::max()) {
        out.stats.minTimestamp = facts.minTimestamp;
    }
    if (facts.minLocalDeletionTime != rows::kNoDeletionTime) {
        out.stats.minLocalDeletionTime = toFileDeletionTime(facts.minLocalDeletionTime);
    }
    out.stats.minTtl = facts.minTtl;
    return out;
}

/// Rows and markers of one partition without what its deletions hide.
Result<void> writePartition(const UnfilteredPartition& partition, SstableWriter& writer) {
    const rows::DeletionTime& deletion = partition.deletion();
    if (deletion.isLive()) {
        TRY(writer.beginPartition(partition.key(), deletion, partition.staticRow()));
    } else {
        rows::Row staticRow = partition.staticRow();
        rows::dropShadowed(staticRow, deletion);
        TRY(writer.beginPartition(partition.key(), deletion, staticRow));
    }
    rows::DeletionTime open;
    TRY_ASSIGN(const auto cursor, partition.unfiltereds(allRows(), false));
    for (; cursor->kind() != UnfilteredKind::End;) {
        if (cursor->kind() == UnfilteredKind::Marker) {
            Marker marker = cursor->marker();
            marker.before = open;
            marker.after = marker.after.supersedes(deletion) ? marker.after : rows::DeletionTime{};
            if (marker.before != marker.after) {
                TRY(writer.add(marker));
                open = marker.after;
            }
        } else if (open.isLive() && deletion.isLive()) {
            TRY(writer.add(cursor->row()));
        } else {
            rows::Row row = cursor->takeRow();
            rows::dropShadowed(row, open.isLive() ? deletion : open);
            if (!row.isEmpty()) {
                TRY(writer.add(row));
            }
        }
        TRY(cursor->advance());
    }
    return writer.endPartition();
}

}  // namespace

Result<std::vector<SstableDescriptor>> writeMemtable(runtime::FileSystem& files, const Memtable& memtable,
                                                     const FlushTarget& target) {
    SstableWriterOptions options;
    options.header = headerOf(memtable, *target.table);
    options.expectedPartitions = memtable.partitions() / (target.boundaries.size() + 1) + 1;
    options.flushedTo = target.upTo;
    options.originatingHost = target.origin;
    options.columnIndexBytes = target.columnIndexBytes;
    TransactionLog log(files, target.folder, "flush", target.transaction);
    std::vector<SstableDescriptor> out;
    const auto write = [&]() -> Result<void> {
        std::unique_ptr<SstableWriter> writer;
        std::size_t next = 0;
        const rows::PartitionRange all;
        const auto scan = memtable.scan(all);
        for (; scan->key() != nullptr;) {
            bool isPast = false;
            while (next < target.boundaries.size() && scan->key()->token > target.boundaries[next]) {
                isPast = true;
                ++next;
            }
            if (isPast && writer) {
                TRY(writer->finish());
                writer.reset();
            }
            if (!writer) {
                out.push_back(nextDescriptor(files, target.folder, *target.generations));
                if (!target.boundaries.empty()) {
                    TRY(log.add(out.back()));
                }
                TRY_ASSIGN(writer, SstableWriter::create(files, out.back(), target.table, options));
            }
            TRY(writePartition(scan->partition(), *writer));
            TRY(scan->advance());
        }
        TRY(writer->finish());
        return target.boundaries.empty() ? ok() : log.commit({});
    };
    ENSURE(!memtable.isEmpty());
    const Result<void> written = write();
    if (!written) {
        if (!target.boundaries.empty() && !log.isInDoubt()) {
            (void)log.abort();  // What it could not remove, the next start does.
        }
        return written.error();
    }
    if (!target.boundaries.empty()) {
        TRY(log.forget());
    }
    return out;
}

}  // namespace engine::storage
