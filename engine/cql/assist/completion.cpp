#include "engine/cql/assist/completion.h"

#include <algorithm>
#include <set>

#include "engine/base/text.h"
#include "engine/cql/assist/context.h"
#include "engine/cql/syntax/text.h"

namespace engine::cql::assist {

namespace {

using Words = std::vector<std::string_view>;

const Words kStatements{"SELECT", "INSERT INTO", "UPDATE", "DELETE", "BEGIN BATCH", "CREATE TABLE", "CREATE KEYSPACE",
                            "CREATE INDEX", "CREATE TYPE", "CREATE MATERIALIZED VIEW", "CREATE FUNCTION",
                            "CREATE AGGREGATE", "ALTER TABLE", "ALTER KEYSPACE", "DROP TABLE", "DROP KEYSPACE",
                            "TRUNCATE", "USE", "DESCRIBE", "GRANT", "REVOKE", "LIST"};
const Words kLevels{"ANY", "ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM", "LOCAL_ONE"};
const Words kTypes{"text", "int", "bigint", "uuid", "timeuuid", "timestamp", "date", "time", "duration", "boolean",
                       "double", "float", "decimal", "varint", "smallint", "tinyint", "blob", "ascii", "inet", "counter",
                       "list<", "set<", "map<", "tuple<", "frozen<", "vector<float, "};
const Words kSelectors{"count(*)", "writetime(", "maxwritetime(", "ttl(", "token(", "min(", "max(", "sum(", "avg(",
                           "cast(", "to_json(", "to_date(", "to_timestamp(", "to_unix_timestamp(", "abs(", "exp(",
                           "log(", "log10(", "round(", "map_keys(", "map_values(", "collection_count(",
                           "collection_min(", "collection_max(", "collection_sum(", "collection_avg(",
                           "similarity_cosine(", "similarity_euclidean(", "similarity_dot_product("};
const Words kValues{"now()", "uuid()", "to_timestamp(now())", "to_date(now())", "from_json(", "null", "true", "false"};
const Words kTableOptions{
    "comment =", "gc_grace_seconds =", "default_time_to_live =", "compaction =", "compression =", "caching =",
    "bloom_filter_fp_chance =", "speculative_retry =", "additional_write_policy =", "read_repair =", "cdc =",
    "crc_check_chance =", "memtable =", "memtable_flush_period_in_ms =", "min_index_interval =", "max_index_interval =",
    "incremental_backups =", "allow_auto_snapshot ="};
const Words kPermissions{"ALL PERMISSIONS", "SELECT", "MODIFY", "CREATE", "ALTER", "DROP", "AUTHORIZE", "DESCRIBE",
                             "EXECUTE", "UNMASK", "SELECT_MASKED"};
const Words kReplications{"{'class': 'NetworkTopologyStrategy', 'replication_factor': 3}",
                              "{'class': 'SimpleStrategy', 'replication_factor': 3}"};

/// The values a table option knows.
Words valuesOf(std::string_view option) {
    if (option == "COMPACTION") {
        return {"{'class': 'SizeTieredCompactionStrategy'}", "{'class': 'LeveledCompactionStrategy'}",
                "{'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': 1}",
                "{'class': 'UnifiedCompactionStrategy'}"};
    }
    if (option == "COMPRESSION") {
        return {"{'class': 'LZ4Compressor'}", "{'class': 'ZstdCompressor'}", "{'class': 'SnappyCompressor'}",
                "{'class': 'DeflateCompressor'}", "{'enabled': false}"};
    }
    if (option == "CACHING") {
        return {"{'keys': 'ALL', 'rows_per_partition': 'NONE'}"};
    }
    if (option == "SPECULATIVE_RETRY" || option == "ADDITIONAL_WRITE_POLICY") {
        return {"'99p'", "'ALWAYS'", "'NEVER'", "'50ms'"};
    }
    if (option == "READ_REPAIR") {
        return {"'BLOCKING'", "'NONE'"};
    }
    if (option == "REPLICATION") {
        return kReplications;
    }
    return {"true", "false"};
}

class Completer {
public:
    Completer(const Context& context, const Names& names, std::string_view used)
        : m_c(context), m_names(names), m_used(used) {}

