"""The official Python driver: what programs do with it every day, and what it needs of the server for that."""
import collections.abc
import datetime
import decimal
import ipaddress
import random
import string
import struct
import threading
import unittest
import uuid

from cluster_under_test import NODES, KeyspaceCase, address, connect, control, eventually

from cassandra import AlreadyExists, ConsistencyLevel, InvalidRequest, Unavailable
from cassandra.cluster import EXEC_PROFILE_DEFAULT, NoHostAvailable
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.protocol import SyntaxException
from cassandra.query import UNSET_VALUE, BatchStatement, BatchType, SimpleStatement, dict_factory
from cassandra.util import Date, Duration, Time


class RandomValues:
    """Rows of values of all types, the same ones for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.simple = {
            "ascii": lambda: "".join(self.random.choices(string.printable, k=self.length())),
            "bigint": lambda: self.random.getrandbits(64) - 2 ** 63, "blob": lambda: self.random.randbytes(self.length()),
            "boolean": lambda: self.random.random() < .5, "date": lambda: Date(self.random.randrange(-2 ** 20, 2 ** 20)),
            "decimal": lambda: decimal.Decimal(self.random.getrandbits(90) - 2 ** 89).scaleb(self.random.randrange(-20, 5)),
            "double": lambda: self.random.choice([self.random.uniform(-1e300, 1e300), 0.0, -0.0, float("inf"), 5e-324]),
            "float": lambda: struct.unpack("f", struct.pack("f", self.random.uniform(-1e30, 1e30)))[0],
            "inet": lambda: str(ipaddress.ip_address(self.random.getrandbits(128 if self.random.random() < .5 else 32))),
            "int": lambda: self.random.getrandbits(32) - 2 ** 31, "smallint": lambda: self.random.getrandbits(16) - 2 ** 15,
            "text": lambda: "".join(self.random.choices("aZ 0'\"\n\u00fc\u4e2d\U0001f600", k=self.length())),
            "time": lambda: Time(self.random.randrange(86_400_000_000_000)),
            "timestamp": lambda: datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=self.random.randrange(2 ** 42)),
            "timeuuid": lambda: uuid.uuid1(self.random.getrandbits(47), self.random.getrandbits(14)),
            "tinyint": lambda: self.random.getrandbits(8) - 128, "uuid": lambda: uuid.UUID(int=self.random.getrandbits(128), version=4),
            "varint": lambda: self.random.getrandbits(200) - 2 ** 199,
            "duration": lambda: Duration(self.random.randrange(1000), self.random.randrange(1000), self.random.randrange(2 ** 40)),
        }
        keys = ["int", "text", "uuid", "date", "varint", "inet"]
        self.types = [*self.simple, *(f"list<{kind}>" for kind in self.simple), *(f"set<{kind}>" for kind in keys),
                      *(f"map<{kind}, duration>" for kind in keys), "frozen<list<frozen<set<int>>>>", "tuple<int, text, list<double>>",
                      "vector<float, 3>", "vector<text, 2>"]

    def length(self):
        return self.random.choice([0, 1, 7, 200])

    def row(self):
        return [None if self.random.random() < .1 else self.value(kind) for kind in self.types]

    def value(self, kind):
        if kind in self.simple:
            return self.simple[kind]()
        outer, inner = kind[:-1].split("<", 1)
        if outer == "frozen":
            return self.value(inner)
        if outer == "list":
            return [self.value(inner) for _ in range(self.random.randrange(1, 5))]
        if outer == "set":
            return {self.value(inner) for _ in range(self.random.randrange(1, 5))}
        if outer == "map":
            key, value = inner.split(", ")
            return {self.value(key): self.value(value) for _ in range(self.random.randrange(1, 5))}
        if outer == "vector":
            element, size = inner.rsplit(", ", 1)
            return [self.value(element) for _ in range(int(size))]
        return tuple(self.value(part) for part in inner.split(", "))


def comparable(value):
    """Without the driver's own classes of collections, whose equality depends on order."""
    if value is None or isinstance(value, (str, bytes, bool, int, float)):
        return (type(value).__name__ == "float" and str(value)) or value
    if isinstance(value, (list, tuple)):
        return [comparable(v) for v in value]
    if isinstance(value, collections.abc.Mapping):
        return sorted((str(k), comparable(v)) for k, v in value.items())
    if isinstance(value, collections.abc.Iterable):
        return sorted(map(str, value))
    return str(value)


