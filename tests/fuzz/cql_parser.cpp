#include "engine/cql/syntax/parser.h"
#include "fuzz_entry.h"

namespace fuzz {

using engine::Bytes;
using engine::BytesView;

namespace {

void run(BytesView input) {
    namespace syntax = engine::cql::syntax;
    (void)syntax::parse(input);
    (void)syntax::parseWhere(input);
    (void)syntax::parseTerm(input);
    (void)syntax::parseType(input);
}

std::vector<Bytes> seeds() {
    return {
        "SELECT k, max(v), ttl(w) AS t FROM ks.t WHERE k IN (1, 2) AND (c, d) > (1, 'a') GROUP BY k "
        "ORDER BY c DESC PER PARTITION LIMIT 2 LIMIT ? ALLOW FILTERING;",
        "INSERT INTO t (k, s, m, l, u) VALUES (0x00ff, {'a', 'b'}, {1: 2.5e-3}, [null, -1], {f: $$it's$$}) "
        "IF NOT EXISTS USING TTL 10 AND TIMESTAMP 5",
        "UPDATE t USING TTL :ttl SET v = v + 1, m['k'] = ?, l[2] = 'x' WHERE k = 1 IF v = 3 AND w IN (1, 2)",
        "DELETE m['a'], v FROM t USING TIMESTAMP 1 WHERE k = 2f6b3b0c-8d3e-4c1a-9d9e-0123456789ab AND c >= 1mo2d",
        "BEGIN UNLOGGED BATCH INSERT INTO t JSON '{\"k\": 1}'; DELETE FROM t WHERE k = 1 APPLY BATCH",
        "CREATE TABLE IF NOT EXISTS ks.\"T\" (k int, c timeuuid, s text STATIC, v frozen<map<text, list<int>>>, "
        "PRIMARY KEY ((k), c)) WITH CLUSTERING ORDER BY (c DESC) AND compaction = {'class': 'X'}",
        "CREATE KEYSPACE k WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3} "
        "AND durable_writes = false -- comment\n",
        "ALTER TABLE t ADD (a vector<float, 3>, b 'org.example.Type'); /* end */",
        "GRANT SELECT PERMISSION ON TABLE t TO role",
    };
}

}  // namespace

const Entry kCqlParser{"cql_parser", run, seeds, 200'000};

}  // namespace fuzz
