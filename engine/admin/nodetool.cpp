#include "engine/admin/nodetool.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "engine/admin/hint_commands.h"
#include "engine/admin/storage_commands.h"
#include "engine/system/system_keyspaces.h"
#include "engine/types/data_type.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

namespace engine::admin {

using gossip::ApplicationState;
using runtime::Task;

namespace {

constexpr std::string_view kMismatch =
    "Note: Non-system keyspaces don't have the same replication settings, effective ownership information is meaningless";


NodetoolAnswer unknownKeyspace(const std::string& name) {
    return {"", fmt::format("\nError: The keyspace {}, does not exist\n", name), 1};
}

/// FileUtils.stringifyFileSize: up to two decimals.
std::string fileSize(double bytes) {
    static constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    while (bytes >= 1024 && unit < 4) {
        bytes /= 1024;
        ++unit;
    }
    std::string number = fmt::format("{:.2f}", bytes);
    while (number.find('.') != std::string::npos && (number.back() == '0' || number.back() == '.')) {
        const bool point = number.back() == '.';
        number.pop_back();
        if (point) {
            break;
        }
    }
    return number + " " + kUnits[unit];
}

/// One run of nodetool over a node's parts.
class Tool {
public:
    Tool(NodeParts parts, std::vector<std::string> words)
        : m_parts(std::move(parts)),
          m_schema(m_parts.view.schema.current()),
          m_topology(m_parts.view.topology.current()),
          m_words(std::move(words)) {}

    Task<NodetoolAnswer> run() {
        takeConnectionOptions();
        if (m_words.empty()) {
            co_return wrongUsage("No command specified");
        }
        const std::string verb = m_words.front();
        m_words.erase(m_words.begin());
        // Behind it nothing is an option, not even -1.
        if (const auto end = std::find(m_words.begin(), m_words.end(), "--"); end != m_words.end()) {
            m_words.erase(end);
        }
        if (auto answer = runHintCommand(m_parts, verb, m_words)) {
            co_return std::move(*answer);
        }
        if (isStorageCommand(verb)) {
            NodetoolAnswer answer = co_await storageCommand(m_parts, verb, m_words);
            co_return answer;
        }
        if (verb == "flush") {
            NodetoolAnswer answer = co_await flush();
            co_return answer;
        }
        if (verb == "rebuild_index") {
            NodetoolAnswer answer = co_await rebuildIndex();
            co_return answer;
        }
        if (verb == "viewbuildstatus") {
            NodetoolAnswer answer = co_await viewBuildStatus();
            co_return answer;
        }
        if (verb == "describecluster") {
            NodetoolAnswer answer = co_await describeCluster();
            co_return answer;
        }
        static const std::map<std::string, NodetoolAnswer (Tool::*)()> verbs{
            {"status", &Tool::status},           {"ring", &Tool::ringTable},
            {"getendpoints", &Tool::getEndpoints}, {"describering", &Tool::describeRing},
            {"gossipinfo", &Tool::gossipInfo},   {"info", &Tool::info},
            {"version", &Tool::version},
        };
        const auto it = verbs.find(verb);
        if (it == verbs.end()) {
            co_return wrongUsage(fmt::format("Found unexpected parameters: [{}]", verb));
        }
        co_return (this->*it->second)();
    }

