// Speaks JSON lines: statements in, answers out. The conformance runner (conform_memory.py) drives it.

#include <boost/json.hpp>
#include <iostream>

#include "engine/system/schema_tables.h"
#include "engine/system/system_keyspaces.h"
#include "engine/types/type_names.h"
#include "memory_cluster.h"

namespace json = boost::json;
using namespace engine;

namespace {

int codeOf(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Syntax: return 0x2000;
        case ErrorKind::Unauthorized: return 0x2100;
        case ErrorKind::Invalid: return 0x2200;
        case ErrorKind::Config: return 0x2300;
        case ErrorKind::AlreadyExists: return 0x2400;
        case ErrorKind::FunctionFailure: return 0x1400;
        case ErrorKind::Protocol: return 0x000A;
        default: return 0;
    }
}

json::value columnsJson(const std::vector<cql::ColumnSpec>& columns) {
    json::array out;
    for (const auto& c : columns) {
        out.push_back({{"keyspace", c.keyspace},
                       {"table", c.table},
                       {"name", c.name},
                       {"type", types::className(*c.type)}});
    }
    return out;
}

json::object resultJson(const cql::StatementResult& result) {
    if (const auto* rows = std::get_if<cql::RowsResult>(&result)) {
        json::array all;
        for (const auto& row : rows->rows) {
            json::array one;
            for (const auto& value : row) {
                one.push_back(value ? json::value(toHex(*value)) : json::value(nullptr));
            }
            all.push_back(std::move(one));
        }
        json::object out{{"kind", "rows"}, {"columns", columnsJson(rows->metadata->columns)}, {"rows", all}};
        if (rows->pagingState) {
            out["paging"] = toHex(*rows->pagingState);
        }
        return out;
    }
    if (const auto* use = std::get_if<cql::SetKeyspaceResult>(&result)) {
        return {{"kind", "keyspace"}, {"keyspace", use->keyspace}};
    }
    if (const auto* change = std::get_if<cql::SchemaChangeResult>(&result)) {
        return {{"kind", "schema"},
                {"change", change->change.change},
                {"target", change->change.target},
                {"keyspace", change->change.keyspace},
                {"name", change->change.name}};
    }
    return {{"kind", "void"}};
}

cql::QueryOptions optionsOf(const json::object& request) {
    cql::QueryOptions options;
    if (const auto* values = request.if_contains("values")) {
        for (const auto& value : values->as_array()) {
            cql::BoundValue bound;
            if (value.is_string()) {
                const std::string text(value.as_string());
                bound.state = text == "unset" ? cql::BoundValue::State::Unset : cql::BoundValue::State::Set;
                bound.bytes = text == "unset" ? "" : fromHex(text).value();
            }
            options.values.push_back(std::move(bound));
        }
    }
    if (const auto* page = request.if_contains("page"); page != nullptr && page->is_int64()) {
        options.pageSize = static_cast<std::int32_t>(page->as_int64());
    }
    if (const auto* state = request.if_contains("paging"); state != nullptr && state->is_string()) {
        options.pagingState = fromHex(std::string(state->as_string())).value();
    }
    if (const auto* stamp = request.if_contains("timestamp"); stamp != nullptr && stamp->is_int64()) {
        options.timestampMicros = stamp->as_int64();
    }
    return options;
}

}  // namespace

int main() {
    const auto schemaRows = [](const auto& before, const auto& after, std::int64_t micros) {
        return system::schemaMutations(before, after, micros);
    };
    MemoryCluster cluster(system::systemSchema(), schemaRows);
    std::string line;
    while (std::getline(std::cin, line)) {
        const json::value parsed = json::parse(line);
        const json::object& request = parsed.as_object();
        const std::string text(request.at("text").as_string());
        json::object answer;
        const auto fail = [&](const Error& error) {
            answer = {{"kind", "error"}, {"code", codeOf(error.kind)}, {"text", error.message}};
        };
        cluster.keyspace = std::string(request.at("keyspace").as_string());
        auto prepared = cluster.prepare(text);
        const cql::QueryOptions options = optionsOf(request);
        if (!prepared) {
            fail(prepared.error());
        } else if (request.at("op").as_string() == "prepare") {
            json::array key;
            for (const auto i : prepared.value()->partitionKeyVariables) {
                key.push_back(i);
            }
            answer = {{"kind", "prepared"}, {"columns", columnsJson(prepared.value()->variables)}, {"key", key}};
        } else if (options.values.size() != prepared.value()->variables.size()) {
            fail(request.at("op").as_string() == "query" && options.values.empty() ?
                 invalid("Invalid amount of bind variables") : invalid("there were " + std::to_string(prepared.value()->variables.size()) +
                         " markers(?) in CQL but " + std::to_string(options.values.size()) +
                         " bound variables"));
        } else if (auto result = cluster.run(*prepared.value(), options)) {
            answer = resultJson(result.value());
            json::array warnings;
            for (const auto& warning : cluster.warnings) {
                warnings.emplace_back(warning);
            }
            answer["warnings"] = warnings;
        } else {
            fail(result.error());
        }
        std::cout << json::serialize(answer) << std::endl;
    }
}
