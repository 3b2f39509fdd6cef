#include "app/console/help_topics.h"

#include <algorithm>

namespace app::console {

namespace {

std::vector<HelpTopic> written() {
    std::vector<HelpTopic> topics = {
        {"SELECT",
         "SELECT [DISTINCT] * | column [AS name], ... | JSON ...\nFROM [keyspace.]table\n[WHERE column = value AND ...]\n[GROUP BY column, ...]\n"
         "[ORDER BY column [ASC|DESC] | column ANN OF [vector]]\n[PER PARTITION LIMIT n] [LIMIT n] [ALLOW FILTERING]",
         "Reads rows. With the whole partition key one set of replicas is asked; without it every node is. Within a partition rows "
         "come in the order of their clustering columns. Columns outside the key need an index or ALLOW FILTERING, which reads and "
         "throws away."},
        {"INSERT",
         "INSERT INTO [keyspace.]table (column, ...) VALUES (value, ...)\n[IF NOT EXISTS] [USING TTL seconds AND TIMESTAMP micros]\n\n"
         "INSERT INTO table JSON '{...}' [DEFAULT NULL | DEFAULT UNSET]",
         "Writes a row without reading it: a row that is there is written over, column by column, and the newest timestamp wins. "
         "null deletes a column and leaves a tombstone. IF NOT EXISTS asks a quorum first, by Paxos."},
        {"UPDATE",
         "UPDATE [keyspace.]table [USING TTL seconds AND TIMESTAMP micros]\nSET column = value, list = list + [value], map['key'] = value, "
         "counter = counter + 1, ...\nWHERE key = value AND ...\n[IF EXISTS | IF column = value AND ...]",
         "Writes columns of a row; a row that is not there comes into being. The whole primary key has to be given. IF makes it a "
         "lightweight transaction, whose answer has the column [applied]."},
        {"DELETE",
         "DELETE [column, map['key'], ...] FROM [keyspace.]table\n[USING TIMESTAMP micros] WHERE key = value AND ...\n[IF EXISTS | IF ...]",
         "Writes a tombstone over columns, a row, a range of rows or a partition. The data goes when compaction finds the tombstone "
         "older than gc_grace_seconds."},
        {"BATCH",
         "BEGIN [UNLOGGED | COUNTER] BATCH [USING TIMESTAMP micros]\n  INSERT ...; UPDATE ...; DELETE ...;\nAPPLY BATCH",
         "Several writes that all happen in the end. In one partition they are one write. Over several a logged batch is first kept "
         "in the batch log of two nodes, which costs; it is not there to make writing faster."},
        {"TRUNCATE", "TRUNCATE [TABLE] [keyspace.]table",
         "Removes all rows of a table at once, on every node; every node has to be up. A snapshot is taken first where auto_snapshot "
         "is on."},
        {"USE", "USE keyspace", "Names without a keyspace mean this one, in this sheet, from now on."},
        {"CREATE KEYSPACE",
         "CREATE KEYSPACE [IF NOT EXISTS] name\nWITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}\n"
         "[AND durable_writes = true]",
         "A keyspace says how many copies of its rows there are, in each datacenter. SimpleStrategy with replication_factor takes no "
         "notice of racks and datacenters."},
        {"ALTER KEYSPACE", "ALTER KEYSPACE [IF EXISTS] name WITH replication = {...} [AND durable_writes = ...]",
         "Changes the copies. The data is not moved by it: run a repair after more copies, a cleanup after fewer."},
        {"CREATE TABLE",
         "CREATE TABLE [IF NOT EXISTS] [keyspace.]name (\n  column type [STATIC] [PRIMARY KEY], ...,\n"
         "  PRIMARY KEY ((partition, ...), clustering, ...))\n[WITH CLUSTERING ORDER BY (column DESC, ...) AND option = value AND ...]",
         "The partition key decides on which nodes a row lies; the clustering columns order rows within the partition. A table is "
         "made for the queries it answers. Options: compaction, compression, gc_grace_seconds, default_time_to_live, comment, "
         "caching, speculative_retry and others; DESCRIBE TABLE shows them all."},
        {"ALTER TABLE",
         "ALTER TABLE [IF EXISTS] [keyspace.]name\n  ADD [IF NOT EXISTS] column type, ... | DROP [IF EXISTS] column, ...\n"
         "  | RENAME [IF EXISTS] column TO other | WITH option = value AND ...",
         "Adds and drops columns at once, without writing the rows anew. The primary key stays as it is; only its columns can be "
         "renamed."},
        {"DROP",
         "DROP KEYSPACE | TABLE | TYPE | INDEX | MATERIALIZED VIEW | FUNCTION | AGGREGATE | ROLE [IF EXISTS] name",
         "Removes it and what it holds. Tables and keyspaces leave a snapshot where auto_snapshot is on."},
        {"CREATE INDEX",
         "CREATE [CUSTOM] INDEX [IF NOT EXISTS] [name] ON [keyspace.]table (column | KEYS(map) | VALUES(map) | ENTRIES(map) | "
         "FULL(frozen))\n[USING 'sai'] [WITH OPTIONS = {...}]",
         "Lets WHERE ask for a column outside the key. Every node indexes its own rows, so that a query without a partition key asks "
         "many nodes. USING 'sai' is the newer kind, which also answers ranges, AND and vectors (ANN OF)."},
        {"CREATE TYPE", "CREATE TYPE [IF NOT EXISTS] [keyspace.]name (field type, ...)",
         "A type of one's own: several named fields in one column. frozen<name> is written and read as one value."},
        {"ALTER TYPE", "ALTER TYPE [IF EXISTS] name ADD [IF NOT EXISTS] field type | RENAME field TO other",
         "Adds a field at the end, or renames one."},
        {"CREATE MATERIALIZED VIEW",
         "CREATE MATERIALIZED VIEW [IF NOT EXISTS] name AS\nSELECT column, ... FROM table\n"
         "WHERE key IS NOT NULL AND ... PRIMARY KEY ((...), ...)\n[WITH ...]",
         "A table that follows another under another key. Each write to the base reads it first. Off unless "
         "materialized_views_enabled is set; Cassandra calls views experimental."},
        {"CREATE FUNCTION",
         "CREATE [OR REPLACE] FUNCTION [IF NOT EXISTS] name (argument type, ...)\n(CALLED | RETURNS NULL) ON NULL INPUT RETURNS type\n"
         "LANGUAGE java AS $$ return ...; $$",
         "A function of one's own, which the coordinator runs. Off unless user_defined_functions_enabled is set."},
        {"CREATE AGGREGATE",
         "CREATE [OR REPLACE] AGGREGATE [IF NOT EXISTS] name (type, ...)\nSFUNC function STYPE type [FINALFUNC function] [INITCOND value]",
         "Many rows to one value: SFUNC is called with the state and each row's value."},
        {"CREATE ROLE",
         "CREATE ROLE [IF NOT EXISTS] name\nWITH PASSWORD = '...' AND LOGIN = true AND SUPERUSER = false AND OPTIONS = {...}\n"
         "[AND ACCESS TO DATACENTERS {'datacenter1'}]",
         "Who may come in, or a group of those who may. Needs an authenticator that asks for passwords. ALTER ROLE changes, "
         "DROP ROLE removes it."},
        {"GRANT", "GRANT ALL | permission ON resource TO role\nGRANT role TO other",
         "Permissions: CREATE, ALTER, DROP, SELECT, MODIFY, AUTHORIZE, DESCRIBE, EXECUTE. Resources: ALL KEYSPACES, KEYSPACE name, "
         "TABLE name, ALL ROLES, ROLE name, ALL FUNCTIONS. REVOKE ... FROM takes it back."},
        {"LIST", "LIST ROLES [OF role] [NORECURSIVE]\nLIST ALL | permission [ON resource] [OF role]",
         "Which roles there are, and what they may."},
        {"DESCRIBE",
         "DESCRIBE CLUSTER | SCHEMA | FULL SCHEMA | KEYSPACES | TABLES | TYPES | FUNCTIONS | AGGREGATES\n"
         "DESCRIBE KEYSPACE | TABLE | TYPE | INDEX | MATERIALIZED VIEW | FUNCTION name [WITH INTERNALS]\nDESC ...",
         "What there is, as the statements that make it."},
        {"TYPES",
         "ascii, bigint, blob, boolean, counter, date, decimal, double, duration, float, inet, int, smallint,\n"
         "text, time, timestamp, timeuuid, tinyint, uuid, varchar, varint\n"
         "list<type>, set<type>, map<key, value>, tuple<type, ...>, vector<type, n>, frozen<type>",
         "Literals: 'text', 5, 3.5, true, 0xcafe, 123e4567-e89b-12d3-a456-426614174000, '2024-02-29', 1h30m, [a, b], {a, b}, "
         "{'k': v}, (a, b)."},
        {"CONSISTENCY", "CONSISTENCY [ANY | ONE | TWO | THREE | QUORUM | ALL | LOCAL_QUORUM | EACH_QUORUM | LOCAL_ONE]",
         "How many replicas have to answer. Two levels that overlap (QUORUM and QUORUM, ONE and ALL) read what was written."},
        {"SERIAL CONSISTENCY", "SERIAL CONSISTENCY [SERIAL | LOCAL_SERIAL]",
         "How many replicas agree on a lightweight transaction: a quorum of all, or of this datacenter."},
        {"TRACING", "TRACING [ON | OFF]", "With each statement comes what every node did for it, and when."},
        {"PAGING", "PAGING [ON | OFF | rows]", "How many rows come at once."},
        {"EXPAND", "EXPAND [ON | OFF]", "Results upright: a line for each column."},
        {"SHOW", "SHOW VERSION | HOST | SESSION id | REPLICAS token [keyspace]",
         "What the coordinator runs; which one it is; the trace of an earlier request; who keeps a token."},
        {"SOURCE", "SOURCE 'file.cql'", "Runs the statements of a file. Open (Ctrl+O) brings them into a sheet instead."},
        {"CAPTURE", "CAPTURE 'file' | OFF", "Writes results to the end of a file as well."},
        {"COPY",
         "COPY table [(column, ...)] TO | FROM 'file.csv'\n[WITH HEADER = true AND DELIMITER = ',' AND NULL = '' AND ...]",
         "Rows to a file of separated values, and back. Options: QUOTE, ESCAPE, DATETIMEFORMAT, DECIMALSEP, THOUSANDSSEP, BOOLSTYLE, "
         "PAGESIZE, BEGINTOKEN, ENDTOKEN, FLOATPRECISION, DOUBLEPRECISION; of FROM also MAXROWS, SKIPROWS, SKIPCOLS, MAXPARSEERRORS, "
         "MAXINSERTERRORS, ERRFILE, TTL."},
        {"LOGIN", "LOGIN user 'password'", "Statements from now on are this user's, where a node asks who comes."},
        {"HISTORY", "HISTORY", "All statements run before, to search in and to take again."},
        {"CLEAR", "CLEAR", "Takes the results off the sheet. The text stays."},
        {"HELP", "HELP [topic ...]", "The topics, or what a statement looks like and does."},
    };
    std::sort(topics.begin(), topics.end(), [](const HelpTopic& a, const HelpTopic& b) { return a.name < b.name; });
    return topics;
}

/// What people type for it.
QString meant(const QString& words) {
    const QString name = words.simplified().toUpper();
    return name == "DESC" ? QString("DESCRIBE") : name == "CLS" ? QString("CLEAR") : name == "SERIAL" ? QString("SERIAL CONSISTENCY")
         : name == "BEGIN" || name == "APPLY" || name == "BEGIN BATCH" ? QString("BATCH") : name == "REVOKE" ? QString("GRANT") : name;
}

}  // namespace

const std::vector<HelpTopic>& helpTopics() {
    static const std::vector<HelpTopic> topics = written();
    return topics;
}

std::vector<const HelpTopic*> helpOn(const QString& words) {
    const QString name = meant(words);
    std::vector<const HelpTopic*> found;
    for (const HelpTopic& topic : helpTopics()) {
        if (topic.name == name) {
            return {&topic};
        }
        if (topic.name.startsWith(name + ' ') || (topic.name == "DROP" && name.startsWith("DROP "))) {
            found.push_back(&topic);
        }
    }
    return found;
}

}  // namespace app::console