    static Result<Bytes> partitionKey(const schema::Table& table, const std::string& text) {
        return keyFromText(table, text);
    }

private:
    /// nodetool viewbuildstatus <keyspace> <view>, or keyspace.view.
    Task<NodetoolAnswer> viewBuildStatus() {
        std::string keyspace;
        std::string view;
        if (m_words.size() == 2) {
            keyspace = m_words[0];
            view = m_words[1];
        } else if (m_words.size() == 1 && m_words[0].find('.') != std::string::npos) {
            keyspace = m_words[0].substr(0, m_words[0].find('.'));
            view = m_words[0].substr(keyspace.size() + 1);
        } else {
            co_return wrongUsage("viewbuildstatus requires keyspace and view name arguments");
        }
        coordinator::ClientSession session;
        session.tellNothing = true;
        std::string text = fmt::format(
            "SELECT host_id, status FROM system_distributed.view_build_status WHERE keyspace_name = {} AND view_name = {}",
            types::quoteString(keyspace), types::quoteString(view));
        cql::QueryOptions options;
        coordinator::RequestInfo info;
        auto answer = co_await m_parts.queries.query(session, std::move(text), std::move(options), info);
        std::map<Bytes, std::string> known;
        if (answer) {
            if (const auto* rows = std::get_if<cql::RowsResult>(&answer.value().result)) {
                for (const cql::ResultRow& row : rows->rows) {
                    known[row[0].value_or("")] = row[1].value_or("");
                }
            }
        }
        bool finished = true;
        std::vector<std::pair<std::string, std::string>> lines{{"Host", "Info"}};
        for (const ring::NodeInfo& node : m_topology->nodes()) {
            const auto it = known.find(node.hostId.toBytes());
            const std::string status = it == known.end() ? "UNKNOWN" : it->second;
            finished = finished && status == "SUCCESS";
            const std::string host = node.internode.host;
            lines.emplace_back(host + "/" + host, status);
        }
        std::size_t widest = 0;
        std::size_t widestInfo = 0;
        for (const auto& [host, status] : lines) {
            widest = std::max(widest, host.size());
            widestInfo = std::max(widestInfo, status.size());
        }
        std::string table;
        for (const auto& [host, status] : lines) {
            table += fmt::format("{:<{}} {:<{}}\n", host, widest, status, widestInfo);
        }
        const std::string name = keyspace + "." + view;
        if (finished) {
            co_return NodetoolAnswer{name + " has finished building\n", "", 0};
        }
        co_return NodetoolAnswer{name + " has not finished building; node status is below.\n\n" + table, "", 1};
    }

    /// nodetool rebuild_index <keyspace> <table> <index...>; indexes may be written table.index.
    Task<NodetoolAnswer> rebuildIndex() {
        if (m_words.size() < 3) {
            co_return wrongUsage("rebuild_index requires ks, cf and idx args");
        }
        const schema::TablePtr table = m_parts.view.schema.current()->findTable(m_words[0], m_words[1]);
        if (table == nullptr) {
            co_return wrongUsage(fmt::format("Unknown keyspace/cf pair ({}.{})", m_words[0], m_words[1]));
        }
        for (std::size_t i = 2; i < m_words.size(); ++i) {
            std::string name = m_words[i].substr(m_words[i].find('.') + 1);
            const Result<void> done = co_await m_parts.indexes.rebuild(table, std::move(name));
            if (!done) {
                co_return wrongUsage(done.error().message);
            }
        }
        co_return NodetoolAnswer{};
    }

    /// -h, -p, -u, -pw, -pwf take a value that means nothing here; -pp is kept.
    void takeConnectionOptions() {
        while (!m_words.empty() && m_words.front().starts_with('-')) {
            const std::string option = m_words.front();
            m_words.erase(m_words.begin());
            if (option == "-pp" || option == "--print-port") {
                m_withPort = true;
            } else if (!m_words.empty()) {
                m_words.erase(m_words.begin());
            }
        }
    }

    /// Takes an option, by either of its names, out of the words.
    bool takeOption(std::string_view brief, std::string_view full) {
        return std::erase_if(m_words, [&](const std::string& w) { return w == brief || w == full; }) > 0;
    }

    /// For verbs that take no parameters.
    NodetoolAnswer unexpectedWords() const {
        std::string list;
        for (const std::string& word : m_words) {
            list += (list.empty() ? "" : ", ") + word;
        }
        return wrongUsage(fmt::format("Found unexpected parameters: [{}]", list));
    }

    std::string address(const ring::NodeInfo& node) const {
        return m_withPort ? node.internode.toString() : node.internode.host;
    }
    std::string nativeAddress(const ring::NodeInfo& node) const {
        return m_withPort ? node.native.toString() : node.native.host;
    }
    bool isUp(const ring::NodeInfo& node) const { return m_parts.view.isAlive(node.node); }

