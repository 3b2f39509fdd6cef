#!/usr/bin/env python3
"""Unmodified clients against a cluster of this build: the official drivers and cqlsh, from their package registries.

    run.py CLIENT --bin FOLDER --work FOLDER [--net 127.0.31] [NAME ...]

CLIENT is python (the Python driver and cqlsh), nodejs, java, golang, or wire (bad input, byte by byte: wire/). Starts three nodes with ringctl, runs the checks
beside this file (all, or those whose names are given, as the client's own test runner takes them), removes the cluster.
`--launcher COMMAND --host ADDRESS` checks whatever COMMAND starts instead: it is called with `start --nodes 3`,
`control stop N | kill N | start N | wait N up|down`, `destroy`.

Exit status: 0 all passed, 1 not; 77 (CTest: skipped) where the client cannot be installed.
"""
import argparse
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77


class Missing(Exception):
    """What a client needs is not here and cannot be installed."""


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Missing(f"there is no {program}")


def install(command, folder=None):
    if subprocess.run(command, cwd=folder).returncode != 0:
        raise Missing(f"'{shlex.join(map(str, command))}' fails")


def build(command, folder):
    """The checks themselves: if they do not compile, that is a failure."""
    if subprocess.run(command, cwd=folder).returncode != 0:
        sys.exit(1)


def copied(client, work):
    """The client's checks in a folder of their own: installing leaves files beside them."""
    folder = work / client
    folder.mkdir(exist_ok=True)
    for file in (HERE / client).iterdir():
        shutil.copy(file, folder)
    return folder


def python(work, names):
    """The Python driver, and cqlsh."""
    packages, checks = ["cassandra-driver", "cqlsh", "lz4"], ["python_driver", "cqlsh_sessions", "copy_both_ways"]
    interpreter = work / "venv" / "bin" / "python"
    if not interpreter.exists():
        venv.create(work / "venv", with_pip=True)
    if subprocess.run([interpreter, "-c", "import cassandra, cqlshlib, lz4"], capture_output=True).returncode != 0:
        install([interpreter, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages])
    os.environ["CQLSH"] = str(work / "venv" / "bin" / "cqlsh")
    return [interpreter, "-m", "unittest", "-v", *(names or checks)], HERE


def nodejs(work, names):
    need("node", "npm")
    folder = copied("nodejs", work)
    if not (folder / "node_modules" / "cassandra-driver").exists():
        install(["npm", "install", "--no-audit", "--no-fund", "--silent"], folder)
    chosen = [word for name in names for word in ("--test-name-pattern", name)]
    return ["node", "--test", *chosen, "driver_test.js"], folder


def java(work, names):
    need("java", "javac", "mvn")
    folder = copied("java", work)
    if not (folder / "lib").exists():
        install(["mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
                 "-DoutputDirectory=lib"], folder)
    build(["javac", "-nowarn", "-cp", "lib/*", "-d", "classes", "DriverChecks.java"], folder)
    return ["java", "-cp", "classes:lib/*", "DriverChecks", *names], folder


def golang(work, names):
    need("go")
    folder = copied("golang", work)
    install(["go", "mod", "download"], folder)
    build(["go", "test", "-c", "-o", "checks"], folder)
    return [str(folder / "checks"), "-test.v", *(["-test.run", "|".join(names)] if names else [])], folder


def wire(work, names):
    """No driver at all: what none of them would send."""
    return [sys.executable, "bad_input.py", "check"], HERE / "wire"


CLIENTS = {"python": python, "nodejs": nodejs, "java": java, "golang": golang, "wire": wire}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("client", choices=list(CLIENTS))
    parser.add_argument("--bin", type=pathlib.Path, help="where ringctl and ringside-node lie")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="a folder for the client and the cluster")
    parser.add_argument("--net", default="127.0.31")
    parser.add_argument("--launcher", help="instead of ringctl")
    parser.add_argument("--host", help="node 1 of what the launcher starts")
    parser.add_argument("names", nargs="*")
    options = parser.parse_intermixed_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    try:
        command, folder = CLIENTS[options.client](work, options.names)
    except Missing as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    environment = dict(os.environ)
    if options.bin:
        name = "drivers-" + options.net.replace(".", "-")
        environment.update(PATH=f"{options.bin.resolve()}:{os.environ['PATH']}", CLUSTER=name, NET=options.net,
                           RINGSIDE_HOME=str(work / name))
    launcher = options.launcher or shlex.quote(str(HERE.parent / "conformance" / "ringctl.sh"))
    environment.update(LAUNCHER=launcher, HOST=options.host or f"{options.net}.1", PYTHONWARNINGS="ignore")
    words = shlex.split(launcher)
    subprocess.run([*words, "destroy"], env=environment, capture_output=True)
    try:
        if subprocess.run([*words, "start", "--nodes", "3"], env=environment).returncode != 0:
            sys.exit(1)
        done = subprocess.run(command, env=environment, cwd=folder)
    finally:
        subprocess.run([*words, "destroy"], env=environment, capture_output=True)
    sys.exit(1 if done.returncode else 0)


if __name__ == "__main__":
    main()
