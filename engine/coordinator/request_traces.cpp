#include "engine/coordinator/request_traces.h"

#include <algorithm>

#include "engine/ring/consistency.h"
#include "engine/types/literals.h"

namespace engine::coordinator {

namespace {

constexpr std::size_t kValueCharsMax = 1000;

std::string levelName(std::uint16_t code) {
    const auto level = ring::consistencyOf(code);
    return level ? std::string(ring::toString(*level)) : std::to_string(code);
}

TraceStart startOf(const ClientSession& session, std::string_view request,
                   const cql::QueryOptions& options, std::int64_t nowMillis) {
    TraceStart out{.request = std::string(request), .client = session.address, .startedMillis = nowMillis};
    out.parameters["consistency_level"] = levelName(options.consistency);
    out.parameters["serial_consistency_level"] = levelName(options.serialConsistency);
    return out;
}

void addQuery(TraceStart& start, std::string_view text, const cql::QueryOptions& options) {
    start.parameters["query"] = text;
    if (options.pageSize > 0) {
        start.parameters["page_size"] = std::to_string(options.pageSize);
    }
}

std::string valueText(const types::DataType& type, const cql::BoundValue& value) {
    if (value.state != cql::BoundValue::State::Set) {
        return "null";
    }
    std::string out = types::toCqlLiteral(type, value.bytes);
    if (out.size() > kValueCharsMax) {
        out.resize(kValueCharsMax);
        out += "...'";
    }
    return out;
}

}  // namespace

TraceStart traceOfQuery(const ClientSession& session, std::string_view text,
                        const cql::QueryOptions& options, std::int64_t nowMillis) {
    TraceStart out = startOf(session, "Execute CQL3 query", options, nowMillis);
    addQuery(out, text, options);
    return out;
}

TraceStart traceOfExecute(const ClientSession& session, const cql::Prepared& prepared,
                          const cql::QueryOptions& options, std::int64_t nowMillis) {
    TraceStart out = startOf(session, "Execute CQL3 prepared query", options, nowMillis);
    addQuery(out, prepared.text, options);
    const std::size_t values = std::min(options.values.size(), prepared.variables.size());
    for (std::size_t i = 0; i < values; ++i) {
        const cql::ColumnSpec& variable = prepared.variables[i];
        out.parameters[fmt::format("bound_var_{}_{}", i, variable.name)] =
            valueText(*variable.type, options.values[i]);
    }
    return out;
}

TraceStart traceOfBatch(const ClientSession& session, const cql::QueryOptions& options,
                        std::int64_t nowMillis) {
    return startOf(session, "Execute batch of CQL3 queries", options, nowMillis);
}

}  // namespace engine::coordinator