    /// As gossip tells it; "?" before it has.
    std::string load(const ring::NodeInfo& node) const {
        if (m_parts.view.isSelf(node.node)) {
            return fileSize(static_cast<double>(m_parts.view.storage.loadBytes()));
        }
        const gossip::EndpointState* state = m_parts.view.gossiper.find(node.node);
        const std::string_view value = state != nullptr ? state->value(ApplicationState::Load) : std::string_view();
        double bytes = 0;
        if (std::from_chars(value.data(), value.data() + value.size(), bytes).ec != std::errc()) {
            return "?";
        }
        return fileSize(bytes);
    }

    // ---- ownership -----------------------------------------------------------------------------

    struct Ownership {
        bool effective = false;
        bool mismatch = false;
        std::map<std::string, double> shares;
    };

    static bool isSystem(const std::string& keyspace) { return keyspace.starts_with("system"); }

    Ownership ownershipOf(const schema::Replication& replication) const {
        return {true, false, m_topology->effectiveOwnership(replication)};
    }
    /// StorageService.effectiveOwnership(null): all user keyspaces must agree.
    Ownership ownershipOfAll() const {
        const schema::Replication* common = nullptr;
        for (const auto& [name, keyspace] : m_schema->keyspaces()) {
            if (isSystem(name)) {
                continue;
            }
            if (common != nullptr && *common != keyspace->replication) {
                return {false, true, {}};
            }
            common = &keyspace->replication;
        }
        return ownershipOf(common != nullptr ? *common : (*m_schema->findKeyspace("system_traces"))->replication);
    }

    /// The nodes of each datacenter, as the topology orders them.
    std::map<std::string, std::vector<const ring::NodeInfo*>> byDatacenter() const {
        std::map<std::string, std::vector<const ring::NodeInfo*>> out;
        for (const ring::NodeInfo& node : m_topology->nodes()) {
            out[node.datacenter].push_back(&node);
        }
        return out;
    }

    // ---- verbs ---------------------------------------------------------------------------------

    static char stateLetter(const std::string& status) {
        return status == "JOINING" ? 'J' : status == "LEAVING" ? 'L' : status == "MOVING" ? 'M' : 'N';
    }

    static std::string table(const std::vector<std::vector<std::string>>& rows) {
        std::vector<std::size_t> widths;
        for (const auto& row : rows) {
            widths.resize(std::max(widths.size(), row.size()));
            for (std::size_t i = 0; i < row.size(); ++i) {
                widths[i] = std::max(widths[i], row[i].size());
            }
        }
        std::string out;
        for (const auto& row : rows) {
            for (std::size_t i = 0; i < row.size(); ++i) {
                out += fmt::format("{}{:<{}}", i > 0 ? "  " : "", row[i], widths[i]);
            }
            out += '\n';
        }
        return out;
    }

    NodetoolAnswer status() {
        takeOption("-r", "--resolve-ip");
        Ownership owns;
        if (m_words.empty()) {
            owns = ownershipOfAll();
        } else {
            const auto* keyspace = m_schema->findKeyspace(m_words.back());
            if (keyspace == nullptr) {
                return unknownKeyspace(m_words.back());
            }
            owns = ownershipOf((*keyspace)->replication);
        }
        const bool oneToken = std::all_of(m_topology->nodes().begin(), m_topology->nodes().end(),
                                          [](const ring::NodeInfo& n) { return n.tokens.size() == 1; });
        std::string out;
        for (const auto& [datacenter, nodes] : byDatacenter()) {
            const std::string title = "Datacenter: " + datacenter;
            out += title + '\n' + std::string(title.size(), '=') + '\n';
            out += "Status=Up/Down\n|/ State=Normal/Leaving/Joining/Moving\n";
            std::vector<std::vector<std::string>> rows;
            const std::string ownsHeading = owns.effective ? "Owns (effective)" : "Owns";
            rows.push_back(oneToken ? std::vector<std::string>{"--", "Address", "Load", ownsHeading, "Host ID", "Token", "Rack"}
                                    : std::vector<std::string>{"--", "Address", "Load", "Tokens", ownsHeading, "Host ID", "Rack"});
            for (const ring::NodeInfo* node : nodes) {
                const std::string letters{isUp(*node) ? 'U' : 'D', stateLetter(node->status)};
                const std::string share = owns.effective ? fmt::format("{:.1f}%", shareOf(owns, *node) * 100) : "?";
                const std::string tokens = std::to_string(node->tokens.size());
                const std::string host = node->hostId.toString();
                rows.push_back(oneToken ? std::vector<std::string>{letters, address(*node), load(*node), share, host,
                                                                   std::to_string(node->tokens.front()), node->rack}
                                        : std::vector<std::string>{letters, address(*node), load(*node), tokens, share,
                                                                   host, node->rack});
            }
            out += table(rows) + '\n';
        }
        if (owns.mismatch) {
            out += std::string(kMismatch) + '\n';
        }
        return {out, "", 0};
    }

