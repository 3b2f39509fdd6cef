#!/usr/bin/env python3
"""Gives SSTables that Ringside wrote to a real Apache Cassandra, and sees that both say the same of them.

    check_with_cassandra.py RINGCTL CLUSTER HOME [TABLE...]

HOME is where that cluster's files are ($RINGSIDE_HOME).

Needs a cluster of one Ringside node that is up, and a node of tests/oracle/oracle.py (RINGSIDE_ORACLE_NET as
there). For each table of record_samples.py: the same statements run on Ringside, the table is flushed, its files
are imported by Cassandra with extended verification, checked by sstableverify, dumped by sstabledump, compacted,
and the rows of SELECT JSON compared before and after. One line a table; exit code 1 if any differs.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

import record_samples as samples

KEYSPACE = samples.KEYSPACE
REPLICATION = "{'class': 'SimpleStrategy', 'replication_factor': 1}"


class Ringside:
    def __init__(self, ringctl, cluster):
        self.words = [ringctl]
        self.cluster = cluster

    def run(self, *words):
        done = subprocess.run([*self.words, *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)[:300]}: {done.stderr or done.stdout}")
        return done.stdout

    def cql(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".cql") as file:
            file.write(text)
            file.flush()
            return self.run("cql", "--cluster", self.cluster, "-f", file.name)

    def nodetool(self, *words):
        return self.run("nodetool", "--cluster", self.cluster, "--node", "1", *words)


def rows_of(text):
    """The lines of SELECT JSON, whatever stands around them."""
    found = [line.strip().strip("|").strip() for line in text.splitlines()]
    return sorted(line for line in found if line.startswith("{"))


def data_folder(home, table):
    found = sorted(pathlib.Path(home).glob(f"**/{KEYSPACE}/{table}-*"), key=lambda path: path.stat().st_mtime)
    return found[-1]


def check(ringside, home, table, maker, compression):
    name = f"{KEYSPACE}.{table}"
    lines = [line for line in samples.statements(maker, table, compression) if not line.startswith("--")]
    ringside.cql(f"DROP TABLE IF EXISTS {name};\n" + "\n".join(lines))
    ringside.nodetool("flush", KEYSPACE, table)
    samples.cql(f"DROP TABLE IF EXISTS {name}; " + " ".join(line for line in lines if line.startswith(("CREATE", "ALTER"))))
    problems = []
    with tempfile.TemporaryDirectory() as base:
        folder = pathlib.Path(base) / KEYSPACE / table
        folder.mkdir(parents=True)
        for path in data_folder(home, table).glob("nb-*"):
            shutil.copy(path, folder / path.name)
        data = next(folder.glob("*-Data.db"))
        theirs = samples.clean(samples.oracle("tool", "org.apache.cassandra.tools.SSTableExport", str(data)))
        ours = ringside.run("sstable", "dump", str(data))
        if theirs.strip() != ours.strip():
            problems.append("sstabledump differs")
        metadata = samples.oracle("tool", "org.apache.cassandra.tools.SSTableMetadataViewer", str(data))
        if "Estimated cardinality" not in metadata:
            problems.append("sstablemetadata fails")
        said = samples.oracle("nodetool", "import", "-e", KEYSPACE, table, str(folder))
        if "Failed" in said:
            problems.append("import: " + said.strip())
    select = f"SELECT JSON * FROM {name};"
    expected = rows_of(ringside.cql(select)) if "counter" not in table else None
    before = rows_of(samples.cql(select))
    verified = samples.oracle("tool", "org.apache.cassandra.tools.StandaloneVerifier", "-f", "-e", KEYSPACE, table)
    if "Error" in verified or "corrupt" in verified.lower():
        problems.append("sstableverify: " + verified.strip()[-300:])
    samples.oracle("nodetool", "compact", KEYSPACE, table)
    after = rows_of(samples.cql(select))
    if not before:
        problems.append("no rows")
    if before != after:
        problems.append("rows differ after compaction")
    if expected is not None and expected != before:
        both = set(expected) ^ set(before)
        problems.append(f"rows differ: {sorted(both)[:2]}")
    print(f"{table}: {len(before)} rows, {'same' if not problems else '; '.join(problems)}", flush=True)
    return not problems


def main():
    ringctl, cluster, home, *only = sys.argv[1:]
    ringside = Ringside(ringctl, cluster)
    setup = (f"CREATE KEYSPACE IF NOT EXISTS {KEYSPACE} WITH replication = {REPLICATION}; " +
             samples.TYPES.format(ks=KEYSPACE).replace("CREATE TYPE", "CREATE TYPE IF NOT EXISTS"))
    ringside.cql(setup)
    samples.cql(setup)
    good = True
    for table, (maker, compression, *_) in samples.TABLES.items():
        if not only or table in only:
            good = check(ringside, home, table, maker, compression) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
