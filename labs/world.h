#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "labs/lab.h"

namespace lab {

/// Names that requests of labs give as their driver: those of checks are not looked at by checks.
inline constexpr std::string_view kCheckerName = "Ringside lab check";
inline constexpr std::string_view kSolverName = "Ringside lab";

enum class ProcessState { Stopped, Running, Paused };

struct WorldNode {
    int number = 0;
    std::string name;  // As events name it: "127.0.0.1:7000".
    ProcessState process = ProcessState::Stopped;
    std::string label() const { return 'n' + std::to_string(number); }
};

/// Rows as CQL literals; "null" for no value.
struct Answer {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};

struct CqlRequest {
    std::string text;
    std::string consistency = "ONE";
    int coordinator = 0;  // 0: the first node that is up.
    std::string_view asWho = kCheckerName;
    bool prepareOnly = false;  // Whether it would be taken; the answer is empty, and nothing is run.
};

/// Where a partition lies.
struct KeyPlace {
    engine::Bytes key;  // Serialised.
    std::int64_t token = 0;
    std::vector<std::string> replicas;  // Node names in the order of the walk around the ring.
};

/// The cluster as labs look at it and act on it, beside its events. Calls block; use it from one
/// thread. LiveWorld is real nodes; tests have their own.
class World {
public:
    virtual ~World() = default;

    virtual std::vector<WorldNode> nodes() = 0;
    virtual Result<Answer> query(const CqlRequest& request) = 0;
    virtual Result<KeyPlace> place(const KeyName& name) = 0;
    /// "stop 3", "kill 3", "start 3", "pause 3", "resume 3", "flush 3", "wait 3 up", "wait 3 down"; "compact 3
    /// shop.orders": a major compaction; "load shop.orders 2000 200": that many rows with values of 200
    /// bytes, each written once; "sleep 2": seconds. What is so already is no error.
    virtual Result<void> act(const std::string& action) = 0;
    /// The machine's monotonic clock, the one that events carry.
    virtual std::int64_t nanos() = 0;
};

}  // namespace lab
