#include "engine/rows/retime.h"

namespace engine::rows {
namespace {

void retime(DeletionTime& deletion, std::int64_t micros) {
    if (!deletion.isLive()) {
        deletion.markedForDeleteAt = micros - 1;
    }
}

void retime(Row& row, std::int64_t micros) {
    if (!row.liveness.isEmpty()) {
        row.liveness.timestamp = micros;
    }
    retime(row.deletion, micros);
    for (Cell& cell : row.cells) {
        cell.timestamp = cell.isTombstone() ? micros - 1 : micros;
    }
    for (ComplexDeletion& complex : row.complexDeletions) {
        retime(complex.deletion, micros);
    }
}

}  // namespace

void retime(Partition& partition, std::int64_t micros) {
    retime(partition.deletion, micros);
    for (RangeTombstone& tombstone : partition.rangeTombstones) {
        retime(tombstone.deletion, micros);
    }
    retime(partition.staticRow, micros);
    for (Row& row : partition.rows) {
        retime(row, micros);
    }
}

}  // namespace engine::rows