    static double shareOf(const Ownership& owns, const ring::NodeInfo& node) {
        const auto it = owns.shares.find(node.node);
        return it == owns.shares.end() ? 0 : it->second;
    }

    static std::string capitalised(const std::string& status) {
        std::string out = status;
        for (std::size_t i = 1; i < out.size(); ++i) {
            out[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[i])));
        }
        return out;
    }

    NodetoolAnswer ringTable() {
        takeOption("-r", "--resolve-ip");
        Ownership owns;
        if (m_words.empty()) {
            owns = ownershipOfAll();
        } else {
            const auto* keyspace = m_schema->findKeyspace(m_words.front());
            if (keyspace == nullptr) {
                return unknownKeyspace(m_words.front());
            }
            owns = ownershipOf((*keyspace)->replication);
        }
        std::size_t width = 0;
        bool vnodes = false;
        for (const ring::NodeInfo& node : m_topology->nodes()) {
            width = std::max(width, node.internode.toString().size());
            vnodes = vnodes || node.tokens.size() > 1;
        }
        const auto line = [width](std::string_view a, std::string_view b, std::string_view c, std::string_view d,
                                  std::string_view e, std::string_view f, std::string_view g) {
            return fmt::format("{:<{}}  {:<12}{:<7}{:<8}{:<16}{:<20}{:<44}\n", a, width, b, c, d, e, f, g);
        };
        std::string out = "\n";
        for (const auto& [datacenter, nodes] : byDatacenter()) {
            out += fmt::format("Datacenter: {}\n==========\n", datacenter);
            out += line("Address", "Rack", "Status", "State", "Load", "Owns", "Token");
            std::vector<std::pair<ring::Token, const ring::NodeInfo*>> tokens;
            for (const ring::NodeInfo* node : nodes) {
                for (const ring::Token token : node->tokens) {
                    tokens.emplace_back(token, node);
                }
            }
            std::sort(tokens.begin(), tokens.end());
            out += tokens.size() > 1 ? line("", "", "", "", "", "", std::to_string(tokens.back().first)) : "\n";
            for (const auto& [token, node] : tokens) {
                const std::string share = owns.effective ? fmt::format("{:.2f}%", shareOf(owns, *node) * 100) : "?";
                out += line(address(*node), node->rack, isUp(*node) ? "Up" : "Down", capitalised(node->status),
                            load(*node), share, std::to_string(token));
            }
            out += '\n';
        }
        if (vnodes) {
            out += "  Warning: \"nodetool ring\" is used to output all the tokens of a node.\n"
                   "  To view status related info of a node use \"nodetool status\" instead.\n\n";
        }
        out += fmt::format("\n  {}\n", owns.mismatch ? kMismatch : std::string_view());
        return {out, "", 0};
    }

