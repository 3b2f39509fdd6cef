#include "engine/system/node_views.h"

#include <limits>
#include <memory>

#include "engine/types/codec.h"

namespace engine::system {

namespace {

using coordinator::CountHistogram;
using coordinator::LatencyHistogram;
using coordinator::TableLatencies;
using Rows = std::vector<VirtualRow>;
using ViewsPtr = std::shared_ptr<const NodeViews>;

/// Every table that has files or memtables, as ColumnFamilyStore.all().
template <typename F>
void forEachStored(const schema::Schema& schema, F f) {
    for (const auto& [name, keyspace] : schema.keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            if (!table->isVirtual) {
                f(*table);
            }
        }
    }
}

NodeVirtualTables::Source latencies(ViewsPtr views, LatencyHistogram TableLatencies::*which) {
    return [views = std::move(views), which](const schema::Table& table) {
        static const LatencyHistogram kNothing;
        const coordinator::ClusterView& view = views->view;
        const double seconds =
            std::chrono::duration<double>(view.runtime.clock.now() - views->started).count();
        Rows out;
        forEachStored(*view.schema.current(), [&](const schema::Table& stored) {
            const TableLatencies* measured = view.latencies.find(stored.id);
            const LatencyHistogram& histogram = measured != nullptr ? measured->*which : kNothing;
            const auto count = static_cast<std::int64_t>(histogram.count());
            RowBuilder row(table, 0);
            row.bigint("count", count)
                .float64("max_ms", histogram.maxMicros() / 1000)
                .float64("p50th_ms", histogram.percentileMicros(0.5) / 1000)
                .float64("p99th_ms", histogram.percentileMicros(0.99) / 1000)
                .float64("per_second", seconds > 0 ? static_cast<double>(count) / seconds : 0);
            out.push_back({{stored.keyspace, stored.name}, row.take()});
        });
        return out;
    };
}

NodeVirtualTables::Source perRead(ViewsPtr views, CountHistogram TableLatencies::*which) {
    return [views = std::move(views), which](const schema::Table& table) {
        static const CountHistogram kNothing;
        Rows out;
        forEachStored(*views->view.schema.current(), [&](const schema::Table& stored) {
            const TableLatencies* measured = views->view.latencies.find(stored.id);
            const CountHistogram& histogram = measured != nullptr ? measured->*which : kNothing;
            RowBuilder row(table, 0);
            row.bigint("count", static_cast<std::int64_t>(histogram.count()))
                .float64("max", histogram.max())
                .float64("p50th", histogram.percentile(0.5))
                .float64("p99th", histogram.percentile(0.99));
            out.push_back({{stored.keyspace, stored.name}, row.take()});
        });
        return out;
    };
}

/// How many partitions the batches of each kind touched (db/virtual/BatchMetricsTable).
Rows batchMetrics(const NodeViews& views, const schema::Table& table) {
    const coordinator::BatchCounts& counts = views.queries.batchCounts();
    Rows out;
    for (const auto& [name, histogram] : {std::pair("partitions_per_counter_batch", &counts.counter),
                                          std::pair("partitions_per_logged_batch", &counts.logged),
                                          std::pair("partitions_per_unlogged_batch", &counts.unlogged)}) {
        RowBuilder row(table, 0);
        row.bigint("max", static_cast<std::int64_t>(histogram->max()))
            .float64("p50th", histogram->percentile(0.5))
            .float64("p999th", histogram->percentile(0.999))
            .float64("p99th", histogram->percentile(0.99));
        out.push_back({{name}, row.take()});
    }
    return out;
}

Rows diskUsage(const NodeViews& views, const schema::Table& table) {
    Rows out;
    forEachStored(*views.view.schema.current(), [&](const schema::Table& stored) {
        const std::uint64_t bytes = views.view.storage.stats(stored).sstableBytes;
        out.push_back({{stored.keyspace, stored.name},
                       RowBuilder(table, 0).bigint("mebibytes", static_cast<std::int64_t>(bytes >> 20)).take()});
    });
    return out;
}

/// The key, row and counter cache, none of which exists here: as Cassandra shows caches of size 0.
Rows caches(const schema::Table& table) {
    Rows out;
    for (const char* name : {"counters", "keys", "rows"}) {
        RowBuilder row(table, 0);
        row.bigint("capacity_bytes", 0)
            .int32("entry_count", 0)
            .bigint("hit_count", 0)
            .float64("hit_ratio", std::numeric_limits<double>::quiet_NaN())
            .bigint("recent_hit_rate_per_second", 0)
            .bigint("recent_request_rate_per_second", 0)
            .bigint("request_count", 0)
            .bigint("size_bytes", 0);
        out.push_back({{name}, row.take()});
    }
    return out;
}

Rows cqlMetrics(const NodeViews& views, const schema::Table& table) {
    const coordinator::PreparedStatements& prepared = views.queries.preparedStatements();
    const auto executed = static_cast<double>(views.queries.counts().preparedExecuted);
    const auto regular = static_cast<double>(views.queries.counts().regularExecuted);
    const double all = executed + regular;
    const std::pair<const char*, double> values[] = {
        {"prepared_statements_count", static_cast<double>(prepared.size())},
        {"prepared_statements_evicted", static_cast<double>(prepared.evicted())},
        {"prepared_statements_executed", executed},
        {"prepared_statements_ratio", all > 0 ? executed / all : 0},
        {"regular_statements_executed", regular},
    };
    Rows out;
    for (const auto& [name, value] : values) {
        out.push_back({{name}, RowBuilder(table, 0).float64("value", value).take()});
    }
    return out;
}

/// The pools whose work can be counted; the one thread of a node is never behind with a task that it
/// answers questions between.
Rows threadPools(const NodeViews& views, const schema::Table& table) {
    std::int64_t reads = 0;
    std::int64_t writes = 0;
    for (const auto& [id, measured] : views.view.latencies.all()) {
        reads += static_cast<std::int64_t>(measured.localRead.count() + measured.localScan.count());
        writes += static_cast<std::int64_t>(measured.localWrite.count());
    }
    const auto requests = static_cast<std::int64_t>(views.queries.counts().preparedExecuted +
                                                    views.queries.counts().regularExecuted);
    const std::pair<const char*, std::int64_t> pools[] = {
        {"MutationStage", writes}, {"Native-Transport-Requests", requests}, {"ReadStage", reads}};
    Rows out;
    for (const auto& [name, completed] : pools) {
        RowBuilder row(table, 0);
        row.int32("active_tasks", 0)
            .int32("active_tasks_limit", 1)
            .bigint("blocked_tasks", 0)
            .bigint("blocked_tasks_all_time", 0)
            .bigint("completed_tasks", completed)
            .int32("pending_tasks", 0);
        out.push_back({{name}, row.take()});
    }
    return out;
}

Rows internode(const NodeViews& views, const schema::Table& table, bool inbound) {
    Rows out;
    for (const messaging::PeerStats& peer : views.view.messaging.stats()) {
        const ring::NodeInfo* node = views.view.topology.current()->find(peer.peer);
        const auto endpoint = messaging::parseEndpoint(peer.peer);
        if (node == nullptr || !endpoint) {
            continue;
        }
        RowBuilder row(table, 0);
        row.clustering(node->datacenter).clustering(node->rack);
        const auto dropped = static_cast<std::int64_t>(
            peer.dropped[static_cast<std::size_t>(messaging::DropReason::Expired)]);
        const auto refused = static_cast<std::int64_t>(
            peer.dropped[static_cast<std::size_t>(messaging::DropReason::QueueFull)]);
        if (inbound) {
            row.bigint("received_bytes", static_cast<std::int64_t>(peer.bytesReceived))
                .bigint("received_count", static_cast<std::int64_t>(peer.received))
                .bigint("processed_bytes", static_cast<std::int64_t>(peer.bytesReceived))
                .bigint("processed_count", static_cast<std::int64_t>(peer.received));
        } else {
            row.bigint("active_connections", peer.connected ? 1 : 0)
                .bigint("sent_bytes", static_cast<std::int64_t>(peer.bytesSent))
                .bigint("sent_count", static_cast<std::int64_t>(peer.sent))
                .bigint("pending_bytes", static_cast<std::int64_t>(peer.queuedBytes))
                .bigint("expired_count", dropped)
                .bigint("overload_count", refused);
        }
        out.push_back({{types::encodeInet(endpoint.value().host).value_or(Bytes()),
                        types::encodeInt(endpoint.value().port)},
                       row.take()});
    }
    return out;
}

Rows settings(const NodeViews& views, const schema::Table& table) {
    Rows out;
    for (const auto& [name, value] : views.settings) {
        out.push_back({{name}, RowBuilder(table, 0).text("value", value).take()});
    }
    return out;
}

}  // namespace

