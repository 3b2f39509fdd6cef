#include "app/console/completion.h"

#include <QStringList>

#include <algorithm>
#include <set>

#include "app/console/statements.h"
#include "engine/cql/syntax/lexer.h"

namespace app::console {

using engine::cql::syntax::Token;
using engine::cql::syntax::TokenKind;

const std::vector<ColumnName>* SchemaNames::columnsOf(const QString& keyspace, const QString& table,
                                                      const QString& used) const {
    const auto ks = keyspaces.find(keyspace.isEmpty() ? used : keyspace);
    if (ks == keyspaces.end()) {
        return nullptr;
    }
    const auto found = ks->second.find(table);
    return found == ks->second.end() ? nullptr : &found->second;
}

namespace {

const QStringList kLevels{"ANY", "ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM", "LOCAL_ONE"};

/// The last statement of `before`, cut into visible words.
class Context {
public:
    explicit Context(const QString& before) {
        const auto statements = splitStatements(before);
        QString text = before.mid(statements.empty() ? 0 : statements.back().offset);
        if (!statements.empty()) {
            const QString tail = before.mid(statements.back().offset + statements.back().length);
            if (tail.contains(';') || (statements.back().shellVerb && tail.contains('\n'))) {
                text.clear();
            }
        }
        const std::string utf8 = text.toStdString();
        for (const Token& token : engine::cql::syntax::tokenize(utf8)) {
            if (token.kind == TokenKind::Eof || token.kind == TokenKind::Whitespace || token.kind == TokenKind::Comment) {
                m_open = m_open && token.kind == TokenKind::Eof;
                continue;
            }
            m_words.append(QString::fromStdString(utf8.substr(token.offset, token.length)));
            m_kinds.push_back(token.kind);
            m_open = isWordToken(token);
        }
        // A word that the cursor still touches is being typed.
        if (m_open && !m_words.isEmpty()) {
            m_typed = m_words.takeLast();
            m_kinds.pop_back();
        }
    }

    bool isBlank() const { return m_words.isEmpty(); }
    const QString& typed() const { return m_typed; }
    QString last(int back = 0) const { return m_words.value(m_words.size() - 1 - back).toUpper(); }
    QString raw(int back = 0) const { return m_words.value(m_words.size() - 1 - back); }
    QString verb() const { return m_words.value(0).toUpper(); }
    QString second() const { return m_words.value(1).toUpper(); }
    qsizetype indexOf(const QString& word) const {
        for (qsizetype i = 0; i < m_words.size(); ++i) {
            if (m_words[i].compare(word, Qt::CaseInsensitive) == 0) {
                return i;
            }
        }
        return -1;
    }
    bool has(const QString& word) const { return indexOf(word) >= 0; }
    QString at(qsizetype i) const { return m_words.value(i); }
    bool inString() const {
        return !m_kinds.empty() && m_kinds.back() == TokenKind::Error && m_words.last().startsWith('\'');
    }
    /// Open parentheses, less closed ones.
    int depth() const {
        int depth = 0;
        for (const QString& word : m_words) {
            depth += word == "(" ? 1 : word == ")" ? -1 : 0;
        }
        return depth;
    }

private:
    static bool isWordToken(const Token& token) {
        return token.kind == TokenKind::Ident || token.kind == TokenKind::QuotedName || engine::cql::syntax::isKeyword(token.kind) ||
               token.kind == TokenKind::Boolean;
    }
    QStringList m_words;
    std::vector<TokenKind> m_kinds;
    QString m_typed;
    bool m_open = false;
};

class Completer {
public:
    Completer(const Context& context, const SchemaNames& names, const QString& used)
        : m_c(context), m_names(names), m_used(used) {}

    std::vector<Completion> run() {
        if (m_c.inString()) {
            return {};
        }
        if (m_c.isBlank()) {
            words({"SELECT", "INSERT INTO", "UPDATE", "DELETE", "CREATE TABLE", "CREATE KEYSPACE", "BEGIN BATCH",
                   "ALTER TABLE", "DROP TABLE", "TRUNCATE", "USE", "DESCRIBE", "CREATE INDEX", "CREATE TYPE"});
            words(shellVerbs());
        } else if (m_c.last() == "." && m_names.keyspaces.count(m_c.raw(1)) > 0) {
            tables(m_c.raw(1));
        } else if (m_c.verb() == "CONSISTENCY" || (m_c.verb() == "SERIAL" && m_c.last() == "CONSISTENCY")) {
            m_c.verb() == "SERIAL" ? words({"SERIAL", "LOCAL_SERIAL"}) : words(kLevels);
        } else if (m_c.verb() == "TRACING" || m_c.verb() == "EXPAND" || m_c.verb() == "PAGING") {
            words({"ON", "OFF"});
        } else if (m_c.verb() == "SHOW") {
            words({"VERSION", "HOST"});
        } else if (wantsTable()) {
            tables(m_used);
            keyspaces(".");
        } else if (m_c.verb() == "USE" || (m_c.last() == "KEYSPACE" && m_c.verb() != "CREATE")) {
            keyspaces({});
        } else {
            statement();
        }
        return std::move(m_out);
    }

private:
    bool wantsTable() const {
        const QString last = m_c.last();
        return last == "FROM" || last == "INTO" || last == "UPDATE" || last == "TRUNCATE" ||
               (last == "TABLE" && m_c.verb() != "CREATE") || (last == "ON" && m_c.verb() == "CREATE") ||
               (m_c.verb() == "DESCRIBE" && last == "TABLE");
    }

