#!/usr/bin/env python3
"""Compares what `nodetool` of this build prints with what Cassandra's printed (nodetool/*.txt), for the commands it has.

    nodetool_check.py --bin FOLDER --work FOLDER [--net 127.0.33] [--known FILE] [--show N] [TOPIC ...]

Starts the clusters the texts were recorded from, with the same keyspaces, and asks the same commands. What varies from
run to run (nodetool/README.md) is masked: addresses become those of the text, ids, sizes, versions and times a word;
runs of blanks count as two, since columns follow what is in them; lines without an order are sorted.
The known file lists `TOPIC: COMMAND` with a reason behind '#'. Exit status: 0 all is as expected, 1 not.
"""
import argparse
import difflib
import os
import pathlib
import re
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TEXTS = HERE / "nodetool"
# Cluster of each topic, by the file of tokens it was recorded on.
TOPICS = {"status": "three", "ring": "three", "getendpoints": "three", "describering": "three", "info": "three",
          "version": "three", "flush": "three", "describecluster": "three", "gossipinfo": "three",
          "two-dc-status": "two-dc", "one-token-status": "one-token",
          # About files: with all tables and their rows, in an order in which none takes from the next.
          "tablestats": "shop", "tablehistograms": "shop", "getsstables": "shop", "autocompaction": "shop",
          "compactionstats": "shop", "garbagecollect": "shop", "compact": "shop", "compactionhistory": "shop",
          "cleanup": "shop", "upgradesstables": "shop", "verify": "shop", "stop": "shop", "scrub": "shop",
          "snapshot": "shop", "backup": "shop", "import": "shop", "throughput": "shop"}
ONE_TOKEN = "-8285330332306104724\n"
# As record.py makes them; without the index and the view, which no text here shows.
SCHEMA = """
CREATE KEYSPACE shop WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3};
CREATE KEYSPACE shop_two WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 2};
CREATE KEYSPACE shop_one WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};
CREATE KEYSPACE empty WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3};
CREATE TABLE shop.orders (id int PRIMARY KEY, customer text, total int);
CREATE TABLE shop.by_day (city text, day int, id int, total int, PRIMARY KEY ((city, day), id));
CREATE TABLE shop_two.t (k int PRIMARY KEY);
CREATE TABLE shop_one.t (k int PRIMARY KEY)
"""
FILES_SCHEMA = SCHEMA + """;
CREATE TABLE shop.empty (id int PRIMARY KEY);
CREATE TABLE shop.levels (id int PRIMARY KEY, v text) WITH compaction = {'class': 'LeveledCompactionStrategy'};
CREATE INDEX orders_customer ON shop.orders (customer);
CREATE MATERIALIZED VIEW shop.by_customer AS SELECT * FROM shop.orders WHERE customer IS NOT NULL AND id IS NOT NULL PRIMARY KEY (customer, id)
"""
MASKS = [(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "«id»"), (r"\d+(\.\d+)? (bytes|KiB|MiB|GiB)\b", "«size»"),
         (r"(Generation No\s+: )\d+", r"\1«n»"), (r"(Uptime \(seconds\)\s*: )\d+", r"\1«n»"),
         (r"(Heap Memory \(MB\)\s*: ).*", r"\1«n»"), (r"(Percent Repaired\s*: ).*", r"\1«n»"),
         # Java shows a name beside the address once somebody has asked for it.
         (r"^[\d.]+/(?=127)", "/"), (r"^  (generation|heartbeat):\d+$", r"  \1:«n»"),
         (r"^  LOAD:.*", "  LOAD:«n»"), (r"^(  [A-Z_]+):\d+:", r"\1:«n»:"),
         (r"(STATUS_WITH_PORT:«n»:NORMAL,)-?\d+", r"\1«token»"), (r"(?<=\S)  +(?=\S)", "  "), (r" +$", "")]