class Connecting(unittest.TestCase):

    # With the time limits that the driver has by itself: DRV-11.
    def test_each_node_answers_and_knows_all(self):
        for number in range(1, NODES + 1):
            with self.subTest(node=number), connect(number) as cluster:
                session = cluster.connect()
                self.assertEqual(cluster.protocol_version, 5)
                hosts = {host.address: host for host in cluster.metadata.all_hosts()}
                self.assertEqual(set(hosts), {address(n) for n in range(1, NODES + 1)})
                for host in hosts.values():
                    self.assertEqual((host.datacenter, host.rack), ("datacenter1", "rack1"))
                    self.assertRegex(host.release_version, r"^5\.0")
                    self.assertIsNotNone(host.host_id)
                self.assertEqual(len(cluster.metadata.token_map.ring), NODES * 16)
                row = session.execute("SELECT cluster_name, partitioner FROM system.local").one()
                self.assertEqual(row.partitioner, "org.apache.cassandra.dht.Murmur3Partitioner")

    def test_versions_and_compressions(self):
        for version in (3, 4, 5):
            for compression in (False, "lz4"):
                with self.subTest(version=version, compression=compression), \
                        connect(protocol_version=version, compression=compression) as cluster:
                    rows = cluster.connect().execute("SELECT * FROM system_schema.columns")
                    self.assertGreater(len(rows.all()), 50)

    def test_an_unknown_keyspace_is_refused(self):
        with connect() as cluster:
            session = cluster.connect()
            with self.assertRaises(InvalidRequest) as caught:
                session.execute("USE no_such_keyspace")
            self.assertIn("Keyspace 'no_such_keyspace' does not exist", str(caught.exception))
            with self.assertRaises(NoHostAvailable):
                cluster.connect("no_such_keyspace")

    def test_many_clients_at_once(self):
        clusters = [connect(1 + n % NODES) for n in range(12)]
        try:
            sessions = [cluster.connect() for cluster in clusters]
            futures = [s.execute_async("SELECT key FROM system.local") for s in sessions for _ in range(20)]
            self.assertEqual({f.result().one().key for f in futures}, {"local"})
        finally:
            for cluster in clusters:
                cluster.shutdown()


class Schema(KeyspaceCase):

    def test_tables_are_seen_as_they_were_made(self):
        self.session.execute("CREATE TABLE events (site text, day date, at timestamp, what text, who text static, "
                             "PRIMARY KEY ((site, day), at)) WITH CLUSTERING ORDER BY (at DESC) "
                             "AND comment = 'what happened' AND gc_grace_seconds = 1000")
        table = self.cluster.metadata.keyspaces[self.keyspace].tables["events"]
        self.assertEqual([c.name for c in table.partition_key], ["site", "day"])
        self.assertEqual([c.name for c in table.clustering_key], ["at"])
        self.assertEqual({n: c.cql_type for n, c in table.columns.items()},
                         {"site": "text", "day": "date", "at": "timestamp", "what": "text", "who": "text"})
        self.assertTrue(table.columns["who"].is_static)
        self.assertTrue(table.columns["at"].is_reversed)
        self.assertEqual(table.options["comment"], "what happened")
        self.assertEqual(table.options["gc_grace_seconds"], 1000)
        text = table.export_as_string()
        self.session.execute("DROP TABLE events")
        self.assertNotIn("events", self.cluster.metadata.keyspaces[self.keyspace].tables)
        self.session.execute(text)
        self.assertIn("events", self.cluster.metadata.keyspaces[self.keyspace].tables)

    def test_all_nodes_agree_after_each_change(self):
        for n in range(5):
            self.session.execute(f"CREATE TABLE agree{n} (k int PRIMARY KEY)")
            self.assertTrue(self.session.execute("SELECT now() FROM system.local").response_future.is_schema_agreed)
            for number in range(1, NODES + 1):
                with connect(number, schema_metadata_enabled=False) as cluster:
                    session = cluster.connect()
                    versions = {session.execute("SELECT schema_version FROM system.local").one()[0]}
                    versions |= {row[0] for row in session.execute("SELECT schema_version FROM system.peers_v2")}
                    self.assertEqual(len(versions), 1)
                    session.execute(f"SELECT * FROM {self.keyspace}.agree{n}")

    def test_changes_of_others_are_announced(self):
        with connect(2, schema_event_refresh_window=0) as watcher:
            watcher.connect()
            self.session.execute("CREATE TABLE announced (k int PRIMARY KEY, v text)")
            seen = lambda: watcher.metadata.keyspaces.get(self.keyspace)
            eventually(lambda: seen() and "announced" in seen().tables)
            self.session.execute("ALTER TABLE announced ADD w int")
            eventually(lambda: "w" in seen().tables["announced"].columns)
            self.session.execute("DROP TABLE announced")
            eventually(lambda: "announced" not in seen().tables)

    def test_replicas_of_a_key_are_known(self):
        self.session.execute("CREATE TABLE placed (k int PRIMARY KEY)")
        statement = self.session.prepare("INSERT INTO placed (k) VALUES (?)")
        self.assertEqual(list(statement.routing_key_indexes), [0])
        replicas = self.cluster.metadata.get_replicas(self.keyspace, statement.bind((1,)).routing_key)
        self.assertEqual(len(replicas), 3)


