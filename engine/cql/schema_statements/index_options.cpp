#include "engine/cql/schema_statements/index_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/cql/errors.h"
#include "engine/cql/schema_statements/properties.h"
#include "engine/rows/index_rules.h"
#include "engine/types/data_type.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using rows::IndexOn;
using types::Kind;
using Options = std::map<std::string, std::string>;

const std::set<std::string> kAnalysis{"ascii", "case_sensitive", "normalize"};
const std::set<std::string> kVector{"construction_beam_width", "maximum_node_connections", "optimize_for",
                                    "similarity_function"};

std::string mapText(const Options& options) {
    std::string out = "{";
    for (const auto& [name, value] : options) {
        out += (out.size() > 1 ? ", " : "") + types::quoteString(name) + ": " + types::quoteString(value);
    }
    return out + "}";
}

Options only(const Options& options, const std::set<std::string>& names) {
    Options out;
    std::copy_if(options.begin(), options.end(), std::inserter(out, out.end()),
                 [&](const auto& option) { return names.contains(option.first); });
    return out;
}

Result<void> checkUnknown(const Options& options) {
    std::string unknown;
    for (const auto& [name, value] : options) {
        if (name != "target" && name != "class_name" && !kAnalysis.contains(name) && !kVector.contains(name)) {
            unknown += (unknown.empty() ? "" : ", ") + name;
        }
    }
    if (!unknown.empty()) {
        return configError(
            fmt::format("Properties specified [{}] are not understood by StorageAttachedIndex", unknown));
    }
    return ok();
}

/// NonTokenizingOptions: in the order in which they are read.
Result<void> checkBooleans(const Options& options) {
    for (const char* name : {"normalize", "case_sensitive", "ascii"}) {
        const auto it = options.find(name);
        if (it == options.end()) {
            continue;
        }
        if (it->second.empty()) {
            return invalid(fmt::format("Empty value for boolean option '{}'", name));
        }
        const std::string value = lowerCase(it->second);
        if (value != "true" && value != "false") {
            return invalid(fmt::format("Illegal value for boolean option '{}': {}", name, it->second));
        }
    }
    return ok();
}

/// IndexWriterConfig.fromOptions.
Result<std::string> checkVectorOptions(const Options& given, const types::DataType& type) {
    const Options options = only(given, kVector);
    if (options.empty()) {
        return std::string("COSINE");
    }
    if (type.kind() != Kind::Vector) {
        return invalid(fmt::format("CQL type {} cannot have vector options", types::cqlName(type)));
    }
    if (options.contains("maximum_node_connections")) {
        return invalid("Maximum node connections cannot be set without enabling "
                       "SAI_VECTOR_ALLOW_CUSTOM_PARAMETERS");
    }
    if (options.contains("construction_beam_width")) {
        return invalid("Construction beam width cannot be set without enabling "
                       "SAI_VECTOR_ALLOW_CUSTOM_PARAMETERS");
    }
    std::string function = "COSINE";
    if (const auto it = options.find("similarity_function"); it != options.end()) {
        function = upperCase(it->second);
        if (function != "EUCLIDEAN" && function != "DOT_PRODUCT" && function != "COSINE") {
            return invalid(fmt::format("Similarity function {} was not recognized for index null. Valid "
                                       "values are: EUCLIDEAN, DOT_PRODUCT, COSINE",
                                       function));
        }
    }
    if (const auto it = options.find("optimize_for"); it != options.end()) {
        const std::string value = upperCase(it->second);
        if (value != "LATENCY" && value != "RECALL") {
            return invalid(fmt::format("optimize_for '{}' was not recognized for index null. Valid values "
                                       "are: LATENCY, RECALL",
                                       value));
        }
    }
    return function;
}

bool isSupported(const types::DataType& type) {
    switch (type.kind()) {
        case Kind::Blob:
        case Kind::Counter:
        case Kind::Duration:
        case Kind::Custom: return false;
        default: return true;
    }
}

