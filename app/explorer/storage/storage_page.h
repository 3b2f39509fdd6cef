#pragma once

#include "app/explorer/sheet.h"
#include "app/explorer/storage/storage_facts.h"

namespace app::explorer::storage {

/// The Inspector's page on a segment, memtable, SSTable or compaction.
sheet::Lines partLines(const engine::observe::ClusterState& state, const Nodes& nodes, const std::string& table, const Part& part,
                       std::int64_t now, double width);

}  // namespace app::explorer::storage
