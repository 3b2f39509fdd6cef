"""COPY of `ringctl cql` beside that of the unmodified cqlsh: the same files, byte for byte, and the same rows from them."""
import os
import pathlib
import subprocess
import tempfile
import unittest

from cluster_under_test import HOST

KEYSPACE = "copy_both_ways"
COLUMNS = """k int PRIMARY KEY, a ascii, b bigint, bl blob, bo boolean, d date, de decimal, db double, du duration, f float,
 i inet, s smallint, t text, ti time, ts timestamp, tu timeuuid, ty tinyint, u uuid, vi varint, li list<int>, se set<text>,
 ma map<text, double>, tup tuple<int, text, float>, ud u, fu frozen<u>, ve vector<float, 3>, ll list<frozen<list<text>>>,
 mt map<timestamp, boolean>, sb set<blob>, st list<time>, si set<inet>, su set<uuid>"""
# cqlsh can write durations and user types and not read them.
READABLE = "(k, a, b, bl, bo, d, de, db, f, i, s, t, ti, ts, tu, ty, u, vi, li, se, ma, tup, ve, ll, mt, sb, st, si, su)"
ROWS = [
    """(k, a, b, bl, bo, d, de, db, du, f, i, s, t, ti, ts, tu, ty, u, vi, li, se, ma, tup, ud, fu, ve, ll, mt, sb, st, si,
 su) VALUES (1, 'asc''ii', 1234567890123, 0xcafe00, true, '2024-02-29', 1234567.8900, 3.141592653589793,
 1y2mo3d4h5m6s7ms8us9ns, 2.7182817, '10.0.0.1', -32000, 'hello, "world"', '13:14:15.123456789',
 '2024-02-29 01:02:03.456+0000', 50554d6e-29bb-11e5-b345-feff819cdc9f, -7, 123e4567-e89b-42d3-a456-426614174000,
 123456789012345678901234567890, [1, -2, 3000], {'a', 'b''c', 'd"e'}, {'x': 1.5, 'y, z': 1e300}, (1, 'two', 3.25),
 {a: 1, b: 'it''s', c: '2024-02-29 01:02:03.4+0000'}, {a: 2, b: null, c: null}, [1.0, 2.5, 0.1],
 [['a', 'b'], ['c,d']], {'2001-01-01 00:00:00+0000': true}, {0x00, 0xff}, ['01:02:03'], {'10.0.0.1', '9.0.0.1', '::1'},
 {123e4567-e89b-42d3-a456-426614174000, 50554d6e-29bb-11e5-b345-feff819cdc9f})""",
    """(k, a, b, bo, d, de, db, f, i, t, ti, ts, vi, li, du) VALUES (2, '', 0, false, '1969-01-01', 1e-10, 0.1, 1e10, '::1',
 '', '00:00:00', '1969-12-31 23:59:59.999+0000', -5, [], 5s)""",
    """(k, db, f, de, ts, t, d, ti, b, du) VALUES (3, NaN, Infinity, 12345678901234567890.123, '1970-01-01 00:00:00+0000',
 'line\nbreak\\back', '2200-01-01', '23:59:59.000001', -9223372036854775808, -2w)""",
    """(k, db, f, de, t, b, ve, ma) VALUES (4, -Infinity, -1.5e-7, 1E+20, 'ü 中 😀 tab\tx\u00a0', 1000,
 [-1e20, 1e-9, 123456.789], {'q"': 0.30000000000000004})""",
    "(k, db, f, t, de, vi, b) VALUES (5, 1e16, 123456.789, ' lead', 100, 7, 999999)",
    "(k, db, f, t) VALUES (6, 123456789.123456789, 16777216, 'a\\\"b')",
    "(k, db, f, t) VALUES (7, 1e-5, 0.0001, '''q''')",
]
STYLES = [
    "HEADER = true",
    "HEADER = true AND DECIMALSEP = ';' AND THOUSANDSSEP = '_'",
    "HEADER = false AND DATETIMEFORMAT = '%d/%m/%Y %H:%M' AND BOOLSTYLE = 'yes, no'",
    "HEADER = true AND NULL = 'nil' AND DELIMITER = '|' AND QUOTE = '''' AND ESCAPE = ''''",
    "HEADER = true AND FLOATPRECISION = 9 AND DOUBLEPRECISION = 17 AND PAGESIZE = 2",
    "HEADER = true AND DATETIMEFORMAT = '%Y-%m-%dT%H:%M:%S.%f' AND ESCAPE = '\"'",
]