    std::vector<Candidate> run() {
        if (m_c.inQuotes()) {
            return {};
        }
        if (m_c.blank()) {
            add(kStatements);
            for (const std::string_view verb : shellVerbs()) {
                add(std::string(verb), {});
            }
        } else if (m_c.last() == ".") {
            inKeyspace(m_c.lastName(1));
        } else if (!shell() && !namesAhead()) {
            statement();
        }
        return std::move(m_out);
    }

private:
    /// The shell's own verbs; false when the statement is none of them.
    bool shell() {
        const std::string_view verb = m_c.word(0);
        if (verb == "CONSISTENCY" && m_c.size() == 1) {
            add(kLevels);
        } else if (verb == "SERIAL") {
            m_c.last() == "CONSISTENCY" ? add({"SERIAL", "LOCAL_SERIAL"}) : add({"CONSISTENCY"});
        } else if (verb == "TRACING" || verb == "EXPAND" || verb == "PAGING") {
            add({"ON", "OFF"});
        } else if (verb == "SHOW") {
            add({"VERSION", "HOST", "SESSION", "REPLICAS"});
        } else if (verb == "CAPTURE") {
            add({"OFF"});
        } else if (verb == "COPY") {
            copy();
        } else {
            return verb == "CONSISTENCY";
        }
        return true;
    }

    void copy() {
        if (m_c.size() == 1) {
            tables(m_used);
            keyspaces(".");
        } else if (m_c.depth() > 0) {
            columns(1);
        } else if (m_c.has("WITH")) {
            add({"HEADER =", "DELIMITER =", "QUOTE =", "ESCAPE =", "NULL =", "BOOLSTYLE =", "DATETIMEFORMAT =", "DECIMALSEP =",
                 "THOUSANDSSEP ="});
            m_c.has("TO") ? add({"PAGESIZE =", "BEGINTOKEN =", "ENDTOKEN =", "FLOATPRECISION =", "DOUBLEPRECISION ="})
                          : add({"MAXROWS =", "SKIPROWS =", "SKIPCOLS =", "TTL =", "MAXPARSEERRORS =", "MAXINSERTERRORS =", "ERRFILE ="});
        } else {
            add(m_c.has("TO") || m_c.has("FROM") ? Words{"WITH"} : Words{"TO", "FROM"});
        }
    }

    /// Where the name of a table, keyspace or type must follow.
    bool namesAhead() {
        const std::string_view last = m_c.last();
        const std::string_view verb = m_c.word(0);
        const bool describes = verb == "DESCRIBE" || verb == "DESC";
        if (last == "FROM" || last == "INTO" || (last == "UPDATE" && m_c.size() == 1) || last == "TRUNCATE" ||
            ((last == "TABLE" || last == "VIEW") && verb != "CREATE") ||
            (last == "ON" && (verb == "CREATE" || verb == "GRANT" || verb == "REVOKE"))) {
            if (verb == "GRANT" || verb == "REVOKE") {
                add({"ALL KEYSPACES", "KEYSPACE", "TABLE", "ALL ROLES", "ROLE", "ALL FUNCTIONS"});
            }
            tables(m_used);
            keyspaces(".");
        } else if (verb == "USE" || (last == "KEYSPACE" && verb != "CREATE")) {
            keyspaces({});
        } else if (last == "TYPE" && verb != "CREATE" && m_c.size() == 2) {
            userTypes();
        } else if (describes && m_c.size() == 1) {
            add({"KEYSPACES", "KEYSPACE", "TABLES", "TABLE", "SCHEMA", "FULL SCHEMA", "CLUSTER", "TYPES", "TYPE", "INDEX",
                 "MATERIALIZED VIEW", "FUNCTIONS", "FUNCTION", "AGGREGATES", "AGGREGATE"});
            tables(m_used);
            keyspaces({});
        } else {
            return describes;
        }
        return true;
    }

