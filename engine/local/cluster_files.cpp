#include "engine/local/cluster_files.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "engine/ring/allocation.h"

namespace engine::local {

namespace {

constexpr int kPortStep = 10;

std::vector<ClusterSpec::Placement> placementsOf(const ClusterSpec& spec) {
    if (!spec.placements.empty()) {
        return spec.placements;
    }
    std::vector<ring::NodePlace> places;
    for (const auto& [datacenter, count] : spec.datacenters) {
        for (int i = 0; i < count; ++i) {
            places.push_back({datacenter, fmt::format("rack{}", i % spec.racks + 1), {}, false});
        }
    }
    const auto tokens = ring::evenTokens(places, static_cast<std::size_t>(spec.vnodes));
    std::vector<ClusterSpec::Placement> out;
    for (std::size_t i = 0; i < places.size(); ++i) {
        out.push_back({places[i].datacenter, places[i].rack, tokens[i], false});
    }
    return out;
}

std::string join(const std::vector<std::int64_t>& tokens) {
    std::string out;
    for (const std::int64_t token : tokens) {
        out += (out.empty() ? "" : ",") + std::to_string(token);
    }
    return out;
}

std::string nodeYaml(const ClusterDescription& cluster, std::size_t index,
                     const std::vector<std::int64_t>& tokens) {
    const LocalNode& node = cluster.nodes[index];
    YAML::Emitter out;
    out << YAML::BeginMap;
    const auto put = [&out](const std::string& key, const std::string& value) {
        out << YAML::Key << key << YAML::Value << value;
    };
    std::string seeds;
    for (std::size_t i = 0; i < cluster.nodes.size() && i < 2; ++i) {
        seeds += (seeds.empty() ? "" : ",") + cluster.nodes[i].name();
    }
    std::map<std::string, std::string> settings{
        {"cluster_name", cluster.spec.name},
        {"listen_address", node.address},
        {"storage_port", std::to_string(node.internodePort)},
        {"rpc_address", node.address},
        {"native_transport_port", std::to_string(node.nativePort)},
        {"ringside_admin_address", node.address},
        {"ringside_admin_port", std::to_string(node.adminPort)},
        {"ringside_admin_token", node.adminToken},
        {"ringside_dc", node.datacenter},
        {"ringside_rack", node.rack},
        {"seeds", seeds},
        {"num_tokens", std::to_string(cluster.spec.vnodes)},
        {"initial_token", join(tokens)},
        {"data_file_directories", node.folder + "/data"},
        {"commitlog_directory", node.folder + "/commitlog"},
    };
    for (const auto& [key, value] : cluster.spec.settings) {
        settings[key] = value;
    }
    for (const auto& [key, value] : settings) {
        if (!(key == "initial_token" && value.empty())) {
            put(key, value);
        }
    }
    out << YAML::EndMap;
    return std::string(out.c_str()) + "\n";
}

std::string clusterYaml(const ClusterDescription& cluster) {
    YAML::Emitter out;
    out << YAML::BeginMap;
    out << YAML::Key << "name" << YAML::Value << cluster.spec.name;
    out << YAML::Key << "net" << YAML::Value << cluster.spec.net;
    out << YAML::Key << "vnodes" << YAML::Value << cluster.spec.vnodes;
    out << YAML::Key << "nodes" << YAML::Value << YAML::BeginSeq;
    for (std::size_t i = 0; i < cluster.nodes.size(); ++i) {
        const LocalNode& node = cluster.nodes[i];
        out << YAML::BeginMap << YAML::Key << "number" << YAML::Value << node.number << YAML::Key << "address"
            << YAML::Value << node.address << YAML::Key << "native_port" << YAML::Value << node.nativePort
            << YAML::Key << "internode_port" << YAML::Value << node.internodePort << YAML::Key << "admin_port"
            << YAML::Value << node.adminPort << YAML::Key << "dc" << YAML::Value << node.datacenter << YAML::Key
            << "rack" << YAML::Value << node.rack << YAML::Key << "admin_token" << YAML::Value << node.adminToken
            << YAML::Key << "later" << YAML::Value << static_cast<bool>(cluster.later[i]) << YAML::EndMap;
    }
    out << YAML::EndSeq << YAML::EndMap;
    return std::string(out.c_str()) + "\n";
}

}  // namespace

Result<ClusterDescription> describe(const std::string& folder, ClusterSpec spec, bool portsPerNode,
                                    const std::string& token) {
    ClusterDescription out;
    spec.placements = placementsOf(spec);
    const auto& placements = spec.placements;
    for (std::size_t i = 0; i < placements.size(); ++i) {
        LocalNode node;
        node.number = static_cast<int>(i) + 1;
        node.address = portsPerNode ? "127.0.0.1" : fmt::format("{}.{}", spec.net, node.number);
        const int shift = portsPerNode ? static_cast<int>(i) * kPortStep : 0;
        node.nativePort = static_cast<std::uint16_t>(spec.nativePort + shift);
        node.internodePort = static_cast<std::uint16_t>(spec.internodePort + shift);
        node.adminPort = static_cast<std::uint16_t>(spec.adminPort + shift);
        node.datacenter = placements[i].datacenter;
        node.rack = placements[i].rack;
        node.folder = fmt::format("{}/node{}", folder, node.number);
        node.adminToken = token;
        out.nodes.push_back(std::move(node));
        out.later.push_back(placements[i].later);
    }
    out.spec = std::move(spec);
    return out;
}

Result<void> writeFiles(runtime::FileSystem& files, const std::string& folder, const ClusterDescription& description) {
    TRY(files.createFolders(folder));
    for (std::size_t i = 0; i < description.nodes.size(); ++i) {
        const LocalNode& node = description.nodes[i];
        TRY(files.createFolders(node.folder));
        TRY(runtime::writeFileAtomically(files, node.folder + "/cassandra.yaml",
                                         nodeYaml(description, i, description.spec.placements[i].tokens)));
    }
    return runtime::writeFileAtomically(files, folder + "/cluster.yaml", clusterYaml(description));
}

Result<ClusterDescription> readFiles(runtime::FileSystem& files, const std::string& folder) {
    const std::string path = folder + "/cluster.yaml";
    TRY_ASSIGN(const auto content, runtime::readFile(files, path));
    ClusterDescription out;
    try {
        const YAML::Node root = YAML::Load(content);
        out.spec.name = root["name"].as<std::string>();
        out.spec.net = root["net"].as<std::string>();
        out.spec.vnodes = root["vnodes"].as<int>();
        out.spec.datacenters.clear();
        for (const YAML::Node& item : root["nodes"]) {
            LocalNode node;
            node.number = item["number"].as<int>();
            node.address = item["address"].as<std::string>();
            node.nativePort = item["native_port"].as<std::uint16_t>();
            node.internodePort = item["internode_port"].as<std::uint16_t>();
            node.adminPort = item["admin_port"].as<std::uint16_t>();
            node.datacenter = item["dc"].as<std::string>();
            node.rack = item["rack"].as<std::string>();
            node.adminToken = item["admin_token"].as<std::string>();
            node.folder = fmt::format("{}/node{}", folder, node.number);
            out.later.push_back(item["later"].as<bool>());
            if (out.spec.datacenters.empty() || out.spec.datacenters.back().first != node.datacenter) {
                out.spec.datacenters.emplace_back(node.datacenter, 0);
            }
            ++out.spec.datacenters.back().second;
            out.nodes.push_back(std::move(node));
        }
        if (!out.nodes.empty()) {
            out.spec.nativePort = out.nodes.front().nativePort;
            out.spec.internodePort = out.nodes.front().internodePort;
            out.spec.adminPort = out.nodes.front().adminPort;
        }
    } catch (const YAML::Exception& broken) {
        return makeError(ErrorKind::Config, fmt::format("{}:{}: {}", path, broken.mark.line + 1, broken.msg));
    }
    return out;
}

}  // namespace engine::local
