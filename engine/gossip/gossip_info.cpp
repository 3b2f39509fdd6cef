#include "engine/gossip/gossip_info.h"

#include <fmt/format.h>

#include <iterator>

namespace engine::gossip {

std::string gossipInfoText(const StateMap& states, bool withPort) {
    std::string text;
    const auto out = std::back_inserter(text);
    for (const auto& [node, state] : states) {
        fmt::format_to(out, "/{}\n", withPort ? node : node.substr(0, node.rfind(':')));
        fmt::format_to(out, "  generation:{}\n  heartbeat:{}\n", state.heartBeat.generation,
                       state.heartBeat.version);
        for (const auto& [key, value] : state.states) {
            if (key != ApplicationState::Tokens) {
                fmt::format_to(out, "  {}:{}:{}\n", toString(key), value.version, value.value);
            }
        }
        if (const VersionedValue* tokens = state.find(ApplicationState::Tokens)) {
            fmt::format_to(out, "  TOKENS:{}:<hidden>\n", tokens->version);
        }
    }
    return text;
}

}  // namespace engine::gossip
