#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/coordinator/query_runner.h"
#include "engine/system/row_builder.h"

namespace engine::system {

/// One row of a virtual table: the partition key's components, then the row.
struct VirtualRow {
    std::vector<Bytes> key;
    rows::Row row;
};

/// The rows of system_views and system_virtual_schema, made when they are asked for. Tables without a
/// source are empty; docs/fidelity.md lists them.
class NodeVirtualTables : public coordinator::VirtualTables {
public:
    using Source = std::function<std::vector<VirtualRow>(const schema::Table&)>;

    explicit NodeVirtualTables(const schema::SchemaRegistry& schema);

    /// `table` with its keyspace: "system_views.clients".
    void add(const std::string& table, Source source) { m_sources[table] = std::move(source); }
    /// What a cache holds: DELETE of a key forgets that, TRUNCATE all.
    struct Cache {
        Source source;
        std::function<void(const std::vector<Bytes>& key)> forget;
        std::function<void()> forgetAll;
    };
    void add(const std::string& table, Cache cache);
    std::vector<rows::Partition> rows(const schema::Table& table) override;
    Result<void> apply(const schema::Table& table, const rows::Partition& update) override;
    Result<void> truncate(const schema::Table& table) override;

private:
    std::map<std::string, Source> m_sources;
    std::map<std::string, Cache> m_caches;
};

/// system_views.internode_inbound and internode_outbound: one row a peer there was a connection with.
NodeVirtualTables::Source internodeInbound(const messaging::MessagingService& messaging,
                                           const ring::TopologyRegistry& topology);
NodeVirtualTables::Source internodeOutbound(const messaging::MessagingService& messaging,
                                            const ring::TopologyRegistry& topology);

/// system_views.gossip_info out of what the gossiper knows.
NodeVirtualTables::Source gossipInfo(const gossip::Gossiper& gossiper);

}  // namespace engine::system