void addNodeViews(NodeVirtualTables& tables, NodeViews parts) {
    const auto views = std::make_shared<const NodeViews>(std::move(parts));
    const auto add = [&tables, &views](const std::string& name, Rows (*rows)(const NodeViews&, const schema::Table&)) {
        tables.add("system_views." + name, [views, rows](const schema::Table& table) { return rows(*views, table); });
    };
    add("settings", settings);
    add("disk_usage", diskUsage);
    add("cql_metrics", cqlMetrics);
    add("thread_pools", threadPools);
    add("internode_inbound", [](const NodeViews& v, const schema::Table& t) { return internode(v, t, true); });
    add("internode_outbound", [](const NodeViews& v, const schema::Table& t) { return internode(v, t, false); });
    tables.add("system_views.caches", caches);
    tables.add("system_views.local_read_latency", latencies(views, &TableLatencies::localRead));
    tables.add("system_views.local_scan_latency", latencies(views, &TableLatencies::localScan));
    tables.add("system_views.local_write_latency", latencies(views, &TableLatencies::localWrite));
    tables.add("system_views.coordinator_read_latency", latencies(views, &TableLatencies::coordinatorRead));
    tables.add("system_views.coordinator_scan_latency", latencies(views, &TableLatencies::coordinatorScan));
    tables.add("system_views.coordinator_write_latency", latencies(views, &TableLatencies::coordinatorWrite));
    tables.add("system_views.tombstones_per_read", perRead(views, &TableLatencies::tombstonesPerRead));
    tables.add("system_views.rows_per_read", perRead(views, &TableLatencies::rowsPerRead));
    add("batch_metrics", batchMetrics);
}

NodeVirtualTables::Source pendingHints(const coordinator::HintsService& hints, const coordinator::ClusterView& view) {
    return [&hints, &view](const schema::Table& table) {
        std::vector<VirtualRow> out;
        const ring::TopologyPtr topology = view.topology.current();
        for (const coordinator::PendingHints& one : hints.pending()) {
            const ring::NodeInfo* node = topology->find(one.host);
            RowBuilder row(table, 0);
            if (node != nullptr) {
                row.inet("address", node->internode.host)
                    .text("dc", node->datacenter)
                    .int32("port", node->internode.port)
                    .text("rack", node->rack)
                    .text("status", view.isAlive(node->node) ? "UP" : "DOWN");
            }
            row.int32("files", static_cast<std::int32_t>(one.files))
                .bigint("newest", one.newestMillis)
                .bigint("oldest", one.oldestMillis);
            out.push_back({{one.host.toBytes()}, row.take()});
        }
        return out;
    };
}

}  // namespace engine::system
