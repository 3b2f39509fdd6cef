#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/describe/describe.h"
#include "engine/cql/masking/column_masks.h"
#include "engine/cql/schema_statements/properties.h"
#include "engine/types/data_type.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

/// CREATE statements of tables, as TableMetadata.toCqlString prints them.
namespace engine::cql {
namespace {

using schema::Column;
using schema::ColumnKind;

std::string mapText(const std::map<std::string, std::string>& map) {
    std::string out = "{";
    for (const auto& [name, value] : map) {
        out += (out.size() > 1 ? ", " : "") + types::quoteString(name) + ": " + types::quoteString(value);
    }
    return out + "}";
}

std::string boolText(bool value) { return value ? "true" : "false"; }

/// Key columns, statics, then the others: those of one cell before those of several.
std::vector<const Column*> inStorageOrder(const std::vector<Column>& columns) {
    std::vector<const Column*> out;
    for (const Column& column : columns) {
        out.push_back(&column);
    }
    std::stable_sort(out.begin(), out.end(), [](const Column* a, const Column* b) {
        const auto rank = [](const Column& c) {
            const bool key = c.kind == ColumnKind::PartitionKey || c.kind == ColumnKind::Clustering;
            return std::make_pair(c.kind, !key && c.type->isMultiCell());
        };
        if (rank(*a) != rank(*b)) {
            return rank(*a) < rank(*b);
        }
        return a->position != b->position ? a->position < b->position : a->name < b->name;
    });
    return out;
}

std::string columnText(const Column& column) {
    return types::maybeQuote(column.name) + " " + types::cqlName(*column.type) +
           (column.kind == ColumnKind::Static ? " static" : "") +
           (column.mask != nullptr ? " MASKED WITH " + textOf(*column.mask) : "");
}

std::string joined(std::span<const Column> columns) {
    std::string out;
    for (const Column& column : columns) {
        out += (out.empty() ? "" : ", ") + types::maybeQuote(column.name);
    }
    return out;
}

std::string primaryKeyText(const schema::Table& table) {
    std::string out = joined(table.partitionKey());
    if (table.partitionKey().size() > 1) {
        out = "(" + out + ")";
    }
    if (!table.clustering().empty()) {
        out += ", " + joined(table.clustering());
    }
    return out;
}

/// Columns between the brackets; with internals those that were dropped too.
std::string columnsText(const schema::Table& table, bool withInternals) {
    std::vector<Column> columns = table.columns;
    if (withInternals) {
        for (const schema::DroppedColumn& dropped : table.dropped) {
            if (table.find(dropped.column.name) == nullptr) {
                columns.push_back(dropped.column);
            }
        }
    }
    const bool single = table.partitionKey().size() == 1 && table.clustering().empty() &&
                        table.compact == schema::CompactStorage::None;
    std::string out;
    for (const Column* column : inStorageOrder(columns)) {
        out += (out.empty() ? "    " : ",\n    ") + columnText(*column);
        if (single && column->kind == ColumnKind::PartitionKey) {
            out += " PRIMARY KEY";
        }
    }
    if (!single) {
        out += ",\n    PRIMARY KEY (" + primaryKeyText(table) + ")";
    }
    return out;
}

std::string optionsText(const schema::TableOptions& o, bool isVirtual, bool isView) {
    std::vector<std::string> parts;
    const auto text = [&](const char* name, const std::string& value) {
        parts.push_back(std::string(name) + " = " + types::quoteString(value));
    };
    const auto raw = [&](const char* name, const std::string& value) {
        parts.push_back(std::string(name) + " = " + value);
    };
    if (isVirtual) {
        return "comment = " + types::quoteString(o.comment);
    }
    text("additional_write_policy", o.additionalWritePolicy);
    raw("allow_auto_snapshot", boolText(o.allowAutoSnapshot.value_or(true)));
    raw("bloom_filter_fp_chance", realText(o.bloomFilterFpChance));
    raw("caching", mapText(o.caching));
    raw("cdc", boolText(o.cdc.value_or(false)));
    text("comment", o.comment);
    raw("compaction", mapText(o.compaction));
    raw("compression", mapText(o.compression));
    text("memtable", o.memtable.value_or("default"));
    raw("crc_check_chance", realText(o.crcCheckChance));
    if (!isView) {
        raw("default_time_to_live", std::to_string(o.defaultTimeToLive));
    }
    raw("extensions", mapText(o.extensions));
    raw("gc_grace_seconds", std::to_string(o.gcGraceSeconds));
    raw("incremental_backups", boolText(o.incrementalBackups.value_or(true)));
    raw("max_index_interval", std::to_string(o.maxIndexInterval));
    raw("memtable_flush_period_in_ms", std::to_string(o.memtableFlushPeriodMillis));
    raw("min_index_interval", std::to_string(o.minIndexInterval));
    text("read_repair", o.readRepair);
    text("speculative_retry", o.speculativeRetry);
    std::string out;
    for (const std::string& part : parts) {
        out += (out.empty() ? "" : "\n    AND ") + part;
    }
    return out;
}

std::string orderText(const schema::Table& table) {
    std::string out;
    for (const Column& column : table.clustering()) {
        out += (out.empty() ? "" : ", ") + types::maybeQuote(column.name) +
               (column.descending ? " DESC" : " ASC");
    }
    return "CLUSTERING ORDER BY (" + out + ")";
}

std::string qualified(const schema::Table& table) {
    return types::maybeQuote(table.keyspace) + "." + types::maybeQuote(table.name);
}

/// ALTER TABLE statements that bring dropped columns into the state they are in.
std::string dropsText(const schema::Table& table) {
    std::string out;
    for (const schema::DroppedColumn& dropped : table.dropped) {
        out += fmt::format("\nALTER TABLE {} DROP {} USING TIMESTAMP {};", qualified(table),
                           types::maybeQuote(dropped.column.name), dropped.droppedAtMicros);
        if (const Column* again = table.find(dropped.column.name)) {
            out += fmt::format("\nALTER TABLE {} ADD {};", qualified(table), columnText(*again));
        }
    }
    return out;
}

/// ViewMetadata.toCqlString, up to its options.
std::string viewText(const schema::Table& table) {
    std::string columns;
    for (const Column* column : inStorageOrder(table.columns)) {
        columns += (columns.empty() ? "" : ", ") + types::maybeQuote(column->name);
    }
    return fmt::format("CREATE MATERIALIZED VIEW {} AS\n    SELECT {}\n    FROM {}.{}\n    WHERE {}\n    PRIMARY KEY "
                       "({})\n WITH ",
                       qualified(table), table.view->allColumns ? "*" : columns, types::maybeQuote(table.keyspace),
                       types::maybeQuote(table.view->baseName), table.view->where, primaryKeyText(table));
}

}  // namespace

std::string describeTable(const schema::Table& table, bool withInternals) {
    std::string out;
    const bool isCompact = table.compact != schema::CompactStorage::None;
    if (table.view) {
        out = viewText(table);
        if (withInternals) {
            out += "ID = " + table.id.toString() + "\n    AND ";
        }
        if (!table.clustering().empty()) {
            out += orderText(table) + "\n    AND ";
        }
        return out + optionsText(table.options, false, true) + ";";
    }
    if (table.isVirtual) {
        out = fmt::format("/*\nWarning: Table {} is a virtual table and cannot be recreated with CQL.\n"
                          "Structure, for reference:\nVIRTUAL TABLE {} (\n",
                          qualified(table), qualified(table));
    } else {
        if (isCompact) {
            out = fmt::format("/*\nWarning: Table {} omitted because it has constructs not compatible with CQL (was "
                              "created via legacy API).\nApproximate structure, for reference:\n(this should not be "
                              "used to reproduce this schema)\n\n",
                              qualified(table));
        }
        out += fmt::format("CREATE TABLE {} (\n", qualified(table));
    }
    out += columnsText(table, withInternals) + "\n) WITH ";
    if (isCompact) {
        out += "COMPACT STORAGE\n    AND ";
    }
    if (withInternals) {
        out += "ID = " + table.id.toString() + "\n    AND ";
    }
    if (!table.clustering().empty()) {
        out += orderText(table) + "\n    AND ";
    } else if (table.compact == schema::CompactStorage::Static) {
        out += "CLUSTERING ORDER BY (column1 ASC)\n    AND ";  // Of the hidden column.
    }
    out += optionsText(table.options, table.isVirtual, false) + ";";
    if (withInternals) {
        out += dropsText(table);
    }
    return table.isVirtual || isCompact ? out + "\n*/" : out;
}

std::string describeIndex(const schema::Table& table, const schema::Index& index) {
    std::map<std::string, std::string> options = index.options;
    const std::string target = options["target"];
    options.erase("target");
    std::string out = fmt::format("CREATE {}INDEX {} ON {} ({})", index.kind == "CUSTOM" ? "CUSTOM " : "",
                                  types::maybeQuote(index.name), qualified(table), target);
    if (index.kind == "CUSTOM") {
        out += " USING " + types::quoteString(options["class_name"]);
        options.erase("class_name");
        if (!options.empty()) {
            out += " WITH OPTIONS = " + mapText(options);
        }
    }
    return out + ";";
}

std::string describeFunction(const schema::UserFunction& function) {
    std::string arguments;
    for (std::size_t i = 0; i < function.argumentNames.size(); ++i) {
        arguments += (i == 0 ? "" : ", ") + types::maybeQuote(function.argumentNames[i]) + " " +
                     types::cqlNameUnfrozen(*function.argumentTypes[i]);
    }
    return fmt::format("CREATE FUNCTION {}.{}({})\n    {} ON NULL INPUT\n    RETURNS {}\n    LANGUAGE {}\n    AS "
                       "$${}$$;",
                       types::maybeQuote(function.keyspace), types::maybeQuote(function.name), arguments,
                       function.calledOnNullInput ? "CALLED" : "RETURNS NULL",
                       types::cqlNameUnfrozen(*function.returnType), function.language, function.body);
}

std::string describeAggregate(const schema::UserAggregate& aggregate) {
    std::string arguments;
    for (const types::TypePtr& type : aggregate.argumentTypes) {
        arguments += (arguments.empty() ? "" : ", ") + types::cqlNameUnfrozen(*type);
    }
    std::string out = fmt::format("CREATE AGGREGATE {}.{}({})\n    SFUNC {}\n    STYPE {}",
                                  types::maybeQuote(aggregate.keyspace), types::maybeQuote(aggregate.name), arguments,
                                  types::maybeQuote(aggregate.stateFunction),
                                  types::cqlNameUnfrozen(*aggregate.stateType));
    if (!aggregate.finalFunction.empty()) {
        out += "\n    FINALFUNC " + types::maybeQuote(aggregate.finalFunction);
    }
    if (aggregate.initialCondition) {
        out += "\n    INITCOND " + types::toCqlLiteral(*aggregate.stateType, *aggregate.initialCondition);
    }
    return out + ";";
}

std::string describeType(const schema::UserType& type) {
    std::string out = fmt::format("CREATE TYPE {}.{} (\n", types::maybeQuote(type.keyspace),
                                  types::maybeQuote(type.name));
    for (std::size_t i = 0; i < type.fieldNames.size(); ++i) {
        out += fmt::format("    {} {}{}\n", types::maybeQuote(type.fieldNames[i]),
                           types::cqlName(*type.fieldTypes[i]),
                           i + 1 < type.fieldNames.size() ? "," : "");
    }
    return out + ");";
}

std::string describeKeyspace(const schema::Keyspace& keyspace) {
    const std::string name = types::maybeQuote(keyspace.name);
    if (keyspace.isVirtual) {
        return fmt::format("/*\nWarning: Keyspace {} is a virtual keyspace and cannot be recreated with "
                           "CQL.\nStructure, for reference:\nVIRTUAL KEYSPACE {};\n*/",
                           name, name);
    }
    std::string replication = "'class': " + types::quoteString(keyspace.replication.strategy);
    for (const auto& [option, value] : keyspace.replication.options) {
        replication += ", " + types::quoteString(option) + ": " + types::quoteString(value);
    }
    return fmt::format("CREATE KEYSPACE {} WITH replication = {{{}}}  AND durable_writes = {};", name,
                       replication, boolText(keyspace.durableWrites));
}

}  // namespace engine::cql
