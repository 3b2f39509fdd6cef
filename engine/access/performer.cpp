#include "engine/access/performer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/schema/system_keyspaces.h"

namespace engine::access {

namespace {

constexpr std::string_view kData = "data/";

/// ClientState.READABLE_SYSTEM_RESOURCES: these tables, and all of these keyspaces.
constexpr std::array kReadableTables{std::string_view("data/system/local"), std::string_view("data/system/peers"),
                                     std::string_view("data/system/peers_v2"), std::string_view("data/system/size_estimates"),
                                     std::string_view("data/system/table_estimates")};
constexpr std::array kReadableKeyspaces{std::string_view("system_schema"), std::string_view("system_traces"),
                                        std::string_view("system_virtual_schema")};

}  // namespace

std::string_view keyspaceOf(const cql::Resource& resource) {
    std::string_view name = resource.name;
    if (!name.starts_with(kData)) {
        return {};
    }
    name.remove_prefix(kData.size());
    return name.substr(0, name.find('/'));
}

bool isReadableByAll(const cql::Resource& resource) {
    const std::string_view keyspace = keyspaceOf(resource);
    const bool isTable = std::ranges::count(resource.name, '/') == 2;
    return isTable && (std::ranges::find(kReadableTables, resource.name) != kReadableTables.end() ||
                       std::ranges::find(kReadableKeyspaces, keyspace) != kReadableKeyspaces.end());
}

bool Performer::may(cql::Permission permission, const cql::Resource& resource) const {
    if (mayAll || isSuper) {
        return true;
    }
    const bool isSystem = schema::isSystemKeyspace(keyspaceOf(resource));
    for (std::optional<cql::Resource> at = resource; at; at = cql::parentOf(*at)) {
        const auto grant = grants.find(*at);
        const bool reaches = !isSystem || *at != cql::allKeyspaces();
        if (reaches && grant != grants.end() && grant->second.contains(permission)) {
            return true;
        }
    }
    return false;
}

Result<void> Performer::ensure(cql::Permission permission, const cql::Resource& resource) const {
    if (may(permission, resource)) {
        return ok();
    }
    return unauthorized(fmt::format("User {} has no {} permission on {} or any of its parents", name, cql::nameOf(permission),
                                    cql::displayOf(resource)));
}

Result<void> Performer::ensureManages(cql::Permission permission, const cql::Resource& role) const {
    if (may(permission, role)) {
        return ok();
    }
    return unauthorized(fmt::format("User {} does not have sufficient privileges to perform the requested operation", name));
}

}  // namespace engine::access
