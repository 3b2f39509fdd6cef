#!/usr/bin/env python3
"""Unmodified clients against a cluster of this build: the official Python driver and cqlsh.

    run.py --bin FOLDER --work FOLDER [--net 127.0.31] [NAME ...]

Starts three nodes with ringctl, runs the checks beside this file (all, or those whose names are given, as unittest
takes them: python_driver.Paging), removes the cluster. `--launcher COMMAND --host ADDRESS` checks whatever COMMAND
starts instead: it is called with `start --nodes 3`, `control stop N | kill N | start N | wait N up|down`, `destroy`.

Exit status: 0 all passed, 1 not; 77 (CTest: skipped) where the clients cannot be installed.
"""
import argparse
import os
import pathlib
import shlex
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
PACKAGES = ["cassandra-driver", "cqlsh", "lz4"]
CHECKS = ["python_driver", "cqlsh_sessions"]


def python_with_clients(folder):
    """The interpreter of a virtual environment that has the clients, or None."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if subprocess.run([python, "-c", "import cassandra, cqlshlib, lz4"], capture_output=True).returncode != 0:
        done = subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES])
        if done.returncode != 0:
            return None
    return python


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, help="where ringctl and ringside-node lie")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="a folder for the environment and the cluster")
    parser.add_argument("--net", default="127.0.31")
    parser.add_argument("--launcher", help="instead of ringctl")
    parser.add_argument("--host", help="node 1 of what the launcher starts")
    parser.add_argument("names", nargs="*", default=CHECKS)
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    python = python_with_clients(work / "venv")
    if python is None:
        print("skipped: the Python driver and cqlsh cannot be installed here")
        sys.exit(SKIPPED)
    environment = dict(os.environ)
    if options.bin:
        name = "drivers-" + options.net.replace(".", "-")
        environment.update(PATH=f"{options.bin.resolve()}:{os.environ['PATH']}", CLUSTER=name, NET=options.net,
                           RINGSIDE_HOME=str(work / name))
    launcher = options.launcher or shlex.quote(str(HERE.parent / "conformance" / "ringctl.sh"))
    environment.update(LAUNCHER=launcher, HOST=options.host or f"{options.net}.1",
                       CQLSH=str(work / "venv" / "bin" / "cqlsh"), PYTHONWARNINGS="ignore")
    words = shlex.split(launcher)
    subprocess.run([*words, "destroy"], env=environment, capture_output=True)
    try:
        if subprocess.run([*words, "start", "--nodes", "3"], env=environment).returncode != 0:
            sys.exit(1)
        done = subprocess.run([python, "-m", "unittest", "-v", *options.names], env=environment, cwd=HERE)
    finally:
        subprocess.run([*words, "destroy"], env=environment, capture_output=True)
    sys.exit(1 if done.returncode else 0)


if __name__ == "__main__":
    main()