Result<void> checkStorageAttached(const schema::Table& table, const schema::Index& index) {
    TRY(checkUnknown(index.options));
    const std::string& target = index.options.at("target");
    if (target.find(',') != std::string::npos) {
        return invalid("A storage-attached index cannot be created over multiple columns: " + target);
    }
    const rows::IndexTarget parsed = rows::targetOf(index);
    const schema::Column& column = *table.find(parsed.column);
    const auto same = std::count_if(table.indexes.begin(), table.indexes.end(), [&](const schema::Index& other) {
        return rows::classOf(other) == rows::IndexClass::StorageAttached && rows::targetOf(other) == parsed;
    });
    if (same > 1) {
        return invalid("Cannot create more than one storage-attached index on the same column: " + column.name);
    }
    const Options analysis = only(index.options, kAnalysis);
    if (column.position >= 0 && !analysis.empty()) {
        return invalid("Analysis options are not supported on primary key columns, but found " +
                       mapText(analysis));
    }
    const types::TypePtr type = parsed.on == IndexOn::Entries ? column.type : rows::termType(column, parsed.on);
    if (!analysis.empty()) {
        if (type->kind() != Kind::Text && type->kind() != Kind::Ascii) {
            return invalid(fmt::format("CQL type {} cannot be analyzed.", types::cqlName(*type)));
        }
        TRY(checkBooleans(analysis));
    }
    TRY_ASSIGN(const std::string function, checkVectorOptions(index.options, *type));
    if (type->kind() == Kind::Vector) {
        if (type->element()->kind() != Kind::Float) {
            return invalid("SAI ANN indexes are only allowed on vector columns with float elements");
        }
        if (type->dimension() == 1 && function == "COSINE") {
            return invalid("Cosine similarity is not supported for single-dimension vectors");
        }
        return ok();
    }
    const std::vector<types::TypePtr> terms =
        parsed.on == IndexOn::Entries ? column.type->elements() : std::vector<types::TypePtr>{type};
    for (const types::TypePtr& term : terms) {
        if (!isSupported(*term)) {
            return invalid("Unsupported type: " + types::cqlName(*term));
        }
    }
    return ok();
}

Result<void> checkSasi(const schema::Table& table, const schema::Index& index) {
    const std::string& target = index.options.at("target");
    if (target.find(',') != std::string::npos) {
        return configError("failed to retrieve target column for: " + target);
    }
    const schema::Column& column = *table.find(rows::targetOf(index).column);
    if (column.type->isMultiCell()) {
        return configError("complex columns are not yet supported by SASI");
    }
    if (column.kind == schema::ColumnKind::PartitionKey) {
        return configError("partition key columns are not yet supported by SASI");
    }
    if (const auto it = index.options.find("analyzer_class"); it != index.options.end()) {
        static const std::set<std::string> kAnalyzers{"DelimiterAnalyzer", "NoOpAnalyzer", "NonTokenizingAnalyzer",
                                                      "StandardAnalyzer"};
        constexpr std::string_view kPackage = "org.apache.cassandra.index.sasi.analyzer.";
        if (!it->second.starts_with(kPackage) || !kAnalyzers.contains(it->second.substr(kPackage.size()))) {
            return configError(fmt::format("Invalid analyzer class option specified [{}]", it->second));
        }
    }
    const auto mode = index.options.find("mode");
    if (mode != index.options.end()) {
        const std::string name = upperCase(mode->second);
        if (name != "PREFIX" && name != "CONTAINS" && name != "SPARSE") {
            return configError("Incorrect index mode: " + mode->second);
        }
        const bool literal = column.type->kind() == Kind::Text || column.type->kind() == Kind::Ascii;
        if (name == "SPARSE" && literal) {
            return configError("SPARSE mode is only supported on non-literal columns.");
        }
    }
    return ok();
}

}  // namespace

Result<void> checkCustomIndex(const schema::Table& table, const schema::Index& index) {
    return rows::classOf(index) == rows::IndexClass::Sasi ? checkSasi(table, index)
                                                          : checkStorageAttached(table, index);
}

}  // namespace engine::cql
