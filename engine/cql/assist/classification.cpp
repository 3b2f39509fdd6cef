#include "engine/cql/assist/classification.h"

#include <algorithm>
#include <set>

#include "engine/cql/syntax/parser.h"
#include "engine/schema/system_keyspaces.h"

namespace engine::cql::assist {

using namespace engine::cql::syntax;

namespace {

class Classifier {
public:
    Classifier(std::string_view text, const Names& names, std::string_view used)
        : m_text(text), m_names(names), m_used(used) {}

    Classification run(const Statement& statement) {
        std::visit([this](const auto& one) { take(one); }, statement);
        return std::move(m_out);
    }

private:
    void take(const SelectStatement& select) {
        m_out.kind = StatementKind::Read;
        m_out.allowFiltering = select.allowFiltering;
        use(select.table);
        m_out.level = schema::isLocalSystemKeyspace(keyspaceOf(select.table)) ? LevelUse::None : LevelUse::Normal;
        const bool near = !select.orderBy.empty() && select.orderBy.front().annOf.has_value();
        const auto partitions = partitionsOf(select.table, select.where);
        m_out.partitions = partitions.value_or(0);
        m_out.fullScan = !partitions && m_out.level != LevelUse::None && !near;
    }
    void take(const InsertStatement& insert) {
        write(insert.table, insert.ifNotExists);
        m_out.partitions = 1;
        m_keys.insert(keyText(insert));
    }
    void take(const InsertJsonStatement& insert) {
        write(insert.table, insert.ifNotExists);
        m_out.partitions = 1;
        m_keys.insert(textOf(insert.json));
    }
    void take(const UpdateStatement& update) {
        write(update.table, update.ifExists || !update.conditions.empty());
        m_out.partitions = partitionsOf(update.table, update.where).value_or(0);
        m_keys.insert(keyText(update.table, update.where));
    }
    void take(const DeleteStatement& remove) {
        write(remove.table, remove.ifExists || !remove.conditions.empty());
        m_out.partitions = partitionsOf(remove.table, remove.where).value_or(0);
        m_keys.insert(keyText(remove.table, remove.where));
    }
    void take(const BatchStatement& batch) {
        LevelUse level = LevelUse::Normal;
        for (const Modification& one : batch.statements) {
            std::visit([this](const auto& modification) { take(modification); }, one);
            level = m_out.level == LevelUse::Serial ? LevelUse::Serial : level;
        }
        m_out.kind = StatementKind::Batch;
        m_out.level = level;
        m_out.logged = batch.kind == BatchStatement::Kind::Logged;
        m_out.partitions = m_keys.size();
    }
    void take(const TruncateStatement& truncate) {
        m_out.kind = StatementKind::Truncate;
        use(truncate.table);
    }
    void take(const UseStatement&) { m_out.kind = StatementKind::Use; }
    void take(const DescribeStatement&) { m_out.kind = StatementKind::Describe; }
    void take(const CreateTableStatement& one) { schema(&one.table); }
    void take(const AlterTableStatement& one) { schema(&one.table); }
    void take(const DropTableStatement& one) { schema(&one.table); }
    void take(const CreateIndexStatement& one) { schema(&one.table); }
    void take(const CreateViewStatement& one) { schema(&one.baseTable); }
    void take(const CreateRoleStatement&) { access(); }
    void take(const AlterRoleStatement&) { access(); }
    void take(const DropRoleStatement&) { access(); }
    void take(const ListRolesStatement&) { access(); }
    void take(const ListUsersStatement&) { access(); }
    void take(const GrantRoleStatement&) { access(); }
    void take(const RevokeRoleStatement&) { access(); }
    void take(const AddIdentityStatement&) { access(); }
    void take(const DropIdentityStatement&) { access(); }
    void take(const GrantPermissionsStatement&) { access(); }
    void take(const RevokePermissionsStatement&) { access(); }
    void take(const ListPermissionsStatement&) { access(); }
    template <typename Other>
    void take(const Other&) {
        schema(nullptr);
    }

