#include "engine/system/trace_tables.h"

#include "engine/system/row_builder.h"

namespace engine::system {

namespace {

void expireAfter(rows::Row& row, std::int32_t ttl, std::int64_t nowSeconds) {
    if (!row.liveness.isEmpty()) {
        row.liveness.ttl = ttl;
        row.liveness.localExpirationTime = nowSeconds + ttl;
    }
    for (rows::Cell& cell : row.cells) {
        cell.ttl = ttl;
        cell.localDeletionTime = nowSeconds + ttl;
    }
}

rows::Row sessionRow(const schema::Table& table, const runtime::Endpoint& node,
                     const coordinator::TraceReport& report, std::int64_t nowMicros) {
    RowBuilder row(table, nowMicros);
    if (report.start) {
        const coordinator::TraceStart& start = *report.start;
        const auto client = messaging::parseEndpoint(start.client);
        row.inet("client", client ? client.value().host : node.host)
            .text("command", "QUERY")
            .inet("coordinator", node.host)
            .int32("coordinator_port", node.port)
            .text("request", start.request)
            .set("started_at", types::encodeTimestamp(start.startedMillis))
            .textMap("parameters", start.parameters);
    }
    if (report.durationMicros) {
        row.int32("duration", *report.durationMicros);
    }
    return row.take();
}

}  // namespace

rows::Mutation traceMutation(const schema::Schema& schema, const runtime::Endpoint& node,
                             const coordinator::TraceReport& report, std::int64_t nowMicros) {
    const std::int64_t nowSeconds = nowMicros / 1'000'000;
    const Bytes key = types::encodeUuid(report.session);
    rows::Mutation out;
    if (report.start || report.durationMicros) {
        const schema::TablePtr table = schema.findTable("system_traces", "sessions");
        rows::Row row = sessionRow(*table, node, report, nowMicros);
        expireAfter(row, kTraceTtlSeconds, nowSeconds);
        out.updates.push_back(update(table, key, std::move(row)));
    }
    if (report.lines.empty()) {
        return out;
    }
    const schema::TablePtr table = schema.findTable("system_traces", "events");
    rows::PartitionUpdate events{table, {.key = rows::decorate(key)}};
    for (const coordinator::TraceLine& line : report.lines) {
        rows::Row row = RowBuilder(*table, nowMicros)
                            .clustering(types::encodeUuid(line.id))
                            .text("activity", line.activity)
                            .inet("source", node.host)
                            .int32("source_elapsed", line.elapsedMicros)
                            .int32("source_port", node.port)
                            .text("thread", line.thread)
                            .take();
        expireAfter(row, kTraceTtlSeconds, nowSeconds);
        events.partition.rows.push_back(std::move(row));
    }
    out.updates.push_back(std::move(events));
    return out;
}

}  // namespace engine::system
