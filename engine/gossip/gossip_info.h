#pragma once

#include <string>

#include "engine/gossip/gossip_message.h"

namespace engine::gossip {

/// The text of `nodetool gossipinfo` (Gossiper's getAllEndpointStates): keys in the order of
/// ApplicationState, the tokens last and hidden.
std::string gossipInfoText(const StateMap& states, bool withPort);

}  // namespace engine::gossip