# Of single topics, before those: figures, whose form is what counts.
FIGURE = r"(?:NaN|-?\d+(?:\.\d+)?(?:E-?\d+)?)"
TOPIC_MASKS = {
    "autocompaction": [(r" +", " ")],
    "tablestats": [(r"(\"(?:average\w+|read_latency|(?:read|write)_latency_ms)\" : )\"NaN\"", r"\1«n»"),
                   (r"(latency_ms: )'?" + FIGURE + "'?$", r"\1«n»"),
                   (r"(: )" + FIGURE + r"(?: ?(?:bytes|B|KiB|MiB))?( ms)?$", r"\1«n»\2"),
                   (r"(\" : \"?)" + FIGURE, r"\1«n»"), (r"(: '?)" + FIGURE + r"('?)$", r"\1«n»\2"),
                   (r"\[\d+(, \d+){8}\]", "«levels»")],
    "tablehistograms": [(FIGURE + r"(?=\s|$)", "«n»"), (r"«n»%", "%")],
    "compactionhistory": [(r"^\S{36} \S+ +\S+ +\S+ +\d+ +\d+ +\{.*?\} +\{compaction_type:[A-Za-z ]+\} *$", "«row»"),
                          (r"(_at.*?|bytes_\w+|_merged|_name|_properties|\"id)(\" : ).*?(,?)$", r"\1\2«value»\3")],
    "compactionstats": [(FIGURE + r"(/minute|/hour)? *( KiB *)?$", "«n»")],
    "snapshot": [(r"\d+(\.\d+)? (bytes|KiB|MiB)\b", "«size»"), (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "«time»"), (r"pre-scrub-\d+", "pre-scrub-«n»"), (r" +", " ")],
    "getsstables": [(r"\S+/data/shop/(\w+)-[0-9a-f]{32}/nb-\d+-big-Data\.db", r"«\1»")]}
# Of these only which lines there are is compared, as how many depends on what was compacted when.
AS_SETS = {"compactionhistory", "getsstables"}
# Caches that Ringside does not have; states that Cassandra tells beside their successors with ports, and of its indexes.
LEFT_OUT = re.compile(r"^((Key|Row|Counter|Network) Cache +:|  (STATUS|INTERNAL_IP|RPC_ADDRESS|INDEX_STATUS):)")
UNORDERED = re.compile(r"^([UD][NLJM]  |\tTokenRange\(|\t\S+ -> Replication class|\S+ shop(_one)? \w+ |shop \S+ (not )?running)")


def expected(topic):
    """(node, command, lines) or ("#", what was done, [])."""
    for block in re.split(r"\n\n(?=(?:node \d: )?\$ nodetool|#)", (TEXTS / f"{topic}.txt").read_text().rstrip("\n")):
        lines = block.split("\n")
        found = re.match(r"(?:node (\d): )?\$ nodetool ?(.*)", lines[0])
        if found:
            yield found[1] or "1", found[2], lines[1:]
        else:
            yield "#", lines[0].lstrip("# "), []


def by_name(lines):
    """Keyspaces and, in them, tables in the order of their names."""
    head, *keyspaces = "\n".join(lines).split("\n----------------\n")
    keyspaces = [re.split(r"\n(?=\t\tTable)", k.strip("\n")) for k in keyspaces]
    return [head, *sorted("\n".join([k[0], *sorted(t.strip("\n") for t in k[1:])]) for k in keyspaces)]


def masked(lines, addresses, topic):
    out = []
    for line in lines:
        line = re.sub(addresses, lambda m: f"127.0.0.{m[1]}", line)
        if LEFT_OUT.match(line):
            continue
        for pattern, by in TOPIC_MASKS.get(topic, []) + MASKS:
            line = re.sub(pattern, by, line)
        out.append(line)
    if topic in AS_SETS:
        return list(dict.fromkeys(re.sub(" +", " ", line) for line in out))
    if topic == "tablestats" and "----------------" in out:
        out = by_name(out)
    # Neighbours without an order among them.
    start = 0
    while start < len(out):
        end = start
        while end < len(out) and UNORDERED.match(out[end]):
            end += 1
        out[start:end] = sorted(out[start:end])
        start = max(end, start + 1)
    return out