    void access() { m_out.kind = StatementKind::Access; }
    void schema(const QualifiedName* table) {
        m_out.kind = StatementKind::Schema;
        if (table != nullptr) {
            use(*table);
        }
    }
    void write(const QualifiedName& table, bool conditional) {
        m_out.kind = StatementKind::Write;
        m_out.level = conditional ? LevelUse::Serial : LevelUse::Normal;
        use(table);
    }
    void use(const QualifiedName& table) {
        TableUse use{table.keyspace.text, table.name.text};
        if (std::find(m_out.tables.begin(), m_out.tables.end(), use) == m_out.tables.end()) {
            m_out.tables.push_back(std::move(use));
        }
    }
    std::string_view keyspaceOf(const QualifiedName& table) const {
        return table.keyspace.absent() ? m_used : std::string_view(table.keyspace.text);
    }

    /// The partition key's columns; empty when the table is not known.
    std::vector<std::string_view> partitionKey(const QualifiedName& table) const {
        std::vector<std::string_view> key;
        if (const auto* columns = m_names.columnsOf(table.keyspace.text, table.name.text, m_used)) {
            for (const ColumnName& column : *columns) {
                if (column.kind == "partition_key") {
                    key.push_back(column.name);
                }
            }
        }
        return key;
    }

    /// How many partitions WHERE names, 0 when only the server can tell; nothing when it names no whole key. For
    /// a table that is not known any restriction by `=` or IN passes for one of the key.
    std::optional<std::size_t> partitionsOf(const QualifiedName& table, const std::vector<Relation>& where) const {
        const auto key = partitionKey(table);
        std::size_t product = 1;
        std::size_t named = 0;
        for (const Relation& relation : where) {
            const bool exact = relation.op == Operator::Eq || relation.op == Operator::In;
            if (!exact || relation.kind == Relation::Kind::Element ||
                relation.kind == Relation::Kind::IndexExpression) {
                continue;
            }
            if (relation.kind == Relation::Kind::Token) {
                return 0;
            }
            for (const Name& column : relation.columns) {
                if (key.empty() || std::find(key.begin(), key.end(), column.text) != key.end()) {
                    ++named;
                    product *= relation.inMarker ? 0 : std::max<std::size_t>(relation.values.size(), 1);
                }
            }
        }
        if (key.empty()) {
            return named > 0 ? std::optional<std::size_t>(0) : std::nullopt;
        }
        return named >= key.size() ? std::optional(product) : std::nullopt;
    }

    std::string textOf(const Term& term) const {
        return std::string(m_text.substr(term.span.offset, term.span.length));
    }
    /// The key's values as written, to tell partitions of a batch apart.
    std::string keyText(const InsertStatement& insert) const {
        const auto key = partitionKey(insert.table);
        std::string text = insert.table.name.text;
        for (std::size_t i = 0; i < insert.columns.size() && i < insert.values.size(); ++i) {
            if (std::find(key.begin(), key.end(), insert.columns[i].text) != key.end() || (key.empty() && i == 0)) {
                text += '\x1f' + textOf(insert.values[i]);
            }
        }
        return text;
    }
    std::string keyText(const QualifiedName& table, const std::vector<Relation>& where) const {
        const auto key = partitionKey(table);
        std::string text = table.name.text;
        for (const Relation& relation : where) {
            const bool ofKey = !relation.columns.empty() &&
                               std::find(key.begin(), key.end(), relation.columns.front().text) != key.end();
            if (ofKey || (key.empty() && &relation == &where.front())) {
                for (const Term& value : relation.values) {
                    text += '\x1f' + textOf(value);
                }
            }
        }
        return text;
    }

    std::string_view m_text;
    const Names& m_names;
    std::string_view m_used;
    Classification m_out;
    std::set<std::string> m_keys;
};

}  // namespace

std::optional<Classification> classify(std::string_view statement, const Names& names, std::string_view used) {
    const auto parsed = parse(statement);
    if (!parsed) {
        return std::nullopt;
    }
    return Classifier(statement, names, used).run(parsed.value().statement);
}

}  // namespace engine::cql::assist
