#include "engine/admin/node_methods.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "engine/admin/link_methods.h"
#include "engine/admin/nodetool.h"
#include "engine/admin/pace.h"
#include "engine/admin/params.h"
#include "engine/types/data_type.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

namespace engine::admin {

namespace json = boost::json;
using runtime::Task;

namespace {

Result<json::object> parse(const std::string& params) {
    boost::system::error_code broken;
    const json::value value = json::parse(params, broken);
    if (broken || !value.is_object()) {
        return invalid("params must be an object");
    }
    return value.as_object();
}

std::vector<std::string> textsOf(const json::object& params, std::string_view key) {
    std::vector<std::string> out;
    const json::value* value = params.if_contains(key);
    if (value != nullptr && value->is_array()) {
        for (const json::value& item : value->as_array()) {
            if (item.is_string()) {
                out.emplace_back(item.as_string());
            }
        }
    }
    return out;
}

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

/// The serialised partition key that literals of the key's columns make.
Result<Bytes> keyOf(const NodeParts& parts, const schema::Table& table, const std::vector<std::string>& literals) {
    if (literals.size() != table.partitionKey().size()) {
        return invalid(fmt::format("the partition key of {} has {} columns, {} values were given",
                                   table.qualifiedName(), table.partitionKey().size(), literals.size()));
    }
    std::string text = fmt::format("SELECT * FROM {}.{} WHERE ", types::maybeQuote(table.keyspace),
                                   types::maybeQuote(table.name));
    for (std::size_t i = 0; i < literals.size(); ++i) {
        text += fmt::format("{}{} = {}", i > 0 ? " AND " : "", types::maybeQuote(table.partitionKey()[i].name),
                            literals[i]);
    }
    TRY_ASSIGN(const auto prepared, cql::prepare(text, *parts.view.schema.current(), {}));
    auto key = prepared->partitionKey ? prepared->partitionKey({}, parts.queries.context()) : std::nullopt;
    if (!key) {
        return invalid("this is not one partition key");
    }
    return std::move(*key);
}

Result<std::string> explain(const NodeParts& parts, const json::object& params) {
    const schema::SchemaPtr schema = parts.view.schema.current();
    const std::string keyspaceName = textOf(params, "keyspace");
    const std::string tableName = textOf(params, "table");
    const schema::TablePtr table = schema->findTable(keyspaceName, tableName);
    if (table == nullptr) {
        return invalid(fmt::format("table {}.{} does not exist", keyspaceName, tableName));
    }
    TRY_ASSIGN(const auto key, keyOf(parts, *table, textsOf(params, "key")));
    const rows::DecoratedKey decorated = rows::decorate(key);
    const ring::PlacementWalk walk = parts.view.topology.current()->explain(
        (*schema->findKeyspace(keyspaceName))->replication, decorated.token);
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
    CO_TRY_ASSIGN(const auto parsed, parse(params));
    co_return explain(parts, parsed);
}

Task<Result<std::string>> answerFlush(NodeParts parts, std::string params) {
    CO_TRY_ASSIGN(const auto parsed, parse(params));
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
    CO_TRY_ASSIGN(const auto parsed, parse(params));
    NodetoolAnswer answer = co_await nodetool(parts, textsOf(parsed, "words"));
    co_return json::serialize(json::object{{"out", answer.out}, {"err", answer.err}, {"exit", answer.exit}});
}

Task<Result<std::string>> answerBudget(NodeParts parts, std::string params) {
    CO_TRY_ASSIGN(const auto parsed, parse(params));
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

Task<Result<std::string>> answerShutdown(NodeParts parts) {
    parts.shutdown();
    co_return std::string("null");
}

}  // namespace

void addNodeMethods(AdminServer& server, NodeParts parts) {
    server.add("status", [parts](std::string) { return answerStatus(parts); });
    server.add("explain", [parts](std::string params) { return answerExplain(parts, std::move(params)); });
    server.add("flush", [parts](std::string params) { return answerFlush(parts, std::move(params)); });
    server.add("nodetool", [parts](std::string params) { return answerNodetool(parts, std::move(params)); });
    server.add("budget", [parts](std::string params) { return answerBudget(parts, std::move(params)); });
    server.add("links", [parts](std::string params) { return answerLinks(parts, std::move(params)); });
    server.add("pace", [parts](std::string params) { return answerPace(parts, std::move(params)); });
    server.add("shutdown", [parts](std::string) { return answerShutdown(parts); });
}

}  // namespace engine::admin
