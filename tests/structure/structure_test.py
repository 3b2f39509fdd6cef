#!/usr/bin/env python3
"""What tools can judge of the code's structure: who may include whom, which calls are banned where, and
what may not lie in the tree. Each finding is one line with file, line and the rule it breaks.

Usage: structure_test.py [ROOT]; without ROOT, the checkout this file lies in.
"""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A folder of engine/ may include only itself and the folders before it.
ENGINE_ORDER = (
    "base runtime observe types schema rows cql storage index ring messaging gossip coordinator system native "
    "access admin node client local sim").split()

# The same within app/; the command line knows none of them.
APP_ORDER = "shell/theme shell/kit sources explorer console learn shell".split()

# What may include what, at the top of the tree.
TOP_DIRECTION = {"engine": {"engine"}, "labs": {"engine", "labs"}, "app": {"engine", "labs", "app"}}

# Parts of app/ in which Qt is not used: the command line runs where no Qt is.
APP_WITHOUT_QT = {"ringctl"}

MODULES = [f"engine/{folder}" for folder in ENGINE_ORDER] + ["labs", "app"]

SKIPPED_FOLDERS = {".git", "build", "__pycache__", ".cache"}
FILE_BYTES_MAX = 1_000_000
README_LINES_MAX = 40

# Files and the one rule each may break, with the reason. An entry that is no longer needed fails, too.
ALLOWED = {
    ("engine/admin/admin_client.h", "threads"):
        "the follower serves programs that have no node thread; its thread is its own",
    ("engine/admin/admin_client.cpp", "threads"):
        "the follower serves programs that have no node thread; its thread is its own",
    ("engine/client/load.h", "threads"):
        "a load for programs that have an event loop of their own; its thread is its own",
    ("engine/client/load.cpp", "threads"):
        "a load for programs that have an event loop of their own; its thread is its own",
    ("engine/node/main.cpp", "operating system"):
        "main() of the process: file limit and signals, before there is a runtime",
    ("engine/node/main.cpp", "clocks"):
        "main() stamps the lines of its own log with the wall's time",
    ("engine/local/local_cluster.cpp", "operating system"):
        "names of the signals that node processes are sent, through runtime's processes",
}

# Not outside engine/runtime: everything a node does with the world goes through the four doors.
BANNED_IN_ENGINE = {
    "clocks": r"\b\w+_clock::now\b|\b(gettimeofday|clock_gettime|timespec_get)\s*\(|\bstd::time\s*\(|<ctime>",
    "randomness": r"\brandom_device\b|\bmt19937|(?<![\w.>:])(std::)?s?rand\s*\(|<random>",
    "sleeping": r"\bsleep_(for|until)\b|(?<![\w.>:])(::)?(sleep|usleep|nanosleep)\s*\(",
    "threads": r"\bstd::(thread|jthread|async|mutex|recursive_mutex|shared_mutex|condition_variable)\b"
               r"|<(thread|mutex|shared_mutex|future|condition_variable)>|\bpthread_",
    "files": r"\b(fopen|freopen|tmpfile|mkstemp)\s*\(|\bstd::[io]?fstream\b|<fstream>"
             r"|\bstd::filesystem::(?!path\b)\w+",
    "operating system": r"(?<![\w>])::(open|close|read|write|fsync|socket|connect|bind|listen|accept|unlink|rename"
                        r"|mkdir|stat|mmap|kill|fork|poll|getpid)\s*\("
                        r"|<(unistd|fcntl|signal|poll|dirent|spawn)\.h>|<csignal>|<(sys|netinet|arpa)/\w+\.h>"
                        r"|\b(std::)?getenv\s*\(|(?<![\w.>:])(std::)?system\s*\(",
}

# A row of docs/fidelity.md's table by rows, and how close a row may be.
FIDELITY_ROW = re.compile(r"^\| ([A-Z]+-[A-Z]?\d{2,3}) \| (.+) \| ([^|]+) \| ([^|]*) \|$")
CLOSENESS = {"same", "simpler", "refused", "absent"}
# Ids, also of a range: "ERR-02 to ERR-05".
ROW_ID = r"([A-Z]+-[A-Z]?)(\d{2,3})"

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
QT_INCLUDE = re.compile(r"^(Q[A-Z]\w*|Qt\w+)(/.*)?$")
ASIO_INCLUDE = re.compile(r"^boost/(asio|beast)\b")
BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TEXT_OR_COMMENT = re.compile(r'"(\\.|[^"\\])*"|//.*')

# Words that mean something only where they were written.
FOREIGN_WORDS = re.compile(
    r"\b[Ii]ssues? ?#?\d|(?<![\w&])#\d+\b(?=[ ,.;)])|(?<![\w.}$/])/(work|home/(?!demo)\w+|root|Users/\w+)/\w|\.\./shared/")