    void statement() {
        const QString verb = m_c.verb();
        if (verb == "SELECT") {
            select();
        } else if (verb == "INSERT") {
            insert();
        } else if (verb == "UPDATE") {
            update();
        } else if (verb == "DELETE") {
            m_c.has("WHERE") ? where() : words({"FROM", "WHERE", "USING TIMESTAMP"});
        } else if (verb == "CREATE" || verb == "ALTER" || verb == "DROP") {
            schema();
        } else if (verb == "DESCRIBE") {
            words({"TABLE", "KEYSPACE", "KEYSPACES", "TABLES", "CLUSTER", "SCHEMA"});
            keyspaces({});
        } else if (verb == "BEGIN") {
            words({"BATCH", "UNLOGGED BATCH", "COUNTER BATCH", "INSERT INTO", "UPDATE", "DELETE", "APPLY BATCH"});
        }
    }

    void select() {
        if (m_c.has("WHERE") && !m_c.has("LIMIT")) {
            where();
            words({"ORDER BY", "LIMIT", "PER PARTITION LIMIT", "ALLOW FILTERING", "GROUP BY"});
        } else if (m_c.has("FROM")) {
            if (m_c.last() == "BY") {
                columns();
            }
            words({"WHERE", "ORDER BY", "LIMIT", "PER PARTITION LIMIT", "ALLOW FILTERING", "GROUP BY"});
        } else {
            columns();
            words({"*", "FROM", "JSON", "DISTINCT", "COUNT(*)", "token(", "writetime(", "ttl(", "min(", "max(", "sum(", "avg(",
                   "toJson(", "cast("});
        }
    }

    void insert() {
        if (m_c.depth() > 0 && !m_c.has("VALUES")) {
            columns();
        } else if (m_c.has("VALUES")) {
            words(m_c.depth() > 0 ? QStringList{"now()", "uuid()", "toTimestamp(now())", "null", "true", "false"}
                                  : QStringList{"IF NOT EXISTS", "USING TTL", "USING TIMESTAMP"});
        } else {
            words({"VALUES", "INTO", "JSON"});
        }
    }

    void update() {
        if (m_c.has("WHERE")) {
            where();
            words({"IF", "IF EXISTS"});
        } else if (m_c.has("SET")) {
            columns();
            words({"WHERE"});
        } else {
            words({"SET", "USING TTL", "USING TIMESTAMP"});
        }
    }

    void where() {
        if (m_c.last() == "WHERE" || m_c.last() == "AND" || m_c.last() == "IF") {
            columns();
            words({"token("});
        } else {
            words({"AND", "IN (", "CONTAINS", "CONTAINS KEY", "="});
        }
    }

    void schema() {
        if (m_c.last() == m_c.verb()) {
            words({"TABLE", "KEYSPACE", "TYPE", "INDEX", "MATERIALIZED VIEW", "ROLE", "USER", "FUNCTION", "AGGREGATE"});
        } else if (m_c.second() == "KEYSPACE") {
            words({"WITH replication = {'class': 'NetworkTopologyStrategy', 'replication_factor': 3}",
                   "WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}", "AND durable_writes = true",
                   "IF NOT EXISTS", "IF EXISTS"});
        } else if (m_c.depth() > 0) {
            words({"text", "int", "bigint", "uuid", "timeuuid", "timestamp", "date", "boolean", "double", "decimal", "blob",
                   "inet", "counter", "varint", "list<", "set<", "map<", "frozen<", "vector<", "PRIMARY KEY", "STATIC"});
        } else {
            words({"WITH", "AND", "CLUSTERING ORDER BY", "compaction =", "gc_grace_seconds =", "default_time_to_live =",
                   "compression =", "comment =", "caching =", "ADD", "DROP", "RENAME", "IF NOT EXISTS", "IF EXISTS"});
        }
    }

    void add(const QString& text, const QString& note) {
        const QString& typed = m_c.typed();
        const bool same = text.compare(typed, Qt::CaseInsensitive) == 0;
        if (text.startsWith(typed, Qt::CaseInsensitive) && !same && m_seen.insert(text).second) {
            m_out.push_back({text, note});
        }
    }
    void words(const QStringList& list) {
        for (const QString& word : list) {
            add(word, {});
        }
    }
    void keyspaces(const QString& suffix) {
        for (int round = 0; round < 2; ++round) {
            for (const auto& [name, all] : m_names.keyspaces) {
                if (name.startsWith("system") == (round == 1)) {
                    add(name + suffix, "keyspace");
                }
            }
        }
    }
    void tables(const QString& keyspace) {
        if (const auto found = m_names.keyspaces.find(keyspace); found != m_names.keyspaces.end()) {
            for (const auto& [name, all] : found->second) {
                add(name, "table");
            }
        }
    }
    void columns() {
        QString keyspace, table;
        for (const char* before : {"FROM", "INTO", "UPDATE"}) {
            const qsizetype i = m_c.indexOf(before);
            if (i >= 0) {
                const bool qualified = m_c.at(i + 2) == ".";
                keyspace = qualified ? m_c.at(i + 1) : QString();
                table = m_c.at(qualified ? i + 3 : i + 1);
            }
        }
        if (const auto* all = m_names.columnsOf(keyspace, table, m_used)) {
            for (const ColumnName& column : *all) {
                add(column.name, column.kind == "regular" ? column.type : column.type + ", " + QString(column.kind).replace('_', ' '));
            }
        }
    }

    const Context& m_c;
    const SchemaNames& m_names;
    const QString& m_used;
    std::vector<Completion> m_out;
    std::set<QString> m_seen;
};

}  // namespace

Completions complete(const QString& before, const SchemaNames& names, const QString& usedKeyspace) {
    const Context context(before);
    Completions out;
    out.wordLength = static_cast<int>(context.typed().size());
    out.items = Completer(context, names, usedKeyspace).run();
    return out;
}

}  // namespace app::console
