#!/usr/bin/env python3
"""Keeps what libFuzzer found: pack_corpus.py FOLDER writes corpus/NAME.hex, where NAME is the folder's own name.

FOLDER is best one that `fuzz_NAME -merge=1 FOLDER OLD_FOLDER` made. The smallest inputs are taken first, and so many
that the file stays small.
"""
import pathlib
import sys

INPUT_BYTES_MAX = 4096
FILE_BYTES_MAX = 150_000


def main():
    folder = pathlib.Path(sys.argv[1])
    lines = sorted({path.read_bytes().hex() for path in folder.iterdir() if path.stat().st_size <= INPUT_BYTES_MAX},
                   key=lambda line: (len(line), line))
    kept = []
    total = 0
    for line in filter(None, lines):
        total += len(line) + 1
        if total > FILE_BYTES_MAX:
            break
        kept.append(line)
    target = pathlib.Path(__file__).parent / "corpus" / (folder.name + ".hex")
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(kept) + "\n")
    print(f"{target}: {len(kept)} of {len(lines)} inputs")


main()