    NodetoolAnswer getEndpoints() {
        if (m_words.size() != 3) {
            return wrongUsage("getendpoints requires keyspace, table and partition key arguments");
        }
        const auto* keyspace = m_schema->findKeyspace(m_words[0]);
        if (keyspace == nullptr) {
            return wrongUsage(fmt::format("Unknown keyspace '{}'", m_words[0]));
        }
        const schema::TablePtr found = m_schema->findTable(m_words[0], m_words[1]);
        if (found == nullptr) {
            return wrongUsage(fmt::format("Unknown table '{}' in keyspace '{}'", m_words[1], m_words[0]));
        }
        auto key = keyFromText(*found, m_words[2]);
        if (!key) {
            return serverError(key.error().message);
        }
        std::string out;
        for (const ring::NodeInfo* node :
             m_topology->replicasFor((*keyspace)->replication, ring::tokenOf(key.value())).natural) {
            out += address(*node) + '\n';
        }
        return {out, "", 0};
    }

    /// Components of a compound key stand with ':' between; there may be fewer than columns
    /// (CompositeType.fromString).
    static Result<Bytes> keyFromText(const schema::Table& table, const std::string& text) {
        const auto columns = table.partitionKey();
        if (columns.size() == 1) {
            return componentFromText(*columns[0].type, text);
        }
        ByteWriter out;
        std::size_t start = 0;
        for (std::size_t i = 0; i < columns.size() && start <= text.size(); ++i) {
            const std::size_t colon = i + 1 < columns.size() ? text.find(':', start) : std::string::npos;
            const std::size_t end = std::min(colon, text.size());
            TRY_ASSIGN(const auto component, componentFromText(*columns[i].type, text.substr(start, end - start)));
            out.shortBlob(component);
            out.u8(0);
            start = end + 1;
        }
        return out.take();
    }

    static Result<Bytes> componentFromText(const types::DataType& type, const std::string& text) {
        auto value = types::fromString(type, text);
        if (!value && (type.kind() == types::Kind::Int || type.kind() == types::Kind::Bigint)) {
            return invalid(fmt::format("For input string: \"{}\"", text));
        }
        return value;
    }

    NodetoolAnswer describeRing() {
        if (m_words.empty()) {
            return wrongUsage("Required parameters are missing: keyspace");
        }
        std::string out = fmt::format("Schema Version:{}\nTokenRange: \n", m_schema->version().toString());
        const auto* keyspace = m_schema->findKeyspace(m_words[0]);
        if (keyspace == nullptr) {
            return {out, fmt::format("error: No such keyspace: {}\n", m_words[0]), 2};
        }
        const auto list = [](const std::vector<const ring::NodeInfo*>& nodes, auto text) {
            std::string joined;
            for (const ring::NodeInfo* node : nodes) {
                joined += (joined.empty() ? "" : ", ") + text(*node);
            }
            return joined;
        };
        for (const ring::DescribedRange& range : m_topology->describeRing((*keyspace)->replication)) {
            out += fmt::format(
                "\tTokenRange(start_token:{}, end_token:{}, endpoints:[{}], rpc_endpoints:[{}], endpoint_details:[{}])\n",
                range.range.left, range.range.right, list(range.replicas, [this](const auto& n) { return address(n); }),
                list(range.replicas, [this](const auto& n) { return nativeAddress(n); }),
                list(range.replicas, [this](const auto& n) {
                    return fmt::format("EndpointDetails(host:{}, datacenter:{}, rack:{})", address(n), n.datacenter, n.rack);
                }));
        }
        return {out, "", 0};
    }

    NodetoolAnswer gossipInfo() {
        const bool resolved = takeOption("-r", "--resolve-ip");
        if (!m_words.empty()) {
            return unexpectedWords();
        }
        std::string out = m_parts.view.gossiper.gossipInfo(m_withPort);
        if (resolved) {
            // A name has no slash before it; here every name is its address.
            for (std::size_t at = out.starts_with('/') ? 0 : out.find("\n/"); at != std::string::npos; at = out.find("\n/", at)) {
                out.erase(out[at] == '/' ? at : at + 1, 1);
            }
        }
        return {out, "", 0};
    }

