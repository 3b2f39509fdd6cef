#!/usr/bin/env python3
"""Records tests/engine/storage/samples from a real Apache Cassandra: small SSTables of every kind of type, row
and deletion, each with what sstabledump and sstablemetadata print of it.

    record_samples.py          needs a node of tests/oracle/oracle.py to be up (RINGSIDE_ORACLE_NET as there)

Each table becomes a folder with the files of one SSTable, `dump.json` (or its MD5), `metadata.txt`, the second it
was recorded in, and `schema.cql`.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ORACLE = HERE.parents[1] / "oracle/oracle.py"
SAMPLES = HERE / "samples"
NET = os.environ.get("RINGSIDE_ORACLE_NET", "127.0.0")
HOME = pathlib.Path(os.environ.get("RINGSIDE_ORACLE", pathlib.Path.home() / ".cache/ringside-oracle"))
KEYSPACE = "samples"
DUMP_MAX = 40_000  # Of longer ones only the MD5 is kept.

TYPES = """CREATE TYPE {ks}.address (street text, zip int, tags frozen<set<text>>);"""

T = 1700000000000000  # Timestamps begin here.


def using(n, ttl=None):
    return f"USING TIMESTAMP {T + n}" + (f" AND TTL {ttl}" if ttl else "")


def all_types():
    columns = ("a ascii, b bigint, c blob, d boolean, e date, f decimal, g double, h duration, i float, j inet, "
               "k int, l smallint, m text, n time, o timestamp, p timeuuid, q tinyint, r uuid, s varint, "
               "t list<int>, u set<text>, v map<text, int>, w frozen<list<int>>, x frozen<map<int, text>>, "
               "y tuple<int, text>, z address, aa frozen<address>, ab vector<float, 3>, ac vector<text, 2>, "
               "ad frozen<set<uuid>>, ae frozen<tuple<int, frozen<list<text>>>>, st text static")
    yield f"CREATE TABLE {{table}} (pk int, ck int, {columns}, PRIMARY KEY (pk, ck)) {{options}}"
    values = ("'ascii', -5, 0xdeadbeef, true, '2020-01-02', -12.345, 1.5, 1mo2d3ns, 2.5, '127.0.0.1', 100, -2, 'téxt', "
              "'01:02:03.000000004', '2020-01-01 00:00:00+0000', 50554d6e-29bb-11e5-b345-feff819cdc9f, -1, "
              "62c36092-82a1-3a00-93d1-46196ee77204, -129, [3, 1, 2], {{'x', 'y'}}, {{'one': 1, 'two': 2}}, [3, 4], "
              "{{1: 'a', 2: 'b'}}, (1, 't'), {{street: 'Elm', zip: 9, tags: {{'q'}}}}, {{zip: 9}}, [1, 2, 3.5], "
              "['a', 'bcd'], {{62c36092-82a1-3a00-93d1-46196ee77204}}, (7, ['u', 'v']), 'static'")
    names = ", ".join(c.strip().split(" ")[0] for c in columns.replace("<", " <").split(",") if " " in c.strip()
                      and not c.strip().startswith(("text", "int", "2>", "3>", "frozen")))
    yield f"INSERT INTO {{table}} (pk, ck, {names}) VALUES (1, 1, {values}) {using(1)}"
    yield f"INSERT INTO {{table}} (pk, ck, m, c, t) VALUES (1, 2, '', 0x, []) {using(2)}"
    yield f"UPDATE {{table}} {using(3)} SET k = 5, u = u + {{{{'added'}}}}, v['three'] = 3, z.zip = 5 WHERE pk = 2 AND ck = 1"
    yield f"DELETE v['one'], z.street, m FROM {{table}} {using(4)} WHERE pk = 2 AND ck = 1"
    yield f"UPDATE {{table}} {using(5)} SET t = [9] + t WHERE pk = 2 AND ck = 2"
    yield f"INSERT INTO {{table}} (pk, ck) VALUES (3, 3) {using(6)}"


def deletions():
    yield ("CREATE TABLE {table} (pk int, a int, b text, v int, w text, s int static, PRIMARY KEY (pk, a, b)) "
           "{options}")
    for a in range(6):
        for b in "xyz":
            yield f"INSERT INTO {{table}} (pk, a, b, v, w) VALUES (1, {a}, '{b}', {a}, 'w') {using(10)}"
    yield f"DELETE FROM {{table}} {using(20)} WHERE pk = 1 AND a = 1"
    yield f"DELETE FROM {{table}} {using(20)} WHERE pk = 1 AND a = 2 AND b >= 'y'"
    yield f"DELETE FROM {{table}} {using(30)} WHERE pk = 1 AND a = 2 AND b > 'y' AND b < 'zz'"
    yield f"DELETE FROM {{table}} {using(20)} WHERE pk = 1 AND a = 3 AND b = 'x'"
    yield f"DELETE v FROM {{table}} {using(20)} WHERE pk = 1 AND a = 3 AND b = 'y'"
    yield f"DELETE FROM {{table}} {using(20)} WHERE pk = 1 AND a > 4"
    yield f"INSERT INTO {{table}} (pk, a, b, v) VALUES (1, 5, 'y', 9) {using(40)}"
    yield f"DELETE FROM {{table}} {using(20)} WHERE pk = 2"
    yield f"INSERT INTO {{table}} (pk, a, b, v) VALUES (2, 1, 'x', 1) {using(30)}"
    yield f"UPDATE {{table}} {using(10)} SET s = 3 WHERE pk = 3"
    yield f"DELETE s FROM {{table}} {using(11)} WHERE pk = 4"
    yield f"INSERT INTO {{table}} (pk, a, b, v, w) VALUES (5, 1, 'x', 1, 'soon') {using(12, 864000)}"
    yield f"UPDATE {{table}} {using(13, 1000)} SET w = 'sooner' WHERE pk = 5 AND a = 1 AND b = 'x'"
    yield f"UPDATE {{table}} {using(13, 2000)} SET v = 2 WHERE pk = 5 AND a = 1 AND b = 'y'"


def reversed_composite():
    yield ("CREATE TABLE {table} (k1 int, k2 text, a int, b timeuuid, c text, v blob, PRIMARY KEY ((k1, k2), a, b, c)) "
           "WITH CLUSTERING ORDER BY (a DESC, b ASC, c DESC) {and_options}")
    for a in range(4):
        for c in ("", "m", "n"):
            yield (f"INSERT INTO {{table}} (k1, k2, a, b, c, v) VALUES (1, 'ab', {a}, "
                   f"50554d6e-29bb-11e5-b345-feff819cdc9f, '{c}', 0x0{a}) {using(1)}")
    yield f"DELETE FROM {{table}} {using(5)} WHERE k1 = 1 AND k2 = 'ab' AND a < 2"
    yield f"INSERT INTO {{table}} (k1, k2, a, b, c, v) VALUES (2, '', 1, 50554d6e-29bb-11e5-b345-feff819cdc9f, 'x', 0x) {using(1)}"


def counters():
    yield "CREATE TABLE {table} (pk text, ck int, hits counter, miss counter, PRIMARY KEY (pk, ck)) {options}"
    for i in range(3):
        yield f"UPDATE {{table}} SET hits = hits + {i + 1} WHERE pk = 'p' AND ck = {i}"
    yield "UPDATE {table} SET hits = hits + 40, miss = miss - 2 WHERE pk = 'p' AND ck = 1"
    yield "DELETE miss FROM {table} WHERE pk = 'p' AND ck = 1"


def wide():
    yield "CREATE TABLE {table} (pk int, ck int, v text, s text static, PRIMARY KEY (pk, ck)) {options}"
    yield f"INSERT INTO {{table}} (pk, s) VALUES (1, 'static') {using(1)}"
    for ck in range(60):
        yield f"INSERT INTO {{table}} (pk, ck, v) VALUES (1, {ck}, '{chr(97 + ck % 26) * 5000}') {using(2)}"
    yield f"DELETE FROM {{table}} {using(1)} WHERE pk = 1"
    yield f"DELETE FROM {{table}} {using(3)} WHERE pk = 1 AND ck > 5 AND ck < 30"


def many():
    yield "CREATE TABLE {table} (pk int PRIMARY KEY, v text) {options}"
    for pk in range(140):
        yield f"INSERT INTO {{table}} (pk, v) VALUES ({pk}, 'value {pk}') {using(pk)}"


def many_columns():
    names = [f"c{i:02}" for i in range(70)]
    yield ("CREATE TABLE {table} (pk int, ck int, " + ", ".join(f"{n} int" for n in names) +
           ", PRIMARY KEY (pk, ck)) {options}")
    for ck, chosen in enumerate((names, [names[0], names[5], names[69]], names[:3] + names[4:66] + names[67:],
                                 names[:34], names[:35])):
        yield (f"INSERT INTO {{table}} (pk, ck, {', '.join(chosen)}) VALUES (1, {ck}, "
               f"{', '.join('1' for _ in chosen)}) {using(1)}")


def dropped():
    yield "CREATE TABLE {table} (pk int PRIMARY KEY, a int, gone text, m map<int, text>) {options}"
    yield f"INSERT INTO {{table}} (pk, a, gone, m) VALUES (1, 1, 'gone', {{{{1: 'x'}}}}) {using(1)}"
    yield "-- flush"
    yield "ALTER TABLE {table} DROP gone"


NONE = "{'enabled': 'false'}"
LZ4 = "{'class': 'LZ4Compressor'}"
TABLES = {
    "all_types_none": (all_types, NONE), "all_types_lz4": (all_types, LZ4),
    "all_types_zstd": (all_types, "{'class': 'ZstdCompressor'}", True),
    "all_types_snappy": (all_types, "{'class': 'SnappyCompressor', 'chunk_length_in_kb': 4}"),
    "all_types_deflate": (all_types, "{'class': 'DeflateCompressor'}", True),
    "deletions_none": (deletions, NONE), "deletions_lz4": (deletions, LZ4),
    "reversed_composite": (reversed_composite, LZ4), "counters": (counters, LZ4), "wide": (wide, LZ4), "wide_compacted": (wide, LZ4, True),
    "many": (many, LZ4), "many_columns": (many_columns, NONE), "dropped": (dropped, LZ4),
    "few_chunks": (many, "{'class': 'LZ4Compressor', 'chunk_length_in_kb': 4, 'min_compress_ratio': 8}"),
}


def oracle(*words, text=None):
    done = subprocess.run([sys.executable, ORACLE, *words], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stderr or done.stdout}")
    return done.stdout


def cql(text):
    return oracle("cqlsh", "-e", text) if len(text) < 60000 else oracle("cqlsh", text=text)


def statements(maker, table, compression):
    name = f"{KEYSPACE}.{table}"
    out = []
    for statement in maker():
        if statement == "-- flush":
            out.append(statement)
            continue
        out.append(statement.format(table=name, options=f"WITH compression = {compression}",
                                    and_options=f"AND compression = {compression}") + ";")
    return out


def data_folder(table):
    data = HOME / NET / "node1/data"
    found = sorted(data.glob(f"**/{KEYSPACE}/{table}-*"), key=lambda path: path.stat().st_mtime)
    if not found:
        sys.exit(f"{table}: no folder below {data}")
    return found[-1]  # Those of tables that were dropped stay.


def clean(text):
    return "\n".join(line for line in text.splitlines()
                     if not line.startswith(("WARN", "INFO", "OpenJDK", "SLF4J"))) + "\n"


def metadata(path):
    """What sstablemetadata prints, but for the file's path and what depends on the time."""
    text = clean(oracle("tool", "org.apache.cassandra.tools.SSTableMetadataViewer", str(path)))
    return "".join(line for line in text.splitlines(keepends=True)
                   if not line.startswith(("SSTable: ", "Estimated droppable", "Replay positions")))


