#pragma once

#include "app/explorer/ring/ring_focus.h"
#include "app/explorer/sheet.h"

namespace app::explorer::ring {

/// Kinds of the side panel's lines that can be chosen.
enum PanelLine { kWalkLine = 1, kReplicaLine, kReplayButton, kTrafficButton };

/// The side panel "From key to replicas" with its walk, and how far the request has come on each
/// replica at `now`.
sheet::Lines keyPanelLines(const RingFocus& focus, const Nodes& nodes, std::int64_t now, bool replaying, double width);
/// "applied, counted", "request on its way".
QString legWords(const Leg& leg, bool isWrite, std::int64_t now);

}  // namespace app::explorer::ring
