#include "engine/observe/event.h"

namespace engine::observe {

std::string_view toString(Category category) {
    switch (category) {
        case Category::Cluster: return "cluster";
        case Category::Gossip: return "gossip";
        case Category::Requests: return "requests";
        case Category::Storage: return "storage";
        case Category::Schema: return "schema";
        case Category::Clients: return "clients";
        case Category::Metrics: return "metrics";
    }
    return "?";
}

Category categoryOf(const Event& event) {
    return std::visit([](const auto& body) { return body.kCategory; }, event.body);
}

std::string_view nameOf(const Event& event) {
    return std::visit([](const auto& body) { return body.kName; }, event.body);
}

}  // namespace engine::observe
