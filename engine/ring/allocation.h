#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ring/topology.h"
#include "engine/runtime/random.h"

namespace engine::ring {

/// Where a node of a new cluster stands.
struct NodePlace {
    std::string datacenter = "datacenter1";
    std::string rack = "rack1";
    std::vector<Token> tokens;
    /// It is not there at first and joins later.
    bool later = false;
};

/// Tokens drawn at random as BootStrapper.getRandomTokens does; none is in `taken`.
std::vector<Token> randomTokens(runtime::Random& random, std::size_t count,
                                const std::vector<Token>& taken = {});

/// Tokens for all nodes of a new cluster, in the order of `places`: always the same, and every node
/// of a datacenter owns the same share, as Cassandra's replication-aware allocator aims for.
std::vector<std::vector<Token>> evenTokens(const std::vector<NodePlace>& places,
                                           std::size_t tokensEach);

/// Tokens for a node that joins a ring: taken from the members of its datacenter that own most, so
/// that shares stay even. Random ones when that datacenter has no member yet.
std::vector<Token> joiningTokens(const Topology& topology, std::string_view datacenter,
                                 std::size_t count, runtime::Random& random);

/// A cluster's placement by file: one line a node, `DATACENTER RACK TOKEN,TOKEN,...` or the tokens
/// alone; `later` in front marks one that joins later; `#` begins a comment. Errors name the line.
Result<std::vector<NodePlace>> parseTokenFile(std::string_view text);

}  // namespace engine::ring
