#include "engine/cql/modification/json_insert.h"

#include <fmt/format.h>

#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/types/json.h"

namespace engine::cql {
namespace {

/// Values by column, of one object; columns it does not have are absent.
using JsonValues = std::map<std::string, BoundValue>;

/// Json.parseJson.
Result<JsonValues> parseObject(const schema::Table& table, std::string_view json) {
    if (json == "null") {
        return invalid("Got null for INSERT JSON values");
    }
    TRY_ASSIGN(auto object, types::splitJsonObject(json));
    JsonValues out;
    for (const schema::Column& column : table.columns) {
        const auto it = object.find(column.name);
        if (it == object.end()) {
            continue;
        }
        TRY_ASSIGN(auto value, types::columnFromJson(column.name, *column.type, it->second));
        out[column.name] = fromValue(std::move(value));
        object.erase(it);
    }
    if (!object.empty()) {
        return invalid("JSON values map contains unrecognized column: " + object.begin()->first);
    }
    return out;
}

BoundValue valueOf(const JsonValues& values, const std::string& column, bool defaultUnset) {
    const auto it = values.find(column);
    if (it != values.end()) {
        return it->second;
    }
    return defaultUnset ? unsetValue() : nullValue();
}

/// One column's value of an object that is bound.
class JsonColumn : public Term::Computed {
public:
    JsonColumn(schema::TablePtr table, std::string column, Term json, bool defaultUnset)
        : m_table(std::move(table)),
          m_column(std::move(column)),
          m_json(std::move(json)),
          m_defaultUnset(defaultUnset) {}

    Result<BoundValue> bind(const Binding& binding) const override {
        BoundValue scratch;
        TRY_ASSIGN(const BoundValue* json, m_json.view(binding, scratch));
        if (json->state != BoundValue::State::Set) {
            return invalid("Got null for INSERT JSON values");
        }
        TRY_ASSIGN(const JsonValues values, parseObject(*m_table, json->bytes));
        return valueOf(values, m_column, m_defaultUnset);
    }

private:
    schema::TablePtr m_table;
    std::string m_column;
    Term m_json;
    bool m_defaultUnset;
};

class UnsetTerm : public Term::Computed {
public:
    Result<BoundValue> bind(const Binding&) const override { return unsetValue(); }
};

Term termOf(BoundValue value) {
    switch (value.state) {
        case BoundValue::State::Set: return Term::constant(std::move(value.bytes));
        case BoundValue::State::Unset: return Term::computed(std::make_shared<UnsetTerm>(), false);
        case BoundValue::State::Null: break;
    }
    return {};
}

}  // namespace

Result<std::shared_ptr<const Modification>> prepareJsonInsert(const syntax::InsertJsonStatement& insert,
                                                              schema::TablePtr table,
                                                              Attributes attributes,
                                                              PrepareContext& context) {
    const ColumnSpec spec{table->keyspace, table->name, "[json]", types::text()};
    TRY_ASSIGN(const Term json, prepareTerm(insert.json, spec, context));
    JsonValues values;
    if (json.isConstant()) {
        TRY_ASSIGN(values, parseObject(*table, json.constantValue().bytes));
    }
    const auto term = [&](const schema::Column& column) {
        if (json.isConstant()) {
            return termOf(valueOf(values, column.name, insert.defaultUnset));
        }
        return Term::computed(
            std::make_shared<JsonColumn>(table, column.name, json, insert.defaultUnset), true);
    };
    std::vector<std::pair<const schema::Column*, Term>> key;
    std::vector<OperationPtr> operations;
    for (const schema::Column& column : table->columns) {
        if (column.kind == schema::ColumnKind::PartitionKey ||
            column.kind == schema::ColumnKind::Clustering) {
            key.emplace_back(&column, term(column));
        } else {
            operations.push_back(setTo(column, term(column)));
        }
    }
    const StatementRestrictions::Rules rules{StatementKind::Insert, false, false};
    TRY_ASSIGN(auto restrictions, StatementRestrictions::ofValues(std::move(key), *table, rules));
    if (insert.ifNotExists && attributes.hasTimestamp()) {
        return invalid("Cannot provide custom timestamp for conditional updates");
    }
    Conditions conditions;
    if (insert.ifNotExists) {
        conditions.existence = Conditions::Existence::NotExists;
    }
    return std::shared_ptr<const Modification>(std::make_shared<Modification>(
        Modification::Parts{table, StatementKind::Insert, std::move(restrictions),
                            std::move(operations), std::move(attributes), std::move(conditions)}));
}

}  // namespace engine::cql
