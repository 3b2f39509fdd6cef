#include "engine/system/system_keyspaces.h"

#include <charconv>
#include <string>

#include "engine/base/ensure.h"
#include "engine/cql/syntax/parser.h"
#include "engine/cql/syntax/text.h"
#include "engine/cql/type_ref.h"
#include "engine/types/data_type.h"

namespace engine::system {

namespace {

struct Definition {
    std::string_view keyspace;
    std::string_view strategy;
    std::string_view replicationFactor;  // Empty: none.
    bool isVirtual;
    std::string_view tables;
};

constexpr Definition kDefinitions[] = {
    {"system", "LocalStrategy", "", false,
#include "engine/system/definitions/system.cql.inc"
    },
    {"system_schema", "LocalStrategy", "", false,
#include "engine/system/definitions/system_schema.cql.inc"
    },
    {"system_auth", "SimpleStrategy", "1", false,
#include "engine/system/definitions/system_auth.cql.inc"
    },
    {"system_distributed", "SimpleStrategy", "3", false,
#include "engine/system/definitions/system_distributed.cql.inc"
    },
    {"system_traces", "SimpleStrategy", "2", false,
#include "engine/system/definitions/system_traces.cql.inc"
    },
    {"system_views", "LocalStrategy", "", true,
#include "engine/system/definitions/system_views.cql.inc"
    },
    {"system_virtual_schema", "LocalStrategy", "", true,
#include "engine/system/definitions/system_virtual_schema.cql.inc"
    },
};

void applyProperty(schema::TableOptions& options, const cql::syntax::Property& property) {
    const auto number = [&property] {
        std::int32_t out = 0;
        std::from_chars(property.value.data(), property.value.data() + property.value.size(), out);
        return out;
    };
    const std::string& name = property.name.text;
    if (name == "comment") {
        options.comment = property.value;
    } else if (name == "gc_grace_seconds") {
        options.gcGraceSeconds = number();
    } else if (name == "memtable_flush_period_in_ms") {
        options.memtableFlushPeriodMillis = number();
    } else if (name == "default_time_to_live") {
        options.defaultTimeToLive = number();
    } else {
        ENSURE(name == "compaction");
        options.compaction = {property.map.begin(), property.map.end()};
    }
}

schema::Table tableOf(const cql::syntax::CreateTableStatement& statement, const schema::Schema& schema,
                      bool isVirtual) {
    schema::Table out;
    out.keyspace = statement.table.keyspace.text;
    out.name = statement.table.name.text;
    out.id = systemTableId(out.keyspace, out.name);
    out.isVirtual = isVirtual;
    ENSURE(statement.primaryKeys.size() == 1);
    const auto& key = statement.primaryKeys.front();
    const auto positionIn = [](const std::vector<cql::syntax::Name>& names, const std::string& name) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i].text == name) {
                return static_cast<int>(i);
            }
        }
        return -1;
    };
    for (const auto& definition : statement.columns) {
        auto type = cql::resolveType(definition.type, schema, out.keyspace);
        ENSURE(type);
        schema::Column column{definition.name.text, std::move(type).value()};
        if (const int at = positionIn(key.partition, column.name); at >= 0) {
            column.kind = schema::ColumnKind::PartitionKey;
            column.position = at;
        } else if (const int next = positionIn(key.clustering, column.name); next >= 0) {
            column.kind = schema::ColumnKind::Clustering;
            column.position = next;
        } else if (definition.isStatic) {
            column.kind = schema::ColumnKind::Static;
        }
        for (const auto& order : statement.clusteringOrder) {
            column.descending = column.descending || (order.descending && order.column.text == column.name);
        }
        out.columns.push_back(std::move(column));
    }
    for (const auto& property : statement.properties) {
        applyProperty(out.options, property);
    }
    out.finish();
    return out;
}

schema::Schema build() {
    schema::Schema out;
    for (const Definition& definition : kDefinitions) {
        schema::Keyspace keyspace;
        keyspace.name = definition.keyspace;
        keyspace.isVirtual = definition.isVirtual;
        keyspace.replication.strategy = definition.strategy;
        if (!definition.replicationFactor.empty()) {
            keyspace.replication.options["replication_factor"] = definition.replicationFactor;
        }
        for (const SourceSpan& span : cql::syntax::splitStatements(definition.tables)) {
            const auto parsed = cql::syntax::parse(definition.tables.substr(span.offset, span.length));
            ENSURE(parsed);
            const auto* create = std::get_if<cql::syntax::CreateTableStatement>(&parsed.value().statement);
            ENSURE(create != nullptr);
            schema::Table table = tableOf(*create, out, definition.isVirtual);
            std::string name = table.name;
            keyspace.tables.emplace(std::move(name), std::make_shared<schema::Table>(std::move(table)));
        }
        out = out.with(std::make_shared<schema::Keyspace>(std::move(keyspace)));
    }
    return out;
}

}  // namespace

const schema::Schema& systemSchema() {
    static const schema::Schema built = build();
    return built;
}

Uuid systemTableId(std::string_view keyspace, std::string_view table) {
    return Uuid::nameBased(std::string(keyspace) + std::string(table));
}

}  // namespace engine::system
