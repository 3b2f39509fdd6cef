#!/usr/bin/env python3
"""Each header of engine/, labs/ and app/ compiles alone, so whoever includes one need not know what it needs, and each
source that has a header of its name includes it first. Sources are compiled in batches (RINGSIDE_BATCH), where one may
hide what the next one lacks, so the build is no proof. The standard headers that the build precompiles are there, as they
are for every source.

Usage: headers_test.py BUILD [HEADER ...]; BUILD holds compile_commands.json. Each finding is one line.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOPS = ("engine", "labs", "app")
WITH_ARGUMENT = {"-o", "-MT", "-MF"}
DROPPED = {"-c", "-MD"}


def flags_of(command):
    """The compiler and its flags, without its source, its outputs and ccache before it."""
    words = shlex.split(command)
    compiler = next(i for i, word in enumerate(words) if os.path.basename(word) in ("c++", "g++", "clang++"))
    out, skip = [], False
    for word in words[compiler:]:
        if skip or word in DROPPED or word.endswith(".cpp"):
            skip = False
        elif word in WITH_ARGUMENT:
            skip = True
        else:
            out.append(word)
    return out


def commands(build):
    """Flags by folder, of the first source that lies there; batches lie in the same place of the build."""
    out = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if build in path.parents:
            path = ROOT / path.relative_to(build)
        if ROOT in path.parents:
            out.setdefault(path.parent, (entry["directory"], flags_of(entry["command"])))
    return out


def check(header, known):
    folder = next((f for f in [header.parent, *header.parents] if f in known), None)
    if folder is None:
        # A folder of headers alone: as the sources of a neighbour.
        folder = next(f for f in known if f.parts[:len(ROOT.parts) + 1] == header.parts[:len(ROOT.parts) + 1])
    directory, flags = known[folder]
    name = header.relative_to(ROOT).as_posix()
    done = subprocess.run([*flags, "-fsyntax-only", "-x", "c++", "-"], input=f'#include "{name}"\n', cwd=directory,
                          capture_output=True, text=True)
    if done.returncode == 0:
        return None
    said = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr.strip())
    return f"{name}: {said}"


def includes_first(source, header):
    first = re.search(r'^\s*#\s*include\s*[<"]([^>"]+)', source.read_text(encoding="utf-8"), re.MULTILINE)
    return first is not None and first.group(1) == header.relative_to(ROOT).as_posix()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    headers = [pathlib.Path(word).resolve() for word in sys.argv[2:]]
    headers = headers or sorted(path for top in TOPS for path in (ROOT / top).rglob("*.h"))
    known, findings = commands(build), []
    with_source = [header for header in headers if header.with_suffix(".cpp").exists()]
    for header in with_source:
        if not includes_first(header.with_suffix(".cpp"), header):
            findings.append(f"{header.relative_to(ROOT)}: its source does not include it first")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        findings += [finding for finding in pool.map(lambda header: check(header, known), headers) if finding]
    print("\n".join(findings) if findings else
          f"{len(with_source)} headers are the first that their source includes, {len(headers)} compile alone")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
