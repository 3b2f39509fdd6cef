#include "engine/system/virtual_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/selection/row_values.h"
#include "engine/types/data_type.h"
#include "engine/types/type_names.h"

namespace engine::system {

namespace {

std::string_view clusteringOrder(const schema::Column& column) {
    if (column.kind != schema::ColumnKind::Clustering) {
        return "none";
    }
    return column.descending ? "desc" : "asc";
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

template <typename F>
void forEachVirtual(const schema::Schema& schema, F f) {
    for (const auto& [name, keyspace] : schema.keyspaces()) {
        if (keyspace->isVirtual) {
            f(*keyspace);
        }
    }
}

}  // namespace

NodeVirtualTables::NodeVirtualTables(const schema::SchemaRegistry& schema) {
    add("system_virtual_schema.keyspaces", [&schema](const schema::Table& table) {
        std::vector<VirtualRow> out;
        forEachVirtual(*schema.current(), [&](const schema::Keyspace& keyspace) {
            out.push_back({{keyspace.name}, RowBuilder(table, 0).take()});
        });
        return out;
    });
    add("system_virtual_schema.tables", [&schema](const schema::Table& table) {
        std::vector<VirtualRow> out;
        forEachVirtual(*schema.current(), [&](const schema::Keyspace& keyspace) {
            for (const auto& [name, described] : keyspace.tables) {
                out.push_back({{keyspace.name},
                               RowBuilder(table, 0).clustering(name).text("comment", described->options.comment).take()});
            }
        });
        return out;
    });
    add("system_virtual_schema.columns", [&schema](const schema::Table& table) {
        std::vector<VirtualRow> out;
        forEachVirtual(*schema.current(), [&](const schema::Keyspace& keyspace) {
            for (const auto& [name, described] : keyspace.tables) {
                for (const schema::Column& column : described->columns) {
                    out.push_back({{keyspace.name},
                                   RowBuilder(table, 0)
                                       .clustering(name)
                                       .clustering(column.name)
                                       .text("clustering_order", clusteringOrder(column))
                                       .text("column_name_bytes", column.name)
                                       .text("kind", schema::toString(column.kind))
                                       .int32("position", column.position)
                                       .text("type", types::cqlName(column.type))
                                       .take()});
                }
            }
        });
        return out;
    });
}

void NodeVirtualTables::add(const std::string& table, Cache cache) {
    add(table, cache.source);
    m_caches[table] = std::move(cache);
}

Result<void> NodeVirtualTables::apply(const schema::Table& table, const rows::Partition& update) {
    const auto it = m_caches.find(table.qualifiedName());
    if (it == m_caches.end()) {
        return coordinator::VirtualTables::apply(table, update);
    }
    if (update.deletion.isLive()) {
        return invalid(fmt::format("Column modification is not supported by table {}", table.qualifiedName()));
    }
    it->second.forget(cql::keyComponents(table, update.key.key));
    return ok();
}

Result<void> NodeVirtualTables::truncate(const schema::Table& table) {
    const auto it = m_caches.find(table.qualifiedName());
    if (it == m_caches.end()) {
        return coordinator::VirtualTables::truncate(table);
    }
    it->second.forgetAll();
    return ok();
}

std::vector<rows::Partition> NodeVirtualTables::rows(const schema::Table& table) {
    const auto it = m_sources.find(table.qualifiedName());
    if (it == m_sources.end()) {
        return {};
    }
    const auto before = [&table](const Bytes& a, const Bytes& b) {
        return coordinator::comparePartitionKeys(table, a, b) < 0;
    };
    std::map<Bytes, rows::Partition, decltype(before)> byKey(before);
    for (VirtualRow& row : it->second(table)) {
        Bytes key = compositeKey(row.key);
        rows::Partition& partition = byKey[key];
        partition.key = rows::decorate(std::move(key));
        partition.rows.push_back(std::move(row.row));
    }
    std::vector<rows::Partition> out;
    for (auto& [key, partition] : byKey) {
        std::sort(partition.rows.begin(), partition.rows.end(),
                  [&table](const rows::Row& a, const rows::Row& b) {
                      return rows::compareClustering(table, a.clustering, b.clustering) < 0;
                  });
        out.push_back(std::move(partition));
    }
    return out;
}

namespace {

template <typename Fill>
NodeVirtualTables::Source internode(const messaging::MessagingService& messaging,
                                    const ring::TopologyRegistry& topology, Fill fill) {
    return [&messaging, &topology, fill](const schema::Table& table) {
        std::vector<VirtualRow> out;
        for (const messaging::PeerStats& stats : messaging.stats()) {
            const ring::NodeInfo* node = topology.current()->find(stats.peer);
            if (node == nullptr) {
                continue;
            }
            RowBuilder row(table, 0);
            row.clustering(node->datacenter).clustering(node->rack);
            fill(row, stats);
            out.push_back({{types::encodeInet(node->internode.host).value_or(Bytes()),
                            types::encodeInt(node->internode.port)},
                           row.take()});
        }
        return out;
    };
}

std::int64_t droppedBy(const messaging::PeerStats& stats, messaging::DropReason reason) {
    return static_cast<std::int64_t>(stats.dropped[static_cast<std::size_t>(reason)]);
}

}  // namespace

NodeVirtualTables::Source internodeInbound(const messaging::MessagingService& messaging,
                                           const ring::TopologyRegistry& topology) {
    return internode(messaging, topology, [](RowBuilder& row, const messaging::PeerStats& stats) {
        row.bigint("processed_count", static_cast<std::int64_t>(stats.received))
            .bigint("received_bytes", static_cast<std::int64_t>(stats.bytesReceived))
            .bigint("received_count", static_cast<std::int64_t>(stats.received));
    });
}

NodeVirtualTables::Source internodeOutbound(const messaging::MessagingService& messaging,
                                            const ring::TopologyRegistry& topology) {
    return internode(messaging, topology, [](RowBuilder& row, const messaging::PeerStats& stats) {
        row.bigint("active_connections", stats.connected ? 1 : 0)
            .bigint("expired_count", droppedBy(stats, messaging::DropReason::Expired))
            .bigint("overload_count", droppedBy(stats, messaging::DropReason::QueueFull))
            .bigint("pending_bytes", static_cast<std::int64_t>(stats.queuedBytes))
            .bigint("sent_bytes", static_cast<std::int64_t>(stats.bytesSent))
            .bigint("sent_count", static_cast<std::int64_t>(stats.sent));
    });
}

NodeVirtualTables::Source gossipInfo(const gossip::Gossiper& gossiper) {
    return [&gossiper](const schema::Table& table) {
        std::vector<VirtualRow> out;
        for (const auto& [node, state] : gossiper.states()) {
            const auto endpoint = messaging::parseEndpoint(node);
            if (!endpoint) {
                continue;
            }
            RowBuilder row(table, 0);
            if (!table.clustering().empty()) {
                row.clustering(types::encodeInt(endpoint.value().port));
            }
            row.text("hostname", endpoint.value().host)
                .int32("generation", state.heartBeat.generation)
                .int32("heartbeat", state.heartBeat.version);
            for (const auto& [key, value] : state.states) {
                const std::string column = lower(gossip::toString(key));
                if (table.find(column) != nullptr) {
                    row.text(column, value.value);
                }
                if (table.find(column + "_version") != nullptr) {
                    row.int32(column + "_version", value.version);
                }
            }
            std::vector<Bytes> partitionKey{types::encodeInet(endpoint.value().host).value_or(Bytes())};
            if (table.clustering().empty()) {
                partitionKey.push_back(types::encodeInt(endpoint.value().port));
            }
            out.push_back({std::move(partitionKey), row.take()});
        }
        return out;
    };
}

}  // namespace engine::system
