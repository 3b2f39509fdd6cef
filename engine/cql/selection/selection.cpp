#include "engine/cql/selection/selection.h"

#include <algorithm>

#include "engine/cql/selection/selection_builder.h"
#include "engine/cql/selection/selectors.h"
#include "engine/types/json.h"

namespace engine::cql {

std::size_t Selection::indexOf(const schema::Column& column) {
    const auto it = std::find(columns.begin(), columns.end(), &column);
    if (it != columns.end()) {
        return static_cast<std::size_t>(it - columns.begin());
    }
    columns.push_back(&column);
    return columns.size() - 1;
}

Result<Selection> prepareSelection(const syntax::SelectStatement& select, const schema::Table& table,
                                   PrepareContext& context) {
    Selection selection;
    selection.json = select.json;
    if (select.items.empty()) {
        for (const schema::Column& column : table.columns) {
            const auto index = static_cast<int>(selection.indexOf(column));
            selection.selectors.push_back(selectColumn(index, column.type));
            selection.specs.push_back({table.keyspace, table.name, column.name, column.type});
        }
    }
    SelectionBuilder builder(table, selection, context);
    for (const syntax::SelectItem& item : select.items) {
        TRY_ASSIGN(auto prepared, builder.prepare(item.selector, nullptr));
        selection.specs.push_back({table.keyspace, table.name,
                                   item.alias ? item.alias->text : std::move(prepared.name),
                                   prepared.selector->type()});
        selection.selectors.push_back(std::move(prepared.selector));
    }
    selection.plain = selection.aggregates.empty() &&
                      selection.columns.size() == selection.selectors.size();
    for (std::size_t i = 0; selection.plain && i < selection.selectors.size(); ++i) {
        selection.plain = selection.selectors[i]->plainColumn() == static_cast<int>(i);
    }
    return selection;
}

Result<SelectorPtr> prepareExpression(const syntax::Selector& expression, const schema::Table& table,
                                      Selection& selection, PrepareContext& context) {
    SelectionBuilder builder(table, selection, context);
    TRY_ASSIGN(auto prepared, builder.prepare(expression, nullptr));
    return std::move(prepared.selector);
}

Bytes jsonRow(const std::vector<ColumnSpec>& specs, const ResultRow& row) {
    std::string out = "{";
    for (std::size_t i = 0; i < specs.size(); ++i) {
        out += i == 0 ? "" : ", ";
        const bool lower = std::none_of(specs[i].name.begin(), specs[i].name.end(),
                                        [](char c) { return c >= 'A' && c <= 'Z'; });
        out += types::jsonQuote(lower ? specs[i].name : "\"" + specs[i].name + "\"");
        out += ": ";
        out += row[i] ? types::toJson(*specs[i].type, *row[i]) : "null";
    }
    return out + "}";
}

}  // namespace engine::cql
