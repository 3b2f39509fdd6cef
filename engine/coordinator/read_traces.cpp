#include "engine/coordinator/read_traces.h"

namespace engine::coordinator {

namespace {

/// A range as Java's AbstractBounds prints it.
std::string rangeText(const rows::PartitionRange& range) {
    const auto end = [](const std::optional<rows::PartitionBound>& bound) {
        return bound ? std::to_string(bound->token) : std::string("min(-9223372036854775808)");
    };
    const bool startIncluded = range.start && range.start->inclusive;
    const bool endIncluded = !range.end || range.end->inclusive;
    return (startIncluded ? '[' : '(') + end(range.start) + ", " + end(range.end) + (endIncluded ? ']' : ')');
}

struct Seen {
    std::size_t rows = 0;
    std::size_t tombstones = 0;
};

void count(Seen& seen, const rows::Row& row, std::int64_t now) {
    seen.tombstones += row.deletion.isLive() ? 0 : 1;
    for (const rows::Cell& cell : row.cells) {
        seen.tombstones += cell.isLive(now) ? 0 : 1;
    }
}

Seen countAll(const std::vector<rows::Partition>& partitions, std::int64_t now) {
    Seen out;
    for (const rows::Partition& partition : partitions) {
        out.tombstones += (partition.deletion.isLive() ? 0 : 1) + 2 * partition.rangeTombstones.size();
        count(out, partition.staticRow, now);
        const std::size_t before = out.rows;
        for (const rows::Row& row : partition.rows) {
            out.rows += row.hasLiveData(now) ? 1 : 0;
            count(out, row, now);
        }
        // A partition of static columns alone counts as one row.
        out.rows += out.rows == before && partition.staticRow.hasLiveData(now) ? 1 : 0;
    }
    return out;
}

}  // namespace

void traceReadStart(const ClusterView& view, const rows::ReadCommand& command, const Uuid& request) {
    if (!messaging::isTraced(request)) {
        return;
    }
    Tracer& tracer = view.tracer;
    const std::uint64_t sstables = view.storage.stats(*command.table).sstables;
    if (command.key) {
        tracer.trace(request, stage::kRead, "Executing single-partition query on {}", command.table->name);
        tracer.trace(request, stage::kRead, "Acquiring sstable references");
    } else {
        tracer.trace(request, stage::kRead, "Executing seq scan across {} sstables for {}", sstables,
                     rangeText(command.range));
    }
}

void traceReadEnd(const ClusterView& view, const rows::ReadCommand& command,
                  const std::vector<rows::Partition>& read, const Uuid& request) {
    if (!messaging::isTraced(request)) {
        return;
    }
    if (command.key) {
        view.tracer.trace(request, stage::kRead, "Merging memtable contents");
    }
    const Seen seen = countAll(read, command.nowSeconds);
    view.tracer.trace(request, stage::kRead, "Read {} live rows and {} tombstone cells", seen.rows,
                      seen.tombstones);
}

void traceMismatch(const ClusterView& view, const rows::ReadCommand& command, const Uuid& request) {
    if (messaging::isTraced(request) && command.key) {
        view.tracer.trace(request, stage::kRequest, "Digest mismatch: Mismatch for key DecoratedKey({}, {})",
                          command.key->token, toHex(command.key->key));
    }
}

}  // namespace engine::coordinator
