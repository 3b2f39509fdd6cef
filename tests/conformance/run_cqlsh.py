#!/usr/bin/env python3
"""Plays the sessions of cqlsh/ with the real cqlsh, in a virtual environment, against one node of this build.
With its own defaults: SH-06.

    run_cqlsh.py --bin FOLDER --work FOLDER [--net 127.0.32] [--known FILE] [--show N] [SESSION-or-FOLDER ...]

Exit status: 0 all runs print what they print with Cassandra but for those in the known file; 1 otherwise; 77 (CTest:
skipped) where cqlsh cannot be installed.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
# wcwidth decides how wide cqlsh takes characters to be; tzlocal must be absent (cqlsh/README.md).
PACKAGES = ["cqlsh==6.2.2", "wcwidth"]
CLUSTER = "oracle"  # As the sessions were recorded.


def cqlsh_in(folder):
    """The path of cqlsh in a virtual environment, or None."""
    python, cqlsh = folder / "bin" / "python", folder / "bin" / "cqlsh"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if not cqlsh.exists() or subprocess.run([python, "-c", "import wcwidth"], capture_output=True).returncode != 0:
        done = subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES])
        if done.returncode != 0:
            return None
    return cqlsh


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="where ringctl and ringside-node lie")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="a folder for the environment and the cluster")
    parser.add_argument("--net", default="127.0.32")
    parser.add_argument("--known", type=pathlib.Path)
    parser.add_argument("--show", default="20")
    parser.add_argument("sessions", nargs="*", type=pathlib.Path, default=[HERE / "cqlsh"])
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    cqlsh = cqlsh_in(work / "venv")
    if cqlsh is None:
        print("skipped: cqlsh cannot be installed here")
        sys.exit(SKIPPED)
    environment = {**os.environ, "PATH": f"{options.bin.resolve()}:{os.environ['PATH']}", "CLUSTER": CLUSTER,
                   "NET": options.net, "RINGSIDE_HOME": str(work / ("clusters-" + options.net.replace(".", "-")))}
    launcher = str(HERE / "ringctl.sh")
    settings = ["user_defined_functions_enabled=true", "materialized_views_enabled=true", "sasi_indexes_enabled=true"]
    subprocess.run([launcher, "destroy"], env=environment, capture_output=True)
    start = [launcher, "start", "--nodes", "1", *[word for s in settings for word in ("--set", s)]]
    play = [sys.executable, str(HERE / "cqlsh" / "cqlsh.py"), "run", "--cqlsh", str(cqlsh), "--with", "cqlsh",
            "--host", f"{options.net}.1", "--show", options.show,
            *(["--known", str(options.known)] if options.known else []), *map(str, options.sessions)]
    try:
        if subprocess.run(start, env=environment).returncode != 0:
            sys.exit(1)
        done = subprocess.run(play, env=environment)
    finally:
        subprocess.run([launcher, "destroy"], env=environment, capture_output=True)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
