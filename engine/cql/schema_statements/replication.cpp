#include "engine/cql/schema_statements/replication.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"

namespace engine::cql {
namespace {

constexpr std::string_view kLocatorPackage = "org.apache.cassandra.locator.";
constexpr const char* kFactor = "replication_factor";
constexpr const char* kDefaultFactor = "1";  // default_keyspace_rf of cassandra.yaml.

Result<std::string> strategyName(const std::string& written) {
    const std::string full =
        written.find('.') == std::string::npos ? std::string(kLocatorPackage) + written : written;
    const std::string name = full.starts_with(kLocatorPackage) ? full.substr(kLocatorPackage.size()) : full;
    if (name == "OldNetworkTopologyStrategy") {
        return configError("The support for the OldNetworkTopologyStrategy has been removed in C* "
                           "version 4.0. The keyspace strategy should be switch to "
                           "NetworkTopologyStrategy");
    }
    if (full.starts_with("org.apache.cassandra.db.marshal.")) {
        return configError(fmt::format("Specified replication strategy class ({}) is not derived from "
                                       "AbstractReplicationStrategy",
                                       full));
    }
    if (name != "SimpleStrategy" && name != "NetworkTopologyStrategy" && name != "LocalStrategy") {
        return configError(fmt::format("Unable to find replication strategy class '{}'", full));
    }
    return name;
}

/// However its letters are written.
bool isFactorWord(const std::string& name) {
    return std::equal(name.begin(), name.end(), kFactor, kFactor + std::char_traits<char>::length(kFactor),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
}

/// ReplicationFactor.fromString.
Result<void> checkFactor(const std::string& text) {
    const auto slash = text.find('/');
    if (slash != std::string::npos && (slash == 0 || slash + 1 == text.size())) {
        return configError("Replication factor format is <replicas> or <replicas>/<transient>");
    }
    const auto factor = parseInteger(text.substr(0, slash));
    if (!factor) {
        return configError(fmt::format("For input string: \"{}\"", text));
    }
    // None of three that is transient is allowed, and kept as it was written.
    if (slash != std::string::npos && parseInteger(text.substr(slash + 1)) != 0) {
        return configError("Transient replication is not enabled on this node");
    }
    if (*factor < 0) {
        return configError(fmt::format("Replication factor must be non-negative, found {}", *factor));
    }
    return ok();
}

Error unrecognized(const std::string& option, const std::string& strategy,
                   const std::string& keyspace) {
    return configError(fmt::format("Unrecognized strategy option {{{}}} passed to {} for keyspace {}",
                                   option, strategy, keyspace));
}

Result<void> prepareSimple(OptionMap& options, const std::string& keyspace,
                           const schema::Replication* previous) {
    for (const auto& [name, value] : options) {
        if (name != kFactor) {
            return unrecognized(name, "SimpleStrategy", keyspace);
        }
    }
    if (!options.contains(kFactor)) {
        const auto old = previous != nullptr ? previous->options.find(kFactor) : OptionMap::const_iterator();
        options[kFactor] = previous != nullptr && old != previous->options.end() ? old->second
                                                                                 : kDefaultFactor;
    }
    return checkFactor(options[kFactor]);
}

/// NetworkTopologyStrategy.prepareOptions and validateExpectedOptions.
Result<void> prepareTopology(OptionMap& options, const std::string& keyspace,
                             const schema::Replication* previous, const ClusterFacts& cluster) {
    std::optional<std::string> factor;
    if (const auto it = options.find(kFactor); it != options.end()) {
        factor = it->second;
        options.erase(it);
        if (previous != nullptr) {
            for (const auto& [name, value] : previous->options) {
                if (name != kFactor) {
                    options.try_emplace(name, value);
                }
            }
        }
    } else if (options.empty() && previous != nullptr &&
               previous->strategy == "NetworkTopologyStrategy") {
        options = previous->options;
    } else if (options.empty()) {
        factor = kDefaultFactor;
        if (previous != nullptr && previous->options.contains(kFactor)) {
            factor = previous->options.at(kFactor);
        }
    }
    for (const auto& [name, nodes] : cluster.datacenters) {
        // One that is wrong is put nowhere, and what is missing then is what is told.
        if (factor && !options.contains(name) && checkFactor(*factor)) {
            options[name] = *factor;
        }
    }
    std::erase_if(options, [](const auto& option) { return option.second == "0"; });
    if (options.empty()) {
        return configError("Configuration for at least one datacenter must be present");
    }
    for (const auto& [name, value] : options) {
        if (isFactorWord(name)) {
            return configError("replication_factor should not appear as an option at construction time for "
                               "NetworkTopologyStrategy");
        }
        const bool known =
            std::any_of(cluster.datacenters.begin(), cluster.datacenters.end(),
                        [&datacenter = name](const auto& entry) { return entry.first == datacenter; });
        if (!known) {
            return unrecognized(name, "NetworkTopologyStrategy", keyspace);
        }
    }
    for (const auto& [name, value] : options) {
        TRY(checkFactor(value));
    }
    return ok();
}

}  // namespace

Result<schema::Replication> readReplication(OptionMap options, const std::string& keyspace,
                                            const schema::Replication* previous,
                                            const ClusterFacts& cluster) {
    const auto it = options.find("class");
    if (it == options.end()) {
        return configError("Missing replication strategy class");
    }
    schema::Replication replication;
    TRY_ASSIGN(replication.strategy, strategyName(it->second));
    options.erase(it);
    if (replication.strategy == "LocalStrategy") {
        return invalid(
            "Unable to use given strategy class: LocalStrategy is reserved for internal use.");
    }
    if (replication.strategy == "SimpleStrategy") {
        TRY(prepareSimple(options, keyspace, previous));
    } else {
        TRY(prepareTopology(options, keyspace, previous, cluster));
    }
    replication.options = std::move(options);
    return replication;
}

std::vector<std::string> replicationWarnings(const schema::Replication& replication,
                                             const std::string& keyspace,
                                             const ClusterFacts& cluster) {
    std::vector<std::string> out;
    const auto compare = [&](const std::string& text, int nodes, const std::string& where) {
        const int factor = parseInteger(text).value_or(0);
        if (factor > nodes) {
            out.push_back(fmt::format("Your replication factor {} for keyspace {} is higher than the "
                                      "number of nodes {}{}",
                                      factor, keyspace, nodes, where));
        }
    };
    if (replication.strategy == "SimpleStrategy") {
        compare(replication.options.at(kFactor), cluster.nodes, "");
        return out;
    }
    for (const auto& [name, nodes] : cluster.datacenters) {
        const auto it = replication.options.find(name);
        if (it != replication.options.end()) {
            compare(it->second, nodes, " for datacenter " + name);
        }
    }
    return out;
}

}  // namespace engine::cql
