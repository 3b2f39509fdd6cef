#include "app/console/advice.h"

namespace app::console {

using engine::cql::assist::Classification;
using engine::cql::assist::StatementKind;

namespace {

constexpr std::size_t kManyPartitions = 10;
const QString kKeysLab = "keys-and-order";
const QString kModellingLab = "one-query-one-table";
const QString kTombstonesLab = "compaction";

}  // namespace

std::vector<Advice> adviceOn(const Classification& statement) {
    std::vector<Advice> advice;
    if (statement.allowFiltering) {
        advice.push_back({"ALLOW FILTERING reads rows only to drop them.",
                          "Every node may have to read all its rows of the table to answer. Model a table whose key is "
                          "what you ask for, or use an index.",
                          kModellingLab});
    } else if (statement.fullScan) {
        advice.push_back({"No partition key: this walks the whole ring.",
                          "Without a whole partition key the coordinator asks for every token range, page by page.", kKeysLab});
    }
    if (statement.kind == StatementKind::Read && statement.partitions > kManyPartitions) {
        advice.push_back({QString("IN names %1 partitions: one coordinator asks for all of them.").arg(statement.partitions),
                          "Each key may have other replicas; the slowest decides. Single queries in parallel spread the work "
                          "over all nodes.",
                          kModellingLab});
    }
    if (statement.kind == StatementKind::Batch && statement.logged && statement.partitions > 1) {
        advice.push_back({QString("Logged batch over %1 partitions: atomic, not faster.").arg(statement.partitions),
                          "It is written to the batch log of two other nodes first. Use it where rows of several partitions "
                          "must all be written in the end; never to load data.",
                          kModellingLab});
    }
    return advice;
}

Advice adviceOnWarning(const QString& warning) {
    const QString why = "The server's warning, word for word.";
    if (warning.contains("tombstone", Qt::CaseInsensitive)) {
        return {warning, why, kTombstonesLab};
    }
    if (warning.contains("batch", Qt::CaseInsensitive) || warning.contains("partition", Qt::CaseInsensitive)) {
        return {warning, why, kModellingLab};
    }
    return {warning, why, {}};
}

}  // namespace app::console
