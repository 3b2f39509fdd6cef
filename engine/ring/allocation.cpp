#include "engine/ring/allocation.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <charconv>
#include <map>
#include <set>
#include <sstream>

#include "engine/base/ensure.h"

namespace engine::ring {

namespace {

using Order = std::vector<std::size_t>;  // Nodes as indices into the places.

Token tokenAt(std::uint64_t distanceFromMin) {
    return static_cast<Token>(distanceFromMin + static_cast<std::uint64_t>(kMinToken));
}

/// The nodes of a datacenter with racks taking turns.
Order byTurns(const std::vector<NodePlace>& places, const std::string& datacenter) {
    std::vector<std::pair<std::string, Order>> racks;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (places[i].datacenter != datacenter || places[i].later) {
            continue;
        }
        auto rack = std::find_if(racks.begin(), racks.end(),
                                 [&](const auto& r) { return r.first == places[i].rack; });
        if (rack == racks.end()) {
            rack = racks.insert(racks.end(), {places[i].rack, {}});
        }
        rack->second.push_back(i);
    }
    Order order;
    for (std::size_t turn = 0; order.size() < places.size(); ++turn) {
        const std::size_t before = order.size();
        for (const auto& [name, nodes] : racks) {
            if (turn < nodes.size()) {
                order.push_back(nodes[turn]);
            }
        }
        if (order.size() == before) {
            break;
        }
    }
    return order;
}

/// Nodes trade places with others of their rack, so that the turn of racks stays.
Order shuffled(Order order, const std::vector<NodePlace>& places, runtime::Random& random) {
    for (std::size_t i = order.size(); i-- > 1;) {
        const std::size_t j = random.below(i + 1);
        if (places[order[i]].rack == places[order[j]].rack) {
            std::swap(order[i], order[j]);
        }
    }
    return order;
}

/// No node twice among any three in a row where `next` follows `before`.
bool joinsWell(const Order& before, const Order& next) {
    const std::size_t n = before.size();
    return before[n - 1] != next[0] && before[n - 1] != next[1] && before[n - 2] != next[0];
}

/// A different order for every turn of the ring, so that each node shares ranges with all others.
std::vector<Order> turns(const Order& base, const std::vector<NodePlace>& places,
                         std::size_t count) {
    constexpr int kAttempts = 64;
    std::vector<Order> all(count, base);
    if (base.size() <= 3) {
        return all;
    }
    runtime::SeededRandom random(base.size());
    for (std::size_t turn = 1; turn < count; ++turn) {
        for (int attempt = 0; attempt < kAttempts; ++attempt) {
            Order next = shuffled(base, places, random);
            const bool last = turn + 1 == count;
            if (joinsWell(all[turn - 1], next) && (!last || joinsWell(next, all[0]))) {
                all[turn] = std::move(next);
                break;
            }
        }
    }
    return all;
}

/// With two or three nodes every even order is the same one, in which no walk ever meets a node twice and
/// all ranges are alike: true of no real ring. There the turns are shuffled freely and the ranges differ
/// in width, while each node's widths still add up to its share.
constexpr std::size_t kFewNodes = 3;
constexpr std::size_t kFewestTokensToVary = 4;
constexpr double kLeastWidth = 0.35;

struct Stretch {
    std::size_t node = 0;
    double width = 0;  // Of the whole ring.
};

std::vector<Stretch> variedStretches(const Order& base, std::size_t tokensEach) {
    runtime::SeededRandom random(base.size() * tokensEach);
    std::vector<std::vector<double>> widths(base.size());
    for (std::vector<double>& own : widths) {
        double sum = 0;
        for (std::size_t i = 0; i < tokensEach; ++i) {
            own.push_back(kLeastWidth + random.real());
            sum += own.back();
        }
        for (double& width : own) {
            width /= sum * static_cast<double>(base.size());
        }
    }
    std::vector<Stretch> out;
    std::vector<std::size_t> turn(base.size());
    for (std::size_t i = 0; i < tokensEach; ++i) {
        std::iota(turn.begin(), turn.end(), std::size_t{0});
        for (std::size_t k = turn.size(); k > 1; --k) {
            std::swap(turn[k - 1], turn[random.below(k)]);
        }
        for (const std::size_t index : turn) {
            out.push_back({base[index], widths[index][i]});
        }
    }
    return out;
}

Token unused(Token token, std::set<Token>& taken) {
    while (token == kMinToken || !taken.insert(token).second) {
        token = token == kMaxToken ? kMinToken + 1 : token + 1;
    }
    return token;
}

/// A range of the ring of one datacenter that a joining node may cut.
struct Range {
    Token left = 0;
    std::uint64_t width = 0;
    std::size_t owner = 0;
};

std::vector<Range> rangesOf(const Topology& topology, std::string_view datacenter,
                            std::vector<std::uint64_t>& owned) {
    std::vector<Topology::Entry> entries;
    for (const Topology::Entry& entry : topology.tokens()) {
        if (entry.node->datacenter == datacenter) {
            entries.push_back(entry);
        }
    }
    std::vector<Range> ranges;
    std::map<const NodeInfo*, std::size_t> owners;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const Token left = entries[i == 0 ? entries.size() - 1 : i - 1].token;
        std::uint64_t width =
            static_cast<std::uint64_t>(entries[i].token) - static_cast<std::uint64_t>(left);
        width = width == 0 ? ~std::uint64_t{0} : width;
        const std::size_t owner = owners.emplace(entries[i].node, owners.size()).first->second;
        owned.resize(owners.size(), 0);
        owned[owner] += width;
        ranges.push_back({left, width, owner});
    }
    return ranges;
}

