#include "engine/admin/node_methods.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "engine/admin/link_methods.h"
#include "engine/admin/nodetool.h"
#include "engine/admin/pace.h"
#include "engine/admin/params.h"
#include "engine/admin/read_methods.h"
#include "engine/storage/compaction_manager.h"
#include "engine/types/data_type.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

namespace engine::admin {

namespace json = boost::json;
using runtime::Task;

namespace {

json::array asArray(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

std::string status(const NodeParts& parts) {
    const coordinator::ClusterView& view = parts.view;
    const ring::NodeInfo* self = view.topology.current()->find(view.messaging.self());
    json::object out;
    out["node"] = view.messaging.self();
    out["cluster"] = parts.clusterName;
    out["hostId"] = parts.local.hostId.toString();
    out["datacenter"] = self != nullptr ? self->datacenter : "";
    out["rack"] = self != nullptr ? self->rack : "";
    out["state"] = self != nullptr ? self->status : "JOINING";
    out["native"] = parts.native.isListening() ? parts.native.local().toString() : "";
    out["live"] = asArray(view.gossiper.liveNodes());
    out["unreachable"] = asArray(view.gossiper.unreachableNodes());
    out["schemaVersion"] = view.schema.current()->version().toString();
    out["loadBytes"] = view.storage.loadBytes();
    out["residentBytes"] = view.runtime.executor.residentBytes();
    out["uptimeMillis"] = std::chrono::duration_cast<std::chrono::milliseconds>(view.runtime.clock.now() - parts.started).count();
    return json::serialize(out);
}

Result<std::string> explain(const NodeParts& parts, const json::object& params) {
    const schema::SchemaPtr schema = parts.view.schema.current();
    TRY_ASSIGN(const schema::TablePtr table, tableNamed(parts, params));
    TRY_ASSIGN(const auto key, keyOf(parts, *table, textsOf(params, "key")));
    const rows::DecoratedKey decorated = rows::decorate(key);
    const ring::PlacementWalk walk = parts.view.topology.current()->explain(
        (*schema->findKeyspace(table->keyspace))->replication, decorated.token);
    json::object out;
    out["keyHex"] = toHex(key);
    out["token"] = std::to_string(decorated.token);
    out["rangeStart"] = std::to_string(walk.range.left);
    out["rangeEnd"] = std::to_string(walk.range.right);
    out["replicas"] = asArray(walk.replicas);
    json::array steps;
    for (const ring::PlacementStep& step : walk.steps) {
        steps.push_back(json::object{{"token", std::to_string(step.token)},
                                     {"node", step.node},
                                     {"datacenter", step.datacenter},
                                     {"rack", step.rack},
                                     {"taken", step.taken},
                                     {"reason", step.reason}});
    }
    out["walk"] = std::move(steps);
    json::array columns;
    for (const schema::Column& column : table->partitionKey()) {
        columns.push_back(json::object{{"name", column.name}, {"type", types::cqlName(column.type)}});
    }
    out["keyColumns"] = std::move(columns);
    return json::serialize(out);
}

Task<Result<std::string>> answerStatus(NodeParts parts) { co_return status(parts); }

Task<Result<std::string>> answerExplain(NodeParts parts, std::string params) {
    CO_TRY_ASSIGN(const auto parsed, parseParams(params));
    co_return explain(parts, parsed);
}

Task<Result<std::string>> answerFlush(NodeParts parts, std::string params) {
    CO_TRY_ASSIGN(const auto parsed, parseParams(params));
    const std::string keyspace = textOf(parsed, "keyspace");
    const std::vector<std::string> tables = textsOf(parsed, "tables");
    const schema::SchemaPtr schema = parts.view.schema.current();
    for (const auto& [name, definition] : schema->keyspaces()) {
        if (definition->isVirtual || (!keyspace.empty() && name != keyspace)) {
            continue;
        }
        for (const auto& [tableName, table] : definition->tables) {
            if (!tables.empty() && std::find(tables.begin(), tables.end(), tableName) == tables.end()) {
                continue;
            }
            Result<void> done = co_await parts.view.storage.flush(table);
            if (!done) {
                co_return done.error();
            }
        }
    }
    co_return std::string("null");
}

Task<Result<std::string>> answerNodetool(NodeParts parts, std::string params) {
    CO_TRY_ASSIGN(const auto parsed, parseParams(params));
    NodetoolAnswer answer = co_await nodetool(parts, textsOf(parsed, "words"));
    co_return json::serialize(json::object{{"out", answer.out}, {"err", answer.err}, {"exit", answer.exit}});
}

Task<Result<std::string>> answerBudget(NodeParts parts, std::string params) {
    CO_TRY_ASSIGN(const auto parsed, parseParams(params));
    const json::value* wanted = parsed.if_contains("requestsPerSecond");
    if (wanted == nullptr || !wanted->is_int64() || wanted->as_int64() < 0) {
        co_return invalid("requestsPerSecond must be a whole number");
    }
    parts.view.observer.setBudget(static_cast<std::uint32_t>(wanted->as_int64()));
    co_return std::string("null");
}

Task<Result<std::string>> answerLinks(NodeParts parts, std::string params) {
    co_return changeLinks(parts.view.messaging.rules(), params);
}

Task<Result<std::string>> answerPace(NodeParts parts, std::string params) {
    co_return changePace(parts.view.runtime.clock, params);
}

Task<Result<std::string>> answerCompactions(NodeParts parts, std::string params) {
    CO_TRY_ASSIGN(const auto parsed, parseParams(params));
    storage::CompactionManager& compactions = parts.view.storage.compactions();
    if (const json::value* paused = parsed.if_contains("paused")) {
        if (!paused->is_bool()) {
            co_return invalid("paused is true or false");
        }
        compactions.setPaused(paused->as_bool());
    }
    const json::object answer{{"paused", compactions.isPaused()}};
    co_return json::serialize(answer);
}

Task<Result<std::string>> answerShutdown(NodeParts parts) {
    parts.shutdown();
    co_return std::string("null");
}

}  // namespace

void addNodeMethods(AdminServer& server, NodeParts parts) {
    server.add("status", [parts](std::string) { return answerStatus(parts); });
    server.add("explain", [parts](std::string params) { return answerExplain(parts, std::move(params)); });
    server.add("readpath", [parts](std::string params) { return answerReadPath(parts, std::move(params)); });
    server.add("xray", [parts](std::string params) { return answerXray(parts, std::move(params)); });
    server.add("flush", [parts](std::string params) { return answerFlush(parts, std::move(params)); });
    server.add("nodetool", [parts](std::string params) { return answerNodetool(parts, std::move(params)); });
    server.add("budget", [parts](std::string params) { return answerBudget(parts, std::move(params)); });
    server.add("links", [parts](std::string params) { return answerLinks(parts, std::move(params)); });
    server.add("pace", [parts](std::string params) { return answerPace(parts, std::move(params)); });
    server.add("compactions", [parts](std::string params) { return answerCompactions(parts, std::move(params)); });
    server.add("shutdown", [parts](std::string) { return answerShutdown(parts); });
}

}  // namespace engine::admin
