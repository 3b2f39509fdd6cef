#include "engine/rows/index_rules.h"

#include <algorithm>

#include "engine/rows/text_analysis.h"
#include "engine/types/data_type.h"

namespace engine::rows {

namespace {

using types::Kind;

std::string option(const schema::Index& index, const std::string& name) {
    const auto it = index.options.find(name);
    return it == index.options.end() ? std::string() : it->second;
}

bool isTrue(std::string value) {
    std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) { return std::tolower(c); });
    return value == "true";
}

std::string unquoted(std::string_view name) {
    if (name.size() < 2 || name.front() != '"') {
        return std::string(name);
    }
    std::string out;
    for (std::size_t i = 1; i + 1 < name.size(); ++i) {
        out += name[i];
        i += name[i] == '"' ? 1 : 0;
    }
    return out;
}

bool isLike(Operator op) { return op >= Operator::LikePrefix && op <= Operator::LikeMatches; }

bool isRange(Operator op) {
    return op == Operator::Lt || op == Operator::Lte || op == Operator::Gt || op == Operator::Gte;
}

/// IndexTermType.supports: texts, uuids, booleans and whole frozen values have no order there.
bool hasOrder(const types::DataType& type) {
    switch (type.kind()) {
        case Kind::Ascii:
        case Kind::Text:
        case Kind::Boolean:
        case Kind::Uuid: return false;
        default: return type.isNative();
    }
}

bool storageAttachedSupports(const schema::Column& column, IndexOn on, Operator op) {
    switch (on) {
        case IndexOn::Keys: return op == Operator::ContainsKey;
        case IndexOn::Values: return op == Operator::Contains;
        case IndexOn::Entries: return op == Operator::MapEntryEq;
        case IndexOn::Full: return op == Operator::Eq;
        case IndexOn::Value: break;
    }
    if (column.type->kind() == Kind::Vector) {
        return false;
    }
    return op == Operator::Eq || (isRange(op) && hasOrder(*column.type));
}

bool legacySupports(IndexOn on, Operator op) {
    switch (on) {
        case IndexOn::Keys: return op == Operator::ContainsKey;
        case IndexOn::Values: return op == Operator::Contains;
        case IndexOn::Entries: return op == Operator::MapEntryEq;
        default: return op == Operator::Eq;
    }
}

/// ColumnIndex.supports and OnDiskIndexBuilder.Mode.
bool sasiSupports(const schema::Column& column, const schema::Index& index, Operator op) {
    const Kind kind = column.type->kind();
    const bool literal = kind == Kind::Ascii || kind == Kind::Text || isTrue(option(index, "is_literal"));
    const bool tokenized = (analysisOf(index) & Analysis::Words) != 0;
    if (isLike(op)) {
        return literal;  // Which of the forms is said when the value is known.
    }
    const bool contains = option(index, "mode") == "CONTAINS";
    return (op == Operator::Eq && !tokenized) || (isRange(op) && !literal && !contains);
}

}  // namespace

std::string_view toString(IndexOn on) {
    switch (on) {
        case IndexOn::Value: return "";
        case IndexOn::Keys: return "keys";
        case IndexOn::Values: return "values";
        case IndexOn::Entries: return "entries";
        case IndexOn::Full: return "full";
    }
    return "";
}

IndexClass classOf(const schema::Index& index) {
    const std::string name = option(index, "class_name");
    if (index.kind != "CUSTOM") {
        return IndexClass::Legacy;
    }
    return name == kSasiClass ? IndexClass::Sasi : IndexClass::StorageAttached;
}

IndexTarget targetOf(const schema::Index& index) {
    const std::string text = option(index, "target");
    for (const IndexOn on : {IndexOn::Keys, IndexOn::Values, IndexOn::Entries, IndexOn::Full}) {
        const std::string prefix = std::string(toString(on)) + "(";
        if (text.starts_with(prefix) && text.ends_with(")")) {
            return {on, unquoted(std::string_view(text).substr(prefix.size(), text.size() - prefix.size() - 1))};
        }
    }
    return {IndexOn::Value, unquoted(text)};
}

types::TypePtr termType(const schema::Column& column, IndexOn on) {
    switch (on) {
        case IndexOn::Keys: return column.type->keyType();
        case IndexOn::Values:
        case IndexOn::Entries: return column.type->valueType();
        default: return column.type;
    }
}

std::uint8_t analysisOf(const schema::Index& index) {
    std::uint8_t out = 0;
    const auto set = [&](bool condition, Analysis bit) {
        out = static_cast<std::uint8_t>(out | (condition ? bit : 0));
    };
    const bool caseSensitive = index.options.contains("case_sensitive")
                                   ? isTrue(option(index, "case_sensitive"))
                                   : true;
    if (classOf(index) == IndexClass::StorageAttached) {
        set(!caseSensitive, Analysis::LowerCase);
        set(isTrue(option(index, "normalize")), Analysis::Composed);
        set(isTrue(option(index, "ascii")), Analysis::AsciiOnly);
    } else if (classOf(index) == IndexClass::Sasi) {
        const std::string analyzer = option(index, "analyzer_class");
        set(analyzer.ends_with("StandardAnalyzer"), Analysis::Words);
        set(!caseSensitive || isTrue(option(index, "normalize_lowercase")), Analysis::LowerCase);
    }
    return out;
}

bool supports(const schema::Table& table, const schema::Index& index, std::string_view name,
              Operator op) {
    const IndexTarget target = targetOf(index);
    const schema::Column* column = table.find(target.column);
    if (column == nullptr || target.column != name) {
        return false;
    }
    switch (classOf(index)) {
        case IndexClass::Legacy: return legacySupports(target.on, op);
        case IndexClass::StorageAttached: return storageAttachedSupports(*column, target.on, op);
        case IndexClass::Sasi: return sasiSupports(*column, index, op);
    }
    return false;
}

bool isNearestIndex(const schema::Table& table, const schema::Index& index) {
    const schema::Column* column = table.find(targetOf(index).column);
    return column != nullptr && column->type->kind() == Kind::Vector &&
           classOf(index) == IndexClass::StorageAttached;
}

}  // namespace engine::rows
