#include "engine/gossip/endpoint_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/messaging/messaging_service.h"

namespace engine::gossip {

namespace {

/// By ordinal; the empty names are ones that Cassandra keeps for nothing any more.
constexpr std::array<std::string_view, 21> kNames = {"STATUS",
                                                     "LOAD",
                                                     "SCHEMA",
                                                     "DC",
                                                     "RACK",
                                                     "RELEASE_VERSION",
                                                     "REMOVAL_COORDINATOR",
                                                     "INTERNAL_IP",
                                                     "RPC_ADDRESS",
                                                     "",
                                                     "SEVERITY",
                                                     "NET_VERSION",
                                                     "HOST_ID",
                                                     "TOKENS",
                                                     "RPC_READY",
                                                     "INTERNAL_ADDRESS_AND_PORT",
                                                     "NATIVE_ADDRESS_AND_PORT",
                                                     "STATUS_WITH_PORT",
                                                     "SSTABLE_VERSIONS",
                                                     "DISK_USAGE",
                                                     "INDEX_STATUS"};

/// The ring's word for a status of gossip; empty: not a member.
std::string_view ringStatus(std::string_view status) {
    if (status == "NORMAL" || status == "shutdown") {
        return "NORMAL";
    }
    if (status == "BOOT" || status == "BOOT_REPLACE") {
        return "JOINING";
    }
    if (status == "LEAVING" || status == "removing") {
        return "LEAVING";
    }
    return status == "MOVING" ? "MOVING" : "";
}

}  // namespace

std::string_view toString(ApplicationState key) {
    const auto index = static_cast<std::size_t>(key);
    return index < kNames.size() ? kNames[index] : "UNKNOWN";
}

const VersionedValue* EndpointState::find(ApplicationState key) const {
    const auto found = states.find(key);
    return found == states.end() ? nullptr : &found->second;
}

std::string_view EndpointState::value(ApplicationState key) const {
    const VersionedValue* found = find(key);
    return found == nullptr ? std::string_view() : std::string_view(found->value);
}

std::string_view EndpointState::status() const {
    const std::string_view whole = value(ApplicationState::StatusWithPort);
    return whole.substr(0, whole.find(','));
}

std::int32_t EndpointState::maxVersion() const {
    std::int32_t version = heartBeat.version;
    for (const auto& [key, state] : states) {
        version = std::max(version, state.version);
    }
    return version;
}

std::string statusValue(std::string_view status, const std::vector<std::int64_t>& tokens) {
    return tokens.empty() ? std::string(status) : fmt::format("{},{}", status, tokens.front());
}

std::string tokensValue(const std::vector<std::int64_t>& tokens) {
    return fmt::format("{}", fmt::join(tokens, ","));
}

std::vector<std::int64_t> parseTokensValue(std::string_view value) {
    std::vector<std::int64_t> tokens;
    const char* at = value.data();
    const char* const end = at + value.size();
    while (at < end) {
        std::int64_t token = 0;
        const auto [next, failure] = std::from_chars(at, end, token);
        if (failure != std::errc()) {
            break;
        }
        tokens.push_back(token);
        at = next == end ? end : next + 1;
    }
    return tokens;
}

std::optional<ring::NodeInfo> nodeInfoOf(const std::string& endpoint, const EndpointState& state) {
    const std::string_view status = ringStatus(state.status());
    const auto hostId = Uuid::parse(state.value(ApplicationState::HostId));
    const auto internode = messaging::parseEndpoint(endpoint);
    if (status.empty() || !hostId || !internode) {
        return std::nullopt;
    }
    ring::NodeInfo node;
    node.node = endpoint;
    node.internode = internode.value();
    const auto native =
        messaging::parseEndpoint(state.value(ApplicationState::NativeAddressAndPort));
    if (native) {
        node.native = native.value();
    }
    node.hostId = *hostId;
    node.datacenter = state.value(ApplicationState::Dc);
    node.rack = state.value(ApplicationState::Rack);
    node.tokens = parseTokensValue(state.value(ApplicationState::Tokens));
    node.status = status;
    return node;
}

}  // namespace engine::gossip