    NodetoolAnswer info() {
        const bool withTokens = takeOption("-T", "--tokens");
        if (!m_words.empty()) {
            return unexpectedWords();
        }
        const coordinator::ClusterView& view = m_parts.view;
        const ring::NodeInfo* self = m_topology->find(view.messaging.self());
        std::string out;
        const auto put = [&out](std::string_view name, std::string_view value) {
            out += fmt::format("{:<23}: {}\n", name, value);
        };
        const std::string size = fileSize(static_cast<double>(view.storage.loadBytes()));
        const double resident = static_cast<double>(view.runtime.executor.residentBytes()) / (1 << 20);
        put("ID", m_parts.local.hostId.toString());
        put("Gossip active", view.gossiper.isRunning() ? "true" : "false");
        put("Native Transport active", m_parts.native.isListening() ? "true" : "false");
        put("Load", size);
        put("Uncompressed load", size);
        put("Generation No", view.gossiper.isRunning() ? std::to_string(m_parts.local.generation) : "0");
        put("Uptime (seconds)",
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(view.runtime.clock.now() - m_parts.started).count()));
        // There is no heap: the first number is what the process has resident.
        put("Heap Memory (MB)", fmt::format("{:.2f} / {:.2f}", resident, resident));
        put("Off Heap Memory (MB)", "0.00");
        put("Data Center", self != nullptr ? self->datacenter : "");
        put("Rack", self != nullptr ? self->rack : "");
        put("Exceptions", "0");
        put("Percent Repaired", "0.0%");
        if (withTokens || m_parts.local.tokens.size() == 1) {
            for (const std::int64_t token : m_parts.local.tokens) {
                put("Token", std::to_string(token));
            }
        } else {
            put("Token", fmt::format("(invoke with -T/--tokens to see all {} tokens)", m_parts.local.tokens.size()));
        }
        put("Bootstrap state", "COMPLETED");
        put("Bootstrap failed", "false");
        put("Decommissioning", "false");
        put("Decommission failed", "false");
        return {out, "", 0};
    }

    NodetoolAnswer version() {
        takeOption("-v", "--verbose");  // Cassandra adds the commit it was built from.
        return m_words.empty() ? NodetoolAnswer{fmt::format("ReleaseVersion: {}\n", system::kReleaseVersion), "", 0}
                               : unexpectedWords();
    }

    /// Asked of the node itself (StorageProxy.describeSchemaVersions): what gossip says of it may be old.
    /// Empty when it does not answer.
    Task<std::string> schemaVersionOf(std::string node) {
        const coordinator::ClusterView& view = m_parts.view;
        if (view.isSelf(node)) {
            co_return view.schema.current()->version().toString();
        }
        const Result<Bytes> answer = co_await view.messaging.call(node, messaging::Verb::SchemaVersionReq, Bytes(),
                                                                  view.in(view.timeouts.range));
        const auto found = answer ? Uuid::fromBytes(answer.value()) : std::nullopt;
        co_return found ? found->toString() : std::string();
    }

    Task<NodetoolAnswer> describeCluster() {
        if (!m_words.empty()) {
            co_return unexpectedWords();
        }
        std::string out = "Cluster Information:\n";
        out += fmt::format("\tName: {}\n\tSnitch: org.apache.cassandra.locator.GossipingPropertyFileSnitch\n"
                           "\tDynamicEndPointSnitch: disabled\n"
                           "\tPartitioner: org.apache.cassandra.dht.Murmur3Partitioner\n\tSchema versions:\n",
                           m_parts.clusterName);
        std::map<std::string, std::string> schemas;
        std::map<std::string, std::string> releases;
        std::map<std::string, std::pair<int, int>> datacenters;
        int unreachable = 0;
        std::string unreachableNodes;
        const auto append = [](std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; };
        for (const ring::NodeInfo& node : m_topology->nodes()) {
            const gossip::EndpointState* state = m_parts.view.gossiper.find(node.node);
            auto& [all, down] = datacenters[node.datacenter];
            ++all;
            std::string schemaVersion;
            if (isUp(node)) {
                schemaVersion = co_await schemaVersionOf(node.node);
            } else {
                ++down;
            }
            if (schemaVersion.empty()) {
                ++unreachable;
                append(unreachableNodes, address(node));
            } else {
                append(schemas[schemaVersion], address(node));
            }
            if (state != nullptr) {
                append(releases[std::string(state->value(ApplicationState::ReleaseVersion))], node.internode.toString());
            }
        }
        for (const auto& [schemaVersion, nodes] : schemas) {
            out += fmt::format("\t\t{}: [{}]\n", schemaVersion, nodes);
        }
        if (unreachable > 0) {
            out += fmt::format("\n\t\tUNREACHABLE: [{}]\n", unreachableNodes);
        }
        out += fmt::format("\nStats for all nodes:\n\tLive: {}\n\tJoining: 0\n\tMoving: 0\n\tLeaving: 0\n\tUnreachable: {}\n",
                           m_topology->nodes().size() - static_cast<std::size_t>(unreachable), unreachable);
        out += "\nData Centers: \n";
        for (const auto& [datacenter, counts] : datacenters) {
            out += fmt::format("\t{} #Nodes: {} #Down: {}\n", datacenter, counts.first, counts.second);
        }
        out += "\nDatabase versions:\n";
        for (const auto& [release, nodes] : releases) {
            out += fmt::format("\t{}: [{}]\n", release, nodes);
        }
        out += "\nKeyspaces:\n";
        for (const auto& [name, keyspace] : m_schema->keyspaces()) {
            if (keyspace->isVirtual) {
                continue;
            }
            std::string options;
            for (const auto& [key, value] : keyspace->replication.options) {
                append(options, key + "=" + value);
            }
            out += fmt::format("\t{} -> Replication class: {} {{{}}}\n", name, keyspace->replication.strategy, options);
        }
        if (ownershipOfAll().mismatch) {
            out += fmt::format("\n{}\n", kMismatch);
        }
        co_return NodetoolAnswer{out, "", 0};
    }

    Task<NodetoolAnswer> flush() {
        const std::string keyspaceName = m_words.empty() ? "" : m_words.front();
        if (!keyspaceName.empty() && m_schema->findKeyspace(keyspaceName) == nullptr) {
            co_return wrongUsage(fmt::format("Keyspace [{}] does not exist.", keyspaceName));
        }
        for (std::size_t i = 1; i < m_words.size(); ++i) {
            if (m_schema->findTable(keyspaceName, m_words[i]) == nullptr) {
                co_return serverError(fmt::format("Unknown keyspace/cf pair ({}.{})", keyspaceName, m_words[i]));
            }
        }
        for (const auto& [name, keyspace] : m_schema->keyspaces()) {
            if (keyspace->isVirtual || (!keyspaceName.empty() && name != keyspaceName)) {
                continue;
            }
            for (const auto& [tableName, definition] : keyspace->tables) {
                if (m_words.size() > 1 && std::find(m_words.begin() + 1, m_words.end(), tableName) == m_words.end()) {
                    continue;
                }
                Result<void> done = co_await m_parts.view.storage.flush(definition);
                if (!done) {
                    co_return serverError(done.error().message);
                }
            }
        }
        co_return NodetoolAnswer{};
    }

    NodeParts m_parts;
    schema::SchemaPtr m_schema;
    ring::TopologyPtr m_topology;
    std::vector<std::string> m_words;
    bool m_withPort = false;
};

}  // namespace

std::string fileSizeText(double bytes) { return fileSize(bytes); }

Result<Bytes> partitionKeyFromText(const schema::Table& table, const std::string& text) {
    return Tool::partitionKey(table, text);
}

Task<NodetoolAnswer> nodetool(NodeParts parts, std::vector<std::string> words) {
    Tool tool(std::move(parts), std::move(words));
    NodetoolAnswer answer = co_await tool.run();
    co_return answer;
}

NodetoolAnswer wrongUsage(std::string_view message) {
    return {"", fmt::format("nodetool: {}\nSee 'nodetool help' or 'nodetool help <command>'.\n", message), 1};
}

NodetoolAnswer serverError(std::string_view message) { return {"", fmt::format("error: {}\n", message), 2}; }

}  // namespace engine::admin
