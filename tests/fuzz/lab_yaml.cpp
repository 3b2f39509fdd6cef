#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fuzz_entry.h"
#include "labs/lab.h"

namespace fuzz {

using engine::Bytes;
using engine::BytesView;

namespace {

namespace files = std::filesystem;

/// A folder of this process alone, gone when it ends.
class Folder {
public:
    Folder() : m_path(files::temp_directory_path() / ("ringside-fuzz-" + std::to_string(getpid()))) {
        files::create_directories(m_path);
    }
    ~Folder() {
        std::error_code ignored;
        files::remove_all(m_path, ignored);
    }
    const files::path& path() const { return m_path; }

private:
    files::path m_path;
};

void run(BytesView input) {
    static const Folder folder;
    const files::path file = folder.path() / "lab.yaml";
    files::remove(file);  // A new file is quick; ext4 syncs one that was cut to nothing.
    std::ofstream(file, std::ios::binary) << input;
    (void)lab::loadLab(folder.path().string());
}

std::vector<Bytes> seeds() {
    return {
        R"(id: fuzz
title: A lab
week: 2
summary: Words
minutes: 10
topics: [a, b]
objectives: [c]
keyspaces: [library]
topology: { nodes: 3, vnodes: 16, settings: { hinted_handoff_enabled: "false" } }
steps:
  - id: first
    title: One
    text: Words
    snippets: ["SELECT * FROM t;"]
    prediction: { question: Which?, choices: [one, two], answer: 1 }
    checks:
      - kind: cql
        says: Rows
        query: SELECT v FROM library.t WHERE k = 1
        rows: [["1", "'a'"]]
      - { kind: cluster, says: Down, node: 3, state: down }
      - { kind: events, says: Seen, request: write, consistency: QUORUM, answered_by: [1, 2] }
    hints: [a, b, c]
    why: Because
    solution:
      - cql: INSERT INTO library.t (k, v) VALUES (1, 'a')
      - node: stop 3
)",
        "id: &a [1, 2]\ntitle: *a\nsteps:\n  - <<: {id: x}\n  - ? [k]\n    : !!binary AAEC\n",
        "steps: [{checks: [{kind: replicas, holds: {1: x, 2: \"-\"}}]}]\n",
    };
}

}  // namespace

const Entry kLabYaml{"lab_yaml", run, seeds, 4'000};

}  // namespace fuzz