Result<Token> parseToken(std::string_view text, int line) {
    Token token = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), token);
    if (failure != std::errc() || end != text.data() + text.size()) {
        return makeError(ErrorKind::Config,
                         fmt::format("line {}: '{}' is not a token", line, text));
    }
    return token;
}

Result<NodePlace> parseLine(const std::vector<std::string>& words, int line) {
    NodePlace place;
    std::size_t at = 0;
    if (words[0] == "later") {
        place.later = true;
        at = 1;
    }
    const std::size_t left = words.size() - at;
    if (left != 1 && left != 3) {
        return makeError(ErrorKind::Config,
                         fmt::format("line {}: expected DATACENTER RACK TOKEN,TOKEN,... or the "
                                     "tokens alone",
                                     line));
    }
    if (left == 3) {
        place.datacenter = words[at];
        place.rack = words[at + 1];
        at += 2;
    }
    std::stringstream tokens(words[at]);
    for (std::string token; std::getline(tokens, token, ',');) {
        TRY_ASSIGN(const Token value, parseToken(token, line));
        place.tokens.push_back(value);
    }
    return place;
}

}  // namespace

std::vector<Token> randomTokens(runtime::Random& random, std::size_t count,
                                const std::vector<Token>& taken) {
    std::set<Token> used(taken.begin(), taken.end());
    std::vector<Token> tokens;
    while (tokens.size() < count) {
        const auto token = static_cast<Token>(random.next());
        if (token != kMinToken && used.insert(token).second) {
            tokens.push_back(token);
        }
    }
    std::sort(tokens.begin(), tokens.end());
    return tokens;
}

std::vector<std::vector<Token>> evenTokens(const std::vector<NodePlace>& places,
                                           std::size_t tokensEach) {
    std::set<std::string> datacenters;
    for (const NodePlace& place : places) {
        datacenters.insert(place.datacenter);
    }
    std::vector<std::vector<Token>> tokens(places.size());
    std::set<Token> taken;
    std::size_t nth = 0;
    for (const std::string& datacenter : datacenters) {
        ++nth;
        const Order base = byTurns(places, datacenter);
        if (base.empty() || tokensEach == 0) {
            continue;
        }
        const std::uint64_t step = ~std::uint64_t{0} / (base.size() * tokensEach);
        const std::uint64_t offset = step / (datacenters.size() + 1) * nth;
        if (base.size() > 1 && base.size() <= kFewNodes && tokensEach >= kFewestTokensToVary) {
            double position = 0;
            for (const Stretch& stretch : variedStretches(base, tokensEach)) {
                position += stretch.width;
                const auto at = static_cast<std::uint64_t>(std::min(position, 1.0) * 0x1.fffffffffffffp63);
                tokens[stretch.node].push_back(unused(tokenAt(at + offset), taken));
            }
            continue;
        }
        std::uint64_t position = 0;
        for (const Order& turn : turns(base, places, tokensEach)) {
            for (const std::size_t node : turn) {
                tokens[node].push_back(unused(tokenAt(step * position++ + offset), taken));
            }
        }
    }
    return tokens;
}

std::vector<Token> joiningTokens(const Topology& topology, std::string_view datacenter,
                                 std::size_t count, runtime::Random& random) {
    std::set<Token> taken;
    for (const NodeInfo& node : topology.nodes()) {
        taken.insert(node.tokens.begin(), node.tokens.end());
    }
    std::vector<std::uint64_t> owned;
    std::vector<Range> ranges = rangesOf(topology, datacenter, owned);
    if (ranges.empty() || count == 0) {
        return randomTokens(random, count, {taken.begin(), taken.end()});
    }
    const std::uint64_t share = ~std::uint64_t{0} / (owned.size() + 1) / count;
    std::vector<Token> tokens;
    while (tokens.size() < count) {
        // The widest range of the member that owns most gives its lower part.
        const auto widest =
            std::max_element(ranges.begin(), ranges.end(), [&](const Range& a, const Range& b) {
                return owned[a.owner] != owned[b.owner] ? owned[a.owner] < owned[b.owner]
                                                        : a.width < b.width;
            });
        const std::uint64_t cut = std::min(share, widest->width - widest->width / 8);
        const Token token = static_cast<Token>(static_cast<std::uint64_t>(widest->left) + cut);
        tokens.push_back(unused(token, taken));
        owned[widest->owner] -= cut;
        widest->left = token;
        widest->width -= cut;
    }
    std::sort(tokens.begin(), tokens.end());
    return tokens;
}

Result<std::vector<NodePlace>> parseTokenFile(std::string_view text) {
    std::vector<NodePlace> places;
    std::istringstream lines{std::string(text)};
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        std::istringstream content(line.substr(0, line.find('#')));
        std::vector<std::string> words;
        for (std::string word; content >> word;) {
            words.push_back(word);
        }
        if (!words.empty()) {
            TRY_ASSIGN(NodePlace place, parseLine(words, number));
            places.push_back(std::move(place));
        }
    }
    return places;
}

}  // namespace engine::ring