FOREIGN_WORDS_IN = {".h", ".cpp", ".cmake", ".md", ".py", ".txt", ".sh", ".json", ".yaml", ".yml", ""}
# Recorded from another program, or its own texts: their words are data.
RECORDED = ("tests/conformance/", "tests/engine/cql/syntax/data/", "tests/fuzz/corpus/")


def tree(root):
    """Every file of the project, as a path from its root."""
    for path in sorted(root.iterdir()):
        if path.name in SKIPPED_FOLDERS:
            continue
        if path.is_dir():
            yield from tree(path)
        elif path.is_file():
            yield path


def relative(path):
    return path.relative_to(ROOT).as_posix()


def sources(*folders):
    for folder in folders:
        for path in tree(ROOT / folder):
            if path.suffix in (".h", ".cpp"):
                yield relative(path), path.read_text(encoding="utf-8")


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(2)


def code_lines(text):
    """The lines without comments and without what lies in quotes, so that only code is judged."""
    text = BLOCK_COMMENT.sub(lambda match: "\n" * match.group(0).count("\n"), text)
    for number, line in enumerate(text.splitlines(), 1):
        yield number, TEXT_OR_COMMENT.sub(lambda match: '""' if match.group(0)[0] == '"' else "", line)


def app_folder(path):
    """Index in APP_ORDER, of the longest name that fits; None for what lies outside of it."""
    fitting = [folder for folder in APP_ORDER if path.startswith(f"app/{folder}/")]
    return APP_ORDER.index(max(fitting, key=len)) if fitting else None


