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
          "two-dc-status": "two-dc", "one-token-status": "one-token"}
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
MASKS = [(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "«id»"), (r"\d+(\.\d+)? (bytes|KiB|MiB|GiB)\b", "«size»"),
         (r"(Generation No\s+: )\d+", r"\1«n»"), (r"(Uptime \(seconds\)\s*: )\d+", r"\1«n»"),
         (r"(Heap Memory \(MB\)\s*: ).*", r"\1«n»"), (r"(Percent Repaired\s*: ).*", r"\1«n»"),
         # Java shows a name beside the address once somebody has asked for it.
         (r"^[\d.]+/(?=127)", "/"), (r"^  (generation|heartbeat):\d+$", r"  \1:«n»"),
         (r"^  LOAD:.*", "  LOAD:«n»"), (r"^(  [A-Z_]+):\d+:", r"\1:«n»:"),
         (r"(STATUS_WITH_PORT:«n»:NORMAL,)-?\d+", r"\1«token»"), (r"(?<=\S)  +(?=\S)", "  "), (r" +$", "")]
# Caches that Ringside does not have; states that Cassandra tells beside their successors with ports, and of its indexes.
LEFT_OUT = re.compile(r"^((Key|Row|Counter|Network) Cache +:|  (STATUS|INTERNAL_IP|RPC_ADDRESS|INDEX_STATUS):)")
UNORDERED = re.compile(r"^([UD][NLJM]  |\tTokenRange\(|\t\S+ -> Replication class)")


def expected(topic):
    """(node, command, lines) or ("#", what was done, [])."""
    for block in re.split(r"\n\n(?=(?:node \d: )?\$ nodetool|#)", (TEXTS / f"{topic}.txt").read_text().rstrip("\n")):
        lines = block.split("\n")
        found = re.match(r"(?:node (\d): )?\$ nodetool ?(.*)", lines[0])
        if found:
            yield found[1] or "1", found[2], lines[1:]
        else:
            yield "#", lines[0].lstrip("# "), []


def masked(lines, addresses):
    out = []
    for line in lines:
        line = re.sub(addresses, lambda m: f"127.0.0.{m[1]}", line)
        if LEFT_OUT.match(line):
            continue
        for pattern, by in MASKS:
            line = re.sub(pattern, by, line)
        out.append(line)
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
        tokens = HERE / "cluster" / f"{topology}.tokens"
        if topology == "one-token":
            tokens = options.work / "one-token.tokens"
            tokens.write_text(ONE_TOKEN)
        started = self.ringctl("cluster", "create", self.name, "--net", options.net, "--tokens", str(tokens), "--start")
        if started.returncode != 0:
            sys.exit(started.stdout + started.stderr)
        if topology == "three":
            for statement in SCHEMA.strip().split(";\n"):
                done = self.ringctl("cql", "--cluster", self.name, "-e", statement)
                if done.returncode != 0:
                    sys.exit(done.stdout + done.stderr)
        self.control("wait", "schema")

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
                    if node == "#":
                        cluster.follow(command)
                        stopped.append(command.split()[1])
                        continue
                    total += 1
                    want, got = masked(lines, theirs), masked(cluster.nodetool(node, command), ours)
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
