#include "engine/cql/assist/spelling.h"

#include <algorithm>

#include "engine/cql/syntax/parser.h"

namespace engine::cql::assist {

using namespace engine::cql::syntax;

namespace {

class Speller {
public:
    Speller(std::string_view text, const Names& names, std::string_view used) : m_text(text), m_names(names), m_used(used) {}

    std::vector<Misspelling> run(const Statement& statement) {
        std::visit([this](const auto& one) { look(one); }, statement);
        return std::move(m_out);
    }

private:
    void look(const SelectStatement& select) {
        if (!enter(select.table)) {
            return;
        }
        for (const SelectItem& item : select.items) {
            selector(item.selector);
        }
        where(select.where);
        for (const Selector& one : select.groupBy) {
            selector(one);
        }
        for (const Ordering& ordering : select.orderBy) {
            column(ordering.column);
        }
    }
    void look(const InsertStatement& insert) {
        if (enter(insert.table)) {
            for (const Name& name : insert.columns) {
                column(name);
            }
        }
    }
    void look(const InsertJsonStatement& insert) { enter(insert.table); }
    void look(const UpdateStatement& update) {
        if (enter(update.table)) {
            for (const Assignment& assignment : update.assignments) {
                column(assignment.column);
            }
            where(update.where);
            conditions(update.conditions);
        }
    }
    void look(const DeleteStatement& remove) {
        if (enter(remove.table)) {
            for (const Deletion& deletion : remove.columns) {
                column(deletion.column);
            }
            where(remove.where);
            conditions(remove.conditions);
        }
    }
    void look(const BatchStatement& batch) {
        for (const Modification& one : batch.statements) {
            std::visit([this](const auto& modification) { look(modification); }, one);
        }
    }
    void look(const TruncateStatement& truncate) { enter(truncate.table); }
    template <typename Other>
    void look(const Other&) {}  // What makes names has none to compare.

    void selector(const Selector& one) {
        if (const auto* named = std::get_if<ColumnSelector>(&one.node)) {
            column(named->column);
        }
    }
    void where(const std::vector<Relation>& relations) {
        for (const Relation& relation : relations) {
            for (const Name& name : relation.columns) {
                column(name);
            }
        }
    }
    void conditions(const std::vector<Condition>& all) {
        for (const Condition& condition : all) {
            column(condition.column);
        }
    }

    /// False when nothing can be said of the table's columns.
    bool enter(const QualifiedName& table) {
        m_table = table.name.text;
        m_keyspace = table.keyspace.absent() ? std::string(m_used) : table.keyspace.text;
        const auto keyspace = m_names.keyspaces.find(m_keyspace);
        if (keyspace == m_names.keyspaces.end()) {
            if (!table.keyspace.absent()) {
                add(table.keyspace, "Keyspace '" + m_keyspace + "' does not exist");
            }
            return false;
        }
        const auto known = keyspace->second.tables.find(m_table);
        if (known == keyspace->second.tables.end()) {
            add(table.name, "table " + m_keyspace + '.' + m_table + " does not exist");
            return false;
        }
        m_columns = &known->second;
        return !m_columns->empty();  // Seen, not read yet.
    }

    void column(const Name& name) {
        const bool known = std::any_of(m_columns->begin(), m_columns->end(), [&](const ColumnName& one) { return one.name == name.text; });
        if (!known && !name.absent()) {
            add(name, "Undefined column name " + name.text + " in table " + m_keyspace + '.' + m_table);
        }
    }

    void add(const Name& name, std::string message) {
        Error error = makeError(ErrorKind::Invalid, std::move(message));
        auto fixes = fixesFor(m_text, error, m_names, m_used);
        // A fix is found by the name's text; here its place is known.
        if (!fixes.empty()) {
            fixes.front().offset = name.span.offset;
            fixes.front().length = name.span.length;
            m_out.push_back({name.span, std::move(error), std::move(fixes.front())});
        }
    }

    std::string_view m_text;
    const Names& m_names;
    std::string_view m_used;
    std::string m_keyspace;
    std::string m_table;
    const std::vector<ColumnName>* m_columns = nullptr;
    std::vector<Misspelling> m_out;
};

}  // namespace

std::vector<Misspelling> misspelt(std::string_view statement, const Names& names, std::string_view used) {
    const auto parsed = parse(statement);
    return parsed ? Speller(statement, names, used).run(parsed.value().statement) : std::vector<Misspelling>();
}

}  // namespace engine::cql::assist
