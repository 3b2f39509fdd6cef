#!/usr/bin/env python3
"""Plays conformance scripts against cql_shell: engine/cql over partitions in memory, no cluster.

    conform_memory.py --shell build/release/bin/cql_shell --conform FOLDER [--show N] SCRIPT ...

FOLDER holds conform.py and the recorded answers. Needs the Python driver, for its types.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--shell", required=True)
parser.add_argument("--conform", required=True)
parser.add_argument("--show", type=int, default=5)
parser.add_argument("--grep", default="")
parser.add_argument("--skip", default="in Ringside yet|Ringside does not run")
parser.add_argument("--summary", action="store_true")
parser.add_argument("scripts", nargs="*")
options = parser.parse_args()
sys.path.insert(0, options.conform)
import conform
from cassandra import cqltypes, protocol
from cassandra.query import PreparedStatement
from collections import namedtuple

ColumnMetadata = namedtuple("ColumnMetadata", ["keyspace_name", "table_name", "name", "type"])


def unfrozen(name):
    """Class names as the wire tells types: without FrozenType."""
    marker = "org.apache.cassandra.db.marshal.FrozenType("
    vector = name.find("VectorType(")
    while marker in (name if vector < 0 else name[:vector]):
        start = name.index(marker)
        depth, i = 1, start + len(marker)
        while depth:
            depth += {"(": 1, ")": -1}.get(name[i], 0)
            i += 1
        name = name[:start] + name[start + len(marker):i - 1] + name[i:]
    return name


def split(text):
    """Parameters at the outermost level."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += {"(": 1, ")": -1}.get(c, 0)
        if c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return parts + [text[start:].strip()] if text else []


def type_of(name):
    name = unfrozen(name)
    vector = name.find("VectorType(")
    vector = len(name) if vector < 0 else vector
    return parse(name[:vector].replace("marshal.UTF8Type", "marshal.VarcharType") + name[vector:])


def parse(name):
    head, bracket, rest = name.partition("(")
    simple = head.rpartition(".")[2]
    parameters = split(rest[:-1]) if bracket else []
    if simple == "UserType":
        fields = [p.partition(":") for p in parameters[2:]]
        return cqltypes.UserType.make_udt_class(parameters[0], bytes.fromhex(parameters[1]).decode(),
                                                tuple(bytes.fromhex(f[0]).decode() for f in fields),
                                                tuple(parse(f[2]) for f in fields))
    if simple in ("ListType", "SetType", "MapType", "TupleType"):
        kind = {"ListType": cqltypes.ListType, "SetType": cqltypes.SetType, "MapType": cqltypes.MapType,
                "TupleType": cqltypes.TupleType}[simple]
        return kind.apply_parameters([parse(p) for p in parameters])
    if simple == "VectorType":
        return cqltypes.VectorType.apply_parameters([parse(parameters[0]), int(parameters[1])], None)
    return cqltypes.lookup_casstype(name)


class Shell:
    def __init__(self):
        self.process = subprocess.Popen([options.shell], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"shell died ({self.process.wait()}) on {request['text']}")
        answer = json.loads(line)
        if answer["kind"] == "error":
            raise conform.ServerError(argparse.Namespace(code=answer["code"], message=answer["text"], info={}))
        return answer


class Future:
    def __init__(self, shell, request):
        self.shell, self.request, self.change, self.new_keyspace = shell, request, None, None
        self.fetch()

    def fetch(self):
        self.answer = self.shell.ask(**self.request)

    def result(self):
        a = self.answer
        self.warnings = a.get("warnings", [])
        kinds = {"rows": protocol.RESULT_KIND_ROWS, "keyspace": protocol.RESULT_KIND_SET_KEYSPACE,
                 "schema": protocol.RESULT_KIND_SCHEMA_CHANGE, "void": protocol.RESULT_KIND_VOID}
        self.kind = kinds[a["kind"]]
        if a["kind"] == "keyspace":
            self.new_keyspace = a["keyspace"]
        if a["kind"] == "schema":
            self.change = {"change_type": a["change"], "target_type": a["target"], "keyspace": a["keyspace"]}
            if a["name"]:
                self.change[a["target"].lower()] = a["name"]
        rows = []
        if a["kind"] == "rows":
            types = [type_of(c["type"]) for c in a["columns"]]
            self._col_names, self._col_types = [c["name"] for c in a["columns"]], types
            for row in a["rows"]:
                rows.append(tuple(t.from_binary(None if v is None else bytes.fromhex(v), 5)
                                  for t, v in zip(types, row)))
        return argparse.Namespace(current_rows=rows)

    @property
    def has_more_pages(self):
        return "paging" in self.answer

    def start_fetching_next_page(self):
        self.request["paging"] = self.answer["paging"]
        self.fetch()


class Session:
    def __init__(self, shell):
        self.shell, self.keyspace, self.cluster = shell, "", argparse.Namespace(timestamp_generator=None)
        self.use_client_timestamp, self.default_fetch_size = False, None

    def set_keyspace(self, keyspace):
        self.keyspace = keyspace

    def prepare(self, text):
        a = self.shell.ask(op="prepare", text=text, keyspace=self.keyspace or "")
        columns = [ColumnMetadata(c["keyspace"], c["table"], c["name"], type_of(c["type"])) for c in a["columns"]]
        statement = PreparedStatement(column_metadata=columns, query_id=b"", routing_key_indexes=None, query=text,
                                      keyspace=self.keyspace, protocol_version=5, result_metadata=None,
                                      result_metadata_id=None)
        return statement

    def execute_async(self, statement, parameters):
        request = dict(op="query", keyspace=self.keyspace or "", page=statement.fetch_size or 0)
        if hasattr(statement, "prepared_statement"):
            request["text"] = statement.prepared_statement.query_string
            request["values"] = ["unset" if v is conform.UNSET_VALUE else v if v is None else v.hex()
                                 for v in statement.values]
            request["page"] = statement.prepared_statement.fetch_size or 0
        else:
            request["text"] = statement.query_string
        if self.use_client_timestamp:
            request["timestamp"] = self.cluster.timestamp_generator()
        return Future(self.shell, request)


class Server:
    def __init__(self):
        self.the_session = Session(Shell())

    def session(self, node, user):
        return self.the_session

    def forget(self, node=None):
        pass


total = failed = skipped = 0
for path in conform.scripts(options.scripts or [options.conform + "/basics"]):
    expected = conform.read_expected(path.with_suffix(".out"))
    script = conform.Script(path, Server(), argparse.Namespace(host="127.0.0.1", control=None))
    bad = []
    try:
        answers = script.play(expected)
    except Exception as error:
        print(f"{path.parent.name}/{path.stem}: BROKEN {type(error).__name__}: {error}")
        failed += 1
        continue
    for (line, text, got), (_, want) in zip(answers, expected):
        if options.skip and re.search(options.skip, "\n".join(got)):
            skipped += 1
            continue
        total += 1
        if got != want:
            bad.append((line, text, got, want))
    failed += len(bad)
    print(f"{path.parent.name}/{path.stem}: {len(answers) - len(bad)}/{len(answers)}")
    if not options.summary:
        shown = 0
        for line, text, got, want in bad:
            if options.grep and not re.search(options.grep, text + "\n".join(got)):
                continue
            if shown == options.show:
                break
            shown += 1
            print(f"  {line}: {text[:300]}")
            for w in want:
                if w not in got:
                    print("    - " + w[:400])
            for g in got:
                if g not in want:
                    print("    + " + g[:400])
print(f"{total - failed} of {total} as recorded, {skipped} skipped")