class Statements(KeyspaceCase):

    def test_values_of_every_type_come_back(self):
        values = {
            "ascii": "plain", "bigint": 2 ** 62, "blob": b"\x00\xff", "boolean": True, "date": Date("2024-02-29"),
            "decimal": decimal.Decimal("-12.3400"), "double": 1.5e300, "float": 0.5, "inet": "::1", "int": -7,
            "smallint": -300, "text": "grün", "time": Time("01:02:03.000000004"),
            "timestamp": datetime.datetime(2024, 2, 29, 1, 2, 3, 4000), "timeuuid": uuid.uuid1(), "tinyint": -5,
            "uuid": uuid.uuid4(), "varint": -2 ** 100, "duration": Duration(1, 2, 3),
        }
        columns = ", ".join(f"c_{name} {name}" for name in values)
        self.session.execute(f"CREATE TABLE all_types (k int PRIMARY KEY, {columns})")
        names = ", ".join(f"c_{name}" for name in values)
        insert = self.session.prepare(f"INSERT INTO all_types (k, {names}) VALUES ({', '.join('?' * (len(values) + 1))})")
        self.session.execute(insert, [1, *values.values()])
        self.session.execute(insert, [2, *[None] * len(values)])
        self.session.execute(insert, [1, *[UNSET_VALUE] * len(values)])  # Changes nothing.
        select = self.session.prepare(f"SELECT {names} FROM all_types WHERE k = ?")
        for version in (4, 5):
            with connect(2, protocol_version=version) as cluster:
                session = cluster.connect(self.keyspace)
                rows = session.execute(f"SELECT {names} FROM all_types WHERE k = 1")
                self.assertEqual([str(v) for v in rows.one()], [str(v) for v in values.values()])
        self.assertEqual(list(self.session.execute(select, [2]).one()), [None] * len(values))

    def test_random_values_of_every_type_come_back(self):
        values = RandomValues(20261126)
        names = ", ".join(f"c{n}" for n in range(len(values.types)))
        columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(values.types))
        self.session.execute(f"CREATE TABLE random_types (k int PRIMARY KEY, {columns})")
        insert = self.session.prepare(f"INSERT INTO random_types (k, {names}) VALUES ({', '.join('?' * (len(values.types) + 1))})")
        select = self.session.prepare(f"SELECT {names} FROM random_types WHERE k = ?")
        rows = [values.row() for _ in range(100)]
        execute_concurrent_with_args(self.session, insert, [(k, *row) for k, row in enumerate(rows)])
        for k, row in enumerate(rows):
            for kind, sent, got in zip(values.types, row, self.session.execute(select, (k,)).one()):
                self.assertEqual(comparable(got), comparable(sent), f"row {k}, {kind}")

    def test_statements_outlive_changes_of_their_table(self):
        self.session.execute("CREATE TABLE changing (k int PRIMARY KEY, v int)")
        insert = self.session.prepare("INSERT INTO changing (k, v) VALUES (?, ?)")
        select = self.session.prepare("SELECT * FROM changing WHERE k = ?")
        self.session.execute(insert, (1, 10))
        self.assertEqual(tuple(self.session.execute(select, (1,)).one()), (1, 10))
        self.session.execute("ALTER TABLE changing ADD w text")
        self.session.execute(insert, (1, 11))
        row = self.session.execute(select, (1,)).one()
        self.assertEqual(row._asdict(), {"k": 1, "v": 11, "w": None})

    def test_statements_are_prepared_again_on_a_node_that_has_restarted(self):
        self.session.execute("CREATE TABLE again (k int PRIMARY KEY)")
        with connect(3) as cluster:
            session = cluster.connect(self.keyspace)
            insert = session.prepare("INSERT INTO again (k) VALUES (?)")
            session.execute(insert, (1,))
            control("stop", 3)
            control("start", 3)
            control("wait", 3, "up")
            eventually(lambda: self.executes(session, insert), 30)

    def executes(self, session, statement):
        try:
            session.execute(statement, (2,))
            return True
        except NoHostAvailable:
            return False

    def test_named_and_positional_parameters(self):
        self.session.execute("CREATE TABLE named (k int PRIMARY KEY, v text)")
        self.session.execute("INSERT INTO named (k, v) VALUES (%s, %s)", (1, "it's"))
        self.session.execute("INSERT INTO named (k, v) VALUES (%(key)s, %(value)s)", {"key": 2, "value": "two"})
        insert = self.session.prepare("INSERT INTO named (k, v) VALUES (:key, :value)")
        self.session.execute(insert, {"key": 3, "value": "three"})
        rows = self.session.execute("SELECT k, v FROM named WHERE k IN (1, 2, 3)")
        self.assertEqual(sorted(map(tuple, rows)), [(1, "it's"), (2, "two"), (3, "three")])

    def test_time_to_live_and_timestamps(self):
        self.session.execute("CREATE TABLE timed (k int PRIMARY KEY, v int)")
        self.session.execute("INSERT INTO timed (k, v) VALUES (1, 1) USING TIMESTAMP 1000 AND TTL 1000")
        row = self.session.execute("SELECT writetime(v), ttl(v) FROM timed WHERE k = 1").one()
        self.assertEqual(row[0], 1000)
        self.assertLessEqual(990, row[1])
        self.session.execute("DELETE FROM timed WHERE k = 1")
        self.assertIsNone(self.session.execute("SELECT * FROM timed WHERE k = 1").one())

    def test_large_values(self):
        self.session.execute("CREATE TABLE large (k int PRIMARY KEY, v blob)")
        insert = self.session.prepare("INSERT INTO large (k, v) VALUES (?, ?)")
        for compression in (False, "lz4"):
            with connect(2, compression=compression) as cluster:
                session = cluster.connect(self.keyspace)
                value = bytes(range(256)) * 4096  # One MiB: several frames each way.
                session.execute(session.prepare("INSERT INTO large (k, v) VALUES (?, ?)"), (1, value))
                self.assertEqual(session.execute("SELECT v FROM large WHERE k = 1").one().v, value)
        self.session.execute(insert, (2, b""))
        self.assertEqual(self.session.execute("SELECT v FROM large WHERE k = 2").one().v, b"")

    def test_thousands_of_requests_at_once(self):
        self.session.execute("CREATE TABLE many (k int PRIMARY KEY, v int)")
        insert = self.session.prepare("INSERT INTO many (k, v) VALUES (?, ?)")
        select = self.session.prepare("SELECT v FROM many WHERE k = ?")
        execute_concurrent_with_args(self.session, insert, [(n, n * n) for n in range(5000)], concurrency=500)
        answers = execute_concurrent_with_args(self.session, select, [(n,) for n in range(5000)], concurrency=500)
        self.assertEqual([a.result_or_exc.one().v for a in answers], [n * n for n in range(5000)])


