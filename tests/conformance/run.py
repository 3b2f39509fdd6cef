#!/usr/bin/env python3
"""Plays conformance scripts against this build's ringctl, in a virtual environment with the official driver.

    run.py --bin FOLDER --work FOLDER [--net 127.0.30] [--known FILE] [--show N] SCRIPT-or-FOLDER ...

Exit status: 0 all answers are Cassandra's but for those listed in the known file; 1 otherwise; 77 (CTest: skipped) where the
Python driver cannot be installed. Prints how many statements match and how many are known to differ.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
PACKAGES = ["cassandra-driver"]


def python_with_driver(folder):
    """The interpreter of a virtual environment that has the driver, or None."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if subprocess.run([python, "-c", "import cassandra"], capture_output=True).returncode != 0:
        done = subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES])
        if done.returncode != 0:
            return None
    return python


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="where ringctl and ringside-node lie")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="a folder for the environment and the clusters")
    parser.add_argument("--net", default="127.0.30")
    parser.add_argument("--known", type=pathlib.Path)
    parser.add_argument("--show", default="2")
    parser.add_argument("scripts", nargs="+")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    python = python_with_driver(options.work / "venv")
    if python is None:
        print("skipped: the Python driver cannot be installed here")
        sys.exit(SKIPPED)
    name = "conformance-" + options.net.replace(".", "-")
    environment = {**os.environ, "PATH": f"{options.bin.resolve()}:{os.environ['PATH']}",
                   "RINGSIDE_HOME": str((options.work / name).resolve()), "CLUSTER": "oracle", "NET": options.net}
    launcher = str(HERE / "ringctl.sh")
    subprocess.run([launcher, "destroy"], env=environment, capture_output=True)
    command = [python, str(HERE / "suite.py"), "run", "--launcher", launcher, "--host", f"{options.net}.1",
               "--show", options.show, *(["--known", str(options.known)] if options.known else []),
               *[str(HERE / script) for script in options.scripts]]
    unexpected = []
    try:
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as suite:
            for line in suite.stdout:
                print(line, end="", flush=True)
                unexpected += re.findall(r"(\d+) unexpected differences", line)
    finally:
        subprocess.run([launcher, "destroy"], env=environment, capture_output=True)
    known = sum(1 for line in options.known.read_text().splitlines() if line.split("#")[0].strip()) if options.known else 0
    print(f"known differences listed: {known}; unexpected: {sum(map(int, unexpected))}")
    # The suite's own exit status is 1 for known differences too.
    sys.exit(0 if unexpected and not any(map(int, unexpected)) else 1)


if __name__ == "__main__":
    main()
