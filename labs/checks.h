#pragma once

#include <optional>
#include <set>
#include <string>

#include "engine/observe/cluster_state.h"
#include "labs/lab.h"
#include "labs/world.h"

namespace lab {

/// What a check may look at.
struct Evidence {
    World& world;
    const engine::observe::ClusterState& state;
    std::int64_t sinceNanos = 0;             // When the step began.
    std::set<engine::Uuid> spokenFor;        // Requests that another check of the step asked for.
    std::optional<std::string> answer;       // Of a quiz.
    std::optional<std::size_t> predicted;    // Of the step.
};

/// Judges one check by what the world is like now. Reads only at levels that mend nothing.
CheckResult evaluate(const Check& check, const Evidence& evidence);

CheckResult checkCql(const CqlWants& wants, const Evidence& evidence);
CheckResult checkSchema(const SchemaWants& wants, const Evidence& evidence);
CheckResult checkReplicas(const ReplicasWants& wants, const Evidence& evidence);
CheckResult checkCluster(const ClusterWants& wants, const Evidence& evidence);
CheckResult checkEvents(const EventsWants& wants, const Evidence& evidence);
CheckResult checkStorage(const StorageWants& wants, const Evidence& evidence);
CheckResult checkQuiz(const Question& question, const Evidence& evidence);

/// Requests since the step began that are exactly what an `events` check asks for, oldest first.
std::vector<engine::Uuid> matchingRequests(const EventsWants& wants, const Evidence& evidence);
/// Looks up the answer of a live question; false while the key's place is not known.
bool resolve(Question& question, World& world);

}  // namespace lab
