#!/usr/bin/env python3
"""Bad input on the wire: every case of cases.py, and what Cassandra 5.0.6 answers (bad_input.txt).

    bad_input.py check  [HOST]    HOST (default: $HOST) has to answer the same
    bad_input.py record HOST      HOST is a real Cassandra

An answer is an error's code and text; ` (gone)` says that the connection was closed after it. Where Cassandra stumbles
over an exception of Java (code 0000, java.lang...) any error will do, in words of our own. bad_input.known.txt holds
what is different, with our answer.
"""
import os
import pathlib
import sys

from cases import cases, setup
from protocol import GONE, OPTIONS, QUERY, Connection, query

HERE = pathlib.Path(__file__).resolve().parent
STUMBLE = "0000 java.lang."


def answers(host):
    connection = Connection(host)
    for text in setup():
        answer = connection.ask(QUERY, query(text.encode()))
        if not answer.startswith("result"):
            sys.exit(f"{text}: {answer}")
    for name, opcode, body in cases():
        if name.startswith("opcode"):
            connection.close()
            connection = Connection(host)
        try:
            answer = connection.ask(opcode, body)
        except GONE:
            answer, connection = "(gone)", Connection(host)
        else:
            try:
                connection.ask(OPTIONS, b"")
            except GONE:
                answer, connection = answer + " (gone)", Connection(host)
        yield name, answer.replace(host, "HOST")
    connection.ask(QUERY, query(b"DROP KEYSPACE bad"))
    connection.close()


def read(name):
    lines = (HERE / name).read_text().splitlines()
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))


def check(host):
    expected, known = read("bad_input.txt"), read("bad_input.known.txt")
    wrong, seen = 0, set()
    for name, answer in answers(host):
        seen.add(name)
        wanted = known.get(name, expected.get(name))
        stumbled = name not in known and wanted is not None and wanted.startswith(STUMBLE)
        if answer != wanted and not (stumbled and answer[:4].isalnum() and not answer.startswith(("result", "message"))):
            wrong += 1
            print(f"{name}\n    wanted {wanted}\n    got    {answer}")
    for name in (expected.keys() | known.keys()) - seen:
        wrong += 1
        print(f"{name}: no such case")
    print(f"{len(seen)} cases, {wrong} wrong")
    return wrong


def main():
    word, host = (sys.argv + [os.environ.get("HOST", "127.0.0.1")])[1:3]
    if word == "record":
        recorded = list(answers(host))
        assert len({name for name, _ in recorded}) == len(recorded), "a name twice"
        (HERE / "bad_input.txt").write_text("".join(f"{name}\t{answer}\n" for name, answer in recorded))
    else:
        sys.exit(1 if check(host) else 0)


if __name__ == "__main__":
    main()