    void statement() {
        const std::string_view verb = m_c.word(0);
        if (verb == "SELECT") {
            select();
        } else if (verb == "INSERT") {
            insert();
        } else if (verb == "UPDATE") {
            update();
        } else if (verb == "DELETE") {
            if (m_c.has("WHERE")) {
                where({"AND", "IF", "IF EXISTS"});
            } else {
                m_c.has("FROM") ? add({"WHERE", "USING TIMESTAMP"}) : add({"FROM"});
                columnsAnywhere();
            }
        } else if (verb == "CREATE" || verb == "ALTER" || verb == "DROP") {
            schema();
        } else if (verb == "BEGIN") {
            batch();
        } else if (verb == "GRANT" || verb == "REVOKE") {
            m_c.size() == 1 ? add(kPermissions) : add({"ON", "TO", "FROM", "PERMISSION"});
        } else if (verb == "LIST") {
            add({"ROLES", "USERS", "ALL PERMISSIONS", "OF", "NORECURSIVE", "ON"});
        }
    }

    void select() {
        if (!m_c.has("FROM")) {
            columnsAhead();
            add({"*", "FROM", "AS", "JSON", "DISTINCT"});
            add(kSelectors);
            userFunctions();
        } else if (m_c.last() == "BY") {
            columnsAnywhere();
        } else if (m_c.last(1) == "BY") {
            add({"ASC", "DESC", "ANN OF", "LIMIT", "ALLOW FILTERING"});
        } else if (m_c.has("WHERE") && !m_c.has("LIMIT") && !m_c.has("ORDER") && !m_c.has("ALLOW")) {
            where({"AND", "ORDER BY", "LIMIT", "PER PARTITION LIMIT", "GROUP BY", "ALLOW FILTERING"});
        } else {
            add({"WHERE", "LIMIT", "PER PARTITION LIMIT", "ORDER BY", "GROUP BY", "ALLOW FILTERING"});
        }
    }

    void insert() {
        if (m_c.has("JSON")) {
            add({"DEFAULT UNSET", "DEFAULT NULL", "IF NOT EXISTS", "USING TTL", "USING TIMESTAMP"});
        } else if (!m_c.has("VALUES")) {
            m_c.depth() > 0 ? columnsAnywhere() : add({"VALUES (", "JSON"});
        } else if (m_c.depth() > 0) {
            add(kValues);
            userFunctions();
        } else {
            add({"IF NOT EXISTS", "USING TTL", "USING TIMESTAMP", "AND TIMESTAMP"});
        }
    }

    void update() {
        if (m_c.has("WHERE")) {
            where({"AND", "IF", "IF EXISTS"});
        } else if (!m_c.has("SET")) {
            add({"SET", "USING TTL", "USING TIMESTAMP", "AND"});
        } else if (m_c.afterOperator()) {
            values(m_c.lastName(1));
        } else if (m_c.last() == "SET" || m_c.last() == ",") {
            columnsAnywhere();
        } else {
            add({"WHERE", "="});
        }
    }

    void where(const Words& after) {
        const std::string_view last = m_c.last();
        if (last == "WHERE" || last == "AND" || last == "IF") {
            columnsAnywhere();
            add({"token("});
        } else if (m_c.afterOperator()) {
            values(m_c.lastName(1));
        } else if (const ColumnName* column = columnNamed(m_c.lastName())) {
            operators(*column);
        } else {
            add(after);
        }
    }

    void operators(const ColumnName& column) {
        const bool map = column.type.find("map<") != std::string::npos;
        if (map || column.type.find("list<") != std::string::npos || column.type.find("set<") != std::string::npos) {
            add({"CONTAINS"});
            if (map) {
                add({"CONTAINS KEY"});
            }
        }
        add({"=", "IN (", ">", ">=", "<", "<=", "IS NOT NULL"});
        if (column.type == "text" || column.type == "ascii") {
            add({"LIKE"});
        }
    }

    void values(const std::string& of) {
        const ColumnName* column = columnNamed(of);
        const std::string_view type = column != nullptr ? std::string_view(column->type) : std::string_view();
        if (type == "boolean") {
            add({"true", "false"});
        } else if (type == "uuid") {
            add({"uuid()"});
        } else if (type == "timeuuid") {
            add({"now()", "min_timeuuid(", "max_timeuuid("});
        } else if (type == "timestamp" || type == "date") {
            add({"to_timestamp(now())", "to_date(now())", "current_timestamp()", "current_date()"});
        } else if (type.empty()) {
            add(kValues);
        }
        userFunctions();
    }

    void batch() {
        const std::string_view last = m_c.last();
        if (last == "BEGIN") {
            add({"BATCH", "UNLOGGED BATCH", "COUNTER BATCH"});
            return;
        }
        add({"INSERT INTO", "UPDATE", "DELETE FROM", "APPLY BATCH", "USING TIMESTAMP", "VALUES (", "SET", "WHERE", "AND"});
        columnsAnywhere();
    }

