#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/observe/cluster_state.h"

namespace app::explorer {

using RequestPtr = std::shared_ptr<const engine::observe::RequestView>;

/// How far a leg had come.
enum class Stage { NotSent, OnItsWay, Arrived, Logged, Applied, Answering, Answered };

/// One errand to one replica: message there, work, message back, answer counted or not. Times are
/// machine nanos, 0 where nothing was told.
struct Leg {
    std::string replica;
    int round = 0;      // 0; 1 and up: reads again after a mismatch, and repairs.
    bool isLocal = false;  // The coordinator itself: no socket.
    bool isRepair = false;
    std::string verb;   // MUTATION_REQ; empty when local.
    std::string replyVerb;
    std::int64_t sent = 0;
    std::int64_t arrived = 0;
    std::vector<engine::observe::WorkView> work;
    std::int64_t replied = 0;
    std::int64_t landed = 0;
    std::int64_t acked = 0;
    std::uint32_t order = 0;  // 1 for the first answer of its round.
    bool counted = false;
    bool digest = false;
    bool failed = false;

    std::int64_t workEnd() const;
    Stage stageAt(std::int64_t now) const;
    /// An answer that came after the level was met.
    bool isLate() const { return acked != 0 && !counted && !failed; }
};

/// A request told as errands: what the waterfall, the space-time picture and the ring draw. A pure
/// function of what has arrived of it.
struct RequestStory {
    RequestPtr request;
    bool isWrite = false;
    std::int64_t begin = 0;     // Frame received, or the first that is known.
    std::int64_t parsed = 0;
    std::int64_t planned = 0;
    std::int64_t met = 0;
    std::int64_t answered = 0;
    std::int64_t end = 0;       // The last event.
    std::vector<Leg> legs;      // By round; the blocking set in order of arrival, then the others.

    static RequestStory of(RequestPtr request);
    std::uint32_t countedAt(std::int64_t now) const;
    int lateAt(std::int64_t now) const;
    int inFlightAt(std::int64_t now) const;
    /// The answer that met the level; null before that.
    const Leg* decider() const;
    bool isOver() const { return answered != 0; }
};

/// The newest request that came from Ringside's own console; null: none.
RequestPtr newestOfConsole(const engine::observe::ClusterState& state);
bool isOfConsole(const engine::observe::RequestView& request);

}  // namespace app::explorer