class Cluster:
    def __init__(self, options, topology):
        self.options, self.name = options, "oracle"
        home = options.work.resolve() / ("nodetool-" + options.net.replace(".", "-"))
        self.environment = {**os.environ, "RINGSIDE_HOME": str(home)}
        self.ringctl("cluster", "destroy", self.name)
        tokens = HERE / "cluster" / f"{'three' if topology == 'shop' else topology}.tokens"
        if topology == "one-token":
            tokens = options.work / "one-token.tokens"
            tokens.write_text(ONE_TOKEN)
        started = self.ringctl("cluster", "create", self.name, "--net", options.net, "--tokens", str(tokens),
                               "--set", "materialized_views_enabled=true", "--start")
        if started.returncode != 0:
            sys.exit(started.stdout + started.stderr)
        if topology in ("three", "shop"):
            for statement in (SCHEMA if topology == "three" else FILES_SCHEMA).strip().split(";\n"):
                done = self.ringctl("cql", "--cluster", self.name, "-e", statement)
                if done.returncode != 0:
                    sys.exit(done.stdout + done.stderr)
        self.control("wait", "schema")
        if topology == "shop":
            self.fill()

    def fill(self):
        """The rows of record.py."""
        for part in range(2):
            text = ""
            for i in range(part * 50, part * 50 + 50):
                text += (f"INSERT INTO shop.orders (id, customer, total) VALUES ({i}, 'c{i % 7}', {i * 10});\n"
                         f"INSERT INTO shop.by_day (city, day, id, total) VALUES ('berlin', {20260101 + i % 5}, {i}, {i});\n"
                         f"INSERT INTO shop.levels (id, v) VALUES ({i}, 'x');\n"
                         f"INSERT INTO shop_two.t (k) VALUES ({i});\nINSERT INTO shop_one.t (k) VALUES ({i});\n")
            # At ALL, so that each node has the rows in its files.
            done = self.ringctl("cql", "--cluster", self.name, "-e",
                                f"CONSISTENCY ALL;\n{text}DELETE FROM shop.orders WHERE id = {part};")
            if done.returncode != 0:
                sys.exit(done.stdout + done.stderr)
            for node in ("1", "2", "3"):
                self.control("nodetool", node, "flush")

    def ringctl(self, *words):
        return subprocess.run([self.options.bin.resolve() / "ringctl", *words], env=self.environment, capture_output=True,
                              text=True)

    def control(self, *words):
        return self.ringctl("control", self.name, *words)

    def nodetool(self, node, command):
        done = self.control("nodetool", node, *shlex.split(command))
        text = (done.stdout + done.stderr).rstrip("\n")
        return (text.split("\n") if text else []) + ([f"[exit {done.returncode}]"] if done.returncode else [])

    def follow(self, event):
        """Does what the text says was done: `node 3 stopped`."""
        node = event.split()[1]
        self.control("stop", node)
        self.control("wait", node, "down")

    def everybody_up(self, nodes):
        for node in nodes:
            self.control("start", node)
            self.control("wait", node, "up")

    def destroy(self):
        self.ringctl("cluster", "destroy", self.name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="where ringctl and ringside-node lie")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="a folder for the clusters")
    parser.add_argument("--net", default="127.0.33")
    parser.add_argument("--known", type=pathlib.Path)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("topics", nargs="*", default=list(TOPICS))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    known = set()
    if options.known:
        known = {line.split("#")[0].strip() for line in options.known.read_text().splitlines()} - {""}
    ours, theirs = re.escape(options.net) + r"\.(\d+)", r"127\.0\.\d+\.(\d+)"
    total = same = shown = 0
    unexpected, passes = [], []
    for topology in dict.fromkeys(TOPICS[topic] for topic in options.topics):
        cluster = Cluster(options, topology)
        try:
            for topic in (t for t in options.topics if TOPICS[t] == topology):
                stopped = []
                for node, command, lines in expected(topic):
                    if node == "#" and "client" in command:
                        continue  # Only figures tell of it.
                    if node == "#":
                        cluster.follow(command)
                        stopped.append(command.split()[1])
                        continue
                    total += 1
                    want = masked(lines, theirs, topic)
                    got = masked(cluster.nodetool(node, command), ours, topic)
                    name = f"{topic}: {command}"
                    if want == got:
                        same += 1
                        passes += [name] if name in known else []
                    elif name not in known:
                        unexpected.append(name)
                        if options.show < 0 or shown < options.show:
                            shown += 1
                            print(f"DIFF {name} (node {node})")
                            print("\n".join("    " + d for d in difflib.ndiff(want, got) if d[0] != "?"))
                cluster.everybody_up(stopped)
        finally:
            cluster.destroy()
    print(f"{same} of {total} commands print what Cassandra's do; {len(unexpected)} unexpected differences")
    for name in passes:
        print(f"  now the same: {name}")
    sys.exit(1 if unexpected else 0)


if __name__ == "__main__":
    main()
