"""The real cqlsh, as people use it: statements from a file or the command line, DESCRIBE, COPY."""
import os
import pathlib
import subprocess
import tempfile

from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT
from cluster_under_test import KeyspaceCase, address


class Cqlsh(KeyspaceCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # cqlsh asks at ONE: it finds only for sure what is on all nodes, and what it wrote only all of them show for sure.
        cls.session.get_execution_profile(EXEC_PROFILE_DEFAULT).consistency_level = ConsistencyLevel.ALL
        cls.session.execute("CREATE TABLE people (id int PRIMARY KEY, name text, born date)")
        cls.session.execute("INSERT INTO people (id, name, born) VALUES (1, 'Ada', '1815-12-10')")
        cls.session.execute("INSERT INTO people (id, name) VALUES (2, 'Grace')")

    def cqlsh(self, *words, text=None, node=1):
        """What cqlsh prints, and its exit code."""
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run([os.environ["CQLSH"], "--no-color", *words, address(node), "9042"], input=text, text=True,
                                  capture_output=True, timeout=120, env={**os.environ, "HOME": home})
        return done.stdout + done.stderr, done.returncode

    def assertPrints(self, expected, *words, **options):
        printed, code = self.cqlsh(*words, **options)
        self.assertIn(expected, printed)
        self.assertEqual(code, 0, printed)

    def test_each_node_answers_a_statement(self):
        for node in (1, 2, 3):
            self.assertPrints(" id | born       | name\n----+------------+-------\n  1 | 1815-12-10 |   Ada\n  2 |       null | Grace\n"
                              "\n(2 rows)\n", "-e", f"SELECT * FROM {self.keyspace}.people WHERE id IN (1, 2)", node=node)

    def test_a_session_from_standard_input(self):
        printed, code = self.cqlsh(text=f"USE {self.keyspace};\nCONSISTENCY QUORUM\nSHOW VERSION\n"
                                        "INSERT INTO people (id, name) VALUES (3, 'Edsger');\n"
                                        "SELECT name FROM people WHERE id = 3;\n"
                                        "SELECT nothing FROM people;\nSELECT id FROM people WHERE id = 1;\n")
        self.assertIn("Consistency level set to QUORUM.", printed)
        self.assertIn("Edsger", printed)
        self.assertIn('InvalidRequest: Error from server: code=2200 [Invalid query] message="Undefined column name nothing',
                      printed)
        self.assertIn("CQL spec 3.4.7", printed)
        self.assertEqual(code, 2)  # cqlsh's own, when a statement failed.

    def test_descriptions(self):
        self.assertPrints(f"CREATE TABLE {self.keyspace}.people (\n    id int PRIMARY KEY,\n    born date,\n    name text\n)",
                          "-e", f"DESCRIBE TABLE {self.keyspace}.people")
        self.assertPrints("people", "-k", self.keyspace, "-e", "DESCRIBE TABLES")
        self.assertPrints(self.keyspace, "-e", "DESCRIBE KEYSPACES")
        self.assertPrints(f"CREATE KEYSPACE {self.keyspace} WITH replication", "-e", f"DESCRIBE KEYSPACE {self.keyspace}")
        self.assertPrints("Murmur3Partitioner", "-e", "DESCRIBE CLUSTER")

    def test_paging(self):
        self.session.execute("CREATE TABLE pages (p int, c int, PRIMARY KEY (p, c))")
        for n in range(250):
            self.session.execute("INSERT INTO pages (p, c) VALUES (1, %s)", (n,))
        self.assertPrints("(250 rows)", text=f"PAGING 100\nSELECT c FROM {self.keyspace}.pages;\n")

    def test_copy_out_and_in(self):
        self.session.execute("CREATE TABLE copies (id int PRIMARY KEY, name text, born date)")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "people.csv"
            self.assertPrints("", "-e", f"COPY {self.keyspace}.people (id, name, born) TO '{file}' WITH HEADER = true")
            lines = file.read_text().splitlines()
            self.assertEqual(lines[0], "id,name,born")
            self.assertIn("1,Ada,1815-12-10", lines)
            self.assertPrints("rows imported from 1 files", "-e",
                              f"COPY {self.keyspace}.copies (id, name, born) FROM '{file}' WITH HEADER = true")
        row = self.session.execute("SELECT name, born FROM copies WHERE id = 1").one()
        self.assertEqual((row.name, str(row.born)), ("Ada", "1815-12-10"))