def record(table, maker, compression, compact=False):
    lines = statements(maker, table, compression)
    parts = [part.strip() for part in "\n".join(lines).split("-- flush\n")]
    cql(f"DROP TABLE IF EXISTS {KEYSPACE}.{table}")
    cql(parts[0])
    oracle("nodetool", "flush", KEYSPACE, table)
    for part in parts[1:]:
        cql(part)
    if compact:  # A flush compresses with LZ4 where the table's compressor is slow.
        oracle("nodetool", "compact", KEYSPACE, table)
    source = data_folder(table)
    target = SAMPLES / table
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in source.glob("nb-*-big-*"):
        shutil.copy(path, target / path.name)
    data = sorted(target.glob("nb-*-big-Data.db"))
    if len(data) != 1:
        sys.exit(f"{table}: {len(data)} SSTables, not one")
    dump = clean(oracle("tool", "org.apache.cassandra.tools.SSTableExport", str(next(source.glob("nb-*-big-Data.db")))))
    if len(dump) <= DUMP_MAX:
        (target / "dump.json").write_text(dump)
    else:
        (target / "dump.md5").write_text(hashlib.md5(dump.encode()).hexdigest() + "\n")
    (target / "recorded.txt").write_text(f"{int(time.time())}\n")
    (target / "metadata.txt").write_text(metadata(data[0]))
    (target / "schema.cql").write_text(TYPES.format(ks=KEYSPACE) + "\n" +
                                       "\n".join(line for line in lines if line.startswith(("CREATE", "ALTER"))) + "\n")
    print(f"{table}: {sum(p.stat().st_size for p in target.iterdir())} bytes")


def main():
    only = sys.argv[1:]
    if not only:
        cql(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")
    cql(f"CREATE KEYSPACE IF NOT EXISTS {KEYSPACE} WITH replication = "
        "{'class': 'SimpleStrategy', 'replication_factor': 1}; " +
        TYPES.format(ks=KEYSPACE).replace("CREATE TYPE", "CREATE TYPE IF NOT EXISTS"))
    for table, how in TABLES.items():
        if not only or table in only:
            record(table, *how)


if __name__ == "__main__":
    main()