class CopyBothWays(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def run_in(self, words, statement):
        # `ringctl` and cqlsh: one after the other, at QUORUM, since what one wrote the other reads.
        done = subprocess.run([*words, "-e", f"CONSISTENCY QUORUM; {statement}"], capture_output=True, text=True,
                              cwd=self.folder.name, env={**os.environ, "TZ": "UTC", "PYTHONUTF8": "1"}, timeout=120)
        return done.stdout + done.stderr

    def cqlsh(self, statement):
        return self.run_in([os.environ["CQLSH"], HOST], statement)

    def ringctl(self, statement):
        return self.run_in(["ringctl", "cql", HOST], statement)

    def read(self, name):
        return (pathlib.Path(self.folder.name) / name).read_bytes()

    def rows(self, table):
        said = self.ringctl(f"SELECT JSON * FROM {KEYSPACE}.{table}")
        return sorted(line.strip() for line in said.splitlines() if line.strip().startswith("{"))

    def test_files_and_rows_are_the_same(self):
        replication = "{'class': 'SimpleStrategy', 'replication_factor': 3}"
        setup = [f"DROP KEYSPACE IF EXISTS {KEYSPACE}", f"CREATE KEYSPACE {KEYSPACE} WITH replication = {replication}",
                 f"CREATE TYPE {KEYSPACE}.u (a int, b text, c timestamp)"]
        setup += [f"CREATE TABLE {KEYSPACE}.{table} ({COLUMNS})" for table in ("t", "by_cqlsh", "by_ringctl")]
        self.assertEqual(self.ringctl(";".join(setup + [f"INSERT INTO {KEYSPACE}.t {row}" for row in ROWS])),
                         "Consistency level set to QUORUM.\n")
        for style in STYLES:
            with self.subTest(style):
                self.cqlsh(f"COPY {KEYSPACE}.t TO 'cqlsh.csv' WITH {style}")
                self.ringctl(f"COPY {KEYSPACE}.t TO 'ringctl.csv' WITH {style}")
                written = self.read("ringctl.csv")
                # cqlsh's processes write ranges of tokens in any order.
                self.assertEqual(sorted(written.splitlines(True)), sorted(self.read("cqlsh.csv").splitlines(True)))
                self.assertGreaterEqual(written.count(b"\r\n"), len(ROWS))
                self.ringctl(f"TRUNCATE {KEYSPACE}.by_cqlsh; TRUNCATE {KEYSPACE}.by_ringctl")
                self.cqlsh(f"COPY {KEYSPACE}.t {READABLE} TO 'cqlsh.csv' WITH {style}")
                self.ringctl(f"COPY {KEYSPACE}.t {READABLE} TO 'ringctl.csv' WITH {style}")
                self.cqlsh(f"COPY {KEYSPACE}.by_cqlsh {READABLE} FROM 'ringctl.csv' WITH {style}")
                self.ringctl(f"COPY {KEYSPACE}.by_ringctl {READABLE} FROM 'cqlsh.csv' WITH {style}")
                rows = self.rows("by_ringctl")
                self.assertEqual(len(rows), len(ROWS))
                self.assertEqual(rows, self.rows("by_cqlsh"))

    def test_options_nobody_knows_are_refused_alike(self):
        text = "COPY system.local TO 'x.csv' WITH NONSENSE = 1"
        self.assertIn("Unrecognized COPY TO options: nonsense", self.cqlsh(text))
        self.assertIn("Unrecognized COPY TO options: nonsense", self.ringctl(text))


if __name__ == "__main__":
    unittest.main()
