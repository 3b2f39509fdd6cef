#pragma once

#include "engine/cql/selection/selection.h"
#include "engine/types/functions/function_resolver.h"

namespace engine::cql {

/// Prepares selectors one by one, gathering the columns they need and the aggregates they call
/// (Selectable.Raw.prepare and newSelectorFactory). Lives while one statement is prepared.
class SelectionBuilder {
public:
    struct Prepared {
        SelectorPtr selector;
        std::string name;  // As headings show it.
    };

    SelectionBuilder(const schema::Table& table, Selection& selection, PrepareContext& context)
        : m_table(table), m_selection(selection), m_context(context) {}

    /// `expected` is the type wanted, null when anything will do.
    Result<Prepared> prepare(const syntax::Selector& selector, const types::TypePtr& expected);

    /// Of resolution: the type a selector has by itself, null when it has none.
    types::TypePtr exactType(const syntax::Selector& selector) const;
    types::TypePtr compatibleType(const syntax::Selector& selector) const;
    Result<types::Assignment> test(const syntax::Selector& selector,
                                   const types::TypePtr& receiver) const;

private:
    using Selectors = std::vector<const syntax::Selector*>;
    /// A call in any of its spellings.
    struct Call {
        types::FunctionName name;
        Selectors arguments;
        bool countsRows = false;  // COUNT(*), COUNT(1).
    };

    Result<Prepared> prepareColumn(const syntax::ColumnSelector& selector);
    Result<Prepared> prepareTermSelector(const syntax::Selector& selector, const syntax::Term& term,
                                         const types::TypePtr& expected);
    Result<Prepared> prepareCall(const syntax::Selector& selector);
    Result<Prepared> prepareHint(const syntax::HintSelector& hint, const syntax::Selector& selector);
    Result<Prepared> prepareField(const syntax::FieldSelector& field);
    Result<Prepared> prepareElement(const syntax::ElementSelector& element);
    Result<Prepared> prepareSlice(const syntax::SliceSelector& slice);
    Result<Prepared> prepareLiteral(const syntax::Selector& selector, const types::TypePtr& expected);
    Result<Prepared> prepareMetadata(const syntax::MetadataSelector& metadata);

    Result<const syntax::Selector*> castToItself(const syntax::Selector& selector) const;
    Call callOf(const syntax::Selector& selector) const;
    Result<types::FunctionPtr> resolve(const Call& call) const;
    Result<types::TypePtr> operandType(const syntax::Selector& selector) const;
    Result<types::Assignment> testElements(const Selectors& items, const types::TypePtr& type) const;
    types::TypePtr guess(const syntax::Selector& selector, bool exact) const;
    ColumnSpec spec(std::string name, types::TypePtr type) const {
        return {m_table.keyspace, m_table.name, std::move(name), std::move(type)};
    }

    const schema::Table& m_table;
    Selection& m_selection;
    PrepareContext& m_context;
    bool m_insideAggregate = false;
};

/// Whether the selector is a call, a CAST or an operator.
bool isCall(const syntax::Selector& selector);
/// The items of list, set and tuple selectors; null for others.
const std::vector<syntax::Selector>* itemsOf(const syntax::Selector& selector);

}  // namespace engine::cql
