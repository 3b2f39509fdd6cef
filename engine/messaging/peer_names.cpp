#include <fmt/format.h>

#include <charconv>

#include "engine/messaging/messaging_service.h"

namespace engine::messaging {

std::string_view toString(DropReason reason) {
    constexpr std::array<std::string_view, kDropReasonCount> kNames = {
        "expired", "queue full", "rule", "disconnected", "no handler"};
    return kNames[static_cast<std::size_t>(reason)];
}

Result<runtime::Endpoint> parseEndpoint(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    runtime::Endpoint endpoint;
    if (colon != std::string_view::npos && colon > 0) {
        std::string_view host = text.substr(0, colon);
        const std::string_view port = text.substr(colon + 1);
        if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
            host = host.substr(1, host.size() - 2);
        }
        const auto [end, failure] =
            std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
        if (failure == std::errc() && end == port.data() + port.size()) {
            endpoint.host = host;
            return endpoint;
        }
    }
    return makeError(ErrorKind::Config, fmt::format("'{}' is not an address with a port", text));
}

}  // namespace engine::messaging