    void schema() {
        const std::string_view kind = m_c.word(1);
        if (m_c.size() == 1) {
            add({"TABLE", "KEYSPACE", "TYPE", "INDEX", "MATERIALIZED VIEW", "FUNCTION", "AGGREGATE", "ROLE", "USER",
                 "CUSTOM INDEX", "OR REPLACE FUNCTION", "TRIGGER"});
        } else if (m_c.last() == "=") {
            add(valuesOf(m_c.last(1)));
        } else if (kind == "KEYSPACE") {
            keyspaceOptions();
        } else if (kind == "INDEX" || kind == "CUSTOM") {
            m_c.depth() > 0 ? columnsOfTarget()
                            : add({"ON", "USING 'StorageAttachedIndex'", "USING 'sai'", "USING 'legacy_local_table'",
                                   "WITH OPTIONS = {", "IF NOT EXISTS"});
        } else if (kind == "FUNCTION" || m_c.has("FUNCTION")) {
            add({"RETURNS NULL ON NULL INPUT", "CALLED ON NULL INPUT", "RETURNS", "LANGUAGE java AS $$", "IF NOT EXISTS"});
            types();
        } else if (kind == "AGGREGATE" || m_c.has("AGGREGATE")) {
            add({"SFUNC", "STYPE", "FINALFUNC", "INITCOND"});
            types();
            userFunctions();
        } else if (kind == "MATERIALIZED") {
            add({"AS SELECT", "FROM", "WHERE", "IS NOT NULL", "AND", "PRIMARY KEY (", "WITH", "CLUSTERING ORDER BY ("});
            columnsAnywhere();
        } else if (kind == "ROLE" || kind == "USER") {
            add({"WITH PASSWORD =", "AND LOGIN = true", "AND SUPERUSER = true", "IF NOT EXISTS", "IF EXISTS"});
        } else {
            tableParts();
        }
    }

    void keyspaceOptions() {
        if (m_c.last() == "WITH") {
            add({"replication ="});
            return;
        }
        for (const std::string_view replication : kReplications) {
            add("WITH replication = " + std::string(replication), {});
        }
        add({"AND durable_writes = true", "IF NOT EXISTS", "IF EXISTS"});
    }

    void tableParts() {
        if (m_c.last() == "WITH" || (m_c.last() == "AND" && m_c.has("WITH"))) {
            add({"CLUSTERING ORDER BY ("});
            add(kTableOptions);
        } else if (m_c.word(0) == "ALTER" && (m_c.last() == "DROP" || m_c.last() == "RENAME")) {
            columnsOfTarget();
        } else if (m_c.word(0) == "ALTER") {
            add({"ADD", "DROP", "RENAME", "WITH", "TO", "IF NOT EXISTS", "IF EXISTS"});
            types();
        } else if (m_c.depth() > 0 && m_c.word(0) == "CREATE") {
            types();
            add({"PRIMARY KEY", "STATIC"});
        } else if (m_c.word(0) == "CREATE") {
            add({"WITH", "AND", "IF NOT EXISTS"});
        } else {
            add({"IF EXISTS"});
        }
    }

    void types() {
        add(kTypes);
        userTypes();
    }

    // ---- Names ----

    void userTypes() {
        if (const auto found = m_names.keyspaces.find(m_used); found != m_names.keyspaces.end()) {
            for (const std::string& type : found->second.types) {
                addName(type, "type");
            }
        }
    }
    void userFunctions() {
        if (const auto found = m_names.keyspaces.find(m_used); found != m_names.keyspaces.end()) {
            for (const std::string& function : found->second.functions) {
                add(syntax::maybeQuote(function) + '(', "function");
            }
        }
    }
    /// Yours first, the system's after them.
    void keyspaces(std::string_view suffix) {
        for (const bool ofSystem : {false, true}) {
            for (const auto& [name, inside] : m_names.keyspaces) {
                if (name.starts_with("system") == ofSystem) {
                    add(syntax::maybeQuote(name) + std::string(suffix), "keyspace");
                }
            }
        }
    }
    void tables(std::string_view keyspace) {
        if (const auto found = m_names.keyspaces.find(keyspace); found != m_names.keyspaces.end()) {
            for (const auto& [name, columns] : found->second.tables) {
                addName(name, "table");
            }
        }
    }
    void inKeyspace(const std::string& keyspace) {
        tables(keyspace);
        if (const auto found = m_names.keyspaces.find(keyspace); found != m_names.keyspaces.end()) {
            for (const std::string& function : found->second.functions) {
                add(syntax::maybeQuote(function) + '(', "function");
            }
        }
    }