def engine_folder(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "engine" and len(parts) > 2 else None


def cited_rows(text):
    """The ids of rows in a test's comments, ranges spelt out."""
    text = re.sub(r"\n\s*(--|//+|#|\*)?\s*", " ", text)
    rows = set()
    for first in re.finditer(ROW_ID + r"(?:\s*(?:to|…)\s*" + ROW_ID + ")?", text):
        start, digits, end, last = first.groups()
        stop = int(last) if end == start else int(digits)
        rows.update(f"{start}{n:0{len(digits)}}" for n in range(int(digits), stop + 1))
    return rows


class Structure(unittest.TestCase):
    def expect_none(self, findings):
        if findings:
            self.fail("\n" + "\n".join(findings))

    def test_folders_include_only_what_lies_below_them(self):
        findings = []
        for path, text in sources(*TOP_DIRECTION):
            top, folder = path.split("/")[0], engine_folder(path)
            for line, included in includes(text):
                target = included.split("/")[0]
                if target in TOP_DIRECTION and target not in TOP_DIRECTION[top]:
                    findings.append(f"{path}:{line}: {top}/ may not include {included}")
                below = engine_folder(included)
                if folder and below and (
                        below not in ENGINE_ORDER
                        or ENGINE_ORDER.index(below) > ENGINE_ORDER.index(folder)):
                    findings.append(f"{path}:{line}: engine/{folder} may not include {included}")
        self.expect_none(findings)

    def test_parts_of_the_app_include_only_what_lies_below_them(self):
        findings = []
        for path, text in sources("app"):
            folder = app_folder(path)
            for line, included in includes(text):
                below = app_folder(included)
                if included == "app/shell/kit.h" or below is None or path == "app/main.cpp":
                    continue
                if folder is None or below > folder:
                    findings.append(f"{path}:{line}: may not include {included}")
        self.expect_none(findings)

    def test_the_order_of_folders_is_the_builds(self):
        for listing in ("engine/CMakeLists.txt", "tests/CMakeLists.txt"):
            text = (ROOT / listing).read_text()
            words = re.search(r"foreach\(folder (base [^)]*)\)", text).group(1).split()
            self.assertEqual(ENGINE_ORDER, words, listing)
        folders = {path.name for path in (ROOT / "engine").iterdir() if (path / "CMakeLists.txt").exists()}
        self.assertEqual(set(), folders - set(ENGINE_ORDER), "folders that the order does not name")

    def test_details_are_included_only_by_their_own_folder(self):
        findings = []
        for path, text in sources(*TOP_DIRECTION, "tests"):
            for line, included in includes(text):
                owner, detail, _ = included.partition("/detail/")
                if detail and not path.removeprefix("tests/").startswith(owner + "/"):
                    findings.append(f"{path}:{line}: {included} is a detail of {owner}")
        self.expect_none(findings)

    def test_no_qt_below_the_app(self):
        findings = []
        for path, text in sources(*TOP_DIRECTION):
            parts = path.split("/")
            if parts[0] == "app" and parts[1] not in APP_WITHOUT_QT:
                continue
            findings += [f"{path}:{line}: Qt ({included})"
                         for line, included in includes(text) if QT_INCLUDE.match(included)]
        for listing in [*(ROOT / "engine").rglob("CMakeLists.txt"), *(ROOT / "labs").rglob("CMakeLists.txt")]:
            findings += [f"{relative(listing)}: links {word}"
                         for word in re.findall(r"Qt6::\w+", listing.read_text())]
        self.expect_none(findings)

    def test_asio_only_in_runtime(self):
        findings = [f"{path}:{line}: {included} belongs behind engine/runtime"
                    for path, text in sources(*TOP_DIRECTION, "tests") if engine_folder(path) != "runtime"
                    for line, included in includes(text) if ASIO_INCLUDE.match(included)]
        self.expect_none(findings)

    def test_the_world_is_reached_only_through_runtime(self):
        findings, used = [], set()
        for path, text in sources("engine"):
            if engine_folder(path) == "runtime":
                continue
            for number, line in code_lines(text):
                for rule, pattern in BANNED_IN_ENGINE.items():
                    if not re.search(pattern, line):
                        continue
                    if (path, rule) in ALLOWED:
                        used.add((path, rule))
                    else:
                        findings.append(f"{path}:{number}: {rule}: {line.strip()}")
        findings += [f"{path}: no longer needs to be allowed {rule}" for path, rule in ALLOWED.keys() - used]
        self.expect_none(findings)

    def test_headers_have_a_guard(self):
        self.expect_none([f"{path}: no #pragma once" for path, text in sources(*TOP_DIRECTION, "tests")
                          if path.endswith(".h") and not re.search(r"^#pragma once$", text, re.MULTILINE)])

    def test_every_source_is_built(self):
        listed = {(listing.parent / name).resolve()
                  for top in TOP_DIRECTION for listing in (ROOT / top).rglob("CMakeLists.txt")
                  for name in re.findall(r"[\w./-]+\.cpp\b", listing.read_text())}
        self.expect_none([f"{path}: no CMakeLists.txt names it" for path, _ in sources(*TOP_DIRECTION)
                          if path.endswith(".cpp") and ROOT / path not in listed])

    def test_every_module_has_a_short_page(self):
        findings = []
        for module in MODULES:
            if not (ROOT / module).is_dir():
                continue
            page = ROOT / module / "README.md"
            if not page.exists():
                findings.append(f"{module}: no README.md")
            elif len(page.read_text().splitlines()) > README_LINES_MAX:
                findings.append(f"{module}/README.md: over {README_LINES_MAX} lines")
        self.expect_none(findings)

    def test_nothing_is_said_of_where_it_was_written(self):
        findings = []
        for path in tree(ROOT):
            name = relative(path)
            if name.startswith(RECORDED) or path.suffix not in FOREIGN_WORDS_IN or path == Path(__file__).resolve():
                continue
            try:
                lines = path.read_text(encoding="utf-8").splitlines()
            except UnicodeDecodeError:
                continue
            findings += [f"{name}:{number}: {line.strip()[:100]}"
                         for number, line in enumerate(lines, 1) if FOREIGN_WORDS.search(line)]
        self.expect_none(findings)

    def test_every_row_of_fidelity_names_a_test_that_cites_it(self):
        files = {}
        for path in tree(ROOT / "tests"):
            files.setdefault(path.name.removesuffix(".cpp"), []).append(path)
        findings, seen = [], set()
        page = ROOT / "docs" / "fidelity.md"
        for number, line in enumerate(page.read_text().splitlines(), 1):
            row = FIDELITY_ROW.match(line)
            if row is None:
                continue
            name, _, close, held = row.groups()
            where = f"{relative(page)}:{number}: {name}"
            if name in seen:
                findings.append(f"{where} is there twice")
            seen.add(name)
            if close.split(":")[0] not in CLOSENESS:
                findings.append(f"{where} is none of {', '.join(sorted(CLOSENESS))}")
            tests = re.findall(r"`([^`]+)`", held)
            if not tests and not close.startswith("absent"):
                findings.append(f"{where} names no test")
            for test in tests:
                paths = [p for p in files.get(test.rsplit("/", 1)[-1], []) if str(p).removesuffix(".cpp").endswith(test)]
                if not any(name in cited_rows(path.read_text(errors="replace")) for path in paths):
                    findings.append(f"{where}: {test} is no test that cites it")
        self.assertGreater(len(seen), 300, "the table by rows is gone")
        self.expect_none(findings)

    def test_no_large_files(self):
        self.expect_none([f"{relative(path)}: {path.stat().st_size} bytes" for path in tree(ROOT)
                          if path.stat().st_size > FILE_BYTES_MAX])


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        ROOT = Path(sys.argv.pop(1)).resolve()
    unittest.main()
