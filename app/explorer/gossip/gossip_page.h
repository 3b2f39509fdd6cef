#pragma once

#include "app/explorer/gossip/gossip_layout.h"
#include "app/explorer/sheet.h"
#include "app/shell/kit.h"

namespace app::explorer::gossip {

/// Caption of the Gossip view.
shell::Caption gossipCaption(const engine::observe::ClusterState& state, const Nodes& nodes, const std::string& subject, std::int64_t now);
/// The Inspector's page on a node: `subject` as `observer` knows it, what follows if it stays silent,
/// how to read the map.
sheet::Lines nodeLines(const engine::observe::ClusterState& state, const Nodes& nodes, const std::string& observer,
                       const std::string& subject, std::int64_t now, double width);

/// Kind of the page's buttons; their index says what to do with the node.
enum NodeLine { kNodeButton = 61 };
enum class NodeDeed { Pause, Resume, Kill, Start, CutOff, Heal };

}  // namespace app::explorer::gossip