    /// The columns of the table whose name begins at word `i`.
    const std::vector<ColumnName>* columnsAt(std::size_t i) const {
        const bool qualified = m_c.word(i + 1) == ".";
        return qualified ? m_names.columnsOf(m_c.name(i), m_c.name(i + 2), m_used)
                         : m_names.columnsOf({}, m_c.name(i), m_used);
    }
    const std::vector<ColumnName>* columnsOfStatement() const {
        for (const std::string_view before : {"FROM", "INTO", "UPDATE"}) {
            if (m_c.has(before)) {
                return columnsAt(m_c.find(before) + 1);
            }
        }
        return nullptr;
    }
    const ColumnName* columnNamed(const std::string& name) const {
        if (const auto* columns = columnsOfStatement()) {
            const auto at = std::find_if(columns->begin(), columns->end(), [&](const ColumnName& c) { return c.name == name; });
            return at == columns->end() ? nullptr : &*at;
        }
        return nullptr;
    }
    void columns(const std::vector<ColumnName>* all) {
        if (all == nullptr) {
            return;
        }
        for (const ColumnName& column : *all) {
            std::string kind = column.kind == "regular" ? std::string() : ", " + column.kind;
            std::replace(kind.begin(), kind.end(), '_', ' ');
            addName(column.name, column.type + kind);
        }
    }
    void columns(std::size_t tableAt) { columns(columnsAt(tableAt)); }
    void columnsAnywhere() { columns(columnsOfStatement()); }
    /// Before FROM is written the table is not known: every column of the keyspace in use may be meant.
    void columnsAhead() {
        if (const auto found = m_names.keyspaces.find(m_used); found != m_names.keyspaces.end() && !m_c.typed().empty()) {
            for (const auto& [table, all] : found->second.tables) {
                for (const ColumnName& column : all) {
                    addName(column.name, column.type + " of " + table);
                }
            }
        }
    }
    void columnsOfTarget() {
        const std::size_t at = m_c.has("ON") ? m_c.find("ON") + 1 : 2;
        columns(at);
    }

    // ---- What fits ----

    void addName(const std::string& name, std::string note) { add(syntax::maybeQuote(name), std::move(note)); }
    void add(std::string text, std::string note) {
        const std::string& typed = m_c.typed();
        const bool fits = text.size() > typed.size() && lowerCase(std::string_view(text).substr(0, typed.size())) == lowerCase(typed);
        if (fits && m_seen.insert(text).second) {
            m_out.push_back({std::move(text), std::move(note)});
        }
    }
    void add(const Words& words) {
        for (const std::string_view word : words) {
            add(std::string(word), {});
        }
    }

    const Context& m_c;
    const Names& m_names;
    const std::string_view m_used;
    std::vector<Candidate> m_out;
    std::set<std::string> m_seen;
};

}  // namespace

const std::vector<std::string_view>& shellVerbs() {
    static const std::vector<std::string_view> verbs{
        "CONSISTENCY", "SERIAL", "TRACING", "PAGING", "EXPAND", "SHOW",    "SOURCE", "CAPTURE", "COPY",
        "LOGIN",       "HELP",   "HISTORY", "CLEAR",  "CLS",    "UNICODE", "EXIT",   "QUIT"};
    return verbs;
}

const std::vector<std::string_view>& lineVerbs() {
    static const std::vector<std::string_view> verbs = [] {
        std::vector<std::string_view> all = shellVerbs();
        std::erase(all, "COPY");
        all.insert(all.end(), {"DESCRIBE", "DESC"});
        return all;
    }();
    return verbs;
}

Completion complete(std::string_view before, const Names& names, std::string_view used) {
    const Context context(before, lineVerbs());
    return {Completer(context, names, used).run(), context.typed()};
}

}  // namespace engine::cql::assist
