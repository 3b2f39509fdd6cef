#!/usr/bin/env python3
"""How long the window takes until it answers, and its cluster of three nodes until it does. Prints figures.

    window_bench.py --bin build/release/bin [--net 127.0.77] [--times 5]

Needs a display, or QT_QPA_PLATFORM=offscreen.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile

LINE = re.compile(r"^(window usable|cluster answers CQL) after (\d+) ms", re.M)
PATIENCE_S = 60


def measure(program, net):
    """One start from nothing: {"window usable": ms, "cluster answers CQL": ms}."""
    with tempfile.TemporaryDirectory() as home:
        run = subprocess.run(
            [program, "--home", home, "--net", net, "--start", "--startup-times", "--shot", os.path.join(home, "window.png"), "--shot-after", "100"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False)
        found = dict(LINE.findall(run.stdout))
        if len(found) != 2:
            sys.exit(f"window_bench: {program} ended with {run.returncode} and told:\n{run.stdout}{run.stderr}")
        return {name: int(millis) for name, millis in found.items()}


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--bin", required=True)
    words.add_argument("--net", default="127.0.77")
    words.add_argument("--times", type=int, default=5)
    given = words.parse_args()
    runs = [measure(os.path.join(given.bin, "ringside"), given.net) for _ in range(given.times)]
    for name, aim in (("window usable", "1500"), ("cluster answers CQL", "-")):
        values = [run[name] for run in runs]
        print(f"{name:22} median {statistics.median(values):6.0f} ms   worst {max(values):6} ms   aim {aim} ms   of {len(values)} starts")


main()