class Hostile(KeyspaceCase):
    """Statements that are built to cost: an error each, and a node that goes on."""

    def test_a_statement_cannot_have_more_markers_than_values_can_be_counted(self):
        self.session.execute("CREATE TABLE marked (k int PRIMARY KEY)")
        with self.assertRaisesRegex(InvalidRequest, r"Too many markers\(\?\). 100000 markers exceed the allowed maximum of 65535"):
            self.session.prepare(f"SELECT * FROM marked WHERE k IN ({', '.join('?' * 100000)})")
        self.session.prepare(f"SELECT * FROM marked WHERE k IN ({', '.join('?' * 65535)})")

    def test_nesting_has_an_end(self):
        for text in ("SELECT " + "(" * 100000, "SELECT * FROM t WHERE k = " + "[" * 100000, "CREATE TABLE t (k " + "list<" * 100000,
                     "SELECT " + "a + " * 100000 + "a FROM t", "INSERT INTO t (k) VALUES (" + "f(" * 100000):
            with self.subTest(text[:40]), self.assertRaises(SyntaxException):
                self.session.execute(text)
        self.assertEqual(self.session.execute("SELECT cluster_name FROM system.local").one()[0][:7], "drivers")


class Paging(KeyspaceCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session.execute("CREATE TABLE rows (p int, c int, v text, PRIMARY KEY (p, c))")
        insert = cls.session.prepare("INSERT INTO rows (p, c, v) VALUES (?, ?, ?)")
        execute_concurrent_with_args(cls.session, insert, [(n % 25, n // 25, str(n)) for n in range(1000)])

    def test_pages_hold_what_was_asked_for(self):
        statement = SimpleStatement("SELECT c FROM rows WHERE p = 3", fetch_size=7)
        rows = self.session.execute(statement)
        self.assertEqual(len(rows.current_rows), 7)
        self.assertTrue(rows.has_more_pages)
        self.assertEqual([row.c for row in rows], list(range(40)))

    def test_a_whole_table_in_pages(self):
        for size in (1, 99, 1000, 5000):
            with self.subTest(size=size):
                rows = self.session.execute(SimpleStatement("SELECT p, c FROM rows", fetch_size=size)).all()
                self.assertEqual(len(rows), 1000)
                self.assertEqual(len({tuple(row) for row in rows}), 1000)

    def test_another_coordinator_goes_on(self):
        for version in (4, 5):
            with self.subTest(version=version):
                seen, state = [], None
                for turn in range(100):
                    with connect(1 + turn % NODES, protocol_version=version) as cluster:
                        session = cluster.connect(self.keyspace)
                        rows = session.execute(SimpleStatement("SELECT p, c FROM rows LIMIT 450", fetch_size=100),
                                               paging_state=state)
                        seen += [tuple(row) for row in rows.current_rows]
                        state = rows.paging_state
                    if not state:
                        break
                self.assertEqual(len(set(seen)), 450)
                self.assertEqual(len(seen), 450)

    def test_prepared_statements_page_too(self):
        select = self.session.prepare("SELECT c FROM rows WHERE p = ? ORDER BY c DESC")
        select.fetch_size = 9
        self.assertEqual([row.c for row in self.session.execute(select, (5,))], list(range(39, -1, -1)))


class Batches(KeyspaceCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session.execute("CREATE TABLE t (k int, c int, v text, PRIMARY KEY (k, c))")

    def test_texts_and_prepared_statements_mix(self):
        insert = self.session.prepare("INSERT INTO t (k, c, v) VALUES (?, ?, ?)")
        for number, kind in enumerate((BatchType.LOGGED, BatchType.UNLOGGED)):
            with self.subTest(kind=str(kind)):
                batch = BatchStatement(kind)
                batch.add(insert, (number, 1, "bound"))
                batch.add("INSERT INTO t (k, c, v) VALUES (%s, 2, 'text')", (number,))
                batch.add(SimpleStatement(f"DELETE FROM t WHERE k = {number} AND c = 3"))
                self.session.execute(batch)
                rows = self.session.execute("SELECT c, v FROM t WHERE k = %s", (number,))
                self.assertEqual([tuple(row) for row in rows], [(1, "bound"), (2, "text")])

    def test_a_batch_as_text(self):
        self.session.execute("BEGIN BATCH INSERT INTO t (k, c, v) VALUES (7, 1, 'a'); "
                             "UPDATE t SET v = 'b' WHERE k = 8 AND c = 1; APPLY BATCH")
        rows = self.session.execute("SELECT v FROM t WHERE k IN (7, 8)")
        self.assertEqual(sorted(row.v for row in rows), ["a", "b"])

    def test_an_error_changes_nothing(self):
        batch = BatchStatement()
        batch.add("INSERT INTO t (k, c) VALUES (99, 1)")
        batch.add("INSERT INTO nowhere (k) VALUES (1)")
        with self.assertRaises(InvalidRequest):
            self.session.execute(batch)
        self.assertIsNone(self.session.execute("SELECT * FROM t WHERE k = 99").one())


class Errors(KeyspaceCase):

    def test_each_mistake_has_its_class(self):
        self.session.execute("CREATE TABLE t (k int PRIMARY KEY, v int)")
        for text, kind, words in (
                ("SELEC * FROM t", SyntaxException, "line 1:0"),
                ("SELECT * FROM nowhere", InvalidRequest, "table nowhere does not exist"),
                ("SELECT x FROM t", InvalidRequest, "Undefined column name x in table"),
                ("SELECT * FROM t WHERE v = 1", InvalidRequest, "ALLOW FILTERING"),
                ("INSERT INTO t (k, v) VALUES ('one', 1)", InvalidRequest, 'Invalid STRING constant (one) for "k" of type int'),
                ("CREATE TABLE t (k int PRIMARY KEY)", AlreadyExists, "already exists")):
            with self.subTest(text=text), self.assertRaises(kind) as caught:
                self.session.execute(text)
            self.assertIn(words, str(caught.exception))
        with self.assertRaises(SyntaxException):
            self.session.prepare("INSERT INTO t (k) VALUES ?")
        self.assertIsNone(self.session.execute("SELECT * FROM t").one())  # The connection goes on.


class Consistency(KeyspaceCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session.execute("CREATE TABLE t (k int PRIMARY KEY, v int)")

    def statement(self, text, level):
        return SimpleStatement(text, consistency_level=level)

    def test_every_level_is_served(self):
        for level in ("ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM", "LOCAL_ONE"):
            with self.subTest(level=level):
                code = ConsistencyLevel.name_to_value[level]
                self.session.execute(self.statement("INSERT INTO t (k, v) VALUES (1, 1)", code))
                row = self.session.execute(self.statement("SELECT v FROM t WHERE k = 1", code)).one()
                self.assertEqual(row.v, 1)
        self.session.execute(self.statement("INSERT INTO t (k, v) VALUES (1, 2)", ConsistencyLevel.ANY))

    def test_a_dead_replica_is_missed_by_all_alone(self):
        told = []
        with connect(2) as watching:
            watching.connect()
            watching.control_connection._connection.register_watcher(
                "STATUS_CHANGE", lambda event: told.append((event["change_type"], *event["address"])))
            control("kill", 3)
            try:
                control("wait", 3, "down")
                for text in ("INSERT INTO t (k, v) VALUES (5, 50)", "SELECT v FROM t WHERE k = 5"):
                    self.session.execute(self.statement(text, ConsistencyLevel.QUORUM))
                    with self.assertRaises(Unavailable) as caught:
                        self.session.execute(self.statement(text, ConsistencyLevel.ALL))
                    self.assertEqual((caught.exception.required_replicas, caught.exception.alive_replicas), (3, 2))
                self.assertEqual(self.session.execute("SELECT v FROM t WHERE k = 5").one().v, 50)
                eventually(lambda: told == [("DOWN", address(3), 9042)])
            finally:
                control("start", 3)
                control("wait", 3, "up")
            eventually(lambda: told == [("DOWN", address(3), 9042), ("UP", address(3), 9042)])
        row = self.session.execute(self.statement("SELECT v FROM t WHERE k = 5", ConsistencyLevel.ALL)).one()
        self.assertEqual(row.v, 50)


class Results(KeyspaceCase):

    def test_rows_by_name_and_metadata(self):
        self.session.execute("CREATE TABLE t (k int PRIMARY KEY, v text)")
        self.session.execute("INSERT INTO t (k, v) VALUES (1, 'x')")
        by_name = self.session.execution_profile_clone_update(EXEC_PROFILE_DEFAULT, row_factory=dict_factory)
        rows = self.session.execute("SELECT k, v AS other, count(*) FROM t", execution_profile=by_name)
        self.assertEqual(rows.column_names, ["k", "other", "count"])
        self.assertEqual(rows.one(), {"k": 1, "other": "x", "count": 1})

    def test_callbacks(self):
        done, seen = threading.Event(), []
        future = self.session.execute_async("SELECT key FROM system.local")
        future.add_callbacks(lambda rows: (seen.extend(rows), done.set()), lambda error: done.set())
        self.assertTrue(done.wait(10))
        self.assertEqual(len(seen), 1)
