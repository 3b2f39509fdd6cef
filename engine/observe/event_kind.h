#pragma once

#include <cstdint>
#include <string_view>

namespace engine::observe {

enum class Category : std::uint8_t { Cluster, Gossip, Requests, Storage, Schema, Clients, Metrics };

/// `cluster`, `gossip`, `requests`, `storage`, `schema`, `clients`, `metrics`.
std::string_view toString(Category category);

/// What every event type begins with. event.h takes the macro away again.
#define RINGSIDE_EVENT(categoryName, eventName)                            \
    static constexpr Category kCategory = Category::categoryName;          \
    static constexpr std::string_view kName = eventName;

}  // namespace engine::observe
